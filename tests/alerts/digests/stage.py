"""Who gets digests in these tests, and what was handed over to be sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from app.accounts import keys_in_force
from app.alerts.deliveries.outbox import unpacked
from app.reactions import react
from app.tables.database import fetch
from tests.database import NOW
from tests.recording.stage import Stage, recorded, sighting


@dataclass(frozen=True)
class Mail:
    """One that was handed over."""

    to: str
    key: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    images: dict[str, bytes]


@contextmanager
def keys() -> Iterator[None]:
    """The process has a key."""
    keys_in_force.use_keys("a key of tests alone")
    try:
        yield
    finally:
        keys_in_force.use_keys()


async def member(organization_id: UUID, name: str, **columns: Any) -> UUID:
    """A new member whose address begins with the name; the columns are the person's."""
    person_id, membership_id = uuid4(), uuid4()
    values = {"id": person_id, "email": f"{name}@acme.test", "name": name, "created_at": NOW} | columns
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await fetch(f"insert into person ({', '.join(values)}) values ({places})", *values.values())  # noqa: S608  the tests name them
    await fetch(
        "insert into membership values ($1, $2, $3, 'viewer', $4)",
        membership_id,
        organization_id,
        person_id,
        NOW,
    )
    return membership_id


async def happened(stage: Stage, error: str, at: datetime, times: int = 1, **different: Any) -> None:
    """An error was heard of at this time, by the log's clock and by ours."""
    await recorded([sighting(stage.shop, error, at, **different) for _ in range(times)], now=at)
    await react(now=at)


async def mails() -> list[Mail]:
    """What was handed over, oldest first, then by address."""
    rows = await fetch(
        """
        select p.email, d.key, d.body from delivery as d
        join membership as m on m.id = d.membership_id join person as p on p.id = m.person_id
        where d.kind = 'digest' order by d.created_at, p.email
        """
    )
    found = []
    for row in rows:
        message = unpacked(row["body"])
        found.append(
            Mail(
                row["email"],
                row["key"],
                message.title,
                message.text,
                message.html or "",
                dict(message.headers),
                dict(message.images),
            )
        )
    return found


async def told_through(project_id: UUID) -> datetime | None:
    """Up to when the project's digest was sent."""
    rows = await fetch("select sent_through from digest where project_id = $1", project_id)
    return rows[0][0] if rows else None
