"""Telling what was committed: to those who watch, and to the workers that carry out what follows.

Comes in: changes, counts and comments whose transaction has been committed. Goes out: messages, and a wish for the job
of reactions where there are changes. Where Redis is away the caller goes on: each change has its row in `outbox`, and
the sweep finds it there; those who watch are told later that they missed something, see `bus.publish`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.live.bus import COMMENTED, COUNTED, MOST_OCCURRENCES, Message, publish
from app.live.connection import if_it_answers
from app.live.queue import Queue, wake
from app.tables.database import DB
from app.timeline import Change

REACT: Final = "react"


@dataclass(frozen=True, slots=True)
class Counted:
    """A group whose counts rose. `occurrence_ids`: those of its occurrences that were stored, the newest last."""

    organization_id: UUID
    group_id: UUID
    occurrence_ids: tuple[UUID, ...] = ()


async def announce(changes: Sequence[Change], counted: Sequence[Counted] = ()) -> None:
    """Tell what was committed. Raises only RuntimeError: it was called inside of a transaction."""
    if changes or counted:
        await _tell([*_changed(changes), *_counted(counted)], is_followed=bool(changes))


async def announce_comment(organization_id: UUID, group_id: UUID) -> None:
    """Tell that the comments on a group are others. Raises only RuntimeError: see `announce`."""
    await _tell([Message(organization_id, COMMENTED, group_id)], is_followed=False)


async def _tell(messages: Sequence[Message], *, is_followed: bool) -> None:
    if DB.current_transaction.get():
        raise RuntimeError("what is not committed must not be announced")
    async with if_it_answers("changes were not announced", count=len(messages)):
        await publish(messages)
        if is_followed:
            await wake(REACT, Queue.QUICK)


def _changed(changes: Sequence[Change]) -> Iterator[Message]:
    for change in changes:
        move = change.entry.move
        yield Message(change.entry.organization_id, move.kind, move.group_id, change.id, move.before)


def _counted(counted: Sequence[Counted]) -> Iterator[Message]:
    for group in counted:
        ids = group.occurrence_ids
        newest, more = ids[-MOST_OCCURRENCES:], len(ids) > MOST_OCCURRENCES
        yield Message(group.organization_id, COUNTED, group.group_id, occurrence_ids=newest, more=more)
