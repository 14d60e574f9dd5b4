"""What people and agents do in the tests of verbs: errors that were recorded, and those who work on them."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

from app.accounts.actors import Actor
from app.tables.database import fetch
from tests.database import NOW
from tests.reading.stage import seen
from tests.recording.stage import Stage, later, set_up

ROBOT = Actor("agent", UUID(int=7))


async def errors(count: int) -> tuple[Stage, list[UUID]]:
    """A stage with so many errors, each seen twice and therefore active, their history empty."""
    stage = await set_up()
    groups = [await seen(stage.shop, f"Error{n}", later(minutes=-n), later(minutes=-n)) for n in range(count)]
    await fetch("delete from group_change")
    return stage, groups


async def join(organization_id: UUID, name: str = "Ann") -> UUID:
    """The membership of a new member."""
    person_id, membership_id = uuid4(), uuid4()
    await fetch(
        "insert into person (id, email, name, created_at) values ($1, $2, $3, $4)",
        person_id,
        f"{person_id}@acme.test",
        name,
        NOW,
    )
    await fetch(
        "insert into membership values ($1, $2, $3, 'developer', $4)",
        membership_id,
        organization_id,
        person_id,
        NOW,
    )
    return membership_id


async def steps(group_id: UUID) -> list[dict[str, Any]]:
    """What happened to a group, oldest first."""
    rows = await fetch("select * from group_change where group_id = $1 order by id", group_id)
    return [dict(row) | {"detail": json.loads(row["detail"])} for row in rows]


async def kinds(group_id: UUID) -> list[str]:
    """What happened to a group, oldest first, in one word each."""
    return [step["kind"] for step in await steps(group_id)]


async def standing(group_id: UUID, columns: str = "status") -> Any:
    """What the columns of a group hold; of one column its value."""
    [row] = await fetch(f"select {columns} from error_group where id = $1", group_id)  # noqa: S608  the tests name them
    return row[0] if len(row) == 1 else tuple(row)


async def everything() -> dict[str, list[str]]:
    """All that a verb could change, to see that nothing did."""
    tables = ("error_group", "fingerprint", "group_change", "outbox")
    return {
        table: [row[0] for row in await fetch(f"select t::text from {table} as t order by 1")]  # noqa: S608
        for table in tables
    }


async def until_somebody_waits(connection: Any, count: int = 1) -> None:
    """Return when so many wait for locks, this connection's or each other's."""
    for _ in range(500):
        if await connection.fetchval("select count(*) from pg_locks where not granted") >= count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for a lock")
