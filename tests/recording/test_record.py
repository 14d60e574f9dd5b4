"""From sightings to history, on a real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.domain.lifecycle import MoveKind, Source
from app.errors import NotFound
from app.recording.details import unpack
from app.recording.record import Recorded, record
from app.recording.sightings import Description
from app.tables.database import fetch, transaction
from tests.database import NOW
from tests.recording.stage import later, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_the_first_detection_opens_a_group() -> None:
    stage = await set_up()

    done = await recorded([sighting(stage.shop, at=later(minutes=-3))])

    assert (done.counted, done.stored, done.opened) == (1, 1, 1)
    [change] = done.changes
    group = await stage.group()
    assert change.entry.move.kind is MoveKind.OPENED
    assert change.entry.move.group_id == group["id"]
    assert {column: value for column, value in group.items() if value} == {
        "id": group["id"],
        "organization_id": stage.organization_id,
        "project_id": stage.project_id,
        "source": "LOG",
        "kind": "TRACEBACK",
        "title": "KeyError: 'partner_id'",
        "exception_type": "KeyError",
        "message": "'partner_id'",
        "module": "sale",
        "severity": 3,
        "status": "NEW",
        "total_count": 1,
        "occurrence_count": 1,
        "first_seen_at": later(minutes=-3),
        "last_seen_at": later(minutes=-3),
        "last_stored_at": later(minutes=-3),
        "score": 8,
        "priority": 3,
        "is_score_fleeting": True,
        "created_at": NOW,
    }
    assert await stage.history() == [("OPENED", None, "NEW")]


async def test_its_fingerprint_hour_instance_and_occurrence_are_kept() -> None:
    stage = await set_up()

    await recorded([sighting(stage.shop, at=later(minutes=-3))])

    [fingerprint] = await fetch("select * from fingerprint")
    group = await stage.group("id")
    assert fingerprint["group_id"] == fingerprint["home_group_id"] == group["id"]
    assert fingerprint["reason"] == "v1 traceback\ntype KeyError"
    assert (fingerprint["total_count"], fingerprint["occurrence_count"]) == (1, 1)
    [hour] = await fetch("select * from hourly_count")
    assert tuple(hour) == (fingerprint["id"], later(hours=-1), stage.shop.id, 1)
    [affected] = await fetch("select * from affected_instance")
    assert tuple(affected) == (
        fingerprint["id"],
        stage.shop.id,
        1,
        later(minutes=-3),
        later(minutes=-3),
    )
    [occurrence] = await fetch("select * from occurrence")
    assert occurrence["received_at"] == NOW
    assert occurrence["occurred_at"] == later(minutes=-3)
    assert (occurrence["instance_id"], occurrence["app_id"]) == (stage.shop.id, None)
    assert (occurrence["message"], occurrence["environment"]) == ("'partner_id'", "PRODUCTION")
    assert unpack(occurrence["detail"]).exceptions[0].frames[0].source == "x = y"


async def test_nothing_heard_is_nothing_done() -> None:
    assert await record([], now=NOW) == Recorded()


async def test_recording_asks_for_its_callers_transaction() -> None:
    stage = await set_up()
    with pytest.raises(RuntimeError, match="inside of a transaction"):
        await record([sighting(stage.shop)], now=NOW)
    assert await stage.groups() == []


async def test_a_project_that_was_deleted_takes_nothing_any_more() -> None:
    stage = await set_up()
    await fetch("update project set deleted_at = $1", NOW)
    with pytest.raises(NotFound):
        await recorded([sighting(stage.shop)])
    assert await stage.groups() == []


async def test_the_second_detection_makes_the_group_active() -> None:
    stage = await set_up()

    await recorded([sighting(stage.shop), sighting(stage.shop, at=later(seconds=1))])

    assert await stage.history() == [("OPENED", None, "NEW"), ("ACTIVATED", "NEW", "ACTIVE")]
    assert await stage.group("status, total_count, occurrence_count") == {
        "status": "ACTIVE",
        "total_count": 2,
        "occurrence_count": 1,
    }


async def test_each_change_leaves_what_must_follow_it() -> None:
    stage = await set_up()

    done = await recorded([sighting(stage.shop), sighting(stage.warehouse, at=later(seconds=1))])

    rows = await fetch(
        """
        select o.id, o.change_id, o.change_kind, c.kind, o.group_id = c.group_id as same, c.detail->>'origin_id' as origin
        from outbox as o join group_change as c on c.id = o.change_id order by o.id
        """
    )
    assert [(row["id"], row["change_id"]) for row in rows] == [(c.outbox_id, c.id) for c in done.changes]
    assert [(row["change_kind"], row["kind"], row["same"]) for row in rows] == [
        ("OPENED", "OPENED", True),
        ("ACTIVATED", "ACTIVATED", True),
    ]
    assert [row["origin"] for row in rows] == [str(stage.shop.id), str(stage.warehouse.id)]


async def test_a_repeat_within_the_cooldown_is_counted_and_not_stored() -> None:
    stage = await set_up(cooldown_seconds=300)

    times = [later(seconds=seconds) for seconds in (0, 1, 299, 300, 301, 599, 600, 3000)]
    done = await recorded([sighting(stage.shop, at=at) for at in times])

    assert (done.counted, done.stored) == (8, 4)
    assert await stage.stored_at() == [times[0], times[3], times[6], times[7]]
    assert (await stage.group("total_count"))["total_count"] == 8


async def test_what_is_not_stored_is_never_asked_for_its_description() -> None:
    stage = await set_up()

    def refuse() -> None:
        raise AssertionError("costly")

    await recorded([sighting(stage.shop), sighting(stage.shop, describe=refuse)])

    assert (await stage.group("total_count"))["total_count"] == 2


async def test_without_a_cooldown_every_detection_is_stored() -> None:
    stage = await set_up(cooldown_seconds=0)
    await recorded([sighting(stage.shop), sighting(stage.shop), sighting(stage.shop)])
    assert await stage.stored_at() == [NOW, NOW, NOW]


async def test_the_log_of_another_instance_may_lie_far_behind() -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop)])

    behind = [sighting(stage.warehouse, at=later(days=-2, seconds=n)) for n in range(600)]
    done = await recorded(behind)

    assert done.stored == 2
    assert await stage.group("first_seen_at, last_seen_at, total_count") == {
        "first_seen_at": later(days=-2),
        "last_seen_at": NOW,
        "total_count": 601,
    }


async def test_hours_are_utc_whatever_the_zone_of_the_log() -> None:
    stage = await set_up()
    half_past = datetime.fromisoformat("2026-11-22T09:15:00+05:30")
    await recorded([sighting(stage.shop, at=half_past)])
    [hour] = await fetch("select hour from hourly_count")
    assert hour["hour"] == datetime(2026, 11, 22, 3, tzinfo=UTC)


async def test_an_old_log_finds_room_for_its_hours() -> None:
    stage = await set_up(retention_days=90)

    await recorded([sighting(stage.shop, at=later(days=-days)) for days in (89, 60, 30, 0)])

    rows = await fetch(
        "select hour, total_count, tableoid::regclass::text as part from hourly_count order by hour"
    )
    assert [(row["hour"], row["total_count"]) for row in rows] == [
        (later(days=-days), 1) for days in (89, 60, 30, 0)
    ]
    assert [row["part"] for row in rows] == [
        "hourly_count_202608",
        "hourly_count_202609",
        "hourly_count_202610",
        "hourly_count_202611",
    ]


async def test_hours_older_than_the_retention_raise_totals_only() -> None:
    stage = await set_up(retention_days=30)

    await recorded([sighting(stage.shop, at=later(days=-days)) for days in (4000, 31, 30)])

    assert [row["hour"] for row in await fetch("select hour from hourly_count")] == [later(days=-30)]
    assert await stage.group("total_count, first_seen_at") == {
        "total_count": 3,
        "first_seen_at": later(days=-4000),
    }


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+05:00", "1969-12-31T23:59:59+00:00"]
)
async def test_a_clock_from_before_all_clocks_counts_as_now(at: str) -> None:
    """The first moment of all would be kept as minus infinity, which cannot be read again as a time."""
    stage = await set_up()
    for _ in range(2):
        await recorded([sighting(stage.shop, at=datetime.fromisoformat(at))])
    assert await stage.group("first_seen_at, last_seen_at, total_count") == {
        "first_seen_at": NOW,
        "last_seen_at": NOW,
        "total_count": 2,
    }
    assert await stage.stored_at() == [NOW]


async def test_a_clock_that_is_years_ahead_counts_as_now() -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop, at=datetime(2099, 1, 1, tzinfo=UTC))])
    assert await stage.group("last_seen_at") == {"last_seen_at": NOW}


async def test_the_same_error_on_two_instances_is_one_group() -> None:
    stage = await set_up()

    done = await recorded(
        [
            sighting(stage.shop),
            sighting(stage.warehouse),
            sighting(stage.shop, "ValueError"),
            sighting(stage.shop),
        ]
    )

    assert done.opened == 2
    assert await stage.groups("title, total_count") == [
        {"title": "KeyError: 'partner_id'", "total_count": 3},
        {"title": "ValueError: 'partner_id'", "total_count": 1},
    ]
    rows = await fetch(
        "select instance_id, total_count from affected_instance order by total_count desc, fingerprint_id"
    )
    assert sorted(map(tuple, rows)) == sorted(
        [(stage.shop.id, 2), (stage.warehouse.id, 1), (stage.shop.id, 1)]
    )


async def test_another_project_dev_and_another_version_are_other_errors() -> None:
    stage, other = await set_up(), await set_up()
    one = sighting(stage.shop)
    newer = replace(one.fingerprint, version=2)
    dev = replace(stage.shop, is_dev=True)

    done = await recorded([one, sighting(other.shop), sighting(stage.shop, fingerprint=newer), sighting(dev)])

    assert done.opened == 4
    assert [row["is_dev"] for row in await stage.groups("is_dev")].count(True) == 1
    assert len(await other.groups()) == 1


async def test_a_resolved_error_that_reappears_regresses_and_is_active_at_the_next() -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop)])
    await fetch("update error_group set status = 'RESOLVED', resolved_at = $1", later(hours=1))

    await recorded([sighting(stage.shop, at=later(minutes=59)), sighting(stage.shop, at=later(hours=1))])
    assert await stage.group("status, total_count") == {"status": "RESOLVED", "total_count": 3}

    await recorded([sighting(stage.shop, at=later(hours=1, seconds=1))])
    assert await stage.group("status, total_count") == {"status": "REGRESSED", "total_count": 4}

    await recorded([sighting(stage.shop, at=later(minutes=30))])
    assert await stage.group("status, total_count") == {"status": "REGRESSED", "total_count": 5}

    await recorded([sighting(stage.shop, at=later(hours=1, seconds=2))])
    assert await stage.group("status, total_count") == {"status": "ACTIVE", "total_count": 6}
    assert (await stage.history())[1:] == [
        ("REGRESSED", "RESOLVED", "REGRESSED"),
        ("ACTIVATED", "REGRESSED", "ACTIVE"),
    ]


@pytest.mark.parametrize("status", ["SILENCED", "IN_PROGRESS"])
async def test_what_people_decided_stays(status: str) -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop)])
    await fetch("update error_group set status = $1", status)

    done = await recorded([sighting(stage.shop, at=later(minutes=n)) for n in range(3)])

    assert done.changes == ()
    assert await stage.group("status, total_count") == {"status": status, "total_count": 4}


async def test_the_error_of_a_deleted_group_opens_a_new_one() -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop)])
    await fetch("update error_group set deleted_at = $1", NOW)
    await fetch("update fingerprint set retired_at = $1", NOW)

    done = await recorded([sighting(stage.shop, at=later(minutes=1))])

    assert done.opened == 1
    assert await stage.groups("total_count, status, deleted_at") == [
        {"total_count": 1, "status": "NEW", "deleted_at": NOW},
        {"total_count": 1, "status": "NEW", "deleted_at": None},
    ]


async def test_the_error_of_a_merged_group_reaches_the_survivor() -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop), sighting(stage.shop, "ValueError", later(seconds=1))])
    survivor, merged = [group["id"] for group in await stage.groups("id")]
    await fetch("update fingerprint set group_id = $1", survivor)
    await fetch("update error_group set merged_into_id = $1 where id = $2", survivor, merged)

    done = await recorded([sighting(stage.shop, "ValueError", later(seconds=2)), sighting(stage.shop)])

    assert done.opened == 0
    assert done.stored == 0
    assert [group["total_count"] for group in await stage.groups("total_count")] == [3, 1]
    rows = await fetch("select total_count from fingerprint order by id")
    assert [row["total_count"] for row in rows] == [2, 2]


async def test_a_group_shows_the_texts_of_what_was_stored_last_and_the_highest_severity() -> None:
    stage = await set_up()
    first = sighting(stage.shop, severity="medium")
    renamed = Description("KeyError: 'country_id'", "'country_id'", "KeyError")
    await recorded([first])
    await recorded([sighting(stage.shop, at=later(hours=1), severity="high", describe=lambda: renamed)])
    await recorded([sighting(stage.shop, at=later(hours=1, seconds=1), severity="medium")])
    assert await stage.group("title, message, severity") == {
        "title": "KeyError: 'country_id'",
        "message": "'country_id'",
        "severity": 2,
    }


async def test_the_errors_of_an_app_belong_to_the_app_and_to_no_instance() -> None:
    stage = await set_up()
    app_id = uuid4()
    await fetch(
        "insert into app (id, organization_id, project_id, name, slug, platform, created_at)"
        " values ($1, $2, $3, 'Till', 'till', 'ios', $4)",
        app_id,
        stage.organization_id,
        stage.project_id,
        NOW,
    )
    till = replace(stage.shop, scope_id=app_id, id=app_id, source=Source.EVENT)

    await recorded([sighting(till), sighting(till), sighting(stage.shop)])

    groups = await stage.groups("app_id, source, status, total_count")
    assert sorted(groups, key=lambda group: group["source"]) == [
        {"app_id": app_id, "source": "EVENT", "status": "NEW", "total_count": 2},
        {"app_id": None, "source": "LOG", "status": "NEW", "total_count": 1},
    ]
    [affected] = await fetch("select instance_id from affected_instance")
    assert affected["instance_id"] == stage.shop.id
    rows = await fetch("select app_id, instance_id from occurrence order by app_id nulls last")
    assert [tuple(row) for row in rows] == [(app_id, None), (None, stage.shop.id)]


async def test_what_fails_leaves_nothing() -> None:
    stage = await set_up()

    async def fail() -> None:
        async with transaction():
            await record([sighting(stage.shop)], now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await fetch("select from fingerprint") == []
    assert await stage.groups() == []


async def test_a_day_nobody_made_a_partition_for_is_made_when_it_comes() -> None:
    stage = await set_up()
    far = NOW + timedelta(days=40)
    await recorded([sighting(stage.shop, at=far)], now=far)
    assert await stage.stored_at() == [far]
