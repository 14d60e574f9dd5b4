"""Occurrences: everything that was stored about one time, found again through the group's fingerprints."""

from uuid import UUID, uuid4

import pytest

from app.reading.occurrences import count_occurrences, latest, occurrence, occurrences
from app.recording.details import pack
from app.recording.sightings import Detail
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.reading.stage import add_app, add_group, add_occurrence, delete, merge, seen
from tests.recording.stage import later, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_an_occurrence_tells_what_was_recorded() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError", later(minutes=-7))

    [shown] = (await occurrences(stage.organization_id, group_id)).nodes

    assert (shown.group_id, shown.instance_id, shown.app_id) == (group_id, stage.shop.id, None)
    assert (shown.occurred_at, shown.received_at) == (later(minutes=-7), NOW)
    assert (shown.environment, shown.message) == ("PRODUCTION", "'partner_id'")
    assert shown.detail == sighting(stage.shop, "KeyError").describe().detail
    assert not shown.is_damaged
    assert await occurrence(stage.organization_id, shown.id) == shown
    assert await latest(stage.organization_id, [group_id]) == {group_id: shown}
    assert await count_occurrences(stage.organization_id, group_id) == 1


async def test_every_column_is_in_its_place() -> None:
    stage = await set_up()
    group_id, app_id = await add_group(stage), await add_app(stage)
    made = await add_occurrence(
        stage,
        group_id,
        app_id=app_id,
        session_id="session",
        user_id="user",
        app_version="version",
        environment="environment",
        message="message",
        occurred_at=later(hours=-1),
    )
    shown = await occurrence(stage.organization_id, made)
    assert shown
    assert (shown.id, shown.group_id, shown.instance_id, shown.app_id) == (made, group_id, None, app_id)
    assert (shown.session_id, shown.user_id, shown.app_version) == ("session", "user", "version")
    assert (shown.environment, shown.message, shown.packed) == ("environment", "message", b"")


@pytest.mark.parametrize(
    "bytes_there",
    [
        b"",
        b"no zstd",
        pack(Detail())[:-1],
        # A frame that says it unpacks to a terabyte.
        b"(\xb5/\xfd\xe0" + (1 << 40).to_bytes(8, "little") + b"\x01\x00\x00",
    ],
)
async def test_a_damaged_detail_is_empty_and_says_so(
    bytes_there: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await set_up()
    group_id = await add_group(stage)
    made = await add_occurrence(stage, group_id, detail=bytes_there)

    [shown] = (await occurrences(stage.organization_id, group_id)).nodes

    assert shown.message == "it happened"
    assert not caplog.records
    assert shown.detail == Detail()
    assert shown.is_damaged
    assert [record.__dict__["occurrence_id"] for record in caplog.records] == [str(made)]


async def test_an_empty_detail_is_not_damaged() -> None:
    stage = await set_up()
    group_id = await add_group(stage)
    await add_occurrence(stage, group_id, detail=pack(Detail()))
    shown = (await latest(stage.organization_id, [group_id]))[group_id]
    assert shown.detail == Detail()
    assert not shown.is_damaged


async def test_a_merged_group_has_the_occurrences_of_all_its_fingerprints() -> None:
    stage = await set_up(cooldown_seconds=0)
    primary = await seen(stage.shop, "KeyError", later(hours=-3), later(hours=-1))
    secondary = await seen(stage.shop, "ValueError", later(hours=-2), later(hours=-4))
    await merge(primary, secondary)

    shown = (await occurrences(stage.organization_id, primary)).nodes

    assert [each.occurred_at for each in shown] == [later(hours=-hours) for hours in (1, 2, 3, 4)]
    assert {each.group_id for each in shown} == {primary}
    assert await count_occurrences(stage.organization_id, primary) == 4
    assert (await occurrences(stage.organization_id, secondary)).nodes == []
    assert await count_occurrences(stage.organization_id, secondary) == 0
    assert await latest(stage.organization_id, [primary, secondary]) == {primary: shown[0]}


async def test_the_latest_is_that_of_the_log_not_that_of_the_receipt() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError", later(hours=-1), now=later(minutes=-30))
    await seen(stage.shop, "KeyError", later(hours=-9), now=NOW)
    shown = (await latest(stage.organization_id, [group_id]))[group_id]
    assert shown.occurred_at == later(hours=-1)


async def test_of_two_at_one_time_the_latest_is_the_first_in_the_list() -> None:
    stage = await set_up()
    group_id = await add_group(stage)
    for number in (1, 3, 2):
        await add_occurrence(stage, group_id, id=UUID(int=number))
    first = (await occurrences(stage.organization_id, group_id)).nodes[0]
    assert first.id == UUID(int=3)
    assert await latest(stage.organization_id, [group_id]) == {group_id: first}


async def test_a_deleted_groups_occurrences_are_nowhere() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    [shown] = (await occurrences(stage.organization_id, group_id)).nodes
    await delete(group_id)

    assert (await occurrences(stage.organization_id, group_id)).nodes == []
    assert await occurrence(stage.organization_id, shown.id) is None
    assert await latest(stage.organization_id, [group_id]) == {}
    assert await count_occurrences(stage.organization_id, group_id) == 0


@pytest.mark.parametrize(
    "unknown",
    [uuid4(), uuid7(NOW), UUID(int=0), UUID(int=2**128 - 1)],
    ids=["any", "of that day", "the first", "the last"],
)
async def test_an_unknown_id_is_no_occurrence(unknown: UUID) -> None:
    stage = await set_up()
    await seen(stage.shop, "KeyError")
    assert await occurrence(stage.organization_id, unknown) is None


async def test_one_occurrence_is_looked_for_in_one_partition_only() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    [shown] = (await occurrences(stage.organization_id, group_id)).nodes
    # An id that was made at another time than its row is not found: that is what keeps the others closed.
    await fetch("update occurrence set received_at = $1", later(seconds=1))
    assert await occurrence(stage.organization_id, shown.id) is None
