"""The groups of an instance that are near the beginning of a list.

Comes in: a question that names instances. Goes out: its page, if it can be told so. An instance may have tens of
thousands of groups of which a walk meets none: it was given up in May, and all that was seen since comes first. Each
would have to be looked up to be sorted. But `group_instance` has a row for each, side by side, with what the order goes
by as far as it rarely changes: of times the day. So only the groups of the last days that the instance has any of are
looked up.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from app.reading.conditions import Conditions
from app.reading.filters import (
    PRIORITIES,
    SEVERITIES,
    TAGGED,
    Asked,
    Filter,
    Known,
    add_what_groups_are,
    numbers,
    statuses,
)
from app.reading.questions import Question, Rough
from app.tables.database import fetch

NEAR: Final = 500
"""Groups that are looked up, and all that cannot be told from the last one of these."""
MOST: Final = 5_000
"""Groups from which on looking them up takes too long."""


async def near(question: Question, names: Known, asked: Asked, columns: str) -> list[tuple[Any, ...]] | None:
    """The rows of the page and one more. None: it has to be found in another way. BadInput: as elsewhere."""
    wanted, instance_ids = question.filter, _instances(question.filter, names)
    if question.rough is None or not instance_ids:
        return None
    statement = Conditions(question.organization_id)
    fit = question.alive(statement)
    add_what_groups_are(fit, wanted, names, now=question.now)
    for other, values in asked:
        fit.add(other.each, *values)
    fit.add(f"(select count(*) from near) <= {MOST} and g.id in (select id from near limit {MOST})")  # noqa: S608  our own words
    places = _places(question, question.rough, instance_ids, statement)
    one = "rough, id" if question.rough.is_exact else "rough"
    way, front = ("desc", ">=") if " desc" in question.order else ("asc", "<=")
    rows = await fetch(
        f"""
        with places as materialized (
            select its.group_id as id, its.{question.rough.column} as rough from group_instance as its where {places}
        ), edge as materialized (
            select {one} from places order by {", ".join(f"{column} {way}" for column in one.split(", "))} offset {NEAR} limit 1
        ), near as materialized (
            (select id from places where (({one}) {front} (select {one} from edge)) is not false limit {MOST + 1})
            {_of_apps(question, statement)}
        ), page as materialized (
            {question.first_of(fit)}
        )
        select {columns.replace("NOW", statement.place(question.now))}, told.whole
        from (select (select count(*) from edge) = 0 and (select count(*) from near) <= {MOST} as whole) as told
        left join (page join error_group as g on g.id = page.id) on true {question.order}
        """,  # noqa: S608  our own words
        *statement.values,
    )
    found = [tuple(row)[:-1] for row in rows if row[0] is not None]
    return found if rows[0]["whole"] or len(found) == question.size else None


def _instances(wanted: Filter, names: Known) -> Sequence[UUID]:
    """The instances that the groups were seen on, where the filter asks for some."""
    if wanted.instance_id is not None:
        return [wanted.instance_id]
    return () if wanted.source == "EVENT" else names.instance_ids or ()


def _of_apps(question: Question, statement: Conditions) -> str:
    """The groups of apps that say that they run in an environment which instances have too."""
    wanted = question.filter
    if wanted.instance_id is not None or wanted.source is not None:
        return ""
    return statement.filled(
        f"union all (select its.group_id {TAGGED.all} limit {MOST + 1})",
        "environment",
        wanted.environment,
    )


def _places(
    question: Question, rough: Rough, instance_ids: Sequence[UUID], statement: Conditions
) -> Conditions:
    """What the rows of `group_instance` must be, as far as they say it."""
    wanted, places = question.filter, statement.beside()
    places.add("its.instance_id = any(?::uuid[])", instance_ids)
    places.add("its.status = any(?::text[])", statuses(wanted))
    if wanted.severity is not None:
        places.add("its.severity = any(?::smallint[])", numbers(SEVERITIES, wanted.severity))
    if wanted.priority is not None:
        places.add("its.priority = any(?::smallint[])", numbers(PRIORITIES, wanted.priority))
    after, before = ("<=", ">=") if question.listing.descending else (">=", "<=")
    for cursor, field, side in (
        (question.window.after, "after", after),
        (question.window.before, "before", before),
    ):
        if cursor is not None:
            value, group_id = question.listing.key(cursor, field)
            if rough.is_exact:
                places.add(f"(its.{rough.column}, its.group_id) {side} ({rough.made}, ?)", value, group_id)
            else:
                places.add(f"its.{rough.column} {side} {rough.made}", value)
    return places
