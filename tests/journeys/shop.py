"""An app that reports its errors, and the people who look at them: all that they do goes over HTTP.

Events go in by the doors, a scan takes them out of the inbox, and what came of them is asked of the graph.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any
from uuid import uuid4

import httpx

from app.accounts import tokens
from app.accounts.roles import Role, TokenKind
from app.ingest import tallies
from app.scanning.events.issue_scan import issue_scan
from app.tables.database import fetch
from tests.ingest.doors.stage import envelope, event

CREATE_PROJECT = 'mutation { projectCreate(input: {name: "Shop"}) { project { id } userErrors { message } } }'
CREATE_APP = """
mutation ($input: AppCreateInput!) {
  appCreate(input: $input) { app { id number dsn keys { key } } userErrors { field message } }
}
"""
ERRORS = """
query ($filter: ErrorFilter) {
  errors(first: 100, filter: $filter) { totalCount nodes {
    id title status muted isDev priority totalCount occurrenceCount userCount sessionCount countSinceResolved module
  } }
}
"""


def clock(**offset: float) -> datetime:
    """The present, or so long from it."""
    return datetime.fromtimestamp(time(), UTC) + timedelta(**offset)


@dataclass(frozen=True)
class App:
    """An app as the graph made it."""

    id: str
    number: int
    key: str
    dsn: str


@dataclass(frozen=True)
class Shop:
    """A project with an app, a client of the server, and somebody's token."""

    client: httpx.AsyncClient
    token: str
    project_id: str
    app: App

    async def answer(self, document: str, /, **variables: Any) -> dict[str, Any]:
        """The whole answer of the graph."""
        sent = await self.client.post(
            "/graphql",
            content=json.dumps({"query": document, "variables": variables}),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        answer: dict[str, Any] = sent.json()
        return answer

    async def ask(self, document: str, /, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = await self.answer(document, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def do(self, mutation: str, /, **given: Any) -> dict[str, Any]:
        """What came of a mutation, by its name and its input; nothing is to be put right."""
        kind = mutation[0].upper() + mutation[1:]
        document = f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ userErrors {{ field message }} }} }}"
        payload: dict[str, Any] = (await self.ask(document, input=given))[mutation]
        assert payload["userErrors"] == [], payload
        return payload

    async def send(self, *events: Any, app: App | None = None) -> dict[str, Any]:
        """The answer of our own API to a batch."""
        answer = await self.client.post(
            "/v1/ingest",
            content=json.dumps({"events": events}),
            headers={"Authorization": f"Bearer {(app or self.app).key}"},
        )
        assert answer.status_code == 202, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def report(self, *trees: dict[str, Any], app: App | None = None) -> None:
        """Send what a Sentry SDK would, each in an envelope of its own."""
        sender = app or self.app
        for tree in trees:
            body = envelope(event(event_id=uuid4().hex, **tree))
            answer = await self.client.post(
                f"/api/{sender.number}/envelope/?sentry_key={sender.key}", content=body
            )
            assert answer.status_code == 200, answer.text

    async def scan(self) -> int:
        """Have all that waits scanned."""
        return await issue_scan(now=clock, goes_on=lambda: True)

    async def written(self) -> None:
        """Have the statistics that the doors keep in memory written."""
        await tallies.flush(clock())

    async def errors(self, **filter: Any) -> list[dict[str, Any]]:  # noqa: A002  as the graph calls it
        """The errors in the list, by title."""
        found = (await self.ask(ERRORS, filter={"showMuted": True, **filter}))["errors"]
        assert found["totalCount"] == len(found["nodes"])
        return sorted(found["nodes"], key=lambda one: (one["title"], one["isDev"]))

    async def another_app(self, name: str, **given: Any) -> App:
        """Make one more app in the project."""
        wanted = {"projectId": self.project_id, "name": name, **given}
        made = (await self.ask(CREATE_APP, input=wanted))["appCreate"]
        return _app(made, str(self.client.base_url).rstrip("/"))


def _app(made: dict[str, Any], url: str) -> App:
    assert made["userErrors"] == []
    told = made["app"]
    key = told["keys"][0]["key"]
    assert told["dsn"].endswith(f"/{told['number']}"), told
    assert f"://{key}@" in told["dsn"], told
    return App(told["id"], told["number"], key, f"{url.replace('://', f'://{key}@')}/{told['number']}")


def crash(kind: str, **more: Any) -> dict[str, Any]:
    """An error with a frame, by our own API; its title is `KIND: no price`."""
    frame = {"filename": "/srv/shop/cart.py", "module": "shop.cart", "function": "pay", "lineno": 7}
    exception = {"type": kind, "value": "no price", "stacktrace": {"frames": [frame]}}
    return {"level": "error", "message": "no price", "exception": exception, **more}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Shop]:
    """A new shop of a new organization, on the server at the URL."""
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        token = await _owner()
        bare = Shop(client, token, "", App("", 0, "", ""))
        project_id = (await bare.ask(CREATE_PROJECT))["projectCreate"]["project"]["id"]
        shop = Shop(client, token, project_id, App("", 0, "", ""))
        yield Shop(client, token, project_id, await shop.another_app("Web", platform="python"))


async def _owner() -> str:
    """The token of the owner of a new organization."""
    organization_id, person_id, now = uuid4(), uuid4(), clock()
    await fetch(
        "insert into organization values ($1, 'Acme', $2, $3)", organization_id, organization_id.hex, now
    )
    await fetch(
        "insert into person (id, email, name, created_at) values ($1, $2, 'Ann', $3)",
        person_id,
        f"{person_id}@acme.test",
        now,
    )
    await fetch(
        "insert into membership values ($1, $2, $3, $4, $5)",
        uuid4(),
        organization_id,
        person_id,
        Role.OWNER,
        now,
    )
    made = await tokens.make(
        organization_id, person_id, kind=TokenKind.PERSONAL, name="laptop", role=Role.OWNER, now=now
    )
    return made.secret
