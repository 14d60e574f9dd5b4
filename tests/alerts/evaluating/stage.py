"""Rules, errors that they are about, and what they have told, in the tests of rules."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from app.alerts.channels.channel import EmailChannel, WebhookChannel, sealed
from app.alerts.evaluating.gathering import Match
from app.alerts.evaluating.levels import look
from app.alerts.evaluating.pending import tell_due
from app.domain.alerts import conditions, filters
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import EVERYTHING, AlertFilter
from app.domain.lifecycle import Source
from app.reactions import react
from app.recording.sightings import Origin, Reported, Sighting
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.reading.stage import add_app
from tests.recording.stage import Stage, recorded, sighting

OPENED: Final = Condition(ConditionKind.OPENED)
REGRESSED: Final = Condition(ConditionKind.REGRESSED)
HOOK: Final = WebhookChannel("https://hooks.example.com/hidden-token", "the secret of the webhook")
MAIL: Final = EmailChannel(("ann@acme.test",))


async def rule(
    stage: Stage,
    condition: Condition = OPENED,
    wanted: AlertFilter = EVERYTHING,
    *,
    quiet_seconds: int = 0,
    enabled: bool = True,
    name: str = "A rule",
    at: datetime = NOW,
) -> UUID:
    """A rule of the stage's project, with two channels."""
    rule_id = uuid7(at)
    await fetch(
        """
        insert into alert_rule (id, organization_id, project_id, name, condition, filters, channels, quiet_seconds,
            enabled, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        rule_id,
        stage.organization_id,
        stage.project_id,
        name,
        json.dumps(conditions.stored(conditions.checked(condition))),
        json.dumps(filters.stored(wanted)),
        sealed(stage.organization_id, [HOOK, MAIL]),
        quiet_seconds,
        enabled,
        at,
    )
    return rule_id


@dataclass(frozen=True)
class Pended:
    """What a rule has gathered."""

    total: int
    sample: list[Match]
    due_at: datetime

    @property
    def ids(self) -> list[UUID]:
        """What is told by name."""
        return [its.id for its in self.sample]


async def pended() -> dict[UUID, Pended]:
    """What the rules have gathered."""
    return {
        row["rule_id"]: Pended(
            row["total"], msgspec.json.decode(row["sample"], type=list[Match]), row["due_at"]
        )
        for row in await fetch("select * from alert_pending")
    }


async def told() -> list[tuple[UUID, int, list[str]]]:
    """What rules have told their webhooks: the rule, how much it was, and the titles; oldest first."""
    rows = await fetch(
        "select rule_id, body, target from delivery where kind = 'alert' order by created_at, rule_id, id"
    )
    assert len([row for row in rows if "ann@" in row["target"]]) * 2 == len(rows), "one for each channel"
    messages = [(row["rule_id"], json.loads(row["body"])["data"]) for row in rows if "hooks" in row["target"]]
    return [(rule_id, data["total"], [item["title"] for item in data["items"]]) for rule_id, data in messages]


async def numbers_told() -> list[int]:
    """How much each message was about, oldest first."""
    return [total for _, total, _ in await told()]


async def opened(stage: Stage, *errors: str, at: datetime = NOW, origin: Origin | None = None) -> list[UUID]:
    """The groups of new errors, whose changes were followed."""
    changes = (
        await recorded([sighting(origin or stage.shop, error, at) for error in errors], now=at)
    ).changes
    await react(now=at)
    return [change.entry.move.group_id for change in changes if change.entry.move.kind == "OPENED"]


async def add_origin(stage: Stage) -> Origin:
    """An app of the project."""
    app_id = await add_app(stage)
    return Origin(stage.organization_id, stage.project_id, app_id, app_id, Source.EVENT)


def event(origin: Origin, error: str = "KeyError", at: datetime = NOW, **brought: Any) -> Sighting:
    """An event of the error that `error` names."""
    return replace(sighting(origin, error, at), reported=Reported(uuid7(NOW), **brought))


async def looked(at: datetime) -> int:
    """Look, then tell all that is due in two seconds."""
    count = await look(now=at)
    await tell_due(now=at + timedelta(seconds=2))
    return count


async def levels(rule_id: UUID) -> set[UUID]:
    """What is over the rule's line."""
    rows = await fetch(
        "select subject_id from alert_level where rule_id = $1 and subject_id <> rule_id", rule_id
    )
    return {row["subject_id"] for row in rows}


async def times(stage: Stage, error: str, count: int, at: datetime, origin: Origin | None = None) -> None:
    """An error happens so often at a time, and is recorded then."""
    await recorded([sighting(origin or stage.shop, error, at)] * count, now=at)
