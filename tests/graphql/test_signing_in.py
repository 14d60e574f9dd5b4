"""Signing in and out as a front end does it, with tokens and with cookies, and what foreign pages get of that."""

from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest
from starlette.datastructures import Headers

from app.accounts import tokens
from app.accounts.attempts import MOST_OF_BOTH
from app.accounts.roles import Role, TokenKind
from app.accounts.session_cookie import Place
from app.errors import Forbidden
from app.graphql.callers import caller_of_cookie
from app.tables.database import fetch
from tests.accounts.stage import Stage, set_up
from tests.accounts.test_sign_in import HASH, PASSWORD, email
from tests.database import NOW
from tests.graphql.door import codes, door, post

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

VIEWER: Final = "{ viewer { name role } }"
SIGN_IN: Final = """
mutation ($input: SignInInput!) {
    signIn(input: $input) { token expiresAt viewer { name role } userErrors { field code message } }
}
"""
SIGN_OUT: Final = "mutation { signOut { signedOut userErrors { code } } }"
OWN_PAGE: Final = {"sec-fetch-site": "same-origin"}


async def with_password(role: Role = Role.DEVELOPER) -> Stage:
    stage = await set_up(role)
    await fetch("update person set password_hash = $2 where id = $1", stage.person_id, HASH)
    return stage


async def sent(
    client: httpx.AsyncClient, query: str, headers: Mapping[str, str] = OWN_PAGE, **variables: Any
) -> httpx.Response:
    """As a page asks, whose browser has what cookies it has."""
    return await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


async def sign_in(client: httpx.AsyncClient, stage: Stage, **more: Any) -> dict[str, Any]:
    given = {"email": email(stage), "password": PASSWORD, **more}
    response = await sent(client, SIGN_IN, input=given)
    found: dict[str, Any] = response.json()["data"]["signIn"]
    return found


async def test_a_program_signs_in_asks_and_signs_out() -> None:
    stage = await with_password()
    async with door() as client:
        found = await sign_in(client, stage)
        assert found["viewer"] == {"name": "Ann", "role": "DEVELOPER"}
        assert found["userErrors"] == []
        assert client.cookies == {}
        secret = found["token"]
        assert (await post(client, VIEWER, secret)).json()["data"]["viewer"]["name"] == "Ann"
        out = await post(client, SIGN_OUT, secret)
        assert out.json()["data"]["signOut"] == {"signedOut": True, "userErrors": []}
        for query in (VIEWER, SIGN_OUT):
            assert codes(await post(client, query, secret)) == ["UNAUTHENTICATED"]


async def test_a_browser_signs_in_asks_and_signs_out() -> None:
    stage = await with_password()
    async with door(SNAGLIST_BASE_URL="http://snaglist.test") as client:
        found = await sign_in(client, stage, cookie=True)
        assert found["token"] is None
        assert client.cookies.keys() == {"snaglist_session"}
        secret = client.cookies["snaglist_session"]
        assert (await sent(client, VIEWER)).json()["data"]["viewer"]["name"] == "Ann"
        out = await sent(client, SIGN_OUT)
        assert out.json()["data"]["signOut"]["signedOut"] is True
        assert client.cookies == {}
        assert codes(await sent(client, VIEWER)) == ["UNAUTHENTICATED"]
        assert codes(await post(client, VIEWER, secret)) == ["UNAUTHENTICATED"]
        again = await sent(client, SIGN_OUT)
        assert again.json()["data"]["signOut"]["signedOut"] is True


async def test_with_tls_the_cookie_is_of_this_host_alone() -> None:
    stage = await with_password()
    async with door(SNAGLIST_BASE_URL="https://snaglist.test") as client:
        given = {"email": email(stage), "password": PASSWORD, "cookie": True}
        response = await sent(client, SIGN_IN, input=given)
    [cookie] = response.headers.get_list("set-cookie")
    name, *attributes = cookie.split("; ")
    assert name.startswith("__Host-snaglist=snag_")
    assert set(attributes) == {"HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax", "Secure"}
    assert "Cookie" in response.headers["vary"]
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://snaglist.test"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"origin": "http://snaglist.test.evil.test"},
        {"origin": "https://snaglist.test:8443"},
        {"authorization": "Bearer "},
    ],
    ids=str,
)
async def test_a_foreign_page_cannot_use_the_cookie(headers: dict[str, str]) -> None:
    stage = await with_password(Role.OWNER)
    async with door(SNAGLIST_BASE_URL="http://snaglist.test") as client:
        await sign_in(client, stage, cookie=True)
        create = 'mutation { projectCreate(input: {name: "New"}) { project { name } } }'
        for query in (VIEWER, create, SIGN_OUT):
            response = await sent(client, query, headers)
            assert codes(response) == ["FORBIDDEN"]
            assert not response.json().get("data")
        assert await fetch("select from project") == []
        assert (await sent(client, VIEWER)).json()["data"]["viewer"]["name"] == "Ann"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://snaglist.test"},  # the request's own
        {"origin": "https://errors.acme.test"},  # SNAGLIST_BASE_URL's, before a proxy with TLS
        {"authorization": "Bearer ", "sec-fetch-site": "same-origin"},  # GraphiQL, before somebody types
        {"authorization": "Bearer", "origin": "http://snaglist.test"},
    ],
    ids=str,
)
async def test_a_page_of_ours_can(headers: dict[str, str]) -> None:
    stage = await with_password()
    async with door(SNAGLIST_BASE_URL="https://errors.acme.test") as client:
        given = {"email": email(stage), "password": PASSWORD, "cookie": True}
        cookie = (await sent(client, SIGN_IN, input=given)).headers["set-cookie"].partition(";")[0]
        response = await sent(client, VIEWER, {**headers, "cookie": cookie})
        assert response.json()["data"]["viewer"]["name"] == "Ann"


async def test_a_token_that_is_sent_wins_over_the_cookie() -> None:
    stage = await with_password(Role.OWNER)
    viewers = await stage.token(role=Role.VIEWER)
    async with door() as client:
        await sign_in(client, stage, cookie=True)
        assert (await post(client, VIEWER, viewers.secret)).json()["data"]["viewer"]["role"] == "VIEWER"
        for header in ("Bearer wrong", "Basic abc", "nonsense"):
            response = await sent(client, VIEWER, {**OWN_PAGE, "authorization": header})
            assert codes(response) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("kind", [TokenKind.PERSONAL, TokenKind.AGENT])
async def test_only_sessions_are_taken_from_a_cookie(kind: TokenKind) -> None:
    stage = await with_password()
    made = await stage.token(kind)
    async with door() as client:
        client.cookies["snaglist_session"] = made.secret
        assert codes(await sent(client, VIEWER)) == ["UNAUTHENTICATED"]


async def test_a_cookie_of_before_is_in_nobodys_way() -> None:
    stage = await with_password()
    async with door() as client:
        client.cookies.set("snaglist_session", "snag_of-last-year", domain="snaglist.test")
        assert (await sent(client, "{ version }")).json()["data"]
        assert codes(await sent(client, VIEWER)) == ["UNAUTHENTICATED"]
        assert (await sign_in(client, stage))["userErrors"] == []


async def test_who_is_removed_or_disabled_is_out_at_once() -> None:
    stage = await with_password()
    async with door() as client:
        await sign_in(client, stage, cookie=True)
        await fetch("update person set disabled_at = $1", NOW)
        assert codes(await sent(client, VIEWER)) == ["UNAUTHENTICATED"]
        await fetch("update person set disabled_at = null")
        assert not codes(await sent(client, VIEWER))
        await fetch("delete from membership")
        assert codes(await sent(client, VIEWER)) == ["UNAUTHENTICATED"]


async def test_a_wrong_password_is_data_and_the_eleventh_an_error_with_the_time_to_wait() -> None:
    stage = await with_password()
    async with door() as client:
        for _ in range(MOST_OF_BOTH):
            found = await sign_in(client, stage, password="wrong", cookie=True)  # noqa: S106
            [told] = found.pop("userErrors")
            assert (told["field"], told["code"]) == (None, "WRONG_CREDENTIALS")
            assert found == {"token": None, "expiresAt": None, "viewer": None}
        given = {"email": email(stage), "password": PASSWORD, "cookie": True}
        [error] = (await sent(client, SIGN_IN, input=given)).json()["errors"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert 800 < error["extensions"]["retryAfter"] <= 900
        assert client.cookies == {}


async def test_the_header_of_a_proxy_counts_only_if_it_is_trusted() -> None:
    """Otherwise anybody could try as often as they like, each time from elsewhere."""
    stage = await with_password()
    for proxies, expected in (("", [2, 2]), ("127.0.0.0/8", [1, 1, 1, 1])):
        await fetch("delete from sign_in_attempt")
        async with door(SNAGLIST_TRUSTED_PROXIES=proxies) as client:
            for address in ("198.51.100.1", "198.51.100.2"):
                given = {"email": email(stage), "password": "wrong"}
                await sent(client, SIGN_IN, {"x-forwarded-for": f"9.9.9.9, {address}"}, input=given)
        rows = await fetch("select failures from sign_in_attempt")
        assert [row[0] for row in rows] == expected


async def test_the_login_page_knows_what_it_can_offer() -> None:
    query = "{ signInMethods { password oidc { name startUrl } } }"
    async with door() as client:
        found = (await post(client, query)).json()["data"]["signInMethods"]
        assert found == {"password": True, "oidc": None}
    provider = {
        "SNAGLIST_OIDC_ISSUER": "https://login.acme.test/realms/acme",
        "SNAGLIST_OIDC_CLIENT_ID": "snaglist",
        "SNAGLIST_OIDC_CLIENT_SECRET": "hunter22",
    }
    for name, shown in (("", "login.acme.test"), ("Acme", "Acme")):
        async with door(**provider, SNAGLIST_OIDC_NAME=name, SNAGLIST_BASE_URL="https://e.test/") as client:
            found = (await post(client, query)).json()["data"]["signInMethods"]
            assert found["oidc"] == {"name": shown, "startUrl": "https://e.test/oidc/start"}


async def test_a_websocket_can_be_asked_whose_cookie_it_has() -> None:
    """What issue 7 builds on."""
    stage = await with_password()
    place = Place("http://snaglist.test")
    async with door() as client:
        secret = (await sign_in(client, stage))["token"]
    cookie = {"cookie": f"snaglist_session={secret}", "host": "snaglist.test"}
    own = Headers({**cookie, "origin": "http://snaglist.test"})
    caller = await caller_of_cookie(place, own, "ws", now=NOW)
    assert caller == await tokens.find(secret, now=NOW)
    assert await caller_of_cookie(place, Headers({"origin": "http://evil.test"}), "ws", now=NOW) is None
    for headers in (cookie, {**cookie, "origin": "http://evil.test"}):
        with pytest.raises(Forbidden):
            await caller_of_cookie(place, Headers(headers), "ws", now=NOW)
