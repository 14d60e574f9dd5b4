"""Every list, walked page by page from either end with any sizes, is the whole list, in order, each row once."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.reading.groups import Filter, Group, Order, OrderField, groups
from app.reading.history import history
from app.reading.instances import instances
from app.reading.occurrences import occurrences
from app.reading.pages import Page, Window
from app.reading.projects import projects
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.reading.stage import add_group, add_groups, add_occurrence, change, walked
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

SOME = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
SIZES = st.lists(st.integers(1, 7), min_size=1, max_size=4)
ORDERS = [Order(field, descending) for field in OrderField for descending in (True, False)]
KEYS: dict[OrderField, Callable[[Group], Any]] = {
    OrderField.LAST_SEEN: lambda shown: shown.last_seen_at,
    OrderField.FIRST_SEEN: lambda shown: shown.first_seen_at,
    OrderField.TOTAL_COUNT: lambda shown: shown.total_count,
    OrderField.SEVERITY: lambda shown: ("MEDIUM", "HIGH", "CRITICAL").index(shown.severity),
    OrderField.PRIORITY: lambda shown: ("P3", "P2", "P1", "P0").index(shown.priority),
}
ROWS = st.lists(  # few values, so that equal keys abound
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.integers(1, 3), st.integers(0, 3)),
    max_size=20,
)


async def add(stage: Stage, rows: list[tuple[int, int, int, int, int]]) -> None:
    made = [uuid7(NOW) for _ in rows]
    await add_groups(stage, made)
    for group_id, (first, last, total, severity, priority) in zip(made, rows, strict=True):
        await change(
            group_id,
            first_seen_at=later(hours=first - 10),
            last_seen_at=later(microseconds=last),
            total_count=total,
            severity=severity,
            priority=priority,
        )


def in_order(shown: list[Group], order: Order) -> list[Group]:
    """The groups sorted as the order says: those of one key by id, in the direction of the numbers."""
    way = -1 if order.field is OrderField.PRIORITY else 1
    return sorted(
        shown,
        key=lambda one: (KEYS[order.field](one), way * one.id.int),
        reverse=order.descending,
    )


async def same_either_way(read: Callable[[Window], Awaitable[Page[Any]]], sizes: list[int]) -> list[Any]:
    forward = await walked(read, sizes)
    assert await walked(read, sizes, backward=True) == forward
    assert await walked(read, [100]) == forward
    return forward


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: f"{order.field} {order.descending}")
@SOME
@given(rows=ROWS, sizes=SIZES)
async def test_groups(order: Order, rows: list[tuple[int, int, int, int, int]], sizes: list[int]) -> None:
    stage = await set_up()
    await add(stage, rows)

    async def read(window: Window) -> Page[Group]:
        return await groups(stage.organization_id, Filter(), order, window, now=NOW)

    shown = await same_either_way(read, sizes)

    assert len({one.id for one in shown}) == len(rows)
    assert shown == in_order(shown, order)


@SOME
@given(rows=ROWS, ends=st.tuples(st.integers(0, 19), st.integers(0, 19)), size=st.integers(1, 7))
async def test_between_two_cursors_lies_what_is_between_them(
    rows: list[tuple[int, int, int, int, int]], ends: tuple[int, int], size: int
) -> None:
    if not rows:
        return
    stage = await set_up()
    await add(stage, rows)
    order = Order(OrderField.SEVERITY)
    everything = await groups(stage.organization_id, Filter(), order, now=NOW)
    start, end = (place % len(rows) for place in ends)
    between = everything.nodes[start + 1 : end]

    def window(**size: int) -> Window:
        return Window(after=everything.cursors[start], before=everything.cursors[end], **size)

    first = await groups(stage.organization_id, Filter(), order, window(first=size), now=NOW)
    last = await groups(stage.organization_id, Filter(), order, window(last=size), now=NOW)
    without = await groups(stage.organization_id, Filter(), order, window(), now=NOW)

    assert first.nodes == between[:size]
    assert last.nodes == between[-size:]
    assert without.nodes == between
    assert (first.has_previous, last.has_next) == (True, True)


async def test_without_a_size_a_page_has_fifty_rows() -> None:
    stage = await set_up()
    await add_groups(stage, [uuid7(NOW) for _ in range(60)])
    everything = await groups(stage.organization_id, window=Window(first=100), now=NOW)
    assert len(everything.nodes) == 60
    assert (await groups(stage.organization_id, now=NOW)).nodes == everything.nodes[:50]
    before = Window(before=everything.cursors[55])
    assert (await groups(stage.organization_id, window=before, now=NOW)).nodes == everything.nodes[5:55]


async def test_what_happens_meanwhile_moves_no_other_row() -> None:
    stage = await set_up()
    made = [await add_group(stage, last_seen_at=later(hours=-number)) for number in range(6)]
    first = await groups(stage.organization_id, window=Window(first=3), now=NOW)
    assert [one.id for one in first.nodes] == made[:3]

    await add_group(stage, last_seen_at=later(hours=1))
    await change(made[2], last_seen_at=later(hours=2))
    await change(made[4], deleted_at=NOW)
    second = await groups(stage.organization_id, window=Window(first=3, after=first.cursors[-1]), now=NOW)

    assert [one.id for one in second.nodes] == [made[3], made[5]]


@SOME
@given(times=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=20), sizes=SIZES)
async def test_occurrences(times: list[tuple[int, bool]], sizes: list[int]) -> None:
    """Of two fingerprints of one group, received on two days."""
    stage = await set_up()
    one, other = await add_group(stage), await add_group(stage)
    for at, elsewhere in times:
        received: datetime = later(days=-1) if at % 2 else NOW
        await add_occurrence(
            stage, other if elsewhere else one, occurred_at=later(hours=-at), received_at=received
        )
    await fetch("update fingerprint set group_id = $1 where group_id = $2", one, other)

    shown = await same_either_way(lambda window: occurrences(stage.organization_id, one, window), sizes)

    assert len({each.id for each in shown}) == len(times)
    assert shown == sorted(shown, key=lambda each: (each.occurred_at, each.id), reverse=True)


@SOME
@given(number=st.integers(0, 20), sizes=SIZES)
async def test_history(number: int, sizes: list[int]) -> None:
    stage = await set_up()
    group_id = await add_group(stage)
    await fetch(
        """
        insert into group_change (organization_id, group_id, kind, at, actor_kind)
        select $1, $2, 'OPENED', $3, 'system' from generate_series(1, $4::int)
        """,
        stage.organization_id,
        group_id,
        NOW,
        number,
    )
    shown = await same_either_way(lambda window: history(stage.organization_id, group_id, window), sizes)
    assert len(shown) == number
    assert shown == sorted(shown, key=lambda each: each.id, reverse=True)


NAMES = st.lists(st.sampled_from(("a", "A", "Ä", "ä", "a b", "€", "\x01", "😀", "z" * 200)), max_size=15)


@SOME
@given(names=NAMES, sizes=SIZES)
async def test_projects_and_instances(names: list[str], sizes: list[int]) -> None:
    stage = await set_up()
    await fetch(
        """
        with made as (
            insert into project (id, organization_id, name, slug, created_at)
            select gen_random_uuid(), $1, name, 'p' || place, $3
            from unnest($2::text[]) with ordinality as n(name, place)
        )
        insert into instance (id, organization_id, project_id, name, slug, environment, source_kind, source, created_at)
        select gen_random_uuid(), $1, $4, name, 'i' || place, 'STAGING', 'file', '{}', $3
        from unnest($2::text[]) with ordinality as n(name, place)
        """,
        stage.organization_id,
        names,
        NOW,
        stage.project_id,
    )
    shown = await same_either_way(lambda window: projects(stage.organization_id, window), sizes)
    assert sorted(one.name for one in shown) == sorted([*names, "Odoo"])
    await they_stand_together(shown)
    listed = await same_either_way(lambda window: instances(stage.organization_id, window), sizes)
    assert sorted(one.name for one in listed) == sorted([*names, "shop", "warehouse"])
    await they_stand_together(listed)


async def they_stand_together(shown: list[Any]) -> None:
    """Those of one name follow each other, by id."""
    places: dict[str, list[tuple[int, UUID]]] = {}
    for place, one in enumerate(shown):
        places.setdefault(one.name, []).append((place, one.id))
    for same in places.values():
        assert same == sorted(same)
        assert same[-1][0] - same[0][0] == len(same) - 1
