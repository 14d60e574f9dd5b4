"""Groups that were not seen for long, for the tests of auto-resolve."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from app.recording import auto_resolve
from app.recording.sightings import Origin
from app.tables.database import fetch, fetch_one
from app.tables.identifiers import uuid7
from app.timeline import Change
from tests.database import NOW
from tests.recording.stage import Stage, later, recorded, set_up, sighting

ENOUGH = later(days=3)
"""When the default of three days is over for what was seen at `NOW`."""


def note_announced(monkeypatch: pytest.MonkeyPatch) -> list[list[Change]]:
    """What is announced from now on, batch by batch."""
    batches: list[list[Change]] = []

    async def announce(changes: Sequence[Change]) -> None:
        if changes:
            batches.append(list(changes))

    monkeypatch.setattr(auto_resolve, "announce", announce)
    return batches


async def listened(*origins: Origin, at: datetime | None = ENOUGH) -> None:
    """Let the logs of the instances have been read to their ends."""
    for origin in origins:
        await fetch(
            """
            insert into scan_state (instance_id, due_at, last_complete_at) values ($1, $2, $3)
            on conflict (instance_id) do update set last_complete_at = excluded.last_complete_at
            """,
            origin.id,
            NOW,
            at,
        )


async def one_quiet(error: str = "KeyError") -> Stage:
    """A project with one group, ACTIVE since `NOW`, on one instance that is listened to."""
    stage = await set_up()
    await recorded([sighting(stage.shop, error), sighting(stage.shop, error)])
    await listened(stage.shop)
    return stage


async def many_quiet(stage: Stage, number: int, *, seen: timedelta = timedelta(0)) -> None:
    """So many groups, ACTIVE, on the shop, last seen a second after one another."""
    ids = [uuid7(NOW) for _ in range(number)]
    await fetch(
        """
        with given as (select * from unnest($1::uuid[]) with ordinality as n(id, place)), grouped as (
            insert into error_group (id, organization_id, project_id, source, kind, title, message, severity, status,
                total_count, first_seen_at, last_seen_at, created_at)
            select id, $2, $3, 'LOG', 'TRACEBACK', 'Error' || place, '', 1, 'ACTIVE', 2, $5, seen_at, $5
            from given cross join lateral (select $4::timestamptz - place * interval '1 second' as seen_at) as s
        ), marked as (
            insert into fingerprint (organization_id, scope_id, version, digest, reason, home_group_id, group_id,
                total_count, first_seen_at, last_seen_at)
            select $2, $3, 1, sha256(id::text::bytea), '', id, id, 2, $5, $4 from given returning id
        )
        insert into affected_instance (fingerprint_id, instance_id, total_count, first_seen_at, last_seen_at)
        select id, $6, 2, $5, $4 from marked
        """,
        ids,
        stage.organization_id,
        stage.project_id,
        NOW + seen,
        later(days=-30),
        stage.shop.id,
    )


async def sums() -> tuple[int, int, int]:
    """How many groups are resolved, and how many rows say so in the history and in the outbox."""
    row = await fetch_one(
        """
        select (select count(*) from error_group where status = 'RESOLVED'),
            (select count(*) from group_change where kind = 'RESOLVED'),
            (select count(*) from outbox where change_kind = 'RESOLVED')
        """
    )
    assert row
    return tuple(row)
