"""The door: it leads nowhere else, and what fails is told in words."""

from typing import Any

import pytest

from app.accounts import oidc_provider
from app.config import from_environment
from app.oidc_door import oidc_door
from app.server import create
from tests.accounts.stage import later
from tests.database import NOW
from tests.oidc.provider import CLIENT_ID, SECRET, Provider
from tests.oidc.stage import agreed, browser, member, refused, signed_in, start

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_it_leads_nowhere_else(provider: Provider) -> None:
    async with browser(provider) as client:
        for path in (
            "https://evil.test", "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test",
            "javascript:alert(1)", "evil.test", "", "/a\nSet-Cookie: x=y", "/é", "/" + "x" * 3000, "/ /evil.test",
            "/\0",
        ):  # fmt: skip
            refused(await client.get("/oidc/start", params={"next": path}), "BAD_USER_INPUT", 400)
    assert provider.asked == []


async def test_without_a_path_it_leads_to_the_front_door(provider: Provider) -> None:
    await member()
    async with browser(provider) as client:
        address = (await client.get("/oidc/start")).headers["location"]
        assert (await client.get(await agreed(address))).headers["location"] == "/"


async def test_who_declines_at_the_provider_is_told_so(provider: Provider) -> None:
    async with browser(provider) as client:
        await start(client)
        sent = {"error": "access_denied", "error_description": "<script>alert(1)</script>", "state": "x"}
        response = await client.get("/oidc/callback", params=sent)
        refused(response, "OIDC_DENIED")
        assert "script" not in response.text


async def test_a_provider_that_is_away_is_told_and_asked_again_later(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await member()
    provider.is_away = True
    async with browser(provider) as client:
        for _ in range(3):
            refused(await client.get("/oidc/start"), "OIDC_PROVIDER", 502)
        assert len(provider.asked) == 1
        monkeypatch.setattr(oidc_provider, "ASK_AGAIN_AFTER", later() - NOW)
        provider.is_away = False
        back = await agreed(await start(client))
        provider.is_away = True
        refused(await client.get(back), "OIDC_PROVIDER", 502)
    assert SECRET not in caplog.text
    assert {record.levelname for record in caplog.records if record.name == "app.oidc_door"} == {"WARNING"}


async def test_nobody_listens_where_the_provider_should_be(provider: Provider) -> None:
    async with browser(provider, SNAGLIST_OIDC_ISSUER="http://127.0.0.1:1") as client:
        refused(await client.get("/oidc/start"), "OIDC_PROVIDER", 502)


async def test_a_provider_that_says_nothing_is_waited_for_in_vain(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc_provider, "PATIENCE", 0.05)
    provider.is_silent = True
    async with browser(provider) as client:
        refused(await client.get("/oidc/start"), "OIDC_PROVIDER", 502)


async def test_a_description_that_makes_no_sense_is_not_believed(provider: Provider) -> None:
    wrong: list[dict[str, Any]] = [
        {"issuer": "https://evil.test"},
        {"issuer": None},
        {"token_endpoint": "http://evil.test/token"},
        {"token_endpoint": "//evil.test"},
        {"token_endpoint": "https://["},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": 1},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": "http://evil.test/me"},
    ]
    for provider.metadata in wrong:
        async with browser(provider) as client:
            refused(await client.get("/oidc/start"), "OIDC_PROVIDER", 502)


async def test_a_database_that_is_away_is_told(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr("app.accounts.oidc.person_of", away)
    async with browser(provider) as client:
        refused(await signed_in(client), "UNAVAILABLE", 503)


async def test_a_bug_tells_nothing(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("app.oidc_door.begin", broken)
    async with browser(provider) as client:
        refused(await client.get("/oidc/start"), "INTERNAL", 500)


async def test_there_is_a_door_only_where_a_provider_is_set_up() -> None:
    assert oidc_door(from_environment({})) == []
    provider = {
        "SNAGLIST_OIDC_ISSUER": "https://login.acme.test",
        "SNAGLIST_OIDC_CLIENT_ID": CLIENT_ID,
        "SNAGLIST_OIDC_CLIENT_SECRET": SECRET,
    }
    paths = [getattr(route, "path", "") for route in create(from_environment(provider)).routes]
    assert {"/oidc/start", "/oidc/callback"} <= set(paths)
