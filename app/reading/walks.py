"""The few groups at the top of a list, found without reading the others.

Comes in: a filter, an order, a window. Goes out: the rows of a page. PostgreSQL has two ways to them: walk the index
of the order until enough groups fit, or find all that fit and sort them. The first never ends where hardly any fit, the
second where nearly all do, and which is the case can be told from statistics only badly, as statuses, texts and times
hang together. So the walk is tried first, with an end: an index of an order holds all that filters look at, a group
that does not fit costs a fraction of a microsecond, and the walk goes over as many as a few milliseconds allow. Where
it did not meet enough, so few fit that all of them can be found and sorted; where other tables must be asked about each
group the end is nearer, and a walk that met some goes on a little: as far again where it met most of the page.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.reading.conditions import Conditions
from app.reading.filters import (
    Asked,
    Filter,
    Known,
    add_filter,
    add_what_groups_are,
    among,
    known,
    known_of_all,
)
from app.reading.near import near
from app.reading.questions import Question
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
NAMED: Final = 5_000
"""Groups named by another table that are looked up and sorted in less time than a long walk would take."""
MANY_NAMED: Final = 20_000
"""The same of a walk to the end."""
SMALL: Final = 1_000
"""A list that is no longer is known to have ended."""
_PROMISING: Final = 5
"""The part of the page that a walk must have met to be worth going on with."""
_LOOKED_AT: Final = (
    "g.source, g.kind, g.status, g.project_id, g.app_id, g.assignee_id, g.module, g.is_dev, g.muted_at, g.mute_until,"
    " g.first_seen_at, g.last_seen_at, g.severity, g.priority"
)


Key = Callable[[tuple[Any, ...]], tuple[object, UUID]]
"""The key of a row in the order of its list."""


async def found(question: Question, columns: str, key: Key) -> list[tuple[Any, ...]]:
    """The rows of the page and one more, in the order of the window; NOW in the columns is the question's.

    BadInput: the window or the filter makes no sense.
    """
    names = await known(question.organization_id, question.filter)
    asked = among(question.filter, names)
    met: list[tuple[Any, ...]] = []
    for is_long in (False, False, True) if asked else (False,):
        if met and not is_long and len(met) * 5 < question.size * 3:
            continue
        rest = replace(question, met=[row[0] for row in met], beyond=key(met[-1]) if met else None)
        rows = await _walk(rest, names, asked, columns, is_long=is_long)
        met += [tuple(row)[:-1] for row in rows if row[0] is not None]
        if len(met) == question.size or rows[0][-1]:
            return met
        if len(met) * _PROMISING < question.size:
            break
    nearest = await near(question, names, asked, columns)
    if nearest is not None:
        return nearest
    names = await known_of_all(question.organization_id, question.filter, names)
    return [tuple(row) for row in await _all(question, names, among(question.filter, names), columns)]


async def _walk(
    question: Question, names: Known, asked: Asked, columns: str, *, is_long: bool
) -> list[asyncpg.Record]:
    """The first rows that a walk meets; where they are not enough, each says whether the list is at its end.

    Where it meets none there is one row without a group, which says it too.
    A long walk is spared if another table names few groups: these are the list then, to its end.
    """
    statement, order, size = Conditions(question.organization_id), question.order, question.size
    quick = [place for place, (other, _) in enumerate(asked) if other.is_quick]
    length = LONG if is_long else SHORT
    if is_long and quick:
        ids, page = _named(question, names, asked, quick[0], statement, NAMED, length)
        few = f"(select count(*) from ids) <= {NAMED}"  # noqa: S608  our own words
    else:
        also = statement.beside("true")
        for other, values in asked:
            also.add(other.each, *values)
        ids, page, few = "", _steps(question, names, statement, also, length), "false"
    shown = columns.replace("NOW", statement.place(question.now))
    return await fetch(
        f"""
        with {ids} page as materialized ({page})
        select {shown}, told.ended
        from (select case when (select count(*) from page) < {size} then {few} or (
            select count(*) < {SMALL} from (select from ({_in_lanes(question, statement, question.key, SMALL)}) as g {order} limit {SMALL}) as g
        ) end as ended) as told
        left join (page join error_group as g on g.id = page.id) on true {order}
        """,  # noqa: S608  our own words
        *statement.values,
    )


async def _all(question: Question, names: Known, asked: Asked, columns: str) -> list[asyncpg.Record]:
    """The first rows of all that fit, which are found first."""
    statement, order = Conditions(question.organization_id), question.order
    rest = replace(question.filter, search=None, instance_id=None, release=None, environment=None, tag=None)
    if len(asked) == 1 and rest == Filter(show_muted=rest.show_muted):
        ids, page = _named(question, names, asked, 0, statement, MANY_NAMED, ENDLESS)
    elif asked or rest.since is not None or rest.until is not None:
        ids, page = "", _each(question, names, statement)
    else:
        ids, page = "", _few(question, names, statement)
    shown = columns.replace("NOW", statement.place(question.now))
    return await fetch(
        f"""
        with {ids} page as materialized ({page})
        select {shown} from page join error_group as g on g.id = page.id {order} limit {question.size}
        """,  # noqa: S608  our own words
        *statement.values,
    )


def _few(question: Question, names: Known, statement: Conditions) -> str:
    """All that fit are sorted if they are few; if they are not, they lie together at the end of a long walk."""
    wanted = question.alive(statement)
    add_filter(wanted, question.filter, names, now=question.now)
    number = f"(select count(*) from (select from error_group as g where {wanted} limit {FEW + 1}) as g)"  # noqa: S608  our own words
    chosen = question.first_of(wanted.beside(f"{number} <= {FEW}", str(wanted)))
    return f"({chosen}) union all ({_steps(question, names, statement, statement.beside(f'{number} > {FEW}'), ENDLESS)})"


def _named(
    question: Question,
    names: Known,
    asked: Asked,
    place: int,
    statement: Conditions,
    few: int,
    length: Length,
) -> tuple[str, str]:
    """The groups that another table names are sorted if they are few; if they are not, so long a walk meets enough.

    A walk to the end holds each group against all that are named; any other asks as always.
    """
    other, values = asked[place]
    number = "(select count(*) from ids)"
    wanted, also = question.alive(statement), statement.beside(f"{number} > {few}")
    wanted.add(f"{number} <= {few} and g.id in (select id from ids limit {few})")  # noqa: S608  our own words
    add_what_groups_are(wanted, question.filter, names, now=question.now)
    for at, (every, its) in enumerate(asked):
        if at != place:
            wanted.add(every.each, *its)
        if length is not ENDLESS:
            also.add(every.each, *its)
    if length is ENDLESS:
        also.add("(g.id in (select id from ids)) is true")
    end = "" if length is ENDLESS else f"limit {few + 1}"
    ids = f"ids as materialized (select its.group_id as id {other.all} {end}), "
    steps = _steps(question, names, statement, also, length)
    return statement.filled(ids, *values), f"({question.first_of(wanted)}) union all ({steps})"


def _each(question: Question, names: Known, statement: Conditions) -> str:
    """All that fit, found in the way that the planner thinks best, and sorted."""
    wanted = question.alive(statement)
    add_filter(wanted, question.filter, names, now=question.now)
    return question.first_of(wanted)


def _steps(question: Question, names: Known, statement: Conditions, also: Conditions, length: Length) -> str:
    """A walk in the order of the list, for the ids of what is chosen on it and also fits what other tables say.

    The limits keep the planner from finding something cleverer.
    """
    key, order = question.key, question.order
    chosen = statement.beside()
    add_what_groups_are(chosen, question.filter, names, now=question.now)
    looked_at = _LOOKED_AT if key in _LOOKED_AT else f"{_LOOKED_AT}, {key}"
    return f"""
            select g.id from (
                select g.id, g.app_id, {key} from (
                    select g.* from ({_in_lanes(question, statement, looked_at, length.groups)}) as g {order} limit {length.groups}
                ) as g where {chosen} {order} limit {length.asked}
            ) as g where {also} {order} limit {question.size}"""  # noqa: S608  our own words


def _in_lanes(question: Question, statement: Conditions, columns: str, number: int) -> str:
    """The first groups of each lane, which PostgreSQL reads side by side where all of them are put in order.

    A limit that the planner sees would have it sort a lane that is not much longer, as if all of it were read.
    """
    column, order, walked = question.lanes.column, question.order, question.walked(statement)
    lanes = [f"{column} = {statement.place(value)}" for value in question.lanes.values] or ["false"]
    return " union all ".join(
        f"(select g.id, {columns} from error_group as g where {walked} and {lane} {order} limit (select {number}))"  # noqa: S608  our own words
        for lane in lanes
    )
