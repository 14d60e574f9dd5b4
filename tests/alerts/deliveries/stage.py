"""Messages to be sent, and somebody who carries them, in the tests of deliveries."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from app.alerts.channels.channel import Channel, EmailChannel, WebhookChannel, sealed
from app.alerts.channels.outgoing import Outgoing
from app.alerts.deliveries.outbox import NewDelivery, add
from app.alerts.deliveries.sending import send_due
from app.tables.database import fetch
from tests.database import NOW
from tests.recording.stage import Stage

KEY: Final = "a key of tests alone"
SECRET: Final = "the secret of the webhook"  # noqa: S105
MESSAGE: Final = Outgoing("3 errors", "three errors", "<p>three errors</p>", {"count": 3})


def webhook(host: str = "hooks.example.com", path: str = "hidden-token") -> WebhookChannel:
    """A webhook there, whose path is secret."""
    return WebhookChannel(f"https://{host}/{path}", SECRET)


def new(stage: Stage, key: str = "k", host: str = "hooks.example.com", **different: Any) -> NewDelivery:
    """A message of no rule to a webhook."""
    usual = NewDelivery(
        stage.organization_id, stage.project_id, None, None, "test", webhook(host), MESSAGE, key
    )
    return replace(usual, **different)


async def added(*deliveries: NewDelivery, now: datetime = NOW) -> list[UUID]:
    """The ids of the new ones, as they were given."""
    await add(deliveries, now)
    rows = {row["key"]: row["id"] for row in await fetch("select key, id from delivery")}
    return [rows[one.key] for one in deliveries]


async def row(delivery_id: UUID, columns: str = "status, attempts, error") -> Any:
    """Of a delivery the columns, or the only one."""
    [found] = await fetch(f"select {columns} from delivery where id = $1", delivery_id)  # noqa: S608  the tests name them
    return tuple(found) if len(found) > 1 else found[0]


async def rule(stage: Stage, *, enabled: bool = True) -> UUID:
    """A rule of the project."""
    rule_id = uuid4()
    await fetch(
        """
        insert into alert_rule (id, organization_id, project_id, name, condition, channels, enabled, created_at)
        values ($1, $2, $3, 'New errors', '{"kind": "OPENED"}', $4, $5, $6)
        """,
        rule_id,
        stage.organization_id,
        stage.project_id,
        sealed(stage.organization_id, [webhook()]),
        enabled,
        NOW,
    )
    return rule_id


async def sent_at(now: datetime) -> int:
    """Send what is due at the time."""
    return await send_due(now=lambda: now)


async def let_leases_end() -> None:
    """A minute goes by, for the database."""
    await fetch("update delivery set taken_until = taken_until - interval '61 seconds'")


def host(channel: Channel) -> str:
    """Where it goes, in short."""
    return channel.addresses[0] if isinstance(channel, EmailChannel) else str(urlsplit(channel.url).hostname)


@dataclass
class Post:
    """Carries messages, and notes them; `refuse` raises where it does not take one."""

    carried: list[tuple[UUID, str, Outgoing]] = field(default_factory=list)
    refuse: Callable[[str], None] = lambda _: None
    hold: asyncio.Event | None = None
    """Where there is one, nothing arrives before it is set."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    """How many were under way at a time, by host; in all under ``*``."""

    async def send(self, channel: Channel, message: Outgoing, *, delivery_id: UUID, now: datetime) -> None:
        """As `app.alerts.channels.send` does."""
        assert now
        where = host(channel)
        for name in (where, "*"):
            self.under_way[name] = self.under_way.get(name, 0) + 1
            self.most[name] = max(self.most.get(name, 0), self.under_way[name])
        self.begun.set()
        try:
            await (self.hold.wait() if self.hold else asyncio.sleep(0))
            self.refuse(where)
            self.carried.append((delivery_id, where, message))
        finally:
            for name in (where, "*"):
                self.under_way[name] -= 1

    @property
    def ids(self) -> list[UUID]:
        """Of what was carried."""
        return [delivery_id for delivery_id, _, _ in self.carried]
