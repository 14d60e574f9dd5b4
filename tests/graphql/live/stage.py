"""Who listens in the tests of subscriptions: clients of an app in this process, without a network."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message

from app.accounts import tokens
from app.accounts.roles import Caller, Role, TokenKind
from app.config import from_environment
from app.graphql.context import Context
from app.graphql.endpoint import endpoint
from app.graphql.live.entrance import Entrance
from app.graphql.live.mailboxes import Mailbox
from app.graphql.persisted import Persisted
from app.graphql.schema import schema
from app.live.announce import announce
from app.live.watching import Hub
from app.recording.sightings import Origin
from tests.database import NOW
from tests.graphql.stage import joined
from tests.recording.stage import recorded, sighting

PACE = 0.02
SECONDS = 10.0
"""How long a test waits before it gives up."""

CHANGED = "subscription ($filter: ErrorFilter, $error: ID, $after: String) {"
CHANGED += " errorChanged(filter: $filter, errorId: $error, after: $after) {"
CHANGED += " cursor refetch errorId error { title status totalCount } changes { kind statusBefore } } }"
OPENED = "subscription ($filter: ErrorFilter, $after: String) {"
OPENED += " errorOpened(filter: $filter, after: $after) { cursor refetch error { title } } }"
OCCURRED = "subscription ($error: ID, $after: String) { occurrenceAdded(errorId: $error, after: $after) {"
OCCURRED += " cursor refetch occurrence { message errorId } error { title totalCount } } }"


@asynccontextmanager
async def serving(**environment: str) -> AsyncIterator[Starlette]:
    """An app whose hub runs."""
    hub = Hub(PACE)
    await hub.start()
    try:
        yield Starlette(routes=endpoint(from_environment(environment), hub))
    finally:
        await hub.stop()


@asynccontextmanager
async def entrance() -> AsyncIterator[Entrance]:
    """Where subscriptions come in, without a connection around them."""
    hub = Hub(PACE)
    await hub.start()
    try:
        yield Entrance(schema, Persisted({}, only_own=False), hub, lambda caller: Context(caller, NOW))
    finally:
        await hub.stop()


async def taken(mailbox: Mailbox) -> str:
    """The next payload in a mailbox."""
    for _ in range(int(SECONDS / PACE)):
        if (payload := mailbox.take()) is not None:
            return payload.decode()
        await asyncio.sleep(PACE)
    raise TimeoutError


async def token(caller: Caller, role: Role = Role.OWNER) -> str:
    """The secret of a new token of the caller's person."""
    made = await tokens.make(
        caller.organization_id, caller.person_id, kind=TokenKind.PERSONAL, name="t", role=role, now=NOW
    )
    return made.secret


async def secret_of(organization_id: UUID, role: Role = Role.OWNER) -> str:
    """The secret of somebody new in the organization."""
    return await token(await joined(organization_id, role), role)


async def happen(origin: Origin, *errors: str, at: datetime = NOW) -> None:
    """Record errors as a scan does: committed, then told."""
    found = await recorded([sighting(origin, error, at) for error in errors], now=at)
    await announce(found.changes, found.groups)


class Closing(Exception):
    """The server has closed the connection."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Client:
    """A WebSocket's other end."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.heard: asyncio.Queue[Message] = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()

    async def take(self, message: Message) -> None:
        """What the app sends; waits while the client does not read."""
        await self.reads.wait()
        await self.heard.put(message)

    async def say(self, type_: str, **more: Any) -> None:
        """Send a message."""
        await self.sent.put({"type": "websocket.receive", "text": json.dumps({"type": type_, **more})})

    async def hear(self) -> dict[str, Any]:
        """The next message. Raises Closing."""
        async with asyncio.timeout(SECONDS):
            message = await self.heard.get()
        if message["type"] == "websocket.close":
            raise Closing(message["code"])
        assert message["type"] == "websocket.send"
        found: dict[str, Any] = json.loads(message["text"])
        return found

    async def sign_in(self, secret: str) -> None:
        """Have the connection acknowledged."""
        await self.say("connection_init", payload={"authorization": f"Bearer {secret}"})
        assert await self.hear() == {"type": "connection_ack"}

    async def listen(self, document: str, id_: str = "1", **variables: Any) -> str:
        """Subscribe; the first cursor. With `after`, what comes first is left to be heard."""
        payload = {"query": document, "variables": variables}
        await self.say("subscribe", id=id_, payload=payload)
        if "after" in variables:
            return str(variables["after"])
        first = await self.told(id_)
        assert first["refetch"] is False
        assert not any(first[name] for name in set(first) - {"cursor", "refetch"})
        return str(first["cursor"])

    async def told(self, id_: str = "1") -> dict[str, Any]:
        """The next update."""
        message = await self.hear()
        assert (message["type"], message["id"]) == ("next", id_), message
        [update] = message["payload"]["data"].values()
        assert isinstance(update, dict)
        return update

    async def code(self) -> int:
        """The code with which the connection is closed; nothing comes before."""
        try:
            message = await self.hear()
        except Closing as closed:
            return closed.code
        raise AssertionError(f"{message} instead of an end")


@asynccontextmanager
async def connected(
    app: ASGIApp,
    secret: str | None = None,
    *,
    headers: Sequence[tuple[bytes, bytes]] = (),
    protocols: Sequence[str] = ("graphql-transport-ws",),
    address: str = "",
) -> AsyncIterator[Client]:
    """A client, signed in if it has a secret; it goes at the end."""
    client = Client()
    scope = {
        "type": "websocket",
        "path": "/graphql",
        "scheme": "ws",
        "headers": [(b"host", b"snaglist.test"), *headers],
        "subprotocols": list(protocols),
        "client": (address, 1) if address else None,
    }
    await client.sent.put({"type": "websocket.connect"})

    async def serve() -> None:
        await app(scope, client.sent.get, client.take)

    served = asyncio.create_task(serve())
    try:
        accepted = await client.heard.get()
        assert accepted["type"] == "websocket.accept", accepted
        assert accepted["subprotocol"] == ("graphql-transport-ws" if protocols else None)
        if secret is not None:
            await client.sign_in(secret)
        yield client
    finally:
        client.reads.set()
        await client.sent.put({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(SECONDS):
            await served
