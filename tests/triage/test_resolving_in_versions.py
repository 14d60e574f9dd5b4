"""Resolving in a version, or in the one after the newest that is known of the app."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from app.domain.lifecycle import Source
from app.errors import BadInput
from app.recording.sightings import Origin
from app.tables.database import fetch
from app.triage import resolve as resolving
from app.triage.resolve import resolve
from tests.database import NOW
from tests.reading.stage import add_app, add_group
from tests.recording.stage import Stage, later, recorded, set_up, sighting
from tests.triage.stage import ROBOT, errors, everything, standing, steps

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

RESOLUTION = "status, resolved_in_version, resolved_in_next"


async def app_with(stage: Stage, *versions: str) -> UUID:
    """An app of which these versions are known, each seen for the first time a minute after the one before."""
    app_id = await add_app(stage)
    for minutes, version in enumerate(versions):
        await fetch(
            "insert into app_version values ($1, $2, $3, $4)",
            app_id,
            version,
            stage.organization_id,
            later(minutes=minutes),
        )
    return app_id


async def of_app(stage: Stage, app_id: UUID) -> UUID:
    """A group of the app."""
    return await add_group(stage, app_id=app_id, source="EVENT")


async def resolved_next(stage: Stage, groups: Sequence[UUID]) -> None:
    await resolve(stage.organization_id, groups, ROBOT, in_next=True, now=NOW)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("1.10.2", "1.10.2"),
        (" shop@2024.1+build7 ", "shop@2024.1+build7"),
        ("a1b2c3d", "a1b2c3d"),
        ("1" * 200, "1" * 200),
    ],
)
async def test_groups_of_both_sources_are_resolved_in_a_version(given: str, kept: str) -> None:
    stage, [of_log] = await errors(1)
    of_event = await of_app(stage, await app_with(stage))

    await resolve(stage.organization_id, [of_log, of_event], ROBOT, in_version=given, now=NOW)

    for group in (of_log, of_event):
        assert await standing(group, RESOLUTION) == ("RESOLVED", kept, False)
        [step] = await steps(group)
        assert step["detail"] == {"version": kept, "in_next": False}


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "  ",
        "banana",
        "1.0\0",
        "1.0\n2.0",
        "\ud8001",
        "1.\u202e0",
        "1" * 201,
        "1.0" + " " * 9999 + "x",
        "@",
        "٣",
    ],
)
async def test_a_version_of_nonsense_changes_nothing(nonsense: str) -> None:
    stage, [group] = await errors(1)
    before = await everything()
    with pytest.raises(BadInput) as refused:
        await resolve(stage.organization_id, [group], ROBOT, in_version=nonsense, now=NOW)
    assert refused.value.field == "inVersion"
    assert await everything() == before


async def test_the_next_version_is_the_one_after_the_newest_of_each_app() -> None:
    stage = await set_up()
    shop = await app_with(stage, "1.9", "1.10", "1.2", "a1b2c3d", "nightly")
    till = await app_with(stage, "till@3.0-rc1")
    groups = [await of_app(stage, app_id) for app_id in (shop, till, shop)]

    await resolved_next(stage, groups)

    assert [await standing(group, RESOLUTION) for group in groups] == [
        ("RESOLVED", "1.10", True),
        ("RESOLVED", "till@3.0-rc1", True),
        ("RESOLVED", "1.10", True),
    ]
    assert (await steps(groups[0]))[0]["detail"] == {"version": "1.10", "in_next": True}


async def test_of_very_many_versions_those_that_were_heard_of_last_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resolving, "VERSIONS", 2)
    stage = await set_up()
    group = await of_app(stage, await app_with(stage, "9.0", "1.10", "1.9"))
    await resolved_next(stage, [group])
    assert await standing(group, "resolved_in_version") == "1.10"


async def test_where_no_version_is_known_there_is_no_next_one() -> None:
    stage, [of_log] = await errors(1)
    known = await of_app(stage, await app_with(stage, "1.0"))
    hashes = await of_app(stage, await app_with(stage, "a1b2c3d"))
    strangers = await set_up()
    foreign = await app_with(strangers, "1.0")
    unknown = await of_app(stage, await app_with(stage))
    await fetch(
        "update app_version set app_id = (select app_id from error_group where id = $1) where app_id = $2",
        unknown,
        foreign,
    )
    before = await everything()
    for group in (of_log, hashes, unknown):
        with pytest.raises(BadInput) as refused:
            await resolved_next(stage, [known, group])
        assert refused.value.field == "inNextVersion"
    assert await everything() == before
    # What is resolved already needs none.
    await resolve(stage.organization_id, [of_log], ROBOT, now=NOW)
    await resolved_next(stage, [known, of_log])
    assert await standing(of_log, RESOLUTION) == ("RESOLVED", None, False)


async def test_a_version_and_the_next_one_cannot_both_be_meant() -> None:
    stage, [group] = await errors(1)
    before = await everything()
    with pytest.raises(BadInput) as refused:
        await resolve(stage.organization_id, [group], ROBOT, in_version="1.0", in_next=True, now=NOW)
    assert refused.value.field == "inNextVersion"
    assert await everything() == before


async def test_events_bring_a_group_back_without_versions_only_where_the_project_says_so() -> None:
    stage = await set_up()
    app_id = await add_app(stage)
    origin = Origin(stage.organization_id, stage.project_id, app_id, app_id, Source.EVENT)
    await recorded([sighting(origin)])
    group = (await stage.group("id"))["id"]
    await resolve(stage.organization_id, [group], ROBOT, now=NOW)

    await recorded([sighting(origin, at=later(minutes=1))], now=later(minutes=1))
    assert await standing(group, "status, total_count - count_at_resolve") == ("RESOLVED", 1)

    await fetch("update project set regress_without_version = true")
    await recorded([sighting(origin, at=later(minutes=-1))], now=later(minutes=2))  # late
    assert await standing(group) == "RESOLVED"
    await recorded([sighting(origin, at=later(minutes=2))], now=later(minutes=2))
    assert await standing(group, "status, total_count - count_at_resolve") == ("REGRESSED", 3)
