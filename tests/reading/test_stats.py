"""The four numbers above the list."""

from uuid import UUID, uuid4

import pytest

from app.projects.delete_project import delete_project
from app.reading.groups import Filter, count, groups
from app.reading.stats import Stats, stats
from app.tables.database import fetch
from tests.database import NOW
from tests.reading.stage import add_group, change, delete, merge, seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"status": "NEW"}, Stats(1, 0, 1, 0)),
        ({"status": "ACTIVE"}, Stats(1, 0, 1, 0)),
        ({"status": "IN_PROGRESS", "severity": 2}, Stats(1, 0, 0, 0)),
        ({"status": "REGRESSED", "severity": 1}, Stats(1, 0, 0, 0)),
        ({"status": "RESOLVED"}, Stats(0, 0, 0, 0)),
        ({"status": "RESOLVED", "first_seen_at": later(hours=-23)}, Stats(0, 1, 0, 0)),
        ({"first_seen_at": later(hours=-23, minutes=-59)}, Stats(1, 1, 1, 0)),
        ({"status": "SILENCED", "first_seen_at": NOW}, Stats(0, 0, 0, 0)),
        ({"muted_at": NOW, "first_seen_at": NOW}, Stats(0, 0, 0, 0)),
        ({"muted_at": NOW, "mute_until": later(hours=1)}, Stats(0, 0, 0, 0)),
        ({"muted_at": later(hours=-2), "mute_until": NOW}, Stats(1, 0, 1, 0)),
        ({"is_dev": True, "first_seen_at": NOW}, Stats(0, 0, 0, 0)),
    ],
)
async def test_a_group_counts_for_what_it_is(columns: dict[str, object], expected: Stats) -> None:
    stage = await set_up()
    await add_group(stage, **({"first_seen_at": later(days=-2)} | columns))
    assert await stats(stage.organization_id, now=NOW) == expected


async def test_what_was_merged_away_or_deleted_does_not_count() -> None:
    stage = await set_up()
    primary, secondary, gone = [await add_group(stage) for _ in range(3)]
    await merge(primary, secondary)
    await delete(gone)
    assert await stats(stage.organization_id, now=NOW) == Stats(1, 1, 1, 0)


async def test_what_belongs_to_a_deleted_project_is_nowhere() -> None:
    stage = await set_up()
    await seen(stage.shop, "KeyError")
    assert await stats(stage.organization_id, now=NOW) == Stats(1, 1, 1, 0)
    await delete_project(stage.organization_id, stage.project_id, now=NOW)

    assert await stats(stage.organization_id, now=NOW) == Stats(0, 0, 0, 0)
    for wanted in (Filter(show_muted=True), Filter(search="keyerror"), Filter(project_id=stage.project_id)):
        assert (await groups(stage.organization_id, wanted, now=NOW)).nodes == []
        assert await count(stage.organization_id, wanted, now=NOW) == 0


async def issue(stage: Stage, group_id: UUID, number: int | None, **ago: float) -> None:
    await fetch(
        """
        insert into github_issue
            (group_id, organization_id, project_id, marker, number, sync_status, created_at, made_at)
        values ($1, $6, $2, $3, $4, 'synced', $5, case when $4::int is not null then $5::timestamptz end)
        """,
        group_id,
        stage.project_id,
        uuid4(),
        number,
        later(**{unit: -value for unit, value in ago.items()}),
        stage.organization_id,
    )


async def test_issues_of_seven_days_count_also_of_groups_that_are_hidden() -> None:
    stage = await set_up()
    made = [await add_group(stage, status="SILENCED") for _ in range(5)]
    await issue(stage, made[0], 1, days=6)
    await issue(stage, made[1], 2, days=8)
    await issue(stage, made[2], None, days=1)
    await issue(stage, made[3], 3, hours=1)
    await issue(stage, made[4], 4, hours=1)
    await delete(made[4])
    await change(made[3], merged_into_id=made[0])
    assert await stats(stage.organization_id, now=NOW) == Stats(0, 0, 0, 2)


async def test_one_project_or_one_instance() -> None:
    stage, other = await set_up(), await set_up()
    await fetch(
        "update project set organization_id = $1, slug = 'other' where id = $2",
        stage.organization_id,
        other.project_id,
    )
    both = await seen(stage.shop, "KeyError")
    await seen(stage.warehouse, "KeyError")
    in_warehouse = await seen(stage.warehouse, "ValueError")
    elsewhere = await add_group(other, organization_id=stage.organization_id)
    for number, group_id in enumerate((both, in_warehouse, elsewhere)):
        await issue(stage, group_id, number)

    async def numbers(project_id: UUID | None = None, instance_id: UUID | None = None) -> Stats:
        return await stats(stage.organization_id, project_id=project_id, instance_id=instance_id, now=NOW)

    assert await numbers() == Stats(3, 3, 3, 3)
    assert await numbers(stage.project_id) == Stats(2, 2, 2, 2)
    assert await numbers(other.project_id) == Stats(1, 1, 1, 1)
    assert await numbers(None, stage.shop.id) == Stats(1, 1, 1, 1)
    assert await numbers(stage.project_id, stage.warehouse.id) == Stats(2, 2, 2, 2)
    assert await numbers(other.project_id, stage.warehouse.id) == Stats(0, 0, 0, 0)
    assert await numbers(uuid4()) == Stats(0, 0, 0, 0)
