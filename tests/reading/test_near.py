"""The groups of an instance: kept whoever writes, and read from near the beginning of a list."""

from typing import Any
from uuid import UUID

import pytest

from app.reading import near, walks
from app.reading.groups import Filter, Order, OrderField, groups
from app.reading.pages import Window
from app.reading.walks import Length
from app.tables.database import fetch
from app.tables.migrate import migrate
from tests.database import NOW, pool
from tests.reading.stage import add_app, add_group, add_tag, change, fingerprint_of, merge, seen
from tests.recording.stage import Stage, at_once, later, noted_statements, set_up, sighting

pytestmark = pytest.mark.anyio

AS_IT_IS = """
select distinct a.instance_id, g.id, g.status, g.severity, g.priority,
    (g.first_seen_at at time zone 'UTC')::date, (g.last_seen_at at time zone 'UTC')::date
from affected_instance as a join fingerprint as f on f.id = a.fingerprint_id join error_group as g on g.id = f.group_id
order by 1, 2
"""


async def kept() -> list[tuple[Any, ...]]:
    """What is kept, which must be what the other tables say."""
    found = [tuple(row) for row in await fetch("select * from group_instance order by 1, 2")]
    assert found == [tuple(row) for row in await fetch(AS_IT_IS)]
    return found


async def pairs() -> set[tuple[UUID, UUID]]:
    return {(row[0], row[1]) for row in await kept()}


@pytest.mark.usefixtures("database")
async def test_what_is_seen_changed_merged_and_parted_is_kept() -> None:
    stage = await set_up()
    shop, warehouse = stage.shop.id, stage.warehouse.id
    one = await seen(stage.shop, "KeyError", later(days=-3), later(days=-3, minutes=1))
    assert await pairs() == {(shop, one)}
    await seen(stage.warehouse, "KeyError", NOW)  # the day changes for the shop, too
    other = await seen(stage.warehouse, "ValueError", later(days=-1))
    assert await pairs() == {(shop, one), (warehouse, one), (warehouse, other)}

    await change(one, status="RESOLVED", priority=0, first_seen_at=later(days=-40))
    await change(other, severity=1)
    await kept()

    await merge(one, other)
    assert await pairs() == {(shop, one), (warehouse, one)}
    await seen(stage.shop, "ValueError", later(hours=1))
    await fetch("update fingerprint set group_id = home_group_id")
    assert await pairs() == {(shop, one), (warehouse, one), (shop, other), (warehouse, other)}

    await fetch("delete from instance where id = $1", warehouse)
    assert await pairs() == {(shop, one), (shop, other)}


@pytest.mark.usefixtures("database")
async def test_what_two_recorders_see_at_once_on_different_days_is_kept() -> None:
    stage = await set_up()
    errors = [f"Error{number}" for number in range(8)]
    for days in range(3):
        await at_once(
            [sighting(stage.shop, error, later(days=days)) for error in errors],
            [sighting(stage.warehouse, error, later(days=days, hours=12)) for error in reversed(errors)],
            [sighting(stage.shop, error, later(days=days + 1)) for error in errors[days:]],
        )
        assert len(await kept()) == 16


async def test_what_was_seen_before_there_was_the_table_is_in_it(bare_database: str) -> None:
    async with pool(bare_database):
        await migrate()
        stage = await set_up()
        one = await seen(stage.shop, "KeyError")
        await seen(stage.warehouse, "KeyError")
        # As it was before the migration, which is then done once more.
        for table in ("add_group_instances", "move_group_instances", "change_group_instances"):
            await fetch(f"drop function {table} cascade")
        await fetch("drop table group_instance")
        await fetch("drop index error_group_found")
        await fetch("create index error_group_status on error_group (status)")
        await fetch("delete from migration where name = '2026-11-22T23:57:00:000000'")
        await migrate()
        assert await pairs() == {(stage.shop.id, one), (stage.warehouse.id, one)}


async def old_ones(stage: Stage, number: int) -> list[UUID]:
    """Groups that the shop had long ago, the newest first; since then the warehouse has had as many."""
    made = [
        await seen(stage.shop, f"Old{place}", later(days=-60 - place // 2, minutes=-place), now=NOW)
        for place in range(number)
    ]
    for place in range(number):
        await seen(stage.warehouse, f"New{place}", later(minutes=-place))
    return made


@pytest.mark.usefixtures("database")
async def test_the_groups_of_an_instance_that_was_given_up_are_found_near_the_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    made = await old_ones(stage, 8)
    monkeypatch.setattr(walks, "SHORT", Length(2, 2))
    monkeypatch.setattr(walks, "SMALL", 1)
    monkeypatch.setattr(near, "NEAR", 3)
    wanted = Filter(instance_id=stage.shop.id)
    told: list[str] = []
    with noted_statements(monkeypatch, told):
        first = await groups(stage.organization_id, wanted, window=Window(first=2), now=NOW)
    assert [one.id for one in first.nodes] == made[:2]
    assert ["edge" in sql for sql in told] == [False, True]
    second = await groups(stage.organization_id, wanted, window=Window(after=first.cursors[-1]), now=NOW)
    assert [one.id for one in second.nodes] == made[2:]

    # Nobody of another organization is told anything.
    stranger = await set_up()
    assert (await groups(stranger.organization_id, wanted, now=NOW)).nodes == []


@pytest.mark.usefixtures("database")
async def test_apps_in_an_environment_of_the_same_name_are_shown_with_the_instances(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    await fetch("update instance set environment = 'STAGING' where id = $1", stage.shop.id)
    made = await old_ones(stage, 3)
    app_id = await add_app(stage)
    of_app = await add_group(stage, app_id=app_id, source="EVENT", last_seen_at=later(days=-50))
    await add_tag(await fingerprint_of(of_app), "environment", "STAGING")
    monkeypatch.setattr(walks, "SHORT", Length(1, 1))
    monkeypatch.setattr(walks, "SMALL", 1)
    for most in (5000, 0):
        monkeypatch.setattr(near, "MOST", most)
        for source, expected in (("LOG", made), ("EVENT", [of_app]), (None, [of_app, *made])):
            found = await groups(
                stage.organization_id,
                Filter(environment="STAGING", source=source),
                Order(OrderField.LAST_SEEN),
                now=NOW,
            )
            assert [one.id for one in found.nodes] == expected
