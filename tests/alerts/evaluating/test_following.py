"""What rules say to changes: which of them they are about, and that each is gathered once."""

from datetime import timedelta
from typing import Any

import pytest

from app.alerts.evaluating.following import match_changes
from app.alerts.evaluating.gathering import GATHERED, SAMPLE
from app.domain.alerts.filters import AlertFilter
from app.domain.lifecycle import MoveKind, Source
from app.reactions import react
from app.tables.database import fetch, transaction
from app.timeline import Pending
from tests.alerts.evaluating.stage import (
    OPENED,
    REGRESSED,
    add_origin,
    event,
    opened,
    pended,
    rule,
)
from tests.database import NOW
from tests.reading.stage import change
from tests.recording.stage import Stage, later, noted_statements, recorded, set_up, sighting
from tests.triage.stage import join

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_a_new_error_is_gathered_for_the_rules_of_its_project_that_are_enabled() -> None:
    stage, other = await set_up(), await set_up()
    mine = await rule(stage)
    await rule(stage, REGRESSED)
    await rule(stage, enabled=False)
    await rule(other)

    [group_id] = await opened(stage, "A")

    found = await pended()
    assert found.keys() == {mine}
    assert (found[mine].total, found[mine].ids, found[mine].due_at) == (1, [group_id], NOW + GATHERED)
    await react(now=later(seconds=1))
    assert (await pended())[mine].total == 1, "each change is followed once"


async def test_what_comes_back_is_gathered_and_what_only_happens_again_is_not() -> None:
    stage = await set_up()
    regressed = await rule(stage, REGRESSED)
    [group_id, _] = await opened(stage, "A", "B")
    await opened(stage, "A", "B", at=later(minutes=1))
    assert await pended() == {}
    await change(group_id, status="RESOLVED", resolved_at=later(minutes=2))
    await opened(stage, "A", at=later(minutes=3))

    found = await pended()
    assert found.keys() == {regressed}
    assert found[regressed].ids == [group_id]


@pytest.mark.parametrize(
    ("columns", "is_told"),
    [
        ({"status": "SILENCED"}, False),
        ({"is_dev": True}, False),
        ({"muted_at": NOW}, False),
        ({"muted_at": NOW, "mute_until": later(minutes=1)}, False),
        ({"muted_at": later(minutes=-9), "mute_until": NOW}, True),
        ({"deleted_at": NOW}, False),
        ({"merged_into_id": "the other"}, False),
        ({"status": "RESOLVED", "resolved_at": NOW}, True),
        ({"severity": 3}, True),
    ],
)
async def test_of_what_is_muted_silenced_merged_deleted_or_dev_nobody_is_told(
    columns: dict[str, Any], is_told: bool
) -> None:
    stage = await set_up()
    mine = await rule(stage)
    await recorded([sighting(stage.shop, "A"), sighting(stage.shop, "B")])
    first, second = (row["id"] for row in await stage.groups("id"))
    if "merged_into_id" in columns:
        columns = {"merged_into_id": second}
    await change(first, **columns)

    await react(now=NOW)

    assert (await pended())[mine].ids.count(first) == is_told
    assert (await pended())[mine].total == 1 + is_told


FILTERS: list[tuple[AlertFilter, str]] = [
    (AlertFilter(), "log app"),
    (AlertFilter(environments=("production",)), "log app"),
    (AlertFilter(environments=("PRODUCTION", "nowhere")), "log app"),
    (AlertFilter(environments=("staging",)), ""),
    (AlertFilter(severities=("CRITICAL",)), "log app"),
    (AlertFilter(severities=("HIGH", "MEDIUM")), ""),
    (AlertFilter(modules=("Sale",)), "log app"),
    (AlertFilter(modules=("sal",)), ""),
    (AlertFilter(releases=("1.0",)), "app"),
    (AlertFilter(releases=("1",)), ""),
    (AlertFilter(tags=(("browser", "Firefox"),)), "app"),
    (AlertFilter(tags=(("browser", "firefox"),)), ""),
    (AlertFilter(tags=(("release", "1.0"),)), "app"),
    (AlertFilter(environments=("production",), tags=(("browser", "Firefox"),)), "app"),
    (AlertFilter(environments=("staging",), releases=("1.0",)), ""),
]


async def test_filters_ask_what_lists_ask() -> None:
    stage = await set_up()
    app = await add_origin(stage)
    member = await join(stage.organization_id)
    named = [
        *FILTERS,
        (AlertFilter(instance_ids=(stage.shop.id,)), "log"),
        (AlertFilter(instance_ids=(stage.warehouse.id,)), ""),
        (AlertFilter(app_ids=(app.id,)), "app"),
        (AlertFilter(app_ids=(stage.shop.id,)), ""),
        (AlertFilter(assignee_ids=(member,)), "log"),
    ]
    rules = {await rule(stage, OPENED, wanted): expected for wanted, expected in named}
    tags = (("browser", "Firefox"),)
    await recorded([sighting(stage.shop, "log")])
    await recorded([event(app, "app", version="1.0", environment="production", tags=tags)])
    groups = {row["source"]: row["id"] for row in await stage.groups("id, source")}
    await change(groups[Source.LOG], assignee_id=member)

    await react(now=NOW)

    found = await pended()
    names = {groups[Source.LOG]: "log", groups[Source.EVENT]: "app"}
    got = {
        rule_id: " ".join(names[its] for its in found[rule_id].ids) if rule_id in found else ""
        for rule_id in rules
    }
    assert got == rules


async def test_a_storm_is_one_row_for_each_rule_and_names_the_first() -> None:
    stage = await set_up()
    rules = [await rule(stage) for _ in range(3)]
    first = await opened(stage, *(f"E{n}" for n in range(7)))
    more = await opened(stage, *(f"F{n}" for n in range(30)), at=later(seconds=1))

    for rule_id in rules:
        found = (await pended())[rule_id]
        assert found.total == 37
        assert len(found.ids) == SAMPLE
        assert set(found.ids[:7]) == set(first)
        assert set(found.ids[7:]) <= set(more)
        assert found.due_at == NOW + GATHERED, "what comes meanwhile goes with it"


async def test_within_the_quiet_time_it_is_gathered_until_that_is_over() -> None:
    stage = await set_up()
    mine = await rule(stage, quiet_seconds=600)
    await fetch("update alert_rule set last_fired_at = $1", later(minutes=-4))
    await opened(stage, "A")
    assert (await pended())[mine].due_at == NOW + timedelta(minutes=6)
    await fetch("delete from alert_pending")
    await fetch("update alert_rule set last_fired_at = $1", later(hours=-4))
    await opened(stage, "B")
    assert (await pended())[mine].due_at == NOW + GATHERED


@pytest.mark.parametrize("stored", ['{"kind": "PAINTED"}', '{"kind": "OPENED", "new": 1}'])
async def test_what_this_version_does_not_understand_matches_nothing(stored: str) -> None:
    stage = await set_up()
    mine, strange = await rule(stage), await rule(stage)
    column = "filters" if "new" in stored else "condition"
    await fetch(f"update alert_rule set {column} = $1 where id = $2", stored, strange)  # noqa: S608  one of two
    await opened(stage, "A")
    assert (await pended()).keys() == {mine}


async def test_the_number_of_statements_is_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    said: list[str] = []

    async def counted() -> int:
        said.clear()
        all_changes = await changes(stage)
        with noted_statements(monkeypatch, said):
            async with transaction():
                await match_changes(all_changes, NOW)
        return len(said)

    await opened(stage, "A")
    assert await counted() == 1, "no rules, one statement"
    wanted = AlertFilter(environments=("PRODUCTION",), releases=("1",), instance_ids=(stage.shop.id,))
    await rule(stage, OPENED, wanted)
    few = await counted()
    await opened(stage, *"BCDEFG")
    for _ in range(5):
        await rule(stage, OPENED, wanted)
    assert await counted() == few <= 5


async def changes(stage: Stage) -> list[Any]:
    """All changes of the project, as if none were followed yet."""
    return [
        Pending(
            row["id"], stage.organization_id, MoveKind(row["kind"]), row["group_id"], row["id"], {}, NOW, 0
        )
        for row in await fetch("select id, kind, group_id from group_change order by id")
    ]
