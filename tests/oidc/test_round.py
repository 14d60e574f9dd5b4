"""The whole round, and everybody who tries to step into somebody else's."""

import time
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest

from app.accounts import keys_in_force, tokens
from app.accounts.roles import Role, TokenKind
from app.tables.database import fetch
from tests.accounts.stage import everything
from tests.database import NOW
from tests.oidc.provider import SECRET, Provider
from tests.oidc.stage import SESSION, TICKET, agreed, browser, member, refused, signed, signed_in, start

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

CALLBACK: Final = "/oidc/callback"


def asked_of(address: str, name: str) -> str:
    [value] = parse_qs(urlsplit(address).query)[name]
    return value


async def test_a_member_signs_in_and_is_known_again(provider: Provider) -> None:
    stage = await member("Ann@Acme.test")
    async with browser(provider) as client:
        response = await signed_in(client)
        assert (response.status_code, response.headers["location"]) == (303, "/errors?status=NEW")
        assert client.cookies.keys() == {SESSION}
        [cookie] = [c for c in response.headers.get_list("set-cookie") if c.startswith(SESSION)]
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
        caller = await tokens.find(client.cookies[SESSION], now=NOW)
        assert (caller.person_id, caller.kind, caller.role) == (
            stage.person_id,
            TokenKind.SESSION,
            Role.DEVELOPER,
        )
        provider.user["email"] = "ann.married@acme.test"
        assert (await signed_in(client)).status_code == 303
        caller = await tokens.find(client.cookies[SESSION], now=NOW)
        assert caller.person_id == stage.person_id
    [row] = await fetch("select person_id, issuer, subject from identity")
    assert tuple(row) == (stage.person_id, provider.issuer, provider.user["sub"])
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    assert provider.asked.count("/jwks") == 1


async def test_the_provider_is_asked_as_it_should_be(provider: Provider) -> None:
    async with browser(provider, SNAGLIST_BASE_URL="https://snaglist.test") as client:
        response = await client.get("/oidc/start")
        address, other = response.headers["location"], await start(client)
    assert asked_of(address, "response_type") == "code"
    assert asked_of(address, "redirect_uri") == "https://snaglist.test/oidc/callback"
    assert asked_of(address, "scope").split() == ["openid", "email", "profile"]
    assert asked_of(address, "code_challenge_method") == "S256"
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked_of(address, name)) >= 43
        assert asked_of(address, name) != asked_of(other, name)
    assert SECRET not in address
    name, *attributes = response.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-snaglist-oidc=")
    assert set(attributes) == {"HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax", "Secure"}


async def test_the_client_can_name_itself_in_the_body(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await member()
    monkeypatch.setattr(Provider, "method", "client_secret_post")
    async with browser(provider) as client:
        assert (await signed_in(client)).status_code == 303


async def test_a_wrong_secret_signs_nobody_in(provider: Provider) -> None:
    await member()
    async with browser(provider, SNAGLIST_OIDC_CLIENT_SECRET="wrong") as client:  # noqa: S106
        refused(await signed_in(client), "OIDC_CODE")


async def test_what_the_token_does_not_say_the_user_info_does(provider: Provider) -> None:
    stage = await member()
    provider.in_token = ("sub",)
    async with browser(provider) as client:
        assert (await signed_in(client)).status_code == 303
        assert (await tokens.find(client.cookies[SESSION], now=NOW)).person_id == stage.person_id
        provider.forge = lambda claims: signed(provider, claims | {"sub": "somebody else"})
        refused(await signed_in(client), "OIDC_TOKEN")


@pytest.mark.parametrize("state", ["", "another", "é", "x" * 20_000], ids=len)
async def test_only_who_went_there_comes_back(state: str, provider: Provider) -> None:
    await member()
    async with browser(provider) as client:
        code = asked_of(await agreed(await start(client)), "code")
        refused(await client.get(CALLBACK, params={"state": state, "code": code}), "OIDC_STATE", 400)
    assert "/token" not in provider.asked


async def test_nobody_is_signed_in_with_somebody_elses_code(provider: Provider) -> None:
    """Neither without a ticket, nor with one's own, nor with one that was changed, or sealed by another key."""
    await member()
    before = await everything()
    async with browser(provider) as client, browser(provider) as victim:
        back = await agreed(await start(client))
        ticket = client.cookies[TICKET]
        refused(await victim.get(back), "OIDC_STATE", 400)
        await start(victim)
        refused(await victim.get(back), "OIDC_STATE", 400)
        for wrong in (ticket[:-8] + "AAAAAAA=", ticket[:40], "é", "!", "A" * 20_000):
            headers = [(b"cookie", f"{TICKET}={wrong}".encode())]
            refused(await victim.get(back, headers=headers), "OIDC_STATE", 400)
        keys_in_force.use_keys("another key that is long enough")
        refused(await client.get(back), "OIDC_STATE", 400)
    assert "/token" not in provider.asked
    assert await everything() == before


async def test_a_ticket_is_good_for_minutes(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    await member()
    async with browser(provider) as client:
        back = await agreed(await start(client))
        monkeypatch.setattr("app.oidc_door.time", lambda: time.time() + 601)
        refused(await client.get(back), "OIDC_STATE", 400)


async def test_a_code_is_good_for_once(provider: Provider) -> None:
    await member()
    async with browser(provider) as client:
        back = await agreed(await start(client))
        ticket = client.cookies[TICKET]
        assert (await client.get(back)).status_code == 303
        assert TICKET not in client.cookies
        refused(await client.get(back), "OIDC_STATE", 400)
        headers = [(b"cookie", f"{TICKET}={ticket}".encode())]
        refused(await client.get(back, headers=headers), "OIDC_CODE")
    assert len(await fetch("select from access_token")) == 1


async def test_the_code_of_another_sign_in_is_refused_by_its_challenge(provider: Provider) -> None:
    await member()
    async with browser(provider) as client:
        stolen = asked_of(await agreed(await start(client)), "code")
        state = asked_of(await start(client), "state")
        refused(await client.get(CALLBACK, params={"state": state, "code": stolen}), "OIDC_CODE")
    assert await fetch("select from access_token") == []


@pytest.mark.parametrize("code", ["", "a\0b", "x" * 5000], ids=len)
async def test_what_is_no_code_is_not_even_tried(code: str, provider: Provider) -> None:
    async with browser(provider) as client:
        state = asked_of(await start(client), "state")
        refused(await client.get(CALLBACK, params={"state": state, "code": code}), "OIDC_CODE", 400)
    assert "/token" not in provider.asked
