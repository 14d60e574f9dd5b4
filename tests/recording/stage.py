"""Who is heard of in the tests of recording: an organization, its project, its instances, their errors."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.domain.fingerprints import Fingerprint
from app.domain.lifecycle import Source
from app.recording.record import Recorded, record
from app.recording.sightings import Description, Detail, Origin, ShownException, ShownFrame, Sighting
from app.tables.database import fetch, transaction
from tests.database import NOW


@dataclass(frozen=True)
class Stage:
    """A project with two instances, both in production."""

    organization_id: UUID
    project_id: UUID
    shop: Origin
    warehouse: Origin

    async def groups(self, columns: str = "*") -> list[dict[str, Any]]:
        """The project's groups, oldest first."""
        rows = await fetch(
            f"select {columns} from error_group where project_id = $1 order by first_seen_at, title, id",  # noqa: S608  the tests name them
            self.project_id,
        )
        return [dict(row) for row in rows]

    async def group(self, columns: str = "*") -> dict[str, Any]:
        """The project's only group."""
        [only] = await self.groups(columns)
        return only

    async def history(self) -> list[tuple[str, str | None, str | None]]:
        """What happened to the project's groups: kind, status before, status after."""
        rows = await fetch(
            """
            select c.kind, c.status_before, c.status_after from group_change as c
            join error_group as g on g.id = c.group_id where g.project_id = $1 order by c.id
            """,
            self.project_id,
        )
        return [tuple(row) for row in rows]

    async def stored_at(self) -> list[datetime]:
        """The log times of the project's occurrences, in the order in which they were stored."""
        rows = await fetch(
            "select occurred_at from occurrence where project_id = $1 order by received_at, id",
            self.project_id,
        )
        return sorted(row["occurred_at"] for row in rows)


async def set_up(*, cooldown_seconds: int = 300, retention_days: int = 90) -> Stage:
    """A new project in a new organization."""
    organization_id, project_id = uuid4(), uuid4()
    await fetch(
        "insert into organization values ($1, 'Acme', $2, $3)",
        organization_id,
        f"acme-{organization_id.hex}",
        NOW,
    )
    await fetch(
        """
        insert into project (id, organization_id, name, slug, cooldown_seconds, retention_days, created_at)
        values ($1, $2, 'Odoo', 'odoo', $3, $4, $5)
        """,
        project_id,
        organization_id,
        cooldown_seconds,
        retention_days,
        NOW,
    )
    origins = [
        Origin(organization_id, project_id, project_id, uuid4(), Source.LOG, environment="PRODUCTION")
        for _ in range(2)
    ]
    for slug, origin in zip(("shop", "warehouse"), origins, strict=True):
        await fetch(
            """
            insert into instance (id, organization_id, project_id, name, slug, environment, source_kind, source, created_at)
            values ($1, $2, $3, $4, $4, 'PRODUCTION', 'file', '{}', $5)
            """,
            origin.id,
            organization_id,
            project_id,
            slug,
            NOW,
        )
    return Stage(organization_id, project_id, *origins)


def sighting(origin: Origin, error: str = "KeyError", at: datetime = NOW, **different: Any) -> Sighting:
    """One detection of the error that `error` names."""
    told = Description(
        f"{error}: 'partner_id'",
        "'partner_id'",
        error,
        Detail(
            (ShownException(error, "'partner_id'", (ShownFrame("a.py", 7, "write", "sale", True, "x = y"),)),)
        ),
    )
    fingerprint = Fingerprint(1, sha256(error.encode()).hexdigest(), f"v1 traceback\ntype {error}")
    heard = Sighting(origin, fingerprint, at, "traceback", "critical", "sale", lambda: told)
    return replace(heard, **different)


def later(**time: float) -> datetime:
    """A time after `NOW`; before it, if negative."""
    return NOW + timedelta(**time)


async def recorded(sightings: Iterable[Sighting], *, now: datetime = NOW) -> Recorded:
    """What recording the sightings in a transaction of their own gives."""
    async with transaction():
        return await record(list(sightings), now=now)


def cut(sightings: Sequence[Sighting], places: Iterable[int]) -> list[Sequence[Sighting]]:
    """The sightings in batches that end at the places."""
    ends = sorted({place % (len(sightings) + 1) for place in places} | {len(sightings)})
    return [sightings[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@contextmanager
def noted_statements(monkeypatch: pytest.MonkeyPatch, into: list[str]) -> Iterator[None]:
    """Note every statement that goes to the server."""
    original, copying = asyncpg.Connection.fetch, asyncpg.Connection.copy_records_to_table

    async def noting(self: Any, sql: str, *values: object, **more: Any) -> Any:
        into.append(" ".join(sql.split()))
        return await original(self, sql, *values, **more)

    async def noting_copy(self: Any, table: str, **more: Any) -> Any:
        into.append(f"copy {table} from stdin")
        return await copying(self, table, **more)

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.Connection, "fetch", noting)
        patched.setattr(asyncpg.Connection, "copy_records_to_table", noting_copy)
        yield


async def at_once(*batches: list[Sighting]) -> list[Recorded]:
    """Record each batch in a task and transaction of its own, all at the same time."""
    return list(await asyncio.gather(*(recorded(batch) for batch in batches)))
