"""A rule as somebody wants it: how it is checked, how it is stored, and what the audit says of it.

Comes in: what somebody gave. Goes out: the same by the names of its columns, or BadInput, NotFound with the path of the
input at fault. What is secret in channels is sealed here, and goes nowhere else.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.alerts.channels.channel import (
    MOST_CHANNELS,
    Channel,
    WebhookChannel,
    checked,
    checked_all,
    kind,
    sealed,
    shown,
)
from app.domain.alerts import conditions, filters
from app.domain.alerts.conditions import Condition
from app.domain.alerts.filters import EVERYTHING, AlertFilter
from app.errors import BadInput, NotFound
from app.projects import names
from app.tables.database import fetch_one

RULES_LIMIT: Final = 100
"""Rules of one project."""
QUIET: Final = 3600
"""Seconds of quiet time where nothing is said."""
QUIET_LIMIT: Final = 604_800
"""Seconds: a week."""
_TOLD: Final = {
    "name": "name",
    "condition": "condition",
    "filters": "filter",
    "channels_shown": "channels",
    "quiet_seconds": "quietSeconds",
    "enabled": "enabled",
}
"""The columns that the audit tells of, and what the graph calls them."""
JSON: Final = ("condition", "filters", "channels_shown")
"""Those whose value is stored as JSON; here they are as JSON has them."""


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to be. `quiet_seconds`: how long it says nothing after it has said something."""

    project_id: UUID
    name: str
    condition: Condition
    channels: Sequence[Channel]
    filter: AlertFilter = EVERYTHING
    quiet_seconds: int = QUIET
    enabled: bool = True


def checked_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of columns, as JSON has them. `given`: name, condition, filters (AlertFilter), quiet_seconds, enabled, any
    of them. BadInput: something that nobody can have."""
    values = dict(given)
    if "name" in values:
        values["name"] = names.name(values["name"])
    if "condition" in values:
        values["condition"] = conditions.stored(conditions.checked(values["condition"]))
    if "filters" in values:
        values["filters"] = filters.stored(filters.checked(values["filters"]))
    if "quiet_seconds" in values:
        checked_quiet(values["quiet_seconds"])
    return values


def checked_quiet(seconds: int) -> int:
    """The quiet time. BadInput: it is longer than a week, or negative."""
    if not 0 <= seconds <= QUIET_LIMIT:
        raise BadInput(f"the quiet time has 0 to {QUIET_LIMIT:,} seconds", field="quietSeconds")
    return seconds


def checked_channels(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """The channels as they are kept. BadInput: none, too many, or one is wrong, named by its place."""
    if not 1 <= len(channels) <= MOST_CHANNELS:
        return checked_all(channels)
    return checked_all([_checked(place, channel) for place, channel in enumerate(channels)])


def columns_of(organization_id: UUID, channels: Sequence[Channel]) -> dict[str, Any]:
    """The columns of checked channels. ConfigurationError: there is no key to seal them with."""
    told = [shown(channel) for channel in channels]
    return {"channels": sealed(organization_id, channels), "channels_shown": told}


def made_secrets(given: Iterable[Channel], kept: Iterable[Channel]) -> tuple[str, ...]:
    """The secrets of webhooks that were made here, as none was given, in the order of the channels."""
    theirs = {channel.secret for channel in given if isinstance(channel, WebhookChannel)}
    secrets = (channel.secret for channel in kept if isinstance(channel, WebhookChannel))
    return tuple(secret for secret in secrets if secret not in theirs)


async def demand_known(
    organization_id: UUID, project_id: UUID, wanted: AlertFilter, before: AlertFilter = EVERYTHING
) -> None:
    """NotFound, naming the field: an instance or app is not one of the project's, an assignee no member. One statement.

    What the rule has asked for `before` may be gone.
    """
    row = await fetch_one(
        _KNOWN, organization_id, project_id, wanted.instance_ids, wanted.app_ids, wanted.assignee_ids
    )
    for called, told, asked, had in (
        (
            "instanceIds",
            "there is no such instance in this project",
            wanted.instance_ids,
            before.instance_ids,
        ),
        ("appIds", "there is no such app in this project", wanted.app_ids, before.app_ids),
        ("assigneeIds", "there is no such member", wanted.assignee_ids, before.assignee_ids),
    ):
        known = set(row[called] or ()) if row else set()
        if not set(asked) <= known | set(had):
            raise NotFound(told, field=f"filter.{called}")


_KNOWN: Final = """
select
    (select array_agg(id) from instance
        where organization_id = $1 and project_id = $2 and deleted_at is null and id = any($3::uuid[])) as "instanceIds",
    (select array_agg(id) from app
        where organization_id = $1 and project_id = $2 and deleted_at is null and id = any($4::uuid[])) as "appIds",
    (select array_agg(id) from membership
        where organization_id = $1 and id = any($5::uuid[])) as "assigneeIds"
"""


def column_value(column: str, value: Any) -> Any:
    """The value for its column."""
    return json.dumps(value) if column in JSON else value


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values by the graph's names, as the audit tells them: of channels their labels."""
    return {_TOLD[column]: _told(column, value) for column, value in values.items() if column in _TOLD}


def _told(column: str, value: Any) -> Any:
    if column == "channels_shown":
        return [f"{each['kind']} {each['label']}" for each in value]
    return json.dumps(value, ensure_ascii=False) if column in JSON else value


def _checked(place: int, channel: Channel) -> Channel:
    try:
        return checked(channel)
    except BadInput as wrong:
        path = ("channels", str(place), kind(channel).lower(), wrong.field)
        raise BadInput(wrong.message, field=".".join(part for part in path if part)) from None
