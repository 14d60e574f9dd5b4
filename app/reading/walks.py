"""The few groups at the top of a list, found without reading the others.

Comes in: a filter, an order, a window. Goes out: the rows of a page. PostgreSQL has two ways to them: walk the index
of the order until enough groups fit, or find all that fit and sort them. The first never ends where hardly any fit, the
second where nearly all do, and which is the case can be told from statistics only badly, as statuses, texts and times
hang together. So the walk is tried first, with an end: an index of an order holds all that filters look at, a group
that does not fit costs a fraction of a microsecond, and the walk goes over as many as a few milliseconds allow. Where
it did not meet enough, so few fit that all of them can be found and sorted; where other tables must be asked about each
group the end is nearer, and a walk that met some goes on a little.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.filters import (
    ALIVE,
    Among,
    Filter,
    Known,
    add_filter,
    add_what_groups_are,
    among,
    known,
)
from app.reading.pages import Listing, Window
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Length:
    """Where a walk ends: groups that it goes over, and of these, groups about which other tables are asked."""

    groups: int
    asked: int


SHORT: Final = Length(20_000, 1_000)
LONG: Final = Length(200_000, 10_000)
ENDLESS: Final = Length(2**62, 2**62)
FEW: Final = 2_000
"""Groups that are found and sorted in less time than a walk would take."""
SMALL: Final = 1_000
"""A list that is no longer is known to have ended."""
_PROMISING: Final = 5
"""The part of the page that a walk must have met to be worth going on with."""
_LOOKED_AT: Final = (
    "g.source, g.kind, g.status, g.project_id, g.app_id, g.assignee_id, g.module, g.is_dev, g.muted_at, g.mute_until,"
    " g.first_seen_at, g.last_seen_at, g.severity, g.priority"
)


Asked = Sequence[tuple[Among, list[object]]]


@dataclass(frozen=True, slots=True)
class Question:
    """A page that is asked for; `ends`: what the filter asks of the column of the order, with `?` for the value."""

    organization_id: UUID
    filter: Filter
    listing: Listing
    window: Window
    ends: Mapping[str, object]
    now: datetime

    @property
    def size(self) -> int:
        """The rows of the page and one more."""
        return self.window.size() + 1


async def found(question: Question, columns: str) -> list[tuple[Any, ...]]:
    """The rows of the page and one more, in the order of the window; NOW in the columns is the question's.

    BadInput: the window or the filter makes no sense.
    """
    names = await known(question.organization_id, question.filter)
    asked = among(question.filter, names)
    for length in (SHORT, LONG) if asked else (SHORT,):
        rows = await _walk(question, names, asked, columns, length)
        if len(rows) == question.size or (rows and rows[0][-1]):
            return [tuple(row)[:-1] for row in rows]
        if len(rows) * _PROMISING < question.size:
            break
    return [tuple(row) for row in await _all(question, names, asked, columns)]


async def _walk(
    question: Question, names: Known, asked: Asked, columns: str, length: Length
) -> list[asyncpg.Record]:
    """The first rows that so long a walk meets; where they are not enough, each says whether the list is at its end."""
    walked, order, size = _walked(question), _order(question), question.size
    chosen, also = walked.beside(), walked.beside("true")
    add_what_groups_are(chosen, question.filter, names, now=question.now)
    for other, values in asked:
        also.add(other.each, *values)
    page = _steps(question, walked, chosen, also, length)
    shown = columns.replace("NOW", walked.place(question.now))
    return await fetch(
        f"""
        with page as materialized ({page})
        select {shown}, case when (select count(*) from page) < {size} then (
            select count(*) < {SMALL} from (select from error_group as g where {walked} {order} limit {SMALL}) as g) end
        from page join error_group as g on g.id = page.id {order}
        """,  # noqa: S608  our own words
        *walked.values,
    )


async def _all(question: Question, names: Known, asked: Asked, columns: str) -> list[asyncpg.Record]:
    """The first rows of all that fit, which are found first."""
    walked, order, size = _walked(question), _order(question), question.size
    rest = replace(question.filter, search=None, instance_id=None, release=None, environment=None, tag=None)
    is_plain = rest == Filter(show_muted=rest.show_muted)
    find = _few if not asked else _others if len(asked) == 1 and is_plain else _each
    matched, page = find(question, names, asked, walked)
    shown = columns.replace("NOW", walked.place(question.now))
    return await fetch(
        f"""
        with {matched}, page as materialized ({page})
        select {shown} from page join error_group as g on g.id = page.id {order} limit {size}
        """,  # noqa: S608  our own words
        *walked.values,
    )


def _few(question: Question, names: Known, asked: Asked, walked: Conditions) -> tuple[str, str]:
    """All that fit are sorted if they are few; if they are not, they lie together at the end of a long walk."""
    wanted, chosen = walked.beside(str(walked)), walked.beside()
    add_filter(wanted, question.filter, names, now=question.now)
    add_what_groups_are(chosen, question.filter, names, now=question.now)
    return (
        f"matched as materialized (select g.id, {_key(question)} from error_group as g where {wanted} limit {FEW + 1})",  # noqa: S608  our own words
        _either(question, walked, chosen, walked.beside("true"), "(select count(*) from matched)"),
    )


def _others(question: Question, names: Known, asked: Asked, walked: Conditions) -> tuple[str, str]:
    """What one other table says of all groups: these are sorted if they are few, or held against each of a walk."""
    [(other, values)] = asked
    wanted, chosen = walked.beside(str(walked)), walked.beside()
    for conditions in (wanted, chosen):
        add_what_groups_are(conditions, question.filter, names, now=question.now)
    wanted.add(f"g.id in (select id from ids limit {FEW})")  # noqa: S608  our own words
    return (
        walked.filled(f"ids as materialized (select its.group_id as id {other.all})", *values)  # noqa: S608  our own words
        + f", matched as materialized (select g.id, {_key(question)} from error_group as g where {wanted})",  # noqa: S608  our own words
        _either(
            question,
            walked,
            chosen,
            walked.beside("(g.id in (select id from ids)) is true"),
            "(select count(*) from ids)",
        ),
    )


def _each(question: Question, names: Known, asked: Asked, walked: Conditions) -> tuple[str, str]:
    """All that fit, found in the way that the planner thinks best, and sorted."""
    wanted = walked.beside(str(walked))
    add_filter(wanted, question.filter, names, now=question.now)
    return (
        f"matched as materialized (select g.id, {_key(question)} from error_group as g where {wanted})",  # noqa: S608  our own words
        f"select g.id from matched as g {_order(question)} limit {question.size}",  # noqa: S608  our own words
    )


def _either(question: Question, walked: Conditions, chosen: Conditions, also: Conditions, number: str) -> str:
    """The first of what matched if the number is small; a walk to the end of the list if it is not."""
    sorted_ones = (
        f"select g.id from matched as g where {number} <= {FEW} {_order(question)} limit {question.size}"  # noqa: S608  our own words
    )
    also.add(f"{number} > {FEW}")
    return f"({sorted_ones}) union all ({_steps(question, walked, chosen, also, ENDLESS)})"


def _steps(
    question: Question, walked: Conditions, chosen: Conditions, also: Conditions, length: Length
) -> str:
    """A walk in the order of the list, for the ids of what is chosen on it and also fits what other tables say.

    The limits keep the planner from finding something cleverer.
    """
    key, order = _key(question), _order(question)
    looked_at = _LOOKED_AT if key in _LOOKED_AT else f"{_LOOKED_AT}, {key}"
    return f"""
            select g.id from (
                select g.id, g.app_id, {key} from (
                    select g.id, {looked_at} from error_group as g where {walked} {order} limit {length.groups}
                ) as g where {chosen} {order} limit {length.asked}
            ) as g where {also} {order} limit {question.size}"""  # noqa: S608  our own words


def _key(question: Question) -> str:
    return question.listing.columns[0]


def _order(question: Question) -> str:
    return pages.in_order(question.listing, question.window)


def _walked(question: Question) -> Conditions:
    """What a walk in the order of the list goes over, whatever else is asked."""
    walked = Conditions(question.organization_id, *ALIVE)
    pages.between(question.listing, question.window, walked)
    for text, value in question.ends.items():
        walked.add(text, value)
    return walked
