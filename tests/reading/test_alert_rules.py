"""Alert rules as they are read: by name, with what they have found and not told, and nothing of what is sealed."""

import pytest

from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import AlertFilter
from app.reading import alert_rules
from app.reading.alert_rules import AlertRule, ShownChannel
from app.reading.pages import Window
from app.tables.database import fetch
from tests.database import NOW
from tests.reading.alerting import add_pending, add_rule
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_a_rule_is_read_with_what_it_has_found() -> None:
    stage = await set_up()
    rule_id = await add_rule(
        stage,
        "Often",
        condition={"kind": "USERS", "count": 5, "windowSeconds": 60},
        filters={"severities": ["HIGH"], "tags": [["a", "b"]]},
        quiet_seconds=60,
        enabled=False,
        last_fired_at=later(minutes=-1),
    )
    await add_pending(rule_id, 12, later(minutes=5))
    found = await alert_rules.alert_rule(stage.organization_id, rule_id)
    assert found == AlertRule(
        rule_id,
        stage.project_id,
        "Often",
        False,
        60,
        Condition(ConditionKind.USERS, count=5, window_seconds=60),
        AlertFilter(severities=("HIGH",), tags=(("a", "b"),)),
        (ShownChannel("WEBHOOK", "https://hooks.example.com/…"),),
        later(minutes=-1),
        NOW,
        NOW,
        12,
        later(minutes=5),
    )
    assert "sealed" not in str(found)


async def test_rules_are_listed_by_name_of_one_project_or_of_all() -> None:
    stage, strangers = await set_up(), await set_up()
    for name in ("b", "a", "c"):
        await add_rule(stage, name)
    await add_rule(strangers, "theirs")
    page = await alert_rules.alert_rules(stage.organization_id, Window(first=2))
    assert [rule.name for rule in page.nodes] == ["a", "b"]
    assert page.has_next
    rest = await alert_rules.alert_rules(stage.organization_id, Window(after=page.cursors[-1]))
    assert [rule.name for rule in rest.nodes] == ["c"]
    theirs = await alert_rules.alert_rules(stage.organization_id, project_id=strangers.project_id)
    assert theirs.nodes == []
    assert await alert_rules.count_alert_rules(stage.organization_id, project_id=stage.project_id) == 3
    await fetch("update project set deleted_at = $1", NOW)
    assert (await alert_rules.alert_rules(stage.organization_id)).nodes == []
    assert await alert_rules.count_alert_rules(stage.organization_id) == 0


async def test_what_a_newer_version_asks_is_not_taken_for_something_else() -> None:
    stage = await set_up()
    rule_id = await add_rule(stage, condition={"kind": "NEW_MOON"}, filters={"planets": ["Mars"]})
    found = await alert_rules.alert_rule(stage.organization_id, rule_id)
    assert found
    assert (found.condition, found.filter) == (None, None)
