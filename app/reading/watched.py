"""Which of the groups that something happened to a filter is about.

Comes in: a filter, and groups with what happened to them. Goes out: those that are to be told. What happened may have
taken a group out of the filter, which whoever shows it in a list must hear of, too.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.domain.lifecycle import MoveKind, Status
from app.reading.conditions import Conditions
from app.reading.filters import ALIVE, Filter, add_what_groups_are, among, known, statuses
from app.tables.database import fetch

_CHANGES = frozenset(MoveKind)
_REARRANGED = frozenset({MoveKind.MERGED, MoveKind.UNMERGED, MoveKind.DELETED})
"""After these other tables do not say any more where a group was seen before."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened to a group: kinds of changes, or others, and the statuses that it had before them."""

    kinds: Set[str]
    statuses_before: Set[str]


@dataclass(frozen=True, slots=True)
class Watched:
    """Groups that match now, and groups that may have matched before they were changed."""

    matching: frozenset[UUID]
    left: frozenset[UUID]


async def watched(
    organization_id: UUID, wanted: Filter, happened: Mapping[UUID, Happened], *, now: datetime
) -> Watched:
    """Those of the groups that the filter is about.

    One statement, and those of `filters.known`. BadInput: the filter makes no sense.
    """
    names = await known(organization_id, wanted)
    end = Conditions(organization_id, "g.organization_id = $1")
    end.add("g.id = any(?::uuid[])", list(happened))
    present, before, seen = end.beside(*ALIVE), end.beside("true"), end.beside("true")
    add_what_groups_are(present, wanted, names, now=now)
    add_what_groups_are(before, _as_it_may_have_been(wanted), names, now=now)
    for asked, values in among(wanted, names):
        seen.add(asked.each, *values)
    rows = await fetch(
        f"""
        select g.id, ({present}), ({before}), coalesce(({seen}), false) from error_group as g where {end}
        """,  # noqa: S608  our own words
        *end.values,
    )
    matching = frozenset(row[0] for row in rows if row[1] and row[3])
    shown = statuses(wanted)
    left = {row[0] for row in rows if row[2] and _may_have_matched(happened[row[0]], shown, is_seen=row[3])}
    return Watched(matching, frozenset(left - matching))


def _as_it_may_have_been(wanted: Filter) -> Filter:
    """The filter without what a change can change."""
    return replace(
        wanted,
        status=tuple(Status),
        show_muted=True,
        priority=None,
        severity=None,
        assignee_id=None,
        since=None,
        until=None,
    )


def _may_have_matched(happened: Happened, shown: list[str], *, is_seen: bool) -> bool:
    if not happened.kinds & _CHANGES or not (is_seen or happened.kinds & _REARRANGED):
        return False
    return bool(happened.statuses_before & set(shown))
