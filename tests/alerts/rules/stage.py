"""Rules as people make them, in the tests of rules."""

import json
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from app.alerts.channels.channel import AppriseChannel, EmailChannel, WebhookChannel
from app.alerts.rules.create_rule import MadeRule, create_rule
from app.alerts.rules.wanted_rule import NewRule
from app.domain.alerts.conditions import Condition, ConditionKind
from app.tables.database import fetch
from tests.database import NOW
from tests.recording.stage import Stage

MAIL: Final = EmailChannel(("ann@acme.test", "bob@acme.test"))
HOOK: Final = WebhookChannel("https://hooks.example.com/hidden-path", "hidden secret of the hook")
SLACK: Final = AppriseChannel("slack://TokenAAAA1/TokenBBBB2/hiddenhiddenhiddenhidde4/#shop")
OPENED: Final = Condition(ConditionKind.OPENED)
FREQUENT: Final = Condition(ConditionKind.FREQUENCY, count=3, window_seconds=3600)


def wanted(stage: Stage, **different: Any) -> NewRule:
    """A rule about errors that open, by mail."""
    return replace(NewRule(stage.project_id, "New errors", OPENED, (MAIL,)), **different)


async def made(stage: Stage, **different: Any) -> MadeRule:
    """Such a rule, made."""
    return await create_rule(stage.organization_id, wanted(stage, **different), now=NOW)


async def rules(columns: str = "*") -> list[Any]:
    """All rules, by name."""
    rows = await fetch(f"select {columns} from alert_rule order by name")  # noqa: S608  the tests name them
    return [tuple(row) if len(row) > 1 else row[0] for row in rows]


async def told() -> list[tuple[str, str, dict[str, Any]]]:
    """What the audit says of rules: kind, name, detail."""
    rows = await fetch(
        "select kind, subject_name, detail from audit_entry where subject_type = 'AlertRule' order by id"
    )
    return [(row["kind"], row["subject_name"], json.loads(row["detail"])) for row in rows]


async def pending(rule_id: UUID) -> Any:
    """What the rule has found and not told: how much, and when it is due; None: nothing."""
    rows = await fetch("select total, due_at from alert_pending where rule_id = $1", rule_id)
    return tuple(rows[0]) if rows else None


async def levels(rule_id: UUID) -> int:
    """How many subjects are remembered as over the rule's line."""
    [row] = await fetch("select count(*) from alert_level where rule_id = $1", rule_id)
    return int(row[0])
