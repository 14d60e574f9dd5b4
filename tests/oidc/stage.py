"""Signing in with a provider as a browser does it: step by step, or the whole round."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import httpx
from joserfc import jwt
from starlette.applications import Starlette

from app.accounts.roles import Role
from app.config import from_environment
from app.oidc_door import oidc_door
from app.tables.database import fetch
from tests.accounts.stage import Stage, later, set_up
from tests.oidc.provider import CLIENT_ID, SECRET, Provider

SESSION: Final = "snaglist_session"
TICKET: Final = "snaglist_oidc"


@asynccontextmanager
async def browser(provider: Provider, **settings: str) -> AsyncIterator[httpx.AsyncClient]:
    """One with our door before it; it goes to the provider by hand."""
    environment = {
        "SNAGLIST_BASE_URL": "http://snaglist.test",
        "SNAGLIST_OIDC_ISSUER": provider.issuer,
        "SNAGLIST_OIDC_CLIENT_ID": CLIENT_ID,
        "SNAGLIST_OIDC_CLIENT_SECRET": SECRET,
        **settings,
    }
    transport = httpx.ASGITransport(Starlette(routes=oidc_door(from_environment(environment))))
    async with httpx.AsyncClient(transport=transport, base_url="http://snaglist.test") as client:
        yield client


async def start(client: httpx.AsyncClient, next_path: str = "/errors?status=NEW") -> str:
    """Where at the provider the browser is sent."""
    response = await client.get("/oidc/start", params={"next": next_path})
    assert response.status_code == 303, response.text
    return response.headers["location"]


async def agreed(address: str) -> str:
    """The person agrees: where the provider sends the browser back to."""
    async with httpx.AsyncClient() as there:
        response = await there.get(address)
    assert response.status_code == 302, response.text
    return response.headers["location"]


async def signed_in(client: httpx.AsyncClient) -> httpx.Response:
    """The whole round."""
    return await client.get(await agreed(await start(client)))


def refused(response: httpx.Response, code: str, status: int = 403) -> None:
    """A page in plain words, which tells no more than that, and leaves nothing behind."""
    assert response.text.endswith(f" ({code})\n"), response.text
    assert response.status_code == status
    assert response.text.startswith("You are not signed in: ")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert "Traceback" not in response.text
    assert SECRET not in response.text
    [cookie] = response.headers.get_list("set-cookie")
    assert cookie.startswith(f"{TICKET}=; ")


async def member(email: str = "ann@acme.test", role: Role = Role.DEVELOPER) -> Stage:
    """A new organization with a member who has this address."""
    stage = await set_up(role)
    await fetch("update person set email = $2 where id = $1", stage.person_id, email)
    return stage


async def invite(organization_id: UUID, email: str, role: Role, **time: float) -> None:
    """An invitation that was made at this time from NOW."""
    await fetch(
        """
        insert into invitation (id, organization_id, email, role, digest, created_at, expires_at)
        values (gen_random_uuid(), $1, $2, $3, sha256($4), $5, $5::timestamptz + interval '7 days')
        """,
        organization_id,
        email,
        role,
        email.encode(),
        later(**time),
    )


def signed(provider: Provider, claims: dict[str, Any], **header: str) -> str:
    """An id token that the provider has truly signed, whatever it says."""
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid, **header}, claims, provider.key)
