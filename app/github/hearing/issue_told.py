"""What people did with an issue on GitHub, done to its error here.

Comes in: a telling, and the connection that it came by, in the caller's transaction. Goes out: the error resolved, silenced
or reopened, the issue's row, and the changes to be announced. Tellings come late, twice, and in any order; what we did
there ourselves is told to us as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app import timeline
from app.accounts.actors import Actor
from app.domain.lifecycle import Move, State, Status
from app.domain.verbs import KINDS, Verb, after
from app.github.api.names import checked_repository
from app.github.connecting.base_urls import website
from app.github.hearing.tellings import CommentTold, IssueTold
from app.github.writing import outcomes
from app.tables.database import fetch_one
from app.timeline import Change, Entry
from app.triage.reasons import in_words

GITHUB: Final = Actor("github")
OURS: Final = timedelta(minutes=10)
"""How long after we asked for a state a telling of it by our own user is taken for ours."""
SKEW: Final = timedelta(minutes=1)
"""By how much GitHub's clock may be behind ours."""
_LONGEST_AHEAD: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class By:
    """The connection that a telling came by, and when. `login`: who we are there."""

    project_id: UUID
    organization_id: UUID
    base_url: str
    repository_id: int
    kind: str
    login: str
    comments_back: bool
    installation_id: int | None
    received_at: datetime

    def is_us(self, login: str) -> bool:
        """Whether the login is ours; with a token it is a person's, too."""
        return login.lower() == self.login.lower()

    def believed(self, at: datetime) -> datetime:
        """The time that was told; what lies in the future would make all that comes later late."""
        return min(at, self.received_at + _LONGEST_AHEAD)


@dataclass(frozen=True, slots=True)
class Followed:
    """An error under lock, and its issue."""

    group_id: UUID
    state: State
    issue: Mapping[str, Any]


async def followed(told: IssueTold | CommentTold, by: By, *, now: datetime) -> Followed | None:
    """The error whose issue it is, locked; None: none, or it is no longer followed, or deleted.

    An issue of which it was not known whether it was made is known from now on, as its text and author prove it.
    """
    if told.repository_id != by.repository_id:
        return None
    place = (by.organization_id, by.project_id, told.repository_id, told.issue.number)
    row = await fetch_one(_FIND, *place, told.issue.markers if by.is_us(told.issue.author) else [])
    if row is None:
        return None
    group_id = row["group_id"]
    states = await timeline.lock(by.organization_id, [group_id])  # the group first, as all do
    issue = await fetch_one("select * from github_issue where group_id = $1 for no key update", group_id)
    if issue is not None and issue["number"] is None:
        if not by.is_us(told.issue.author) or issue["marker"] not in told.issue.markers:
            return None  # meanwhile it was asked for anew, in another repository
        await outcomes.made(
            group_id,
            issue["marker"],
            number=told.issue.number,
            url=_address(told.issue.url, told.repository, told.issue.number, by),
            state=told.issue.state if told.issue.state == "closed" else "open",
            repository_id=told.repository_id,
            now=now,
        )
        issue = await fetch_one("select * from github_issue where group_id = $1", group_id)
    is_it = issue is not None and (issue["repository_id"], issue["number"]) == place[2:]
    if issue is None or not is_it or issue["sync_status"] == "detached":
        return None
    state = states.get(group_id)
    return None if state is None or state.deleted_at else Followed(group_id, state, issue)


_FIND: Final = """
select group_id from github_issue
where organization_id = $1 and project_id = $2
    and (repository_id = $3 and number = $4 or number is null and marker = any($5::uuid[]))
order by number nulls last limit 1
"""


async def follow_issue(told: IssueTold, by: By, *, now: datetime) -> list[Change]:
    """Do to the error what was done to its issue; the changes are to be announced after the commit."""
    found = await followed(told, by, now=now)
    if found is None:
        return []
    if told.action == "deleted":
        await outcomes.detach(found.group_id, "the issue was deleted on GitHub")
    elif told.action == "transferred":
        await _transferred(found, told, by)
    elif told.action in ("closed", "reopened"):
        return await _moved(found, told, by, now)
    return []


async def _moved(found: Followed, told: IssueTold, by: By, now: datetime) -> list[Change]:
    state = "closed" if told.action == "closed" else "open"
    at = by.believed(told.issue.updated_at)
    if found.issue["told_at"] is not None and at < found.issue["told_at"]:
        return []
    await fetch_one(
        "update github_issue set state = $2, told_at = $3 where group_id = $1", found.group_id, state, at
    )
    if is_ours(found.issue, state, at, by.kind, is_us=by.is_us(told.sender)):
        return []
    verb = _verb(told, found.state)
    if verb is None:
        return []
    became = after(verb, found.state, now)
    if became is found.state:
        return []
    move = Move(KINDS[verb], found.group_id, found.state.status, became, 0)
    why = in_words(f"{told.action} on GitHub by {told.sender}")
    return await timeline.write([Entry(by.organization_id, move, why)], now=now, actor=GITHUB)


def is_ours(issue: Mapping[str, Any], state: str, at: datetime, kind: str, *, is_us: bool) -> bool:
    """Whether a telling of `state` at `at` says nothing that we do not know: it was our doing, or we asked otherwise since.

    `issue`: what we last asked, and when, and what was told last. `kind`, `is_us`: an App does only what we ask it to; the user of a token, who
    may act by himself as well, does so in the minutes after.
    """
    if is_us and kind == "app":
        return True
    asked, asked_at = issue["asked_state"], issue["asked_at"]
    if asked is None or asked_at is None:
        return False
    if asked != state:
        return bool(at < asked_at)
    told_at = issue["told_at"]
    if issue["state"] != state and told_at is not None and asked_at <= told_at < at:
        return False  # somebody undid what we had asked for, and this came after that
    return is_us and bool(asked_at - SKEW <= at <= asked_at + OURS)


def _verb(told: IssueTold, state: State) -> Verb | None:
    """What is to be done; an error that was merged away is part of another one, which this issue says nothing about."""
    if state.merged_into_id is not None:
        return None
    if told.action == "closed":
        return Verb.SILENCE if told.issue.state_reason == "not_planned" else Verb.RESOLVE
    return Verb.REOPEN if state.status in (Status.RESOLVED, Status.SILENCED) else None


async def _transferred(found: Followed, told: IssueTold, by: By) -> None:
    place = told.moved_to
    await outcomes.detach(found.group_id, "the issue was transferred to another repository on GitHub")
    if place is not None:
        url = _address("", place.repository, place.number, by) or found.issue["url"]
        await outcomes.moved(found.group_id, number=place.number, url=url, repository_id=place.repository_id)


def _address(told: str, repository: str, number: int, by: By) -> str:
    """Where the issue is shown: on the website that belongs to the connection, whatever is told; "" where that is no place."""
    site = website(by.base_url)
    if told.startswith(f"{site}/"):
        return told
    try:
        return f"{site}/{checked_repository(repository)}/issues/{number}"
    except ValueError:
        return ""
