"""What a digest tells: production errors that are new or came back within a time, the most important first."""

from datetime import UTC
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app import links
from app.alerts.digests.content import TOP, DigestProject, content
from app.config import from_environment
from app.domain import global_ids
from app.domain.alerts.digest_content import DigestContent
from app.domain.alerts.slots import Frequency
from app.domain.lifecycle import Source
from app.recording.sightings import Origin
from app.tables.database import fetch
from tests.alerts.digests.stage import happened
from tests.reading.stage import add_app, add_tag, change, delete, fingerprint_of, merge, seen
from tests.recording.stage import Stage, later, noted_statements, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

SINCE, UNTIL = later(hours=1), later(hours=25)


def project(stage: Stage) -> DigestProject:
    return DigestProject(
        stage.project_id, stage.organization_id, "Acme", "Odoo", Frequency.DAILY, ZoneInfo("Europe/Berlin")
    )


async def told(stage: Stage, **different: Any) -> DigestContent:
    times = {"since": SINCE, "until": UNTIL, "now": UNTIL} | different
    rows = await fetch(
        "select id from group_change where at > $1 and at <= $2", times["since"], times["until"]
    )
    return await content(project(stage), [row["id"] for row in rows], **times)


def titles(found: DigestContent) -> tuple[list[str], list[str]]:
    """The exceptions of what is new, and of what came back."""
    new, back = ([each.title.split(":")[0] for each in part.errors] for part in (found.new, found.regressed))
    return new, back


async def opened(stage: Stage, error: str, hours: float = 2, **different: Any) -> UUID:
    at = later(hours=hours)
    origin = different.pop("origin", stage.shop)
    return await seen(origin, error, at, now=at, **different)


async def test_it_tells_what_opened_or_came_back_within_its_time_and_each_once() -> None:
    stage = await set_up()
    for error, hours in (("Before", 0.5), ("Back", 0.5), ("Within", 3), ("Twice", 3)):
        await opened(stage, error, hours)
    for error in ("Back", "Before", "Twice"):
        await fetch(
            "update error_group set status = 'RESOLVED', resolved_at = $2 where exception_type = $1",
            error,
            later(hours=4),
        )
    await opened(stage, "Back", 5)
    await opened(stage, "Twice", 6)
    await opened(stage, "After", 26)
    found = await told(stage)
    assert titles(found) == (["Twice", "Within"], ["Back"]) or titles(found) == (
        ["Within", "Twice"],
        ["Back"],
    )
    assert (found.new.total, found.new.critical, found.regressed.total) == (2, 2, 1)
    [back] = found.regressed.errors
    assert (back.count, back.total, back.status, back.severity) == (1, 2, "REGRESSED", "CRITICAL")
    assert titles(await told(stage, since=later(), until=SINCE))[0] in (
        ["Before", "Back"],
        ["Back", "Before"],
    )


async def test_what_nobody_wants_to_hear_of_is_not_told() -> None:
    stage = await set_up()
    other = await set_up()
    await fetch("update instance set environment = 'STAGING' where id = $1", stage.warehouse.id)
    await opened(stage, "Staging", origin=stage.warehouse)
    await opened(stage, "Both", origin=stage.warehouse)
    await opened(stage, "Both")
    await change(await opened(stage, "Muted"), muted_at=later())
    await change(await opened(stage, "Heard again"), muted_at=later(), mute_until=UNTIL)
    await change(await opened(stage, "Silenced"), status="SILENCED")
    await change(await opened(stage, "Development"), is_dev=True)
    await delete(await opened(stage, "Deleted"))
    await merge(await opened(stage, "Primary"), await opened(stage, "Merged"))
    await opened(other, "Another's")
    found = await told(stage)
    assert sorted(titles(found)[0]) == ["Both", "Heard again", "Primary"]
    assert found.new.total == 3
    [both] = [each for each in found.new.errors if each.title.startswith("Both")]
    assert (both.places, both.place_count) == (("shop",), 1)


async def test_errors_of_apps_are_told_where_they_say_production_or_nothing() -> None:
    stage = await set_up()
    app_id = await add_app(stage)
    origin = Origin(stage.organization_id, stage.project_id, app_id, app_id, Source.EVENT)

    async def sent(error: str, times: int = 1, **environments: int) -> None:
        at = later(hours=2)
        group_id = await seen(origin, error, *[at] * times, now=at)
        for name, number in environments.items():
            for _ in range(number):
                await add_tag(await fingerprint_of(group_id), "environment", name)

    await sent("Nowhere")
    await sent("Live", Production=1)
    await sent("Tried", staging=1)
    await sent("Partly", 2, staging=1)
    found = await told(stage)
    assert sorted(titles(found)[0]) == ["Live", "Nowhere", "Partly"]
    assert {each.places for each in found.new.errors} == {("Shop app",)}


async def test_the_most_important_are_shown_the_others_counted_in_as_many_statements(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    links.use(from_environment({"SNAGLIST_BASE_URL": "https://errors.example"}))
    stage = await set_up()
    few: list[str] = []
    await opened(stage, "E0")
    with noted_statements(monkeypatch, few):
        await told(stage)
    at = later(hours=2)
    await recorded(
        [sighting(stage.shop, f"E{number}", at) for number in range(1, 30) for _ in range(number)], now=at
    )
    await recorded([sighting(stage.warehouse, "E7", at)], now=at)
    await fetch("update error_group set priority = 0 where exception_type = 'E7'")
    await fetch("update error_group set severity = 1 where exception_type = 'E29'")
    await fetch("update error_group set priority = 3 where exception_type <> 'E7'")
    many: list[str] = []
    with noted_statements(monkeypatch, many):
        found = await told(stage)
    links.use(from_environment({}))
    assert len(many) == len(few) == 4  # one of them is the test's own
    assert titles(found)[0] == ["E7", *(f"E{number}" for number in range(28, 28 - TOP + 1, -1))]
    assert (found.new.total, found.new.critical) == (30, 29)
    first = found.new.errors[0]
    assert (first.priority, first.count, first.total) == ("P0", 8, 8)
    assert (first.places, first.place_count, first.module) == (("shop", "warehouse"), 2, "sale")
    assert first.link.startswith("https://errors.example/errors/")
    project_id = global_ids.encode("Project", stage.project_id)
    assert found.new.link == f"https://errors.example/errors?project={project_id}&status=all&sort=first-seen"


async def test_trends_end_with_the_digests_time_by_the_hour_or_by_the_day() -> None:
    stage = await set_up()
    await happened(stage, "Often", later(hours=2), 3)
    await happened(stage, "Often", later(hours=24, minutes=30), 5)
    await happened(stage, "Often", later(hours=25), 7)
    [often] = (await told(stage)).new.errors
    assert often.trend.unit == "hour"
    assert len(often.trend.counts) == 24
    assert (often.trend.counts[0], often.trend.counts[-1], sum(often.trend.counts)) == (0, 5, 8)
    await fetch("update error_group set status = 'RESOLVED', resolved_at = $1", later(hours=26))
    await happened(stage, "Often", later(hours=27), 2)
    week = await told(stage, since=later(hours=25), until=later(days=7, hours=1))
    [back] = week.regressed.errors
    assert back.trend.unit == "day"
    assert back.trend.counts == (8, 9, 0, 0, 0, 0, 0), "a day begins when the digest's time ends"
    assert (back.count, back.total) == (9, 17)


async def test_a_log_that_is_read_late_is_told_with_one_at_least() -> None:
    stage = await set_up()
    old = later(hours=-30)
    await seen(stage.shop, "Late", old, old, now=later(hours=3))
    await seen(stage.shop, "Back", old, now=later(hours=0.5))
    await fetch(
        "update error_group set status = 'RESOLVED', resolved_at = $1 where exception_type = 'Back'", old
    )
    await seen(stage.shop, "Back", later(hours=-2), now=later(hours=3))
    found = await told(stage)
    assert [(each.count, each.total) for each in (*found.new.errors, *found.regressed.errors)] == [
        (2, 2),
        (1, 2),
    ]
    assert found.until.astimezone(UTC) == UNTIL
