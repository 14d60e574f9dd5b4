"""Resolve groups: they are mended, perhaps in a version of their app.

A group of a log comes back when its error is seen again later than now, whatever the version. A group of an app comes
back with an event of a newer version than the one that it was resolved in; "in the next version" is kept as the newest
one that is known of the app at this moment, so that nothing that is out already brings it back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app import timeline
from app.accounts.actors import Actor
from app.domain import versions
from app.domain.lifecycle import MoveKind, State, Status
from app.domain.verbs import Verb, after
from app.errors import BadInput
from app.live.announce import announce
from app.tables.database import fetch, transaction
from app.timeline import Change
from app.triage.choose import Chosen, choose
from app.triage.reasons import in_words

VERSIONS: Final = 1000
"""How many versions of an app are compared, those that were seen for the first time last."""


async def resolve(
    organization_id: UUID,
    group_ids: Sequence[UUID],
    actor: Actor,
    *,
    reason: str | None = None,
    in_version: str | None = None,
    in_next: bool = False,
    now: datetime,
) -> list[Change]:
    """Resolve the groups as of `now`; the changes are those of groups that were not resolved yet.

    BadInput: no group, more than 100, a reason that is too long, a version that is none, both ways to say a version, or
    the next version where none is known of an app. Refused, and nothing is changed: some of the groups are not there.
    """
    why = in_words(reason)
    version = None if in_version is None else _version(in_version)
    if version and in_next:
        raise BadInput("either a version or the next one", field="inNextVersion")
    async with transaction():
        chosen = await choose(organization_id, group_ids)
        known = await _newest(chosen) if in_next else dict.fromkeys(chosen.states, version)

        def step(group_id: UUID, state: State) -> State:
            return after(Verb.RESOLVE, state, now, in_version=known.get(group_id), in_next=in_next)

        entries = chosen.entries(MoveKind.RESOLVED, step, why, _detail)
        changes = await timeline.write(entries, now=now, actor=actor)
    await announce(changes)
    return changes


def _detail(state: State) -> Mapping[str, Any]:
    if state.resolved_in_version is None:
        return {}
    return {"version": state.resolved_in_version, "in_next": state.resolved_in_next}


def _version(given: str) -> str:
    """The version as it is kept. BadInput: nothing could ever be compared with it, and it is no commit either."""
    version = given.strip()
    if len(version) > versions.LONGEST:
        raise BadInput(f"a version has at most {versions.LONGEST} characters", field="inVersion")
    if not version.isprintable() or (versions.place(version) is None and not versions.is_commit(version)):
        raise BadInput("this is no version: write it like 1.10.2, or name a commit", field="inVersion")
    return version


async def _newest(chosen: Chosen) -> dict[UUID, str | None]:
    """Of each group the newest version that is known of its app. BadInput: none is known of one that is to change."""
    rows = await fetch(_KNOWN, chosen.organization_id, list(chosen.states), VERSIONS)
    known = {row["app_id"]: versions.newest(row["versions"]) for row in rows}
    newest = {group_id: known[row["app_id"]] for row in rows for group_id in row["group_ids"]}
    if any(
        newest.get(group_id) is None
        for group_id, state in chosen.states.items()
        if state.status is not Status.RESOLVED
    ):
        raise BadInput(
            "no version is known that another one could be next to: name one with `inVersion`",
            field="inNextVersion",
        )
    return newest


_KNOWN: Final = """
select g.app_id, g.group_ids, array(
    select v.version from app_version as v where v.app_id = g.app_id and v.organization_id = $1
    order by v.first_seen_at desc limit $3
) as versions
from (
    select app_id, array_agg(id) as group_ids from error_group
    where organization_id = $1 and id = any($2::uuid[]) and app_id is not null
    group by app_id
) as g
"""
