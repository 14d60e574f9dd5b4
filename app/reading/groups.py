"""Error groups as people see them: lists of them, their number, one of them.

Comes in: an organization, a filter, an order, a window. Goes out: groups. A list never shows what was merged away or
deleted; one group that was merged away can still be asked for, and says where it went.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec

from app.reading import pages
from app.reading.conditions import Conditions, moment
from app.reading.filters import (
    ALIVE,
    PRIORITIES,
    SEVERITIES,
    Filter,
    add_filter,
    known,
    known_of_all,
    numbers,
    statuses,
)
from app.reading.pages import Listing, Number, Page, Small, Time, Window
from app.reading.questions import Lanes, Question, Rough
from app.reading.turns import turn
from app.reading.walks import found
from app.tables.database import fetch

__all__ = ("Filter", "Group", "Order", "OrderField", "count", "group", "groups", "groups_by_id")


class OrderField(StrEnum):
    """What a list of groups can be ordered by."""

    LAST_SEEN = "LAST_SEEN"
    TOTAL_COUNT = "TOTAL_COUNT"
    SEVERITY = "SEVERITY"
    FIRST_SEEN = "FIRST_SEEN"
    PRIORITY = "PRIORITY"


@dataclass(frozen=True, slots=True)
class Order:
    """Descending is the most serious first: the latest, the most, CRITICAL, P0. Ties go by id."""

    field: OrderField = OrderField.LAST_SEEN
    descending: bool = True


BY_LAST_SEEN: Final = Order()


@dataclass(frozen=True, slots=True)
class Group:
    """One error, with its count, status and texts. Counts are exact; times are UTC.

    `is_muted` is as of the time that was asked for: a mute that has run out is none. `count_since_resolved`: None
    where it was never resolved. `merged_into_id`: the group that it went into, which is then the one to look at.
    """

    id: UUID
    project_id: UUID
    app_id: UUID | None
    source: str
    kind: str
    title: str
    exception_type: str | None
    message: str
    module: str | None
    severity: str
    priority: str
    status: str
    is_muted: bool
    muted_at: datetime | None
    mute_until: datetime | None
    mute_until_count: int | None
    is_dev: bool
    total_count: int
    occurrence_count: int
    user_count: int
    session_count: int
    count_since_resolved: int | None
    first_seen_at: datetime
    last_seen_at: datetime
    resolved_at: datetime | None
    resolved_in_version: str | None
    resolved_in_next: bool
    assignee_id: UUID | None
    odoo_version: str | None
    commit_sha: str | None
    merged_into_id: UUID | None


_COLUMNS: Final = """g.id, g.project_id, g.app_id, g.source, g.kind, g.title, g.exception_type, g.message, g.module,
    ('{MEDIUM,HIGH,CRITICAL}'::text[])[g.severity], ('{P0,P1,P2,P3}'::text[])[g.priority + 1], g.status,
    g.muted_at is not null and (g.mute_until is null or g.mute_until > NOW),
    g.muted_at, g.mute_until, g.mute_until_count, g.is_dev, g.total_count, g.occurrence_count, g.user_count, g.session_count,
    g.total_count - g.count_at_resolve, g.first_seen_at, g.last_seen_at, g.resolved_at, g.resolved_in_version,
    g.resolved_in_next, g.assignee_id, g.odoo_version, g.commit_sha, g.merged_into_id"""

_BY_ID: Final = f"""
select {_COLUMNS.replace("NOW", "coalesce($3, now())")}
from error_group as g
where g.organization_id = $1 and g.id = any($2::uuid[]) and g.deleted_at is null
"""  # noqa: S608  our own words

_TIME: Final = msgspec.json.Decoder(tuple[str, Time, UUID])
_NUMBER: Final = msgspec.json.Decoder(tuple[str, Number, UUID])
_SMALL: Final = msgspec.json.Decoder(tuple[str, Small, UUID])

_ORDERED: Final[dict[OrderField, tuple[str, msgspec.json.Decoder[Any]]]] = {
    OrderField.LAST_SEEN: ("g.last_seen_at", _TIME),
    OrderField.TOTAL_COUNT: ("g.total_count", _NUMBER),
    OrderField.SEVERITY: ("g.severity", _SMALL),
    OrderField.FIRST_SEEN: ("g.first_seen_at", _TIME),
    OrderField.PRIORITY: ("g.priority", _SMALL),
}


def _listing(order: Order) -> Listing:
    column, decoder = _ORDERED[order.field]
    name = f"groups {order.field} {'DESC' if order.descending else 'ASC'}"
    # P0 is the most serious and the smallest number: that order goes the other way, ids included.
    descending = order.descending != (order.field is OrderField.PRIORITY)
    return Listing(name, (column, "g.id"), decoder, descending)


_LISTINGS: Final = {
    order: _listing(order) for field in OrderField for order in (Order(field, True), Order(field, False))
}


_DAY: Final = "(?::timestamptz at time zone 'UTC')::date"
_ROUGH: Final = {
    OrderField.LAST_SEEN: Rough("last_day", _DAY, is_exact=False),
    OrderField.FIRST_SEEN: Rough("first_day", _DAY, is_exact=False),
    OrderField.SEVERITY: Rough("severity", "?::smallint", is_exact=True),
    OrderField.PRIORITY: Rough("priority", "?::smallint", is_exact=True),
}
"""What is kept of the orders where groups are listed by instance; a count changes too often."""


def _key(field: OrderField, shown: Group) -> tuple[object, UUID]:
    match field:
        case OrderField.LAST_SEEN:
            return shown.last_seen_at, shown.id
        case OrderField.TOTAL_COUNT:
            return shown.total_count, shown.id
        case OrderField.SEVERITY:
            return SEVERITIES[shown.severity], shown.id
        case OrderField.FIRST_SEEN:
            return shown.first_seen_at, shown.id
        case OrderField.PRIORITY:
            return PRIORITIES[shown.priority], shown.id


async def groups(
    organization_id: UUID,
    filter: Filter = Filter(),  # noqa: A002, B008  the contract's word; frozen
    order: Order = BY_LAST_SEEN,
    window: Window = Window(),  # noqa: B008  frozen
    *,
    now: datetime,
) -> Page[Group]:
    """A page of the groups that the filter lets through. BadInput: a window or filter makes no sense.

    One statement where many groups are let through, two or three where few are, five at most; one more for each of a
    module and an environment.
    """
    listing = _LISTINGS[order]
    lanes, ends, rough = _lanes(filter, order.field), _ends(filter, order.field), _ROUGH.get(order.field)
    question = Question(organization_id, filter, listing, window, lanes, ends, rough, now)
    async with turn(organization_id):
        rows = await found(question, _COLUMNS, lambda row: _key(order.field, Group(*row)))
    return pages.page(listing, window, [Group(*row) for row in rows], lambda shown: _key(order.field, shown))


def _lanes(filter: Filter, field: OrderField) -> Lanes:  # noqa: A002
    """What the index of an order begins with, and which of its parts the filter asks for.

    It is what hangs together with the order in life: resolved errors are old ones, and what is critical is P0.
    """
    match field:
        case OrderField.SEVERITY:
            return Lanes("g.priority", numbers(PRIORITIES, filter.priority))
        case OrderField.PRIORITY:
            return Lanes("g.severity", numbers(SEVERITIES, filter.severity))
    return Lanes("g.status", statuses(filter))


def _ends(filter: Filter, field: OrderField) -> dict[str, object]:  # noqa: A002
    """Where the walk in this order begins and ends by what the filter asks of the order's own column."""
    named: tuple[list[int], str] = ([], "")
    match field:
        case OrderField.LAST_SEEN if filter.since is not None:
            return {"g.last_seen_at >= ?": moment(filter.since, "since")}
        case OrderField.FIRST_SEEN if filter.until is not None:
            return {"g.first_seen_at <= ?": moment(filter.until, "until")}
        case OrderField.SEVERITY if filter.severity:
            named = numbers(SEVERITIES, filter.severity), "g.severity"
        case OrderField.PRIORITY if filter.priority:
            named = numbers(PRIORITIES, filter.priority), "g.priority"
    found, column = named
    return {f"{column} >= ?": min(found), f"{column} <= ?": max(found)} if found else {}


async def count(organization_id: UUID, filter: Filter = Filter(), *, now: datetime) -> int:  # noqa: A002, B008
    """How many groups the filter lets through. BadInput: it makes no sense."""
    async with turn(organization_id):
        wanted = Conditions(organization_id, *ALIVE)
        names = await known_of_all(organization_id, filter, await known(organization_id, filter))
        add_filter(wanted, filter, names, now=now)
        [row] = await fetch(f"select count(*) from error_group as g where {wanted}", *wanted.values)  # noqa: S608  our own words
    return int(row[0])


async def group(organization_id: UUID, group_id: UUID, *, now: datetime | None = None) -> Group | None:
    """One group, one that was merged away too; None: there is none, or it was deleted, or it is not theirs.

    Without `now` the database's clock says whether a mute has run out.
    """
    rows = await fetch(_BY_ID, organization_id, [group_id], now)
    return Group(*rows[0]) if rows else None


async def groups_by_id(
    organization_id: UUID, ids: Sequence[UUID], *, now: datetime | None = None
) -> dict[UUID, Group]:
    """Those of the groups that `group` would give."""
    rows = await fetch(_BY_ID, organization_id, ids, now)
    return {row[0]: Group(*row) for row in rows}
