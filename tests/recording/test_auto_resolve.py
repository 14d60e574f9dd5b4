"""Errors that were not seen for days are resolved where somebody listened, come back when they do, and nothing is lost."""

import json
from datetime import datetime, timedelta

import pytest
from piccolo.engine.exceptions import TransactionError

from app.domain.lifecycle import RECENT
from app.live.bus import read
from app.recording.auto_resolve import auto_resolve
from app.tables.database import close_pool, fetch, open_pool, transaction
from app.timeline import Change
from tests.database import NOW
from tests.recording.quiet import ENOUGH, listened, note_announced, one_quiet
from tests.recording.stage import Stage, later, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[list[Change]]:
    """What is announced, batch by batch."""
    return note_announced(monkeypatch)


async def status(stage: Stage) -> str:
    found: str = (await stage.group("status"))["status"]
    return found


async def test_a_group_that_was_not_seen_for_days_is_resolved_and_the_history_says_why(
    told: list[list[Change]],
) -> None:
    stage = await one_quiet()
    assert await auto_resolve(now=ENOUGH - timedelta(seconds=1)) == 0
    assert await status(stage) == "ACTIVE"

    assert await auto_resolve(now=ENOUGH) == 1

    assert await stage.group("status, resolved_at, count_at_resolve, total_count") == {
        "status": "RESOLVED",
        "resolved_at": ENOUGH,
        "count_at_resolve": 2,
        "total_count": 2,
    }
    [row] = await fetch("select * from group_change where kind = 'RESOLVED'")
    assert (row["status_before"], row["status_after"], row["actor_kind"], row["actor_id"], row["at"]) == (
        "ACTIVE",
        "RESOLVED",
        "system",
        None,
        ENOUGH,
    )
    assert row["reason"] == "no occurrences for 3 days"
    assert json.loads(row["detail"]) == {"days": 3, "last_seen_at": NOW.isoformat()}
    [left] = await fetch("select change_id, organization_id from outbox where change_kind = 'RESOLVED'")
    assert tuple(left) == (row["id"], stage.organization_id)
    assert [[change.id for change in batch] for batch in told] == [[row["id"]]]
    assert await auto_resolve(now=later(days=4)) == 0


async def test_what_comes_back_regresses_and_is_resolved_again_when_it_ends(told: list[list[Change]]) -> None:
    stage = await one_quiet()
    await auto_resolve(now=ENOUGH)
    late = [sighting(stage.shop, at=at) for at in (later(days=-1), ENOUGH - timedelta(seconds=1), ENOUGH)]

    await recorded(late, now=ENOUGH)
    assert await stage.group("status, total_count, count_at_resolve") == {
        "status": "RESOLVED",
        "total_count": 5,
        "count_at_resolve": 2,
    }
    for second, expected in ((1, "REGRESSED"), (2, "ACTIVE"), (3, "ACTIVE")):
        back = sighting(stage.shop, at=ENOUGH + timedelta(seconds=second))
        await recorded([back], now=ENOUGH + timedelta(minutes=1))
        assert await status(stage) == expected
    again = ENOUGH + timedelta(days=3, seconds=3)
    await listened(stage.shop, at=again)
    assert await auto_resolve(now=again) == 1

    assert (await stage.group("resolved_at, count_at_resolve")) == {
        "resolved_at": again,
        "count_at_resolve": 8,
    }
    assert (await stage.history())[2:] == [
        ("RESOLVED", "ACTIVE", "RESOLVED"),
        ("REGRESSED", "RESOLVED", "REGRESSED"),
        ("ACTIVATED", "REGRESSED", "ACTIVE"),
        ("RESOLVED", "ACTIVE", "RESOLVED"),
    ]
    assert len(told) == 2


@pytest.mark.parametrize(
    ("column", "value", "resolved"),
    [
        ("status", "NEW", 1),
        ("status", "REGRESSED", 1),
        ("muted_at", NOW, 1),
        ("status", "IN_PROGRESS", 0),
        ("status", "SILENCED", 0),
        ("status", "RESOLVED", 0),
        ("source", "EVENT", 0),
        ("deleted_at", NOW, 0),
    ],
)
async def test_which_groups_are_resolved(column: str, value: object, resolved: int) -> None:
    stage = await one_quiet()
    await fetch(f"update error_group set {column} = $1", value)  # noqa: S608  the tests name them
    before = await stage.groups()

    assert await auto_resolve(now=ENOUGH) == resolved

    if resolved:
        assert await status(stage) == "RESOLVED"
    else:
        assert await stage.groups() == before
        assert [change for change in await stage.history() if change[0] == "RESOLVED"] == []


async def test_groups_that_were_merged_away_or_whose_project_is_deleted_stay_as_they_are() -> None:
    stage = await one_quiet()
    await recorded([sighting(stage.shop, "ValueError", later(seconds=-1))])
    merged, survivor = [group["id"] for group in await stage.groups("id")]
    await fetch("update error_group set merged_into_id = $1 where id = $2", survivor, merged)
    await fetch("update project set deleted_at = $1", NOW)
    assert await auto_resolve(now=ENOUGH) == 0
    await fetch("update project set deleted_at = null")
    assert await auto_resolve(now=ENOUGH) == 1
    assert [group["status"] for group in await stage.groups("status")] == ["NEW", "RESOLVED"]


@pytest.mark.parametrize("environment", ["PRODUCTION", "STAGING", "DEVELOPMENT"])
@pytest.mark.parametrize("enabled", [True, False, None])
@pytest.mark.parametrize("is_silent", [True, False])
async def test_only_an_instance_whose_detection_is_on_holds_its_errors_up(
    enabled: bool | None, environment: str, is_silent: bool
) -> None:
    stage = await one_quiet()
    await fetch(
        "update instance set error_detection_enabled = $1, environment = $2 where id = $3",
        enabled,
        environment,
        stage.shop.id,
    )
    if is_silent:
        await listened(stage.shop, at=None)
    is_on = enabled if enabled is not None else environment == "PRODUCTION"

    assert await auto_resolve(now=ENOUGH) == int(not (is_on and is_silent))


@pytest.mark.parametrize(
    ("warehouse_read", "resolved"),
    [
        (ENOUGH, 1),
        (ENOUGH + timedelta(days=1) - RECENT, 1),
        (ENOUGH + timedelta(days=1) - RECENT - timedelta(seconds=1), 0),
        (NOW, 0),
        (None, 0),
    ],
)
async def test_one_silent_instance_of_several_holds_the_group_up(
    warehouse_read: datetime | None, resolved: int
) -> None:
    at = ENOUGH if warehouse_read == ENOUGH else ENOUGH + timedelta(days=1)
    stage = await one_quiet()
    await recorded([sighting(stage.warehouse)])
    await listened(stage.shop, at=at)
    await listened(stage.warehouse, at=warehouse_read)

    assert await auto_resolve(now=at) == resolved
    assert await status(stage) == ("RESOLVED" if resolved else "ACTIVE")

    await fetch("update instance set deleted_at = $1 where id = $2", NOW, stage.warehouse.id)
    assert await auto_resolve(now=at) == 1 - resolved, "a deleted instance is not waited for"


async def test_an_instance_that_was_never_scanned_holds_up_what_was_merged_into_the_group_and_nothing_else() -> (
    None
):
    stage = await one_quiet()
    await recorded([sighting(stage.warehouse, "ValueError", later(seconds=1))])
    await recorded([sighting(stage.shop, "OSError", later(seconds=2))])
    survivor, merged, other = [group["id"] for group in await stage.groups("id")]
    await fetch("update fingerprint set group_id = $1 where group_id = $2", survivor, merged)
    await fetch("update error_group set merged_into_id = $1 where id = $2", survivor, merged)
    at = ENOUGH + timedelta(seconds=2)
    await listened(stage.shop, at=at)

    assert await auto_resolve(now=at) == 1
    resolved = await fetch("select id from error_group where status = 'RESOLVED'")
    assert [row["id"] for row in resolved] == [other]

    await listened(stage.warehouse, at=at)
    assert await auto_resolve(now=at) == 1


async def test_a_scan_from_within_the_quiet_time_is_not_enough() -> None:
    stage = await one_quiet()
    await listened(stage.shop, at=ENOUGH - timedelta(minutes=1))

    assert await auto_resolve(now=ENOUGH + timedelta(minutes=1)) == 0

    await listened(stage.shop)
    assert await auto_resolve(now=ENOUGH + timedelta(minutes=1)) == 1


async def test_each_project_has_its_own_days() -> None:
    stages = [await one_quiet() for _ in range(3)]
    for stage, days in zip(stages, (1, 2, 365), strict=True):
        await fetch("update project set auto_resolve_days = $1 where id = $2", days, stage.project_id)
        await listened(stage.shop, at=later(days=1))

    assert await auto_resolve(now=later(days=1)) == 1
    assert [await status(stage) for stage in stages] == ["RESOLVED", "ACTIVE", "ACTIVE"]
    [row] = await fetch("select reason from group_change where kind = 'RESOLVED'")
    assert row["reason"] == "no occurrences for 1 day"

    await listened(*(stage.shop for stage in stages), at=later(days=300))
    assert await auto_resolve(now=later(days=300)) == 1
    assert [await status(stage) for stage in stages] == ["RESOLVED", "RESOLVED", "ACTIVE"]


async def test_the_days_have_24_hours_where_the_session_s_clock_changes(database: str) -> None:
    """In New York the days from October 31 to November 3, 2026 have an hour more than three times 24."""
    stage = await set_up()
    seen = datetime.fromisoformat("2026-10-31T12:00:00Z")
    await recorded([sighting(stage.shop, at=seen)])
    await listened(stage.shop, at=seen + timedelta(days=3))
    await close_pool()
    await open_pool(f"{database}{'&' if '?' in database else '?'}timezone=America/New_York")

    assert [row[0] for row in await fetch("show timezone")] == ["America/New_York"]
    assert await auto_resolve(now=seen + timedelta(days=3)) == 1


async def test_it_is_announced_after_the_commit_to_those_who_watch(
    monkeypatch: pytest.MonkeyPatch, valkey: str
) -> None:
    assert valkey
    monkeypatch.undo()
    stage = await one_quiet()
    cursor = (await read(stage.organization_id, None)).cursor

    assert await auto_resolve(now=ENOUGH) == 1

    heard = (await read(stage.organization_id, cursor)).messages
    assert [(message.kind, message.group_id) for message in heard] == [
        ("RESOLVED", (await stage.group("id"))["id"])
    ]


async def test_it_is_not_for_somebody_else_s_transaction() -> None:
    stage = await one_quiet()
    with pytest.raises(TransactionError):
        async with transaction():
            await auto_resolve(now=ENOUGH)
    assert await status(stage) == "ACTIVE"
