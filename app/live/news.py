"""News: what happened in an organization since somebody was told last, put together by group. Pure.

Comes in: messages of the bus, or news upon older news. Goes out: news, which name each change once, however often it was
told, and are bounded: where there is more than they may hold they hold nothing, and say that all is to be fetched anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final
from uuid import UUID

from app.live.bus import MOST_OCCURRENCES, Message

MOST_GROUPS: Final = 1_000
"""Groups that news may tell of."""
MOST_NAMED: Final = 10_000
"""Changes and occurrences that news may name in all."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What happened to one group.

    `kinds`: of the moves, or COUNTED and COMMENTED. `change_ids`: in their order, of moves alone. `statuses_before`: that
    the moves began with. `occurrence_ids`: of those newly stored, the newest `MOST_OCCURRENCES`, the newest last; `more`:
    there are others, which are not named.
    """

    group_id: UUID
    kinds: frozenset[str] = frozenset()
    change_ids: tuple[int, ...] = ()
    statuses_before: frozenset[str] = frozenset()
    occurrence_ids: tuple[UUID, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """What happened, by group; nothing where it is only the cursor that is told.

    `refetch`: something was missed, or it was too much: fetch all anew. The cursor is that of the present then.
    """

    cursor: str
    touched: Mapping[UUID, Touched] = field(default_factory=dict)
    refetch: bool = False


def of(messages: Iterable[Message], cursor: str) -> News:
    """The messages as news, with the cursor behind them."""
    by_group: dict[UUID, list[Message]] = {}
    for message in messages:
        by_group.setdefault(message.group_id, []).append(message)
        if len(by_group) > MOST_GROUPS:
            return News(cursor, refetch=True)
    return _bounded(cursor, {group_id: _touched(group_id, its) for group_id, its in by_group.items()})


def merged(older: News, newer: News) -> News:
    """What both tell, with the cursor of the newer one."""
    if older.refetch or newer.refetch:
        return News(newer.cursor, refetch=True)
    if not older.touched:
        return newer
    together = dict(older.touched)
    for group_id, touched in newer.touched.items():
        before = together.get(group_id)
        together[group_id] = touched if before is None else _together(before, touched)
    return _bounded(newer.cursor, together)


def _touched(group_id: UUID, messages: list[Message]) -> Touched:
    stored = _once(message.occurrence_ids for message in messages)
    return Touched(
        group_id,
        frozenset(message.kind for message in messages),
        _in_order(message.change_id for message in messages if message.change_id),
        frozenset(message.status_before for message in messages if message.status_before is not None),
        stored[-MOST_OCCURRENCES:],
        len(stored) > MOST_OCCURRENCES or any(message.more for message in messages),
    )


def _together(older: Touched, newer: Touched) -> Touched:
    stored = _once((older.occurrence_ids, newer.occurrence_ids))
    return Touched(
        older.group_id,
        older.kinds | newer.kinds,
        _in_order(chain(older.change_ids, newer.change_ids)),
        older.statuses_before | newer.statuses_before,
        stored[-MOST_OCCURRENCES:],
        len(stored) > MOST_OCCURRENCES or older.more or newer.more,
    )


def _in_order(change_ids: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(change_ids)))


def _once(occurrence_ids: Iterable[tuple[UUID, ...]]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(occurrence_ids)))


def _bounded(cursor: str, touched: Mapping[UUID, Touched]) -> News:
    named = sum(len(one.change_ids) + len(one.occurrence_ids) for one in touched.values())
    if len(touched) > MOST_GROUPS or named > MOST_NAMED:
        return News(cursor, refetch=True)
    return News(cursor, touched)
