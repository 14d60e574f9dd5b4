"""Groups as people see them: what a recorded error looks like, mutes that run out, what was merged away or deleted."""

from datetime import datetime

import pytest

from app.reading.groups import Filter, Group, Order, OrderField, count, group, groups, groups_by_id
from tests.database import NOW
from tests.reading.stage import add_app, add_group, delete, merge, seen
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_a_recorded_error_is_a_group() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError", later(minutes=-20), later(minutes=-10), later(minutes=-9))

    shown = await group(stage.organization_id, group_id)

    assert shown == Group(
        id=group_id,
        project_id=stage.project_id,
        app_id=None,
        source="LOG",
        kind="TRACEBACK",
        title="KeyError: 'partner_id'",
        exception_type="KeyError",
        message="'partner_id'",
        module="sale",
        severity="CRITICAL",
        priority="P3",
        status="ACTIVE",
        is_muted=False,
        muted_at=None,
        mute_until=None,
        mute_until_count=None,
        is_dev=False,
        total_count=3,
        occurrence_count=2,
        user_count=0,
        session_count=0,
        count_since_resolved=None,
        first_seen_at=later(minutes=-20),
        last_seen_at=later(minutes=-9),
        resolved_at=None,
        resolved_in_version=None,
        resolved_in_next=False,
        assignee_id=None,
        odoo_version=None,
        commit_sha=None,
        merged_into_id=None,
    )
    assert await groups_by_id(stage.organization_id, [group_id], now=NOW) == {group_id: shown}
    assert (await groups(stage.organization_id, now=NOW)).nodes == [shown]


async def test_every_column_is_in_its_place() -> None:
    stage = await set_up()
    app_id = await add_app(stage)
    group_id = await add_group(
        stage,
        app_id=app_id,
        source="EVENT",
        kind="MESSAGE",
        title="a title",
        exception_type="a type",
        message="a text",
        module="a module",
        severity=2,
        priority=1,
        status="RESOLVED",
        muted_at=later(hours=-3),
        mute_until=later(hours=3),
        mute_until_count=77,
        is_dev=True,
        total_count=11,
        occurrence_count=12,
        user_count=13,
        session_count=14,
        count_at_resolve=4,
        first_seen_at=later(hours=-9),
        last_seen_at=later(hours=-8),
        resolved_at=later(hours=-7),
        resolved_in_version="1.10",
        resolved_in_next=True,
        odoo_version="17.0",
        commit_sha="abc",
    )
    assert await group(stage.organization_id, group_id, now=NOW) == Group(
        id=group_id,
        project_id=stage.project_id,
        app_id=app_id,
        source="EVENT",
        kind="MESSAGE",
        title="a title",
        exception_type="a type",
        message="a text",
        module="a module",
        severity="HIGH",
        priority="P1",
        status="RESOLVED",
        is_muted=True,
        muted_at=later(hours=-3),
        mute_until=later(hours=3),
        mute_until_count=77,
        is_dev=True,
        total_count=11,
        occurrence_count=12,
        user_count=13,
        session_count=14,
        count_since_resolved=7,
        first_seen_at=later(hours=-9),
        last_seen_at=later(hours=-8),
        resolved_at=later(hours=-7),
        resolved_in_version="1.10",
        resolved_in_next=True,
        assignee_id=None,
        odoo_version="17.0",
        commit_sha="abc",
        merged_into_id=None,
    )


@pytest.mark.parametrize(("severity", "name"), [(1, "MEDIUM"), (2, "HIGH"), (3, "CRITICAL")])
@pytest.mark.parametrize("priority", range(4))
async def test_numbers_have_names(severity: int, name: str, priority: int) -> None:
    stage = await set_up()
    group_id = await add_group(stage, severity=severity, priority=priority)
    shown = await group(stage.organization_id, group_id)
    assert shown
    assert (shown.severity, shown.priority) == (name, f"P{priority}")
    wanted = Filter(severity=(name,), priority=(f"P{priority}",))
    assert await count(stage.organization_id, wanted, now=NOW) == 1


@pytest.mark.parametrize(
    ("muted_at", "mute_until", "is_muted"),
    [
        (None, None, False),
        (NOW, None, True),
        (later(days=-9), None, True),
        (later(days=-9), later(seconds=1), True),
        (later(days=-9), NOW, False),
        (later(days=-9), later(seconds=-1), False),
    ],
)
async def test_a_mute_ends_when_it_said(
    muted_at: datetime | None, mute_until: datetime | None, is_muted: bool
) -> None:
    stage = await set_up()
    group_id = await add_group(stage, muted_at=muted_at, mute_until=mute_until)

    shown = await groups(stage.organization_id, Filter(show_muted=True), now=NOW)
    one = await group(stage.organization_id, group_id, now=NOW)

    assert [each.is_muted for each in shown.nodes] == [is_muted]
    assert one
    assert one.is_muted is is_muted
    assert await count(stage.organization_id, now=NOW) == (0 if is_muted else 1)
    assert len((await groups(stage.organization_id, now=NOW)).nodes) == (0 if is_muted else 1)


async def test_without_now_the_databases_clock_ends_a_mute() -> None:
    stage = await set_up()
    over = await add_group(stage, muted_at=later(days=-9000), mute_until=later(days=-8999))
    still = await add_group(stage, muted_at=later(days=-9000), mute_until=later(days=90_000))
    found = await groups_by_id(stage.organization_id, [over, still])
    assert (found[over].is_muted, found[still].is_muted) == (False, True)


async def test_what_was_merged_away_is_in_no_list_but_says_where_it_went() -> None:
    stage = await set_up()
    primary, secondary = await add_group(stage), await add_group(stage)
    await merge(primary, secondary)

    assert [each.id for each in (await groups(stage.organization_id, now=NOW)).nodes] == [primary]
    assert await count(stage.organization_id, Filter(show_muted=True), now=NOW) == 1
    tombstone = await group(stage.organization_id, secondary)
    assert tombstone
    assert tombstone.merged_into_id == primary


async def test_what_was_deleted_is_nowhere() -> None:
    stage = await set_up()
    group_id = await add_group(stage)
    await delete(group_id)

    assert (await groups(stage.organization_id, Filter(show_muted=True), now=NOW)).nodes == []
    assert await count(stage.organization_id, now=NOW) == 0
    assert await group(stage.organization_id, group_id) is None
    assert await groups_by_id(stage.organization_id, [group_id]) == {}


@pytest.mark.parametrize(
    ("field", "columns", "more_serious"),
    [
        (OrderField.LAST_SEEN, "last_seen_at", (later(hours=1), NOW)),
        (OrderField.FIRST_SEEN, "first_seen_at", (later(hours=1), NOW)),
        (OrderField.TOTAL_COUNT, "total_count", (100, 9)),
        (OrderField.SEVERITY, "severity", (3, 2)),
        (OrderField.PRIORITY, "priority", (0, 1)),
    ],
)
async def test_descending_is_the_most_serious_first(
    field: OrderField, columns: str, more_serious: tuple[object, object]
) -> None:
    stage = await set_up()
    more, less = [await add_group(stage, **{columns: value}) for value in more_serious]

    async def shown(descending: bool) -> list[object]:
        page = await groups(stage.organization_id, Filter(), Order(field, descending), now=NOW)
        return [each.id for each in page.nodes]

    assert await shown(True) == [more, less]
    assert await shown(False) == [less, more]
