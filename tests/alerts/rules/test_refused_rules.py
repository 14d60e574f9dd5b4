"""Rules that nobody can have, and those of others: refused, and nothing is changed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.alerts.channels.channel import EmailChannel, WebhookChannel
from app.alerts.rules.create_rule import create_rule
from app.alerts.rules.delete_rule import delete_rule
from app.alerts.rules.update_rule import RuleChanges, update_rule
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import AlertFilter
from app.errors import BadInput, NotFound
from app.tables.database import fetch
from tests.alerts.rules.stage import HOOK, MAIL, made, rules, told, wanted
from tests.database import NOW
from tests.graphql.stage import joined
from tests.reading.stage import add_app
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": " "}, "name"),
    "a name with NUL": ({"name": "a\0"}, "name"),
    "half a character": ({"name": "\ud800"}, "name"),
    "a long name": ({"name": "n" * 201}, "name"),
    "no number": ({"condition": Condition(ConditionKind.USERS, window_seconds=60)}, "condition.count"),
    "a strange number": ({"condition": Condition(ConditionKind.OPENED, count=1)}, "condition.count"),
    "not a number": (
        {"condition": Condition(ConditionKind.SPIKE, factor=float("nan"))},
        "condition.factor",
    ),
    "many values": ({"filter": AlertFilter(modules=tuple(map(str, range(51))))}, "filter.modules"),
    "text with NUL": ({"filter": AlertFilter(tags=(("a", "\0b"),))}, "filter.tags"),
    "quiet for ever": ({"quiet_seconds": 604_801}, "quietSeconds"),
    "quiet before": ({"quiet_seconds": -1}, "quietSeconds"),
    "no channels": ({"channels": ()}, "channels"),
    "many channels": ({"channels": (MAIL,) * 11}, "channels"),
    "no address": ({"channels": (MAIL, EmailChannel(("nobody",)))}, "channels.1.email.addresses"),
    "no URL": ({"channels": (WebhookChannel("ftp://x"),)}, "channels.0.webhook.url"),
    "a short secret": ({"channels": (WebhookChannel("https://x.test/", "a"),)}, "channels.0.webhook.secret"),
    "an unknown instance": ({"filter": AlertFilter(instance_ids=(uuid4(),))}, "filter.instanceIds"),
    "an unknown app": ({"filter": AlertFilter(app_ids=(uuid4(),))}, "filter.appIds"),
    "an unknown member": ({"filter": AlertFilter(assignee_ids=(uuid4(),))}, "filter.assigneeIds"),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(why: str) -> None:
    different, field = REFUSED[why]
    stage = await set_up()
    with pytest.raises((BadInput, NotFound)) as refused:
        await made(stage, **different)
    assert refused.value.field == field
    assert await rules() == []
    assert await told() == []

    rule = await made(stage)
    before = await rules()
    changed = {("filters" if name == "filter" else name): value for name, value in different.items()}
    with pytest.raises((BadInput, NotFound)) as refused:
        await update_rule(stage.organization_id, rule.id, RuleChanges(**changed), now=later(hours=1))
    assert refused.value.field == field
    assert await rules() == before
    assert len(await told()) == 1


async def test_things_of_other_projects_and_organizations_are_refused() -> None:
    stage, strangers = await set_up(), await set_up()
    gone, ann = await add_app(stage), await joined(strangers.organization_id)
    assert ann.membership_id
    await fetch("update app set deleted_at = $2 where id = $1", gone, NOW)
    for asked in (
        AlertFilter(instance_ids=(stage.shop.id, strangers.shop.id)),
        AlertFilter(app_ids=(gone,)),
        AlertFilter(app_ids=(await add_app(strangers),)),
        AlertFilter(assignee_ids=(ann.membership_id,)),
    ):
        with pytest.raises(NotFound):
            await made(stage, filter=asked)
    assert await rules() == []


DOINGS: dict[str, Callable[[Stage, UUID, UUID], Any]] = {
    "create": lambda stage, organization_id, _: create_rule(organization_id, wanted(stage), now=NOW),
    "update": lambda _, organization_id, rule_id: update_rule(
        organization_id, rule_id, RuleChanges(name="Theirs", channels=(HOOK,)), now=NOW
    ),
    "delete": lambda _, organization_id, rule_id: delete_rule(organization_id, rule_id, now=NOW),
}


@pytest.mark.parametrize("doing", DOINGS)
async def test_what_is_not_there_or_not_theirs_is_not_touched(doing: str) -> None:
    stage, strangers = await set_up(), await set_up()
    rule = await made(stage)
    before = await rules()
    with pytest.raises(NotFound):
        await DOINGS[doing](stage, strangers.organization_id, rule.id)
    await fetch("update project set deleted_at = $2 where id = $1", stage.project_id, NOW)
    with pytest.raises(NotFound):
        await DOINGS[doing](stage, stage.organization_id, rule.id)
    assert await rules() == before
    assert len(await told()) == 1
