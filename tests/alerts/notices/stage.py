"""Members who are told something, in the tests of notices."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from app.accounts.actors import Actor
from app.alerts.channels.channel import unsealed
from app.alerts.channels.outgoing import Outgoing
from app.alerts.deliveries.outbox import unpacked
from app.tables.database import fetch
from tests.alerts.deliveries.stage import host
from tests.database import NOW


async def member(organization_id: UUID, name: str, email: str) -> UUID:
    """The membership of a new person."""
    person_id, membership_id = uuid4(), uuid4()
    await fetch(
        "insert into person (id, email, name, created_at) values ($1, $2, $3, $4)",
        person_id,
        email,
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


def person(membership_id: UUID) -> Actor:
    """A member as somebody who does something."""
    return Actor("person", membership_id)


@dataclass(frozen=True)
class Notice:
    """A mail that is to be sent."""

    kind: str
    address: str
    message: Outgoing
    key: str
    due_at: datetime


async def notices() -> list[Notice]:
    """All of them, in the order of their addresses."""
    rows = await fetch("select * from delivery order by id")
    found = []
    for row in rows:
        [channel] = unsealed(row["organization_id"], row["channel"])
        assert row["target"] == host(channel)
        assert msgspec.json.decode(row["body"])["title"]
        found.append(
            Notice(row["kind"], host(channel), unpacked(row["body"]), row["key"], row["next_attempt_at"])
        )
    return sorted(found, key=lambda notice: notice.address)
