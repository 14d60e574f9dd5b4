"""An App's tokens: fetched once for all who ask, kept while they are good, fetched anew when they are refused."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from app.github.api import app_tokens
from app.github.api.client import AppCredentials, Github, github
from app.github.api.failures import BadCredentials, GithubFailure, Limited, Missing, NotAllowed, Unknown
from tests.github.asking import NAME, assert_secret
from tests.github.scripted import Answer, Asked, Scripted, cut, hang, scripted, told
from tests.github.stand_in.keys import key_pair
from tests.github.what_github_says import an_issue

pytestmark = pytest.mark.anyio

KEY = key_pair()
APP = AppCredentials(9, 42, KEY.private)
TOKENS = "/app/installations/42/access_tokens"


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    app_tokens.forget_all()


def a_token(token: str, lives: timedelta = timedelta(hours=1)) -> bytes:
    ends = datetime.fromtimestamp(time(), UTC) + lives
    return told({"token": token, "expires_at": f"{ends:%Y-%m-%dT%H:%M:%SZ}"}, 201)


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    """One that hands out the tokens ghs_1, ghs_2 ... and takes them all."""
    made = 0

    def answer(asked: Asked) -> Answer:
        nonlocal made
        if asked.path.endswith("access_tokens"):
            made += 1
            return a_token(f"ghs_{made}")
        return told(an_issue())

    async with scripted(otherwise=answer) as there:
        yield there


def sent_with(server: Scripted) -> list[str]:
    """What each request but those for tokens was sent with."""
    return [a.headers["authorization"] for a in server.asked if a.path != TOKENS]


async def test_a_token_is_fetched_with_the_apps_own_and_kept(server: Scripted) -> None:
    for _ in range(2):
        async with github(server.url, APP) as there:
            await there.issue(NAME, 7)
            await there.issue(NAME, 7)
    first, *others = server.asked
    assert (first.method, first.target, first.body) == ("POST", TOKENS, b"")
    kind, _, own = first.headers["authorization"].partition(" ")
    claims = jwt.decode(own, KEY.public, algorithms=["RS256"])
    assert (kind, claims["iss"]) == ("bearer", "9")
    assert claims["exp"] - claims["iat"] <= 600
    assert [asked.headers["authorization"] for asked in others] == ["token ghs_1"] * 4


async def test_another_installation_app_server_or_key_has_another_token(server: Scripted) -> None:
    whose = [
        (server.url, APP),
        (server.url + "/api/v3", APP),
        (server.url, AppCredentials(10, 42, KEY.private)),
        (server.url, AppCredentials(9, 43, KEY.private)),
        (server.url, AppCredentials(9, 42, key_pair(1).private)),
    ]
    for url, app in [*whose, *whose]:
        async with github(url, app) as there:
            await there.issue(NAME, 7)
    sent = [a.headers["authorization"] for a in server.asked if a.path.endswith("/7")]
    assert sent == [f"token ghs_{number}" for number in range(1, 6)] * 2


async def test_those_who_ask_at_once_wait_for_one_token(server: Scripted) -> None:
    async with github(server.url, APP) as there, github(server.url, APP) as too:
        await asyncio.gather(*(g.issue(NAME, number) for g in (there, too) for number in range(1, 6)))
    assert sum(asked.path == TOKENS for asked in server.asked) == 1
    assert sent_with(server) == ["token ghs_1"] * 10


async def test_one_who_gives_up_waiting_takes_nobody_with_him() -> None:
    asked = asyncio.Event()

    async def never(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await hang(writer)

    script = never, a_token("ghs_2"), told(an_issue())
    async with scripted(*script) as server, github(server.url, APP) as other:
        async with github(server.url, APP) as there:
            first = asyncio.ensure_future(there.issue(NAME, 7))
            await asked.wait()
            second = asyncio.ensure_future(other.issue(NAME, 7))
            await asyncio.sleep(0)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
        assert (await second).number == 7
    assert sent_with(server) == ["token ghs_2"]


@pytest.mark.parametrize(("lives", "fetched"), [(290, 2), (-3600, 2), (310, 1)])
async def test_a_token_that_ends_within_5_minutes_is_not_used_again(lives: int, fetched: int) -> None:
    tokens = [a_token(f"ghs_{n}", timedelta(seconds=lives)) for n in range(1, fetched + 1)]
    script = [tokens[0], told(an_issue()), *tokens[1:], told(an_issue())]
    async with scripted(*script) as server, github(server.url, APP) as there:
        await there.issue(NAME, 7)
        await there.issue(NAME, 7)
    assert sent_with(server) == ["token ghs_1", f"token ghs_{fetched}"]


async def test_a_token_that_is_said_to_live_for_ever_is_fetched_anew(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script.append(a_token("ghs_ever", timedelta(days=3650)))
    async with github(server.url, APP) as there:
        await there.issue(NAME, 7)
        later = time() + 3600
        monkeypatch.setattr(app_tokens, "time", lambda: later)
        await there.issue(NAME, 7)
    assert sent_with(server) == ["token ghs_ever", "token ghs_1"]


BAD = told({"message": "Bad credentials"}, 401)


async def test_a_refused_token_is_fetched_anew_and_the_write_made_once_more(server: Scripted) -> None:
    async with github(server.url, APP) as there:
        server.script.extend([a_token("ghs_old"), BAD])
        await there.set_state(NAME, 7, "closed", "completed")
        await there.issue(NAME, 7)
    assert sent_with(server) == ["token ghs_old", "token ghs_1", "token ghs_1"]
    assert [asked.json for asked in server.asked if asked.method == "PATCH"] == [
        {"state": "closed", "state_reason": "completed"}
    ] * 2


async def test_a_new_token_that_is_refused_too_is_the_end_of_it(server: Scripted) -> None:
    async with github(server.url, APP) as there:
        server.script.extend([a_token("ghs_old"), BAD, a_token("ghs_new"), BAD])
        with pytest.raises(BadCredentials) as failure:
            await there.set_state(NAME, 7, "closed", "completed")
    assert len(server.asked) == 4
    assert_secret(failure.value, "ghs_old", "ghs_new", KEY.private)


OTHER_FAILURES: list[tuple[Answer, type[GithubFailure]]] = [
    (cut, Unknown),
    (told({"message": "no"}, 403), NotAllowed),
    (told({"message": "Not Found"}, 404), Missing),
    (told({"message": "broken"}, 500), Unknown),
]


@pytest.mark.parametrize(("answer", "kind"), OTHER_FAILURES)
async def test_a_write_that_failed_otherwise_is_not_made_again(
    answer: Answer, kind: type[GithubFailure]
) -> None:
    async with scripted(a_token("ghs_1"), answer) as server, github(server.url, APP) as there:
        with pytest.raises(kind):
            await there.set_state(NAME, 7, "closed", "completed")
    assert len(server.asked) == 2


NO_TOKEN: list[tuple[Answer, type[GithubFailure], str]] = [
    (told({"message": "A JSON web token could not be decoded"}, 401), BadCredentials, "could not be decoded"),
    (told({"message": "Not Found"}, 404), BadCredentials, "no installation"),
    (told({"message": "Gone"}, 410), BadCredentials, "no installation"),
    (told(b"", 301, location="/x"), BadCredentials, "no installation"),
    (told({"message": "x"}, 422), BadCredentials, "no installation"),
    (told({"message": "This installation has been suspended"}, 403), NotAllowed, "suspended"),
    (told({"message": "slow"}, 429, retry_after="60"), Limited, "later"),
    (told(b"<html>", 502, "text/html"), Unknown, "502"),
    (cut, Unknown, "broke"),
    (told({"token": "a b", "expires_at": "2026-11-22T10:00:00Z"}, 201), Unknown, "answer"),
    (told({"token": "a\r\nb", "expires_at": "2026-11-22T10:00:00Z"}, 201), Unknown, "answer"),
    (told({"token": "ab", "expires_at": "never"}, 201), Unknown, "answer"),
    (told({"token": "ab"}, 201), Unknown, "answer"),
]


@pytest.mark.parametrize(("answer", "kind", "words"), NO_TOKEN)
async def test_where_there_is_no_token_nothing_is_sent(
    answer: Answer, kind: type[GithubFailure], words: str
) -> None:
    async with scripted(answer) as server, github(server.url, APP) as there:
        with pytest.raises(GithubFailure, match=words) as failure:
            await there.create_issue(NAME, "title", "body", [])
    assert type(failure.value) is kind
    assert len(server.asked) == 1
    assert_secret(failure.value, KEY.private, server.asked[0].headers["authorization"].partition(" ")[2])


def pem(key: Any, password: str = "") -> str:
    locked = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    shown: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
    return shown.decode()


KEYS: list[tuple[str, Callable[[], str]]] = [
    ("none", lambda: ""),
    ("words", lambda: "not a key"),
    ("public", lambda: KEY.public),
    ("half", lambda: KEY.private[: len(KEY.private) // 2]),
    ("locked", lambda: pem(rsa.generate_private_key(65537, 2048), "secret")),
    ("elliptic", lambda: pem(ec.generate_private_key(ec.SECP256R1()))),
    ("huge", lambda: KEY.private + "x" * 20_000),
    ("surrogate", lambda: "\ud800"),
    ("NUL", lambda: "\x00" * 20),
]


@pytest.mark.parametrize("key", [case[1] for case in KEYS], ids=[case[0] for case in KEYS])
async def test_a_key_that_cannot_sign_is_told_in_plain_words(key: Callable[[], str]) -> None:
    app = AppCredentials(9, 42, key())
    calls: list[Callable[[Github], Awaitable[Any]]] = [lambda g: g.login(), lambda g: g.issue(NAME, 7)]
    async with scripted() as server, github(server.url, app) as there:
        for call in calls:
            with pytest.raises(BadCredentials, match="private key cannot be used") as failure:
                await call(there)
            assert (failure.value.__cause__, failure.value.__context__) == (None, None)
    assert not server.asked


async def test_a_key_is_taken_however_its_lines_end(server: Scripted) -> None:
    app = AppCredentials(9, 42, "\r\n" + KEY.private.replace("\n", "\r\n") + "  ")
    async with github(server.url, app) as there:
        assert (await there.issue(NAME, 7)).number == 7
