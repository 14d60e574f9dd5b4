"""A server that is against us, and a network that is: nothing secret goes out, and nothing stays open or grows."""

import asyncio
import gzip
import json
import ssl
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app.github.api.client import TokenCredentials, github
from app.github.api.failures import BadCredentials, Refused, Unknown
from app.github.api.rest import LARGEST
from tests.github.asking import AS_USER, NAME, TOKEN, assert_secret, create, failing
from tests.github.certificates import for_this_machine
from tests.github.scripted import Answer, Asked, endless, hang, scripted, told
from tests.github.what_github_says import an_issue

pytestmark = pytest.mark.anyio

ONE = an_issue()


async def test_a_server_that_sends_our_token_back_is_not_quoted() -> None:
    def echo(asked: Asked) -> Answer:
        sent = f"\x07\x1b[31m\u202e\ud800 {asked.headers['authorization']} " + "long " * 500
        return told({"message": sent, "errors": [{"field": "x", "message": sent}]}, 422)

    async with scripted(otherwise=echo) as server, github(server.url, AS_USER) as there:
        with pytest.raises(Refused) as failure:
            await create(there)
    assert_secret(failure.value, TOKEN)
    assert failure.value.message.isprintable()
    assert "[31m token *** long" in failure.value.message
    assert len(failure.value.message) <= 200 + len("GitHub refuses this (422): ")


async def test_a_refusal_without_an_end_does_not_fill_the_memory() -> None:
    assert type(await failing(endless)) is Unknown
    tracemalloc.start()
    try:
        await failing(endless)
        assert tracemalloc.get_traced_memory()[1] < 3 * LARGEST
    finally:
        tracemalloc.stop()


async def test_what_is_packed_is_not_unpacked() -> None:
    bomb = told(gzip.compress(b" " * 2**24, 1), 200, content_encoding="gzip")
    assert type(await failing(bomb)) is Unknown
    tracemalloc.start()
    try:
        await failing(bomb)
        assert tracemalloc.get_traced_memory()[1] < LARGEST
    finally:
        tracemalloc.stop()


async def test_json_is_utf_8_whatever_a_server_calls_it() -> None:
    kind = "application/json; charset=punycode"  # which takes hours to read what is large
    answer = told(json.dumps(an_issue(body="zwölf"), ensure_ascii=False).encode(), kind=kind)
    async with scripted(answer) as server, github(server.url, AS_USER) as there:
        assert (await there.issue(NAME, 7)).body == "zwölf"


async def test_the_longest_page_of_issues_is_read() -> None:
    issues = [an_issue(number, body="\U0001f41b" * 65_536) for number in range(1, 31)]
    page = told(json.dumps(issues, ensure_ascii=False).encode())
    async with scripted(page) as server, github(server.url, AS_USER) as there:
        found = [issue async for issue in there.issues_since(NAME, datetime(2026, 1, 1, tzinfo=UTC))]
    assert len(found) == 30


async def test_slow_answers_come_too_late() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n")
        while True:
            writer.write(b" ")
            await asyncio.sleep(0.05)

    failure = await failing(drip)
    assert (type(failure), failure.message) == (Unknown, "GitHub did not answer in time")


async def test_nobody_there() -> None:
    async with scripted() as server:
        pass
    async with github(server.url, AS_USER) as there:
        with pytest.raises(Unknown, match="cannot be reached") as failure:
            await create(there)
    assert_secret(failure.value, TOKEN)


async def test_a_host_that_cannot_be() -> None:
    async with github("https://a..b/api/v3", AS_USER) as there:
        with pytest.raises(Unknown):
            await create(there)


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted() -> None:
    async with scripted(tls=for_this_machine()) as server, github(server.url, AS_USER) as there:
        with pytest.raises(Unknown, match="certificate"):
            await create(there)
    assert not server.asked


async def test_tls_with_a_trusted_certificate_works(monkeypatch: pytest.MonkeyPatch) -> None:
    made = for_this_machine()
    trusting = ssl.create_default_context(cadata=made.authority)
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    async with scripted(told(ONE), tls=made) as server, github(server.url, AS_USER) as there:
        assert (await there.issue(NAME, 7)).number == 7


async def test_a_cancelled_call_is_cancelled_and_leaves_nothing_open() -> None:
    asked = asyncio.Event()

    async def never(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await hang(writer)

    async with scripted(never) as server, github(server.url, AS_USER) as there:
        call = asyncio.ensure_future(create(there))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


@pytest.mark.parametrize("token", ["", "with space", "two\r\nX-Evil: 1", "ümlaut", "x" * 1001, "\x00"])
async def test_a_token_that_is_none_is_not_sent(token: str) -> None:
    async with scripted() as server, github(server.url, TokenCredentials(token)) as there:
        with pytest.raises(BadCredentials, match="characters"):
            await create(there)
    assert not server.asked


async def test_the_proxy_of_the_environment_gets_a_tunnel_and_no_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "")
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with scripted(told(b"", 407)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//ada:pass-word@"))
        async with github("https://github.test/api/v3", AS_USER) as there:
            with pytest.raises(Unknown, match="cannot be reached") as failure:
                await create(there)
    [asked] = proxy.asked
    assert (asked.method, asked.target) == ("CONNECT", "github.test:443")
    assert asked.headers["proxy-authorization"] == "Basic YWRhOnBhc3Mtd29yZA=="
    assert TOKEN not in str(asked)
    assert_secret(failure.value, TOKEN, "pass-word")


async def test_this_machine_is_never_reached_by_a_proxy_nor_by_netrc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with TemporaryDirectory() as folder:
        netrc = Path(folder) / ".netrc"
        netrc.write_text("machine 127.0.0.1 login ada password secret\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        async with scripted(told(ONE)) as server, github(server.url, AS_USER) as there:
            await there.issue(NAME, 7)
    assert server.asked[0].headers["authorization"] == f"token {TOKEN}"
