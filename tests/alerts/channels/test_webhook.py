"""Webhooks: what arrives, who can tell that it is from us, and what is made of each answer and of none."""

import asyncio
import hmac
import json
from contextlib import suppress
from datetime import timedelta

import pytest
from aiohttp import web

from app.alerts.channels import webhook
from app.alerts.channels.channel import WebhookChannel
from app.alerts.channels.failures import Undelivered
from app.alerts.channels.webhook import asked_wait
from tests.alerts.channels.stage import DELIVERY, MESSAGE, NOW, Answer, receiver

pytestmark = pytest.mark.anyio

SECRET = "correct horse battery"  # noqa: S105
PATH = "/in/token-nobody-may-see"


@pytest.fixture(autouse=True)
def _proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # whoever used it would reach nobody


async def _send(url: str, *, private_targets: bool = True) -> None:
    channel = WebhookChannel(url, SECRET)
    await webhook.send(channel, MESSAGE, delivery_id=DELIVERY, now=NOW, private_targets=private_targets)


async def _refused(url: str, *, private_targets: bool = True) -> Undelivered:
    with pytest.raises(Undelivered) as refusal:
        await _send(url, private_targets=private_targets)
    assert "token-nobody-may-see" not in f"{refusal.value!r}"
    assert refusal.value.__context__ is None
    return refusal.value


def _with_status(status: int, **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(
            status=status, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    return answer


async def test_a_receiver_gets_json_that_is_signed() -> None:
    async with receiver() as there:
        await _send(there.url + PATH)
    [got] = there.got
    assert (got.method, got.path) == ("POST", PATH)
    assert json.loads(got.body) == {
        "delivery": str(DELIVERY),
        "sentAt": "2026-11-22T09:30:15.250+00:00",
        "event": "alert",
        "rule": "New errors",
        "total": 3,
    }
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"] == "Snaglist"
    assert got.headers["x-snaglist-delivery"] == str(DELIVERY)
    assert got.headers["x-snaglist-event"] == "alert"
    timestamp = got.headers["x-snaglist-timestamp"]
    assert int(timestamp) == int(NOW.timestamp())
    signature = hmac.new(SECRET.encode(), timestamp.encode() + b"." + got.body, "sha256").hexdigest()
    assert got.headers["x-snaglist-signature"] == f"sha256={signature}"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_2xx_means_that_it_has_arrived(status: int) -> None:
    async with receiver(_with_status(status)) as there:
        await _send(there.url + PATH)
    assert len(there.got) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 425, 429, 500, 503])
async def test_refusals_are_tried_again_when_the_receiver_says(status: int) -> None:
    async with receiver(_with_status(status, Retry_After="120")) as there:
        refusal = await _refused(there.url + PATH)
    assert str(status) in refusal.message
    assert not refusal.is_final
    assert refusal.retry_after == timedelta(minutes=2)


async def test_a_receiver_that_is_gone_for_good_is_not_tried_again() -> None:
    async with receiver(_with_status(410)) as there:
        refusal = await _refused(there.url + PATH)
    assert refusal.is_final


async def test_redirects_are_not_followed() -> None:
    async with receiver() as elsewhere, receiver(_with_status(307, Location=elsewhere.url)) as there:
        refusal = await _refused(there.url + PATH)
    assert "redirect (307)" in refusal.message
    assert elsewhere.got == []


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    gone = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with suppress(ConnectionError):
            while True:
                await answer.write(b"x" * 65536)
        gone.set()
        return answer

    async with receiver(endless) as there, asyncio.timeout(5):
        await _send(there.url + PATH)
        await gone.wait()


async def test_no_answer_and_half_an_answer_are_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT", 0.2)
    never = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await never.wait()
        return web.Response()

    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with receiver(hang) as there:
        refusal = await _refused(there.url + PATH)
        never.set()
        there.answer = cut
        cut_off = await _refused(there.url + PATH)
        port = there.port
    closed = await _refused(f"http://127.0.0.1:{port}{PATH}")
    assert "did not answer" in refusal.message
    assert cut_off.message == "The connection to the receiver broke"
    assert closed.message == "The receiver cannot be reached"
    assert not any(one.is_final for one in (refusal, cut_off, closed))


async def test_a_private_address_is_refused_in_every_spelling_and_nothing_arrives() -> None:
    async with receiver() as there:
        for host in (
            "127.0.0.1",
            "localhost",
            "[::ffff:127.0.0.1]",
            "127.0.0.2",
            "127.1",
            "0x7f.1",
        ):
            refusal = await _refused(f"http://{host}:{there.port}{PATH}", private_targets=False)
            assert refusal.is_final, host
        refusal = await _refused(there.url + PATH, private_targets=False)
        assert "SNAGLIST_PRIVATE_TARGETS" in refusal.message
        assert there.got == []
        await _send(there.url + PATH)
        assert len(there.got) == 1


async def test_tls_that_nobody_vouches_for_is_not_spoken() -> None:
    async with receiver() as there:
        refusal = await _refused(f"https://127.0.0.1:{there.port}{PATH}")
    assert not refusal.is_final
    assert there.got == []


async def test_a_receiver_makes_us_wait_for_an_hour_at_most() -> None:
    assert asked_wait("30", NOW) == timedelta(seconds=30)
    assert asked_wait("999999999999999999999", NOW) == timedelta(hours=1)
    assert asked_wait("Sun, 22 Nov 2026 09:40:15 GMT", NOW) == timedelta(minutes=10) - timedelta(
        milliseconds=250
    )
    assert asked_wait("Sun, 22 Nov 2099 09:40:15 GMT", NOW) == timedelta(hours=1)
    for nothing in ("", "soon", "-5", "Sun, 22 Nov 2020 09:40:15 GMT", "Sun, 99 Nov 2026 99:99:99 GMT", "٣٠"):
        assert asked_wait(nothing, NOW) is None, nothing
