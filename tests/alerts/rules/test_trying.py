"""A rule is tried: a message for each of its channels, which says that it is a test."""

from uuid import UUID, uuid4

import pytest

from app.accounts import keys_in_force
from app.alerts.deliveries.outbox import unpacked
from app.alerts.rules.delete_rule import delete_rule
from app.alerts.rules.try_rule import SAID, try_rule
from app.errors import BadInput, NotFound
from app.tables.database import fetch
from tests.alerts.rules.stage import HOOK, MAIL, SLACK, made
from tests.database import NOW
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_each_channel_is_tried_each_time_also_of_a_rule_that_is_off_and_quiet() -> None:
    stage = await set_up()
    rule = await made(stage, name="Hot @everyone", channels=(MAIL, HOOK, SLACK), enabled=False)
    await fetch("update alert_rule set last_fired_at = $1", NOW)

    first = await try_rule(stage.organization_id, rule.id, now=NOW)
    second = await try_rule(stage.organization_id, rule.id, now=NOW)
    rows = await fetch("select * from delivery")
    assert len(first) == len(second) == 4  # a mail to two, a webhook, a service
    assert {row["id"] for row in rows} == {*first, *second}
    assert len(rows) == 8
    assert {(row["kind"], row["status"], row["rule_id"], row["project_id"]) for row in rows} == {
        ("test", "waiting", rule.id, stage.project_id)
    }
    for row in rows:
        said = unpacked(row["body"])
        assert said.title.startswith("[Test] ")
        assert SAID in said.text
        assert said.html
        assert SAID in said.html
        assert said.data["isTest"] is True
        assert "@everyone" not in said.title + said.text
        assert "hidden" not in row["target"] + row["body"]
    [fired] = await fetch("select last_fired_at from alert_rule")
    assert fired["last_fired_at"] == NOW


async def test_a_rule_that_is_not_there_is_not_tried() -> None:
    stage, strangers = await set_up(), await set_up()
    rule = await made(stage)

    async def refused(organization_id: UUID, rule_id: UUID) -> None:
        with pytest.raises(NotFound):
            await try_rule(organization_id, rule_id, now=NOW)

    await refused(strangers.organization_id, rule.id)
    await refused(stage.organization_id, uuid4())
    await fetch("update project set deleted_at = $1", NOW)
    await refused(stage.organization_id, rule.id)
    await fetch("update project set deleted_at = null")
    await delete_rule(stage.organization_id, rule.id, now=NOW)
    await refused(stage.organization_id, rule.id)
    assert await fetch("select from delivery") == []


async def test_channels_whose_key_is_gone_are_to_be_given_again() -> None:
    stage = await set_up()
    rule = await made(stage)
    keys_in_force.use_keys("another key")
    with pytest.raises(BadInput) as refused:
        await try_rule(stage.organization_id, rule.id, now=NOW)
    assert refused.value.field == "id"
    assert await fetch("select from delivery") == []


async def test_a_test_of_a_rule_of_a_newer_version_is_sent_all_the_same() -> None:
    stage = await set_up()
    rule = await made(stage)
    await fetch("""update alert_rule set condition = '{"kind": "NEW_MOON"}'""")
    assert len(await try_rule(stage.organization_id, rule.id, now=NOW)) == 2
