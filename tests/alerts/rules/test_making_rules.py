"""Rules are made, changed and deleted: what is stored, what is refused, and what the audit says."""

import asyncio
import json
from uuid import uuid4

import pytest

from app.alerts.channels.channel import WebhookChannel, unsealed
from app.alerts.rules import wanted_rule
from app.alerts.rules.delete_rule import delete_rule
from app.alerts.rules.update_rule import RuleChanges, update_rule
from app.domain.alerts.filters import AlertFilter
from app.errors import BadInput, NotFound, SnaglistError
from app.tables.database import fetch
from tests.alerts.rules.stage import (
    FREQUENT,
    HOOK,
    MAIL,
    OPENED,
    SLACK,
    levels,
    made,
    pending,
    rules,
    told,
)
from tests.database import NOW
from tests.graphql.stage import joined
from tests.reading.alerting import add_pending
from tests.reading.stage import add_app
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_a_rule_is_stored_with_its_channels_sealed() -> None:
    stage = await set_up()
    app_id, ann = await add_app(stage), await joined(stage.organization_id)
    assert ann.membership_id
    asked = AlertFilter(
        environments=(" PRODUCTION ",),
        severities=("CRITICAL",),
        instance_ids=(stage.shop.id,),
        app_ids=(app_id,),
        tags=(("shop", "berlin"),),
        assignee_ids=(ann.membership_id,),
    )
    rule = await made(
        stage, name=" Often ", condition=FREQUENT, channels=(MAIL, HOOK, SLACK), filter=asked, quiet_seconds=0
    )

    assert rule.webhook_secrets == ()
    [row] = await fetch("select * from alert_rule")
    assert (row["id"], row["name"], row["quiet_seconds"], row["enabled"]) == (rule.id, "Often", 0, True)
    assert json.loads(row["condition"]) == {"kind": "FREQUENCY", "count": 3, "windowSeconds": 3600}
    assert json.loads(row["filters"]) == {
        "environments": ["PRODUCTION"],
        "severities": ["CRITICAL"],
        "instanceIds": [str(stage.shop.id)],
        "appIds": [str(app_id)],
        "tags": [["shop", "berlin"]],
        "assigneeIds": [str(ann.membership_id)],
    }
    assert unsealed(stage.organization_id, row["channels"]) == (MAIL, HOOK, SLACK)
    with pytest.raises(ValueError):
        unsealed(uuid4(), row["channels"])
    assert [each["kind"] for each in json.loads(row["channels_shown"])] == ["EMAIL", "WEBHOOK", "APPRISE"]
    [(kind, name, detail)] = await told()
    assert (kind, name) == ("ALERT_RULE_CREATED", "Often")
    assert detail["channels"][1][0] == "EMAIL ann@acme.test, bob@acme.test"
    for seen in (repr(rule), row["channels_shown"], str(detail)):
        assert "hidden" not in seen
        assert "Token" not in seen


async def test_secrets_are_made_for_webhooks_that_come_without() -> None:
    stage = await set_up()
    bare = [WebhookChannel(f"https://{name}.example.com/") for name in ("one", "two")]
    rule = await made(stage, channels=(bare[0], HOOK, bare[1]))

    [sealed] = await rules("channels")
    one, given, two = unsealed(stage.organization_id, sealed)
    assert isinstance(one, WebhookChannel)
    assert isinstance(two, WebhookChannel)
    assert given == HOOK
    assert rule.webhook_secrets == (one.secret, two.secret)
    assert len(set(rule.webhook_secrets)) == 2
    assert all(len(secret) > 30 for secret in rule.webhook_secrets)
    said = str(await told())
    assert not any(secret in said for secret in rule.webhook_secrets)


async def test_what_a_rule_asked_for_before_may_be_gone() -> None:
    stage = await set_up()
    asked = AlertFilter(instance_ids=(stage.shop.id,))
    rule = await made(stage, filter=asked)
    await fetch("update instance set deleted_at = $2 where id = $1", stage.shop.id, NOW)

    both = AlertFilter(instance_ids=(stage.shop.id, stage.warehouse.id))
    await update_rule(stage.organization_id, rule.id, RuleChanges(filters=both), now=NOW)
    [stored] = await rules("filters")
    assert len(json.loads(stored)["instanceIds"]) == 2


async def test_a_project_has_so_many_rules_and_no_more_however_many_are_made_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.alerts.rules.create_rule.RULES_LIMIT", 3)
    stage = await set_up()
    found = await asyncio.gather(*(made(stage) for _ in range(6)), return_exceptions=True)
    refused = [each for each in found if isinstance(each, BaseException)]
    assert [(type(each), getattr(each, "field", None)) for each in refused] == [(BadInput, "projectId")] * 3
    assert len(await rules()) == len(await told()) == 3
    assert wanted_rule.RULES_LIMIT == 100

    [first, *_] = await rules("id")
    await delete_rule(stage.organization_id, first, now=NOW)
    await made(stage)
    assert len(await rules()) == 3


async def test_what_is_changed_is_told_and_the_rest_stays() -> None:
    stage = await set_up()
    rule = await made(stage)
    [sealed] = await rules("channels")

    same = RuleChanges(name="New errors", condition=OPENED, filters=AlertFilter(), enabled=True)
    assert await update_rule(stage.organization_id, rule.id, same, now=later(hours=1)) == ()
    assert len(await told()) == 1
    assert await rules("updated_at") == [None]

    changes = RuleChanges(name="Old errors", quiet_seconds=0, condition=FREQUENT)
    await update_rule(stage.organization_id, rule.id, changes, now=later(hours=1))
    [_, (kind, name, detail)] = await told()
    assert (kind, name, set(detail)) == (
        "ALERT_RULE_UPDATED",
        "Old errors",
        {"name", "quietSeconds", "condition"},
    )
    assert detail["quietSeconds"] == [3600, 0]
    assert await rules("channels, updated_at") == [(sealed, later(hours=1))]


async def test_channels_are_replaced_by_what_is_given() -> None:
    stage = await set_up()
    rule = await made(stage, channels=(HOOK,))
    other = WebhookChannel("https://hooks.example.com/another-hidden-path")

    [secret] = await update_rule(stage.organization_id, rule.id, RuleChanges(channels=(other,)), now=NOW)
    [sealed] = await rules("channels")
    assert unsealed(stage.organization_id, sealed) == (WebhookChannel(other.url, secret),)
    [_, (_, _, detail)] = await told()
    assert detail == {"channels": [None, "changed"]}  # what may be seen of them is the same

    await update_rule(stage.organization_id, rule.id, RuleChanges(channels=(MAIL,)), now=NOW)
    [*_, (_, _, detail)] = await told()
    assert detail["channels"] == [
        ["WEBHOOK https://hooks.example.com/…"],
        ["EMAIL ann@acme.test, bob@acme.test"],
    ]


@pytest.mark.parametrize(
    ("changes", "begins_anew"),
    [
        (RuleChanges(condition=FREQUENT), True),
        (RuleChanges(filters=AlertFilter(modules=("sale",))), True),
        (RuleChanges(enabled=False), True),
        (RuleChanges(name="Other", channels=(HOOK,)), False),
        (RuleChanges(condition=OPENED, filters=AlertFilter(), enabled=True), False),
    ],
)
async def test_a_rule_that_asks_something_else_begins_anew(changes: RuleChanges, begins_anew: bool) -> None:
    stage = await set_up()
    rule, other = await made(stage), await made(stage)
    for each in (rule, other):
        await add_pending(each.id, 7, later(minutes=5))
        await fetch("insert into alert_level values ($1, $2, $3)", each.id, uuid4(), NOW)

    await update_rule(stage.organization_id, rule.id, changes, now=NOW)
    left = (None, 0) if begins_anew else ((7, later(minutes=5)), 1)
    assert (await pending(rule.id), await levels(rule.id)) == left
    assert (await pending(other.id), await levels(other.id)) == ((7, later(minutes=5)), 1)


async def test_what_waits_for_the_end_of_the_quiet_time_waits_for_the_new_one() -> None:
    stage = await set_up()
    rule = await made(stage)
    await fetch("update alert_rule set last_fired_at = $1", later(minutes=-10))
    await add_pending(rule.id, 7, later(minutes=50))
    await update_rule(stage.organization_id, rule.id, RuleChanges(quiet_seconds=1200), now=NOW)
    assert await pending(rule.id) == (7, later(minutes=10))
    await update_rule(stage.organization_id, rule.id, RuleChanges(quiet_seconds=0), now=NOW)
    assert await pending(rule.id) == (7, NOW)


async def test_a_deleted_rule_leaves_nothing_but_what_is_known_of_it() -> None:
    stage = await set_up()
    rule, other = await made(stage, name="A"), await made(stage, name="B")
    await add_pending(rule.id)
    await delete_rule(stage.organization_id, rule.id, now=NOW)
    with pytest.raises(NotFound):
        await delete_rule(stage.organization_id, rule.id, now=NOW)
    assert await rules("id") == [other.id]
    assert await pending(rule.id) is None
    assert [(kind, name) for kind, name, _ in await told()][2:] == [("ALERT_RULE_DELETED", "A")]


async def test_those_who_change_and_delete_at_once_do_one_after_the_other() -> None:
    stage = await set_up()
    rule = await made(stage)
    changes = [RuleChanges(name=f"N{place}", quiet_seconds=place) for place in range(4)]
    found = await asyncio.gather(
        *(update_rule(stage.organization_id, rule.id, change, now=NOW) for change in changes),
        *(delete_rule(stage.organization_id, rule.id, now=NOW) for _ in range(2)),
        return_exceptions=True,
    )
    assert all(each is None or each == () or isinstance(each, NotFound) for each in found)
    assert await rules() == []
    said = await told()
    assert [kind for kind, _, _ in said].count("ALERT_RULE_DELETED") == 1
    assert said[-1][0] == "ALERT_RULE_DELETED"
    assert len(said) == 2 + sum(each == () for each in found)


async def test_a_rule_that_is_not_made_to_its_end_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()

    async def broken(*_: object, **__: object) -> None:
        raise SnaglistError("the power is gone")

    with monkeypatch.context() as dark:
        dark.setattr("app.accounts.audit.note", broken)
        with pytest.raises(SnaglistError):
            await made(stage)
    assert await rules() == []
