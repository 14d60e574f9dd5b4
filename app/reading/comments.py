"""What people and agents said about errors.

Comes in: groups, or a comment's id. Goes out: comments, oldest first. Comments stay with the group that they were
written about; those of groups that were merged are listed with the group that these went into. Deleted ones, and those
of deleted groups, are not there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.pages import Listing, Page, Time, Window
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment. `group_id`: the group that lists it, which is the one that its own went into, if it was merged.

    `author_kind`: person, agent or github; `author_id`: the membership or the token. `body_html` was rendered by the
    rules of the edition `rendering`; None: not yet.
    """

    id: UUID
    group_id: UUID
    author_kind: str
    author_id: UUID | None
    author_name: str
    body: str
    body_html: str | None
    rendering: int | None
    created_at: datetime
    edited_at: datetime | None


_COLUMNS: Final = """c.id, coalesce(g.merged_into_id, g.id) as group_id, c.author_kind, c.author_id, c.author_name, c.body,
    c.body_html, c.rendering, c.created_at, c.edited_at"""
_GROUPS: Final = (
    "(g.id = wanted.id or g.merged_into_id = wanted.id) and g.organization_id = $1 and g.deleted_at is null"
)
"""A group, and those that were merged into it."""

_LISTING: Final = Listing("comments", ("c.created_at", "c.id"), msgspec.json.Decoder(tuple[str, Time, UUID]))


async def comments_of(
    organization_id: UUID, window: Window, group_ids: Sequence[UUID]
) -> dict[UUID, Page[Comment]]:
    """A page of the comments of each group, all of them with the same window. One statement.

    BadInput: the window makes no sense.
    """
    wanted = Conditions(
        organization_id, "c.organization_id = $1", "c.group_id = g.id", "c.deleted_at is null"
    )
    end = pages.cut(_LISTING, window, wanted)
    rows = await fetch(
        # Each group that was merged gives its own first ones, in the order of the index.
        f"""
        select wanted.id as listed, c.*
        from unnest({wanted.place(group_ids)}::uuid[]) as wanted(id) cross join lateral (
            select {_COLUMNS}
            from error_group as g cross join lateral (select c.* from comment as c where {wanted} {end}) as c
            where {_GROUPS}
            {end}
        ) as c
        order by wanted.id, {end.removeprefix("order by ").partition(" limit")[0]}
        """,  # noqa: S608  our own words
        *wanted.values,
    )
    found: dict[UUID, list[Comment]] = {group_id: [] for group_id in group_ids}
    for listed, *columns in rows:
        found[listed].append(Comment(*columns))
    return {
        group_id: pages.page(_LISTING, window, theirs, lambda shown: (shown.created_at, shown.id))
        for group_id, theirs in found.items()
    }


async def count_comments(organization_id: UUID, group_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many comments each of the groups lists. One statement."""
    rows = await fetch(_COUNT, organization_id, group_ids)
    return {row["id"]: row["number"] for row in rows}


async def comment(organization_id: UUID, comment_id: UUID) -> Comment | None:
    """One comment; None: there is none, it or its group was deleted, or it is not theirs."""
    rows = await fetch(_BY_ID, organization_id, comment_id)
    return Comment(*rows[0]) if rows else None


_COUNT: Final = f"""
select wanted.id, (
    select count(*) from error_group as g join comment as c on c.group_id = g.id
    where {_GROUPS} and c.organization_id = $1 and c.deleted_at is null
) as number
from unnest($2::uuid[]) as wanted(id)
"""  # noqa: S608  our own words
_BY_ID: Final = f"""
select {_COLUMNS}
from comment as c join error_group as g on g.id = c.group_id and g.organization_id = $1 and g.deleted_at is null
where c.organization_id = $1 and c.id = $2 and c.deleted_at is null
"""  # noqa: S608  our own words
