"""Change what is set on a project.

Comes in: the changes, what is UNSET stays, and who makes them. Goes out: nothing. With what was changed comes the row
that says who did. Other weights of priorities take effect at once for what is recorded, and within minutes for the
rest, see `recording.settle_priorities`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from msgspec import UNSET, UnsetType

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.domain import priority
from app.domain.priority import Weights
from app.domain.secrets.scrubbing import Scrubbing
from app.errors import BadInput, NotFound
from app.projects import names, slugs
from app.projects.rules import stored_grouping_rules, stored_scrubbing
from app.recording.settle_priorities import BEGINNING
from app.tables.database import fetch, fetch_one, transaction

__all__ = ["UNSET", "ProjectChanges", "UnsetType", "update_project"]

ALERT_FREQUENCIES: Final = ("NONE", "HOURLY", "SIX_HOURLY", "DAILY", "WEEKLY")
_RANGES: Final = {
    "cooldown_seconds": (0, 86_400),
    "auto_resolve_days": (1, 365),
    "retention_days": (1, 3650),
    "github_threshold": (1, 1_000_000),
    "github_daily_cap": (0, 1000),
}
_FIELDS: Final = {
    "name": "name",
    "slug": "slug",
    "time_zone": "timeZone",
    "cooldown_seconds": "cooldownSeconds",
    "auto_resolve_days": "autoResolveDays",
    "retention_days": "retentionDays",
    "regress_without_version": "regressWithoutVersion",
    "priority_weights": "priorityWeights",
    "alert_frequency": "alertFrequency",
    "quota_per_minute": "quotaPerMinute",
    "github_threshold": "githubThreshold",
    "github_daily_cap": "githubDailyCap",
    "grouping_rules": "groupingRules",
    "scrubbing": "scrubbing",
}
"""The columns that can be changed, and what the graph calls them."""
_JSON: Final = ("priority_weights", "grouping_rules", "scrubbing")


@dataclass(frozen=True, slots=True)
class ProjectChanges:
    """What is to be different. Weights and rules are exchanged as a whole.

    `cooldown_seconds` 0 to 86,400, `auto_resolve_days` 1 to 365, `retention_days` 1 to 3,650; `regress_without_version`:
    an error of an app whose version is not known comes back all the same. `quota_per_minute`: of the events of all apps
    together, None for as many as come. `grouping_rules`: as `domain.grouping_rules.plain` gives them. `github_threshold`:
    the count at which an error becomes an issue on GitHub, 1 to 1,000,000; `github_daily_cap`: issues made in a day, 0 to 1,000.
    """

    name: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    cooldown_seconds: int | UnsetType = UNSET
    auto_resolve_days: int | UnsetType = UNSET
    retention_days: int | UnsetType = UNSET
    regress_without_version: bool | UnsetType = UNSET
    priority_weights: Weights | UnsetType = UNSET
    alert_frequency: str | UnsetType = UNSET
    quota_per_minute: int | UnsetType | None = UNSET
    grouping_rules: Sequence[Any] | UnsetType = UNSET
    scrubbing: Scrubbing | UnsetType = UNSET
    github_threshold: int | UnsetType = UNSET
    github_daily_cap: int | UnsetType = UNSET


async def update_project(
    organization_id: UUID,
    project_id: UUID,
    changes: ProjectChanges,
    *,
    now: datetime,
    actor: Actor = SYSTEM,
) -> None:
    """Make all of the changes, or none. To be called outside of transactions.

    BadInput: something that nobody can have. Taken: a project of the organization has this slug. NotFound: the
    organization has no such project, or not any more.
    """
    after = _checked(changes)
    try:
        async with transaction():
            before = await fetch_one(_BEFORE, organization_id, project_id)
            if before is None:
                raise NotFound("there is no such project", field="id")
            different = {column: value for column, value in after.items() if value != _value(before, column)}
            if different:
                await _write(project_id, different)
                if not different.keys().isdisjoint(("github_daily_cap", "time_zone")):
                    await _look_at_capped_again(project_id, now)
                await _note(organization_id, actor, before, different, now)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "project_slug":
            raise
        raise slugs.refusal() from error


def _checked(changes: ProjectChanges) -> dict[str, Any]:
    """The new values of the columns that are to change. BadInput: something that nobody can have."""
    given = {column: value for column in _FIELDS if (value := getattr(changes, column)) is not UNSET}
    for column, check in (("name", names.name), ("slug", names.slug), ("time_zone", names.time_zone)):
        if column in given:
            given[column] = check(given[column])
    for column, (least, most) in _RANGES.items():
        if column in given and not least <= given[column] <= most:
            raise BadInput(f"this is a whole number from {least} to {most:,}", field=_FIELDS[column])
    if given.get("alert_frequency", "NONE") not in ALERT_FREQUENCIES:
        raise BadInput(f"this is one of {', '.join(ALERT_FREQUENCIES)}", field="alertFrequency")
    if "priority_weights" in given:
        given["priority_weights"] = priority.stored(priority.checked(given["priority_weights"]))
    if given.get("quota_per_minute") is not None:
        given["quota_per_minute"] = names.quota(given["quota_per_minute"])
    if "grouping_rules" in given:
        given["grouping_rules"] = stored_grouping_rules(given["grouping_rules"])
    if "scrubbing" in given:
        given["scrubbing"] = stored_scrubbing(given["scrubbing"])
    return given


def _value(row: Mapping[str, Any], column: str) -> Any:
    return json.loads(row[column]) if column in _JSON else row[column]


_BEFORE: Final = f"""
select id, {", ".join(_FIELDS)} from project
where organization_id = $1 and id = $2 and deleted_at is null for no key update
"""  # noqa: S608  our own words


async def _write(project_id: UUID, different: Mapping[str, Any]) -> None:
    values = {column: json.dumps(value) if column in _JSON else value for column, value in different.items()}
    if "priority_weights" in values:
        values["rescored_through"] = BEGINNING
    places = ", ".join(f"{column} = ${place}" for place, column in enumerate(values, 2))
    await fetch(f"update project set {places} where id = $1", project_id, *values.values())  # noqa: S608  our own words


async def _look_at_capped_again(project_id: UUID, now: datetime) -> None:
    """Issues that wait for the next day are due at once: whoever makes them knows what the cap is, and the day."""
    await fetch(
        """
        with capped as materialized (
            select group_id from github_issue
            where project_id = $1 and sync_status = 'capped' order by group_id for no key update
        )
        update github_issue as i set sync_status = 'waiting', sync_error = null, next_attempt_at = $2
        from capped as c where i.group_id = c.group_id
        """,
        project_id,
        now,
    )


async def _note(
    organization_id: UUID,
    actor: Actor,
    before: Mapping[str, Any],
    different: Mapping[str, Any],
    now: datetime,
) -> None:
    def told(column: str, value: Any) -> Any:
        return json.dumps(value) if column in _JSON else value

    await audit.note(
        organization_id,
        actor,
        Kind.PROJECT_UPDATED,
        subject_type="Project",
        subject_id=before["id"],
        subject_name=different.get("name", before["name"]),
        detail={
            _FIELDS[column]: (told(column, _value(before, column)), told(column, value))
            for column, value in different.items()
        },
        now=now,
    )
