"""What GitHub's webhooks send in the tests, in the shapes that it documents, and signed as it signs."""

import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from starlette.applications import Starlette

from app.accounts import keys_in_force
from app.github.connecting.credentials import sealed_webhook_secret
from app.github.hearing.deliveries import carry_out_deliveries
from app.github.hearing.webhook import Delivery, Taken, take
from app.github_door import PATH, github_door
from app.tables.database import fetch
from tests.database import NOW
from tests.github.stage import REPOSITORY_ID, connected
from tests.recording.stage import Stage

KEY: Final = "what only GitHub and we know"
BOT: Final = "snaglist[bot]"
INSTALLATION: Final = 9
Json = dict[str, Any]


async def listening(stage: Stage, *, kind: str = "app", signed_with: str = KEY, **different: Any) -> None:
    """Give the stage's project a repository whose webhook is signed with the secret."""
    keys_in_force.use_keys("a key for the tests of webhooks")
    options: dict[str, Any] = {"comments_back": True, "login": BOT} | different
    sealed = sealed_webhook_secret(stage.project_id, signed_with)
    await connected(stage, webhook_secret=sealed, **options)
    if kind == "app":
        await fetch(
            "update github_connection set kind = 'app', app_id = 5, installation_id = $2 where project_id = $1",
            stage.project_id,
            INSTALLATION,
        )


def user(login: str) -> Json:
    """An account."""
    return {"login": login, "id": 21031067, "type": "Bot" if login.endswith("[bot]") else "User"}


def repository(repository_id: int = REPOSITORY_ID, name: str = "acme/odoo") -> Json:
    """A repository."""
    return {"id": repository_id, "node_id": "R_1", "full_name": name, "private": True, "archived": False}


def an_issue(number: int = 1, **different: Any) -> Json:
    """An issue as it is within an event."""
    return {
        "url": f"https://api.github.com/repos/acme/odoo/issues/{number}",
        "html_url": f"https://github.com/acme/odoo/issues/{number}",
        "id": 444500041,
        "number": number,
        "title": "KeyError",
        "user": user(BOT),
        "labels": [],
        "state": "open",
        "state_reason": None,
        "comments": 0,
        "created_at": at(0),
        "updated_at": at(0),
        "closed_at": None,
        "body": "What happened",
    } | different


def issues(action: str, sender: str = "octocat", *, number: int = 1, **different: Any) -> Json:
    """An event of an issue; `different`: what the issue has otherwise."""
    if action == "closed":
        different = {"state": "closed", "state_reason": "completed"} | different
    if action == "reopened":
        different = {"state_reason": "reopened"} | different
    return {
        "action": action,
        "issue": an_issue(number, **different),
        "repository": repository(),
        "sender": user(sender),
        "installation": {"id": INSTALLATION, "node_id": "I_1"},
    }


def issue_comment(
    action: str,
    body: str = "me too",
    *,
    author: str = "octocat",
    comment_id: int = 500,
    number: int = 1,
    **times: str,
) -> Json:
    """An event of a comment; `times`: `created_at` and `updated_at`."""
    said = {"id": comment_id, "user": user(author), "body": body, "html_url": "https://github.com/", **times}
    return issues(action, author, number=number) | {
        "comment": {"created_at": at(0), "updated_at": at(0)} | said
    }


def at(seconds: float) -> str:
    """So many seconds after NOW, as GitHub writes it."""
    return (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def signed(body: bytes, signed_with: str = KEY) -> str:
    """What stands in X-Hub-Signature-256."""
    return "sha256=" + hmac.new(signed_with.encode(), body, "sha256").hexdigest()


def headers(
    event: str, body: bytes, signed_with: str = KEY, delivery_id: str | None = None
) -> dict[str, str]:
    """What GitHub sends along."""
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery_id or str(uuid4()),
        "X-Hub-Signature": "sha1=" + hmac.new(signed_with.encode(), body, "sha1").hexdigest(),
        "X-Hub-Signature-256": signed(body, signed_with),
    }


@asynccontextmanager
async def door() -> AsyncIterator[httpx.AsyncClient]:
    """GitHub before the door."""
    transport = httpx.ASGITransport(Starlette(routes=github_door()))
    async with httpx.AsyncClient(transport=transport, base_url="http://snaglist") as client:
        yield client


async def sent(client: httpx.AsyncClient, event: str, payload: Json, **how: Any) -> httpx.Response:
    """Deliver it at the door."""
    body = json.dumps(payload).encode()
    return await client.post(PATH, content=body, headers=headers(event, body, **how))


async def told(event: str, payload: Json, *, now: datetime = NOW, signed_with: str = KEY) -> Taken:
    """Deliver it, past the door."""
    body = json.dumps(payload).encode()
    return await take(Delivery(str(uuid4()), event, signed(body, signed_with), body), now=now)


async def followed(event: str, payload: Json, *, now: datetime = NOW) -> None:
    """Deliver it, and have it carried out."""
    await told(event, payload, now=now)
    await carry_out_deliveries(now=now)


async def stored() -> list[Mapping[str, Any]]:
    """The rows of deliveries, first to last."""
    return [
        dict(row) for row in await fetch("select * from github_delivery order by received_at, project_id")
    ]


async def ask_of(group_id: UUID, state: str, *, seconds: float) -> None:
    """As if the worker had asked for a state so many seconds after NOW."""
    await fetch(
        "update github_issue set asked_state = $2, asked_at = $3 where group_id = $1",
        group_id,
        state,
        NOW + timedelta(seconds=seconds),
    )
