"""The groups that somebody means, locked.

Comes in: an organization and ids, in the caller's transaction. Goes out: where those groups stand, in the order in which
they were named; they stay there until the transaction ends. What was merged away stands for the group that it went into.
All or none: one id that means nothing, or one group that cannot take a step, refuses them all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app import timeline
from app.domain.lifecycle import Move, MoveKind, State
from app.errors import BadInput, InvalidTransition, NotFound, SnaglistError, Unavailable
from app.tables.database import fetch
from app.timeline import Entry

MOST: Final = 100
"""Groups that one verb changes at once."""
ATTEMPTS: Final = 20


class Refused(BadInput):
    """Nothing was changed. `failures`: what is wrong, of each id in the order given; `field` is `ids.3` for the fourth."""

    def __init__(self, failures: Sequence[SnaglistError]) -> None:
        super().__init__("; ".join(failure.message for failure in failures), field="ids")
        self.failures = tuple(failures)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Groups under lock, in the order in which they were named; `places`: where each was named first.

    `merged`: those that were merged into them, where they were asked for.
    """

    organization_id: UUID
    states: Mapping[UUID, State]
    places: Mapping[UUID, int]
    merged: Mapping[UUID, State]

    def entries(
        self,
        kind: MoveKind,
        after: Callable[[UUID, State], State],
        reason: str | None,
        detail: Callable[[State], Mapping[str, Any]] = lambda _: {},
    ) -> list[Entry]:
        """What is to be written: a move of each group that `after` gives another state, told by `detail`.

        Refused: `after` raises InvalidTransition for some of them.
        """
        moves, failures = list[Move](), list[SnaglistError]()
        for group_id, state in (*self.states.items(), *self.merged.items()):
            try:
                became = after(group_id, state)
            except InvalidTransition as failure:
                failures.append(InvalidTransition(failure.message, field=f"ids.{self.places[group_id]}"))
                continue
            if became is not state:
                moves.append(Move(kind, group_id, state.status, became, len(moves)))
        if failures:
            raise Refused(failures)
        return [Entry(self.organization_id, move, reason, detail(move.after)) for move in moves]


def demand_some(ids: Sequence[object]) -> None:
    """BadInput: there are none, or more than `MOST`; one that is named twice counts once."""
    if not 1 <= len(set(ids)) <= MOST:
        raise BadInput(f"between 1 and {MOST} errors can be changed at once", field="ids")


async def choose(organization_id: UUID, group_ids: Sequence[UUID], *, with_merged: bool = False) -> Chosen:
    """The groups that are meant, locked in the order of their ids, as all lock them.

    `with_merged`: those that were merged into them as well; then none of those that are meant may be one itself.
    BadInput: none, or too many. Refused: some ids mean nothing here, or a group that was merged away. Unavailable: they
    are merged all the time.
    """
    demand_some(group_ids)
    for _ in range(ATTEMPTS):
        await fetch("savepoint choice")
        targets = await _look(organization_id, group_ids)
        _demand_all(group_ids, targets, with_merged)
        merged = await _merged_into(organization_id, targets) if with_merged else set()
        states = await timeline.lock(organization_id, {*targets, *targets.values(), *merged})
        if _stand(targets, states) and (
            not with_merged or merged == await _merged_into(organization_id, targets)
        ):
            await fetch("release savepoint choice")
            places: dict[UUID, int] = {}
            for place, group_id in enumerate(group_ids):
                places.setdefault(targets[group_id], place)
            chosen = {group_id: states[group_id] for group_id in places}
            return Chosen(organization_id, chosen, places, {each: states[each] for each in sorted(merged)})
        await fetch("rollback to savepoint choice")  # which ends the locks, too
    raise Unavailable("these errors are merged all the time: ask again")


async def _look(organization_id: UUID, group_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Of each id that means something the group that is meant."""
    rows = await fetch(
        """
        select g.id, t.id as target_id from error_group as g
        join error_group as t on t.id = coalesce(g.merged_into_id, g.id) and t.deleted_at is null
        where g.organization_id = $1 and t.organization_id = $1 and g.id = any($2::uuid[]) and g.deleted_at is null
        """,
        organization_id,
        list(set(group_ids)),
    )
    return {row["id"]: row["target_id"] for row in rows}


async def _merged_into(organization_id: UUID, targets: Mapping[UUID, UUID]) -> set[UUID]:
    rows = await fetch(
        "select id from error_group where organization_id = $1 and merged_into_id = any($2::uuid[]) and deleted_at is null",
        organization_id,
        list(targets.values()),
    )
    return {row["id"] for row in rows}


def _demand_all(group_ids: Sequence[UUID], targets: Mapping[UUID, UUID], with_merged: bool) -> None:
    failures = list[SnaglistError]()
    for place, group_id in enumerate(group_ids):
        if group_id not in targets:
            failures.append(NotFound("there is no such error", field=f"ids.{place}"))
        elif with_merged and targets[group_id] != group_id:
            told = "this error was merged into another one: name that one, or take them apart first"
            failures.append(InvalidTransition(told, field=f"ids.{place}"))
    if failures:
        raise Refused(failures)


def _stand(targets: Mapping[UUID, UUID], states: Mapping[UUID, State]) -> bool:
    """Whether all that was looked at is still so, now that it is locked."""
    return all(
        group_id in states
        and states[group_id].deleted_at is None
        and (states[group_id].merged_into_id or group_id) == target_id
        and target_id in states
        and states[target_id].deleted_at is None
        and states[target_id].merged_into_id is None
        for group_id, target_id in targets.items()
    )
