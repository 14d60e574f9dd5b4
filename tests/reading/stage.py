"""What is read in the tests of reading: recorded errors, and groups in states that recording alone does not reach."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from app.reading.pages import Page, Window
from app.recording.searched import searched
from app.recording.sightings import Description, Origin
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.recording.stage import Stage, recorded, sighting

T = TypeVar("T")


async def seen(origin: Origin, error: str, *times: datetime, now: datetime = NOW, **different: Any) -> UUID:
    """The group of an error after it was recorded at these times."""
    await recorded([sighting(origin, error, at, **different) for at in times or (NOW,)], now=now)
    heard = sighting(origin, error, **different)
    [row] = await fetch(
        "select group_id from fingerprint where scope_id = $1 and digest = $2 and retired_at is null",
        origin.scope_id,
        bytes.fromhex(heard.fingerprint.digest),
    )
    return UUID(str(row[0]))


async def change(group_id: UUID, **columns: object) -> None:
    """Give a group's columns these values, and have it found by them."""
    places = ", ".join(f"{column} = ${place}" for place, column in enumerate(columns, 2))
    await fetch(f"update error_group set {places} where id = $1", group_id, *columns.values())  # noqa: S608  the tests name them
    [row] = await fetch("select * from error_group where id = $1", group_id)
    told = Description(row["title"], row["message"], row["exception_type"])
    await fetch(
        "insert into group_text values ($1, $2, $3) on conflict (group_id) do update set text = excluded.text",
        group_id,
        row["organization_id"],
        searched(told, row["module"]),
    )


async def add_group(stage: Stage, **columns: object) -> UUID:
    """A group that nobody recorded, with one fingerprint and no counts."""
    group_id = uuid7(NOW)
    await add_groups(stage, [group_id])
    if columns:
        await change(group_id, **columns)
    return group_id


async def add_groups(stage: Stage, ids: Sequence[UUID]) -> None:
    """Groups with these ids that nobody recorded, all alike, each with a fingerprint."""
    await fetch(
        """
        with made as (
            insert into error_group (id, organization_id, project_id, source, kind, title, message, severity, status,
                first_seen_at, last_seen_at, created_at)
            select id, $2, $3, 'LOG', 'TRACEBACK', 'KeyError', 'a message', 3, 'NEW', $4, $4, $4
            from unnest($1::uuid[]) as id
            returning id
        )
        insert into fingerprint (organization_id, scope_id, version, digest, reason, home_group_id, group_id,
            first_seen_at, last_seen_at)
        select $2, $3, 1, sha256(id::text::bytea), 'made up', id, id, $4, $4 from made
        """,
        list(ids),
        stage.organization_id,
        stage.project_id,
        NOW,
    )


async def fingerprint_of(group_id: UUID) -> int:
    """The id of the only fingerprint of a group."""
    [row] = await fetch("select id from fingerprint where group_id = $1", group_id)
    return int(row[0])


async def merge(primary: UUID, *others: UUID) -> None:
    """What a merge leaves behind, as far as readers see it."""
    await fetch("update fingerprint set group_id = $1 where group_id = any($2::uuid[])", primary, others)
    await fetch("update error_group set merged_into_id = $1 where id = any($2::uuid[])", primary, others)


async def delete(group_id: UUID) -> None:
    """What a deletion leaves behind."""
    await change(group_id, deleted_at=NOW)
    await fetch("update fingerprint set retired_at = $2 where group_id = $1", group_id, NOW)


async def add_app(stage: Stage) -> UUID:
    """An app of the stage's project."""
    app_id = uuid7(NOW)
    await fetch(
        """
        insert into app (id, organization_id, project_id, name, slug, platform, created_at)
        values ($1, $2, $3, 'Shop app', $4, 'ios', $5)
        """,
        app_id,
        stage.organization_id,
        stage.project_id,
        f"app-{app_id.hex}",
        NOW,
    )
    return app_id


async def add_occurrence(stage: Stage, group_id: UUID, **columns: object) -> UUID:
    """An occurrence of a group that nobody recorded; its version and environment are tags, too, as of an app's."""
    occurrence_id = uuid7(NOW)
    values: dict[str, object] = {
        "id": occurrence_id,
        "received_at": NOW,
        "organization_id": stage.organization_id,
        "project_id": stage.project_id,
        "fingerprint_id": columns.get("fingerprint_id") or await fingerprint_of(group_id),
        "occurred_at": NOW,
        "message": "it happened",
        "detail": b"",
    } | columns
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await fetch(f"insert into occurrence ({', '.join(values)}) values ({places})", *values.values())  # noqa: S608  the tests name them
    for key, column in (("release", "app_version"), ("environment", "environment")):
        if column in columns:
            await add_tag(values["fingerprint_id"], key, columns[column])
    return occurrence_id


async def add_tag(fingerprint_id: object, key: str, value: object) -> None:
    """Have a fingerprint carry a tag once more."""
    await fetch(
        """
        insert into fingerprint_tag as t values ($1, $2, $3, 1, $4)
        on conflict (fingerprint_id, key, value) do update set total_count = t.total_count + 1
        """,
        fingerprint_id,
        key,
        value,
        NOW,
    )


async def walked(
    read: Callable[[Window], Awaitable[Page[T]]], sizes: Sequence[int], *, backward: bool = False
) -> list[T]:
    """All rows of a list, page by page from one end to the other, the pages having these sizes in turn."""
    found: list[T] = []
    cursor: str | None = None
    for turn in range(1000):
        size = sizes[turn % len(sizes)]
        window = Window(last=size, before=cursor) if backward else Window(first=size, after=cursor)
        shown = await read(window)
        assert len(shown.nodes) == len(shown.cursors) <= size
        found = shown.nodes + found if backward else found + shown.nodes
        came_from, goes_on = (
            (shown.has_next, shown.has_previous) if backward else (shown.has_previous, shown.has_next)
        )
        assert came_from == (cursor is not None)
        if not goes_on:
            return found
        assert len(shown.nodes) == size
        cursor = shown.cursors[0 if backward else -1]
    raise AssertionError("the list has no end")
