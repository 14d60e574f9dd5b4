"""The ways in which a page is found - a walk, a longer one, all that fit and sorted, a walk to the end - agree."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.reading import near, walks
from app.reading.groups import Filter, Group, Order, OrderField, groups
from app.reading.pages import Page, Window
from app.reading.walks import Length
from app.recording.sightings import Description
from app.tables.database import fetch
from tests.database import NOW
from tests.reading.stage import add_app, add_group, add_tag, fingerprint_of, seen, walked
from tests.recording.stage import Stage, later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ORDERS = [Order(field, descending) for field in OrderField for descending in (True, False)]


async def twenty_groups() -> tuple[Stage, UUID]:
    """Groups of all sorts, some of them seen on instances, some of an app."""
    stage = await set_up()
    app_id = await add_app(stage)
    await fetch("update instance set environment = 'STAGING' where id = $1", stage.warehouse.id)
    for number in range(6):
        origin = stage.shop if number % 2 else stage.warehouse
        await seen(origin, f"Error{number}", later(minutes=-number), severity="high", module=f"m{number % 3}")
    for number in range(14):
        made = await add_group(
            stage,
            severity=1 + number % 3,
            priority=number % 4,
            status=("NEW", "RESOLVED", "ACTIVE", "SILENCED")[number % 4],
            module=f"m{number % 5}",
            message=f"number {number}",
            total_count=number // 3,
            last_seen_at=later(hours=-(number // 2)),
            first_seen_at=later(hours=-20 - number // 2),
            **({"app_id": app_id, "source": "EVENT"} if number % 3 else {}),
        )
        if number % 3:
            await add_tag(await fingerprint_of(made), "release", f"1.{number % 2}")
            await add_tag(await fingerprint_of(made), "environment", "web" if number % 2 else "STAGING")
    return stage, app_id


def questions(stage: Stage, app_id: UUID) -> list[Filter]:
    return [
        Filter(),
        Filter(status=("NEW", "SILENCED")),
        Filter(severity=("CRITICAL", "MEDIUM")),
        Filter(priority=("P0", "P3")),
        Filter(severity=("HIGH",), module="m1", project_id=stage.project_id),
        Filter(since=NOW - timedelta(hours=3), until=NOW - timedelta(hours=21)),
        Filter(search="NUMBER"),
        Filter(search="number", severity=("CRITICAL",)),
        Filter(search="1"),
        Filter(search="error", instance_id=stage.shop.id),
        Filter(instance_id=stage.warehouse.id),
        Filter(environment="STAGING"),
        Filter(environment="STAGING", status=("NEW",)),
        Filter(environment="STAGING", source="LOG", severity=("HIGH",)),
        Filter(environment="PRODUCTION", instance_id=stage.shop.id, priority=("P0", "P3")),
        Filter(environment="web", app_id=app_id),
        Filter(release="1.1", show_muted=True),
        Filter(tag=("environment", "web"), kind=("TRACEBACK",)),
        Filter(assignee_id=uuid4()),
    ]


@pytest.mark.parametrize("few", [0, 5, 2000])
@pytest.mark.parametrize("short", [Length(1, 1), Length(4, 2), Length(9, 3)])
async def test_whatever_way_is_taken_the_page_is_the_same(
    few: int, short: Length, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, app_id = await twenty_groups()
    for place, wanted in enumerate(questions(stage, app_id)):
        order = ORDERS[(place + few + short.groups) % len(ORDERS)]

        async def read(window: Window, wanted: Filter = wanted, order: Order = order) -> Page[Group]:
            return await groups(stage.organization_id, wanted, order, window, now=NOW)

        expected = (await read(Window(first=100))).nodes
        with monkeypatch.context() as patched:
            for name, value in (
                ("SHORT", short),
                ("LONG", Length(12, 6)),
                ("SMALL", 1),
                ("FEW", few),
                ("NAMED", few),
                ("MANY_NAMED", few),
            ):
                patched.setattr(walks, name, value)
            patched.setattr(near, "NEAR", short.asked)
            patched.setattr(near, "MOST", 2 + few)
            assert await walked(read, [3, 1]) == expected
            assert await walked(read, [2], backward=True) == expected


@pytest.mark.parametrize(
    ("wanted", "short", "number"),
    [
        (Filter(), Length(20_000, 1_000), 1),  # all there is was walked over
        (Filter(kind=("ACCESS",)), Length(20_000, 1_000), 1),  # nothing met, and that was all
        (Filter(search="number"), Length(4, 4), 3),  # a short walk, a longer one, all that fit
        (
            Filter(tag=("environment", "web")),
            Length(8, 1),
            2,
        ),  # a short walk, a longer one or the few that are named
        (Filter(search="number 13"), Length(4, 4), 3),  # and between them some texts, as it has two words
        (Filter(module="m1", environment="STAGING"), Length(20_000, 1_000), 3),  # both names are looked up
    ],
)
async def test_so_many_statements_are_asked(
    wanted: Filter, short: Length, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, _ = await twenty_groups()
    told: list[str] = []
    with monkeypatch.context() as patched, noted_statements(monkeypatch, told):
        patched.setattr(walks, "SHORT", short)
        patched.setattr(walks, "LONG", short)
        patched.setattr(walks, "SMALL", min(walks.SMALL, short.groups))
        await groups(stage.organization_id, wanted, window=Window(first=5), now=NOW)
    assert len(told) == number


async def test_what_happens_again_while_a_page_is_put_together_is_on_it_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, _ = await twenty_groups()
    walk = walks._walk

    async def meanwhile(*question: Any, **way: Any) -> Any:
        rows = await walk(*question, **way)
        await fetch("update error_group set total_count = 4 where id = $1", rows[0][0])
        return rows

    monkeypatch.setattr(walks, "_walk", meanwhile)
    monkeypatch.setattr(walks, "SHORT", Length(8, 8))
    monkeypatch.setattr(walks, "SMALL", 1)
    asked = (stage.organization_id, Filter(search="number"), Order(OrderField.TOTAL_COUNT, False))
    page = await groups(*asked, Window(first=11), now=NOW)
    assert len(page.nodes) == len({group.id for group in page.nodes}) == 11


async def test_every_place_in_a_search_is_found_and_where_it_was_stored_last() -> None:
    stage = await set_up()
    one = await seen(stage.shop, "odoo.exceptions.ValidationError", later(hours=-2), module="sale_stock")
    other = await seen(stage.shop, "KeyError", later(hours=-1), module="stock")

    async def shown(text: str) -> set[UUID]:
        page = await groups(stage.organization_id, Filter(search=text), now=NOW)
        return {each.id for each in page.nodes}

    for text in ("validationERROR", "odoo.exceptions", "SALE_stock", "exceptions.ValidationError: 'partner"):
        assert await shown(text) == {one}, text
    for text in ("'partner_id'", "a.py", "stock", "o"):  # message, path, module, no trigram
        assert await shown(text) == {one, other}, text
    assert await shown("validationerror\nkeyerror") == set()

    from_now_on: dict[str, Any] = {"describe": lambda: _told("Straße gesperrt"), "module": "sale_stock"}
    assert one == await seen(stage.shop, "odoo.exceptions.ValidationError", NOW, **from_now_on)
    assert await shown("STRASSE") == {one}
    assert await shown("odoo.exceptions") == set()


def _told(message: str) -> Description:
    return Description(message, message)
