"""One write of the outbox, carried out: a comment, an issue closed or opened, a label, an issue made.

Comes in: the head of a queue, and a turn. Goes out: GitHub, changed once, and the head done. What has been tried before is
looked for before it is written again; closing, opening and labels may be written twice, as nobody sees that.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from app import links
from app.domain.github import comments, markers
from app.domain.github.comments import OtherIssue
from app.domain.github.labels import REGRESSION, Label
from app.github.api.failures import Refused
from app.github.asking.actions import ActionKind
from app.github.writing import heads
from app.github.writing.creating import SLACK, create
from app.github.writing.heads import Head
from app.github.writing.labelling import ensured
from app.github.writing.turns import Turn
from app.tables.database import fetch

_KNOWN = {REGRESSION.name: REGRESSION}


async def carry_out(head: Head, turn: Turn) -> bool:
    """Carry out the head's write; or put it off, where an earlier attempt may still be on its way.

    Whether GitHub took it, now or then. Raises GithubFailure as the client does, and LeaseLost; the head then stays the next.
    """
    if head.kind is ActionKind.CREATE and head.number is None:
        return await create(head, turn)
    if head.kind is ActionKind.CREATE or head.number is None:
        await heads.done(head, turn.clock())  # it was found to be made already, or never will be
        return False
    if head.kind is ActionKind.COMMENT:
        return await _comment(head, head.number, turn)
    if head.kind is ActionKind.STATE:
        return await _state(head, head.number, turn)
    return await _label(head, head.number, turn)


async def _comment(head: Head, number: int, turn: Turn) -> bool:
    if head.first_tried_at is not None:
        if not await turn.has_settled(head):
            return False
        if await _is_there(head, number, turn, head.first_tried_at - SLACK):
            await heads.done(head, turn.clock())
            return True
    others = await _others(head)
    text = comments.comment(head.detail, head.marker, others, links.error_page(head.group_id))
    await turn.ready()
    if not await heads.begin(head, turn.clock()):
        return False
    await turn.send(turn.github.add_comment(head.repository, number, text))
    await heads.done(head, turn.clock())
    return True


async def _is_there(head: Head, number: int, turn: Turn, since: datetime) -> bool:
    async for comment in turn.read(turn.github.comments_since(head.repository, number, since)):
        if head.marker in markers.found(comment.body):
            return True
    return False


async def _state(head: Head, number: int, turn: Turn) -> bool:
    state = "closed" if head.detail.get("state") == "closed" else "open"
    reason = str(head.detail.get("state_reason") or ("completed" if state == "closed" else "reopened"))
    await turn.ready()
    if not await heads.begin(head, turn.clock(), asked_state=state):
        return False
    try:
        issue = await turn.send(turn.github.set_state(head.repository, number, state, reason))
    except Refused:
        if reason != "duplicate":
            raise
        await turn.ready()  # an older GitHub Enterprise does not know that reason
        issue = await turn.send(turn.github.set_state(head.repository, number, state, "not_planned"))
    await heads.done(head, turn.clock(), state=issue.state, state_at=issue.updated_at)
    return True


async def _label(head: Head, number: int, turn: Turn) -> bool:
    wanted = [_KNOWN.get(name, Label(name, "ededed", "")) for name in head.detail.get("labels", ())]
    names = await ensured(head, wanted, turn)
    await turn.ready()
    if not await heads.begin(head, turn.clock()):
        return False
    if names:
        await turn.send(turn.github.add_labels(head.repository, number, names))
    await heads.done(head, turn.clock())
    return bool(names)


async def _others(head: Head) -> dict[UUID, OtherIssue]:
    """The errors that a comment names, with the issues that they have in the same repository."""
    named = {*_ids(head.detail.get("group_ids", ())), *_ids([head.detail.get("group_id")])}
    if not named:
        return {}
    rows = await fetch(
        """
        select g.id, g.title, case when i.repository_id = $3 then i.number end as number
        from error_group as g left join github_issue as i on i.group_id = g.id
        where g.organization_id = $1 and g.id = any($2::uuid[])
        """,
        head.organization_id,
        sorted(named),
        head.repository_id,
    )
    return {
        row["id"]: OtherIssue(number=row["number"], link=links.error_page(row["id"]), title=row["title"])
        for row in rows
    }


def _ids(texts: Collection[Any]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(str(text)))
        except ValueError:
            continue
    return found
