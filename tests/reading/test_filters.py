"""Each filter shows what it names and nothing else; whatever text is sent is only text."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import BadInput
from app.reading.groups import Filter, count, groups
from app.tables.database import fetch
from tests.database import NOW
from tests.reading.stage import add_app, add_group, add_occurrence, fingerprint_of, seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


def named(wanted: Filter) -> str:
    """What a filter asks."""
    asked = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    return ",".join(f"{name}={value}" for name, value in asked.items() if value not in (None, False))


async def shown(stage: Stage, wanted: Filter) -> set[object]:
    """The ids of the groups that a filter lets through, which are as many as it counts."""
    page = await groups(stage.organization_id, wanted, now=NOW)
    assert await count(stage.organization_id, wanted, now=NOW) == len(page.nodes)
    return {each.id for each in page.nodes}


@pytest.mark.parametrize(
    ("columns", "others", "wanted"),
    [
        ({"severity": 3}, {"severity": 2}, Filter(severity=("CRITICAL",))),
        ({"severity": 1}, {"severity": 3}, Filter(severity=("MEDIUM", "HIGH", "NO SUCH"))),
        ({"status": "ACTIVE"}, {"status": "NEW"}, Filter(status=("ACTIVE", "RESOLVED"))),
        ({"status": "SILENCED"}, {"status": "NEW"}, Filter(status=("SILENCED",))),
        ({"status": "NEW"}, {"status": "SILENCED"}, Filter(status=("NEW",))),
        ({"status": "RESOLVED"}, {"status": "SILENCED"}, Filter()),
        ({"source": "EVENT"}, {"source": "LOG"}, Filter(source="EVENT")),
        ({"kind": "ACCESS"}, {"kind": "MESSAGE"}, Filter(kind=("ACCESS", "DATABASE"))),
        ({"is_dev": True}, {"is_dev": False}, Filter(is_dev=True)),
        ({"is_dev": False}, {"is_dev": True}, Filter(is_dev=False)),
        ({"priority": 0}, {"priority": 3}, Filter(priority=("P0", "P1"))),
        ({"module": "sale_stock"}, {"module": "stock"}, Filter(module="SALE")),
        ({"module": "stock"}, {"module": None}, Filter(module="stock")),
        ({"title": "Division by zero"}, {"title": "x"}, Filter(search="BY ZERO")),
        ({"message": "für Ärger"}, {"message": "x"}, Filter(search="ÄRGER")),
        ({"exception_type": "KeyError"}, {"title": "x"}, Filter(search="keye")),
        ({"muted_at": None}, {"muted_at": NOW}, Filter()),
        ({"muted_at": NOW, "is_dev": True}, {"muted_at": NOW}, Filter(is_dev=True, show_muted=True)),
        ({"last_seen_at": NOW}, {"last_seen_at": later(seconds=-1)}, Filter(since=NOW)),
        ({"first_seen_at": NOW}, {"first_seen_at": later(seconds=1)}, Filter(until=NOW)),
    ],
    ids=lambda given: named(given) if isinstance(given, Filter) else "",
)
async def test_a_filter_shows_what_it_names(
    columns: dict[str, object], others: dict[str, object], wanted: Filter
) -> None:
    stage = await set_up()
    app_id = await add_app(stage)
    of_its_source = {"app_id": app_id} if columns.get("source") == "EVENT" else {}
    there = {"title": "a title", "exception_type": None, "module": None}
    one = await add_group(stage, **(there | columns | of_its_source))
    await add_group(stage, **(there | others))

    assert await shown(stage, wanted) == {one}


async def test_silenced_ones_are_hidden_even_where_muted_ones_are_shown() -> None:
    stage = await set_up()
    await add_group(stage, status="SILENCED")
    both = await add_group(stage, status="SILENCED", muted_at=NOW)
    assert await shown(stage, Filter(show_muted=True)) == set()
    assert both not in await shown(stage, Filter(status=("SILENCED",)))
    assert both in await shown(stage, Filter(status=("SILENCED",), show_muted=True))


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(severity=()),
        Filter(status=()),
        Filter(kind=()),
        Filter(priority=()),
        Filter(severity=("NO SUCH",)),
        Filter(status=("NO SUCH",)),
        Filter(source="NO SUCH"),
        Filter(source=""),
        Filter(release=""),
        Filter(environment=""),
        Filter(tag=("", "")),
        Filter(instance_id=UUID(int=1)),
        Filter(app_id=UUID(int=1)),
        Filter(project_id=UUID(int=1)),
        Filter(assignee_id=UUID(int=1)),
    ],
    ids=named,
)
async def test_what_does_not_exist_matches_nothing(wanted: Filter) -> None:
    stage = await set_up()
    await seen(stage.shop, "KeyError")
    assert await shown(stage, wanted) == set()


@pytest.mark.parametrize("hostile", ["\0", "Key\0Error", "\ud800", "KeyError\udfff"])
async def test_text_that_cannot_be_stored_matches_nothing(hostile: str) -> None:
    stage = await set_up()
    await add_group(stage, title="KeyError", module="KeyError")
    for wanted in (
        Filter(search=hostile),
        Filter(module=hostile),
        Filter(release=hostile),
        Filter(environment=hostile),
        Filter(source=hostile),
        Filter(tag=(hostile, "x")),
        Filter(tag=("x", hostile)),
        Filter(status=(hostile,)),
        Filter(severity=(hostile,)),
        Filter(priority=(hostile,)),
        Filter(kind=("TRACEBACK", hostile)),
    ):
        assert await shown(stage, wanted) == set()


async def test_an_empty_text_asks_nothing() -> None:
    stage = await set_up()
    one = await add_group(stage, module=None)
    assert await shown(stage, Filter(search="", module="")) == {one}


@pytest.mark.parametrize("field", ["search", "module"])
async def test_upper_and_lower_case_are_those_of_all_languages(field: str) -> None:
    stage = await set_up()
    texts = ("straße", "STRASSE", "σας", "ΣΑΣ", "İstanbul", "istanbul")
    made = {text: await add_group(stage, title=text, module=text) for text in texts}
    for text, found in (
        ("Strasse", texts[:2]),
        ("aß", texts[:2]),
        ("Σας", texts[2:4]),
        ("i\u0307STANBUL", texts[4:5]),
        ("Istanbul", texts[5:]),
        ("TANBUL", texts[4:]),
    ):
        wanted: dict[str, Any] = {field: text}
        assert await shown(stage, Filter(**wanted)) == {made[each] for each in found}, text


@pytest.mark.parametrize("field", ["search", "module"])
async def test_a_text_to_search_for_has_its_limit(field: str) -> None:
    stage = await set_up()
    # Two characters where case does not count, and as long as it was sent.
    longer: dict[str, Any] = {field: "ß" * 1000}
    assert await shown(stage, Filter(**longer)) == set()
    one = await add_group(stage, message="%" * 1000, module="%" * 1000)
    longest: dict[str, Any] = {field: "%" * 1000}
    assert await shown(stage, Filter(**longest)) == {one}
    too_long: dict[str, Any] = {field: "%" * 1001}
    for asked in (groups, count):
        with pytest.raises(BadInput) as refusal:
            await asked(stage.organization_id, Filter(**too_long), now=NOW)
        assert refusal.value.field == field


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text("%_\\ax'$?", max_size=6), wanted=st.text("%_\\ax'$?", min_size=1, max_size=3))
async def test_every_character_of_a_search_is_ordinary(text: str, wanted: str) -> None:
    stage = await set_up()
    one = await add_group(stage, title="", message=f"<{text}>", exception_type=None, module=f"<{text}>")
    expected = {one} if wanted in f"<{text}>" else set()
    assert await shown(stage, Filter(search=wanted)) == expected
    assert await shown(stage, Filter(module=wanted)) == expected


@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 1, 1),  # noqa: DTZ001  as a front end may send it
        datetime.fromisoformat("0001-01-01T00:00:00+14:00"),
        datetime.fromisoformat("9999-12-31T23:59:59-14:00"),
    ],
    ids=str,
)
async def test_a_time_that_is_none_is_refused(field: str, at: datetime) -> None:
    stage = await set_up()
    wanted: dict[str, Any] = {field: at}
    for asked in (groups, count):
        with pytest.raises(BadInput) as refusal:
            await asked(stage.organization_id, Filter(**wanted), now=NOW)
        assert refusal.value.field == field


async def test_a_span_shows_what_was_there_at_some_time_in_it() -> None:
    stage = await set_up()
    spans = [(-9, -8), (-8, -4), (-6, -5), (-4, -1), (-9, 0), (-1, 0)]
    made = [
        await add_group(stage, first_seen_at=later(hours=first), last_seen_at=later(hours=last))
        for first, last in spans
    ]
    wanted = Filter(since=later(hours=-6), until=later(hours=-4))
    assert await shown(stage, wanted) == {made[1], made[2], made[3], made[4]}


async def test_an_instance_has_the_groups_that_were_seen_on_it() -> None:
    stage = await set_up()
    at_both = await seen(stage.shop, "KeyError")
    await seen(stage.warehouse, "KeyError")
    in_shop = await seen(stage.shop, "ValueError")
    in_warehouse = await seen(stage.warehouse, "TypeError")
    assert await shown(stage, Filter(instance_id=stage.shop.id)) == {at_both, in_shop}
    assert await shown(stage, Filter(instance_id=stage.warehouse.id)) == {at_both, in_warehouse}


async def test_projects_apps_and_assignees() -> None:
    stage, other = await set_up(), await set_up()
    membership_id, person_id, app_id = uuid4(), uuid4(), await add_app(stage)
    await fetch("insert into person values ($1, 'a@b.test', 'Ann', null, $2)", person_id, NOW)
    await fetch(
        "insert into membership values ($1, $2, $3, 'viewer', $4)",
        membership_id,
        stage.organization_id,
        person_id,
        NOW,
    )
    assigned = await add_group(stage, assignee_id=membership_id)
    of_app = await add_group(stage, app_id=app_id, source="EVENT")
    await add_group(other)
    assert await shown(stage, Filter(assignee_id=membership_id)) == {assigned}
    assert await shown(stage, Filter(app_id=app_id)) == {of_app}
    assert await shown(stage, Filter(project_id=stage.project_id)) == {assigned, of_app}
    assert await shown(stage, Filter(project_id=other.project_id)) == set()


async def test_releases_environments_and_tags() -> None:
    stage = await set_up()
    await fetch("update instance set environment = 'STAGING' where id = $1", stage.warehouse.id)
    in_shop = await seen(stage.shop, "KeyError")
    in_warehouse = await seen(stage.warehouse, "ValueError")
    of_app = await add_group(stage, app_id=await add_app(stage), source="EVENT")
    await add_occurrence(stage, of_app, app_version="1.10", environment="ios")
    await add_occurrence(stage, of_app, app_version="1.9", environment="PRODUCTION")
    await fetch(
        "insert into fingerprint_tag values ($1, 'browser', 'Firefox', 3, $2)",
        await fingerprint_of(of_app),
        NOW,
    )

    assert await shown(stage, Filter(environment="PRODUCTION")) == {in_shop, of_app}
    assert await shown(stage, Filter(environment="STAGING")) == {in_warehouse}
    assert await shown(stage, Filter(environment="ios")) == {of_app}
    assert await shown(stage, Filter(environment="production")) == set()
    assert await shown(stage, Filter(environment="PRODUCTION", source="LOG")) == {in_shop}
    assert await shown(stage, Filter(environment="PRODUCTION", source="EVENT")) == {of_app}
    assert await shown(stage, Filter(environment="STAGING", source="EVENT")) == set()
    assert await shown(stage, Filter(environment="ios", source="LOG")) == set()
    assert await shown(stage, Filter(release="1.10")) == {of_app}
    assert await shown(stage, Filter(release="1.1")) == set()
    assert await shown(stage, Filter(tag=("browser", "Firefox"))) == {of_app}
    assert await shown(stage, Filter(tag=("browser", "Chrome"))) == set()


async def test_all_that_is_asked_must_hold() -> None:
    stage = await set_up()
    one = await seen(stage.shop, "KeyError", severity="high")
    await seen(stage.shop, "ValueError", severity="high")
    await seen(stage.shop, "KeyError2", severity="medium")
    everything = Filter(
        severity=("HIGH", "CRITICAL"),
        status=("NEW",),
        source="LOG",
        kind=("TRACEBACK",),
        module="sal",
        instance_id=stage.shop.id,
        project_id=stage.project_id,
        is_dev=False,
        priority=("P3",),
        search="key",
        environment="PRODUCTION",
        since=later(hours=-1),
        until=later(hours=1),
        show_muted=True,
    )
    assert await shown(stage, everything) == {one}
