"""Change what is set on an app.

Comes in: the changes, what is UNSET stays, and who makes them. Goes out: nothing. Events that are taken from then on
follow them; with what was changed comes the row that says who did.
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
from app.errors import NotFound
from app.projects import slugs
from app.projects.app_settings import FIELDS, JSON, checked, stored, told
from app.tables.database import fetch, fetch_one, transaction

__all__ = ["UNSET", "AppChanges", "UnsetType", "update_app"]


@dataclass(frozen=True, slots=True)
class AppChanges:
    """What is to be different; see `NewApp`. None in `quota_per_minute`: as many events as come."""

    name: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    platform: str | UnsetType = UNSET
    ignore_rules: Sequence[Any] | UnsetType = UNSET
    sample_rate: float | UnsetType = UNSET
    quota_per_minute: int | UnsetType | None = UNSET
    in_app_include: Sequence[str] | UnsetType = UNSET
    in_app_exclude: Sequence[str] | UnsetType = UNSET


async def update_app(
    organization_id: UUID,
    app_id: UUID,
    changes: AppChanges,
    *,
    now: datetime,
    actor: Actor = SYSTEM,
) -> None:
    """Make all of the changes, or none. To be called outside of transactions.

    BadInput: something that nobody can have. Taken: an app of the project has this slug. NotFound: the organization
    has no such app, or not any more.
    """
    after = checked({column: value for column in FIELDS if (value := getattr(changes, column)) is not UNSET})
    try:
        async with transaction():
            before = await fetch_one(_BEFORE, organization_id, app_id)
            if before is None:
                raise NotFound("there is no such app", field="id")
            different = {column: value for column, value in after.items() if value != _value(before, column)}
            if different:
                await _write(app_id, different)
                await _note(organization_id, actor, before, different, now)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "app_slug":
            raise
        raise slugs.refusal() from error


def _value(row: Mapping[str, Any], column: str) -> Any:
    return json.loads(row[column]) if column in JSON else row[column]


_BEFORE: Final = f"""
select a.id, {", ".join(f"a.{column}" for column in FIELDS)}
from app as a join project as p on p.id = a.project_id and p.deleted_at is null
where a.organization_id = $1 and a.id = $2 and a.deleted_at is null for no key update of a
"""  # noqa: S608  our own words


async def _write(app_id: UUID, different: Mapping[str, Any]) -> None:
    places = ", ".join(f"{column} = ${place}" for place, column in enumerate(different, 2))
    values = (stored(column, value) for column, value in different.items())
    await fetch(f"update app set {places} where id = $1", app_id, *values)  # noqa: S608  our own words


async def _note(
    organization_id: UUID,
    actor: Actor,
    before: Mapping[str, Any],
    different: Mapping[str, Any],
    now: datetime,
) -> None:
    await audit.note(
        organization_id,
        actor,
        Kind.APP_UPDATED,
        subject_type="App",
        subject_id=before["id"],
        subject_name=different.get("name", before["name"]),
        detail={
            FIELDS[column]: (told(column, _value(before, column)), told(column, value))
            for column, value in different.items()
        },
        now=now,
    )
