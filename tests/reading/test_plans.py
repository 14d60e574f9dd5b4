"""How PostgreSQL answers: a page of a long list reads the rows of the page, a sparkline the months that it shows."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from app.reading import occurrences as reading_occurrences
from app.reading import series, session_events, walks
from app.reading.groups import Filter, Order, OrderField, groups
from app.reading.pages import Window
from app.tables import partitions
from app.tables.database import fetch, transaction
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.reading import sessions
from tests.reading.stage import add_group, add_groups, add_occurrence, seen
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

INDEXES = {
    OrderField.LAST_SEEN: "error_group_last_seen",
    OrderField.FIRST_SEEN: "error_group_first_seen",
    OrderField.TOTAL_COUNT: "error_group_total",
    # In a lane of the one, both have the order of the other; from PostgreSQL 18 on both are as quick.
    OrderField.SEVERITY: "error_group_severity error_group_priority",
    OrderField.PRIORITY: "error_group_severity error_group_priority",
}


async def plan_of(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, ask: Callable[[], Awaitable[Any]]
) -> str:
    """The plan of the one statement that a function of the module asks."""
    plans: list[str] = []

    async def explaining(sql: str, *values: object) -> Any:
        plans.append("\n".join(row[0] for row in await fetch(f"explain {sql}", *values)))
        return await fetch(sql, *values)

    with monkeypatch.context() as patched:
        patched.setattr(module, "fetch", explaining)
        await ask()
    [plan] = plans
    return plan


async def many_groups(number: int) -> UUID:
    """An organization with so many groups, all different from one another in all that they can be ordered by."""
    stage = await set_up()
    await add_groups(stage, [uuid7(NOW) for _ in range(number)])
    await fetch(
        """
        update error_group as g
        set last_seen_at = $1::timestamptz - place * interval '1 second',
            first_seen_at = $1::timestamptz - place * interval '2 seconds',
            total_count = place, severity = 1 + place % 3, priority = place % 4,
            status = ('{NEW,ACTIVE,IN_PROGRESS,RESOLVED,REGRESSED}'::text[])[1 + place % 5]
        from (select id, (row_number() over (order by id))::int as place from error_group) as n
        where n.id = g.id
        """,
        NOW,
    )
    await fetch("analyze error_group")
    return stage.organization_id


async def test_a_page_in_any_order_is_read_from_its_index(monkeypatch: pytest.MonkeyPatch) -> None:
    organization_id = await many_groups(3000)
    for field, indexes in INDEXES.items():
        for descending in (True, False):
            order = Order(field, descending)
            first = await groups(organization_id, Filter(), order, Window(first=10), now=NOW)
            for window in (
                Window(),
                Window(last=50),
                Window(after=first.cursors[-1]),
                Window(last=5, before=first.cursors[-1]),
            ):

                def ask(order: Order = order, window: Window = window) -> Awaitable[Any]:
                    return groups(organization_id, Filter(), order, window, now=NOW)

                plan = await plan_of(monkeypatch, walks, ask)
                walk = [line for line in plan.splitlines() if any(index in line for index in indexes.split())]
                assert walk
                assert all("Index Only Scan" in line for line in walk)
                if (
                    window.after or window.before
                ):  # the cursor is where the scan begins, not what it leaves out
                    begins = [line for line in plan.splitlines() if "Index Cond: ((organization_id" in line]
                    assert len(begins) >= len(walk)
                    assert all("ROW(" in line for line in begins)


async def test_a_sparkline_reads_the_months_that_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    async with transaction():
        await partitions.ensure(partitions.month(later(days=-30 * months)) for months in range(4))

    async def plan(days: int) -> str:
        return await plan_of(
            monkeypatch,
            series,
            lambda: series.timelines(stage.organization_id, [group_id], days, now=NOW),
        )

    assert "hourly_count_202611" in await plan(7)
    assert "hourly_count_202610" not in await plan(7)
    assert "hourly_count_202610" in await plan(30)
    assert "hourly_count_202608" not in await plan(30)


async def test_occurrences_come_out_of_the_index_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    group_id = await add_group(stage)
    for minutes in range(60):
        await add_occurrence(stage, group_id, occurred_at=NOW - timedelta(minutes=minutes))
    await fetch(
        """
        insert into occurrence
        select gen_random_uuid(), received_at, organization_id, project_id, fingerprint_id, instance_id, app_id,
            event_id, occurred_at - n * interval '1 hour', session_id, user_id, app_version, environment, message, detail
        from occurrence, generate_series(1, 100) as n
        """
    )
    await fetch("analyze occurrence")
    plan = await plan_of(
        monkeypatch,
        reading_occurrences,
        lambda: reading_occurrences.occurrences(stage.organization_id, group_id),
    )
    assert "fingerprint_id_occurred_at_id_idx" in plan
    assert "kept_occurrence_fingerprint" in plan
    assert "Merge Append" in plan


async def test_the_events_of_a_session_come_out_of_the_index_of_a_few_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    async with transaction():
        await partitions.ensure(partitions.day("event", later(days=-days)) for days in range(20))
    for seconds in range(200):
        await sessions.add(stage, later(seconds=seconds))
    plan = await plan_of(
        monkeypatch,
        session_events,
        lambda: session_events.session_events(stage.organization_id, sessions.occurrence_in(stage)),
    )
    assert "app_id_session_id_occurred_at_id_idx" in plan
    assert "event_20261110" not in plan
