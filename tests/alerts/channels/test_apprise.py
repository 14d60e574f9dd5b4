"""Apprise: what a service gets, where it may not lead, and that nothing secret comes out of it when it fails.

Each message is a process of its own, so these tests are few and each asks for much.
"""

import asyncio
import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import pytest
from aiohttp import web

from app.alerts.channels import apprise_channel, webhook
from app.alerts.channels.apprise_channel import without_secrets
from app.alerts.channels.channel import AppriseChannel, WebhookChannel, checked, shown
from app.alerts.channels.failures import Undelivered
from tests.alerts.channels.stage import DELIVERY, MESSAGE, NOW, receiver

pytestmark = pytest.mark.anyio

LETTERS: Final = "aBcDeFgHiJkLmNoPqRsTuVwXyZ"
SECRETS: Final = {
    "Slack": ("slack://{0}/{1}/{2}", ("T1JJ3T3L2", "A1BRTD4JD", LETTERS[:24])),
    "Discord": ("discord://{0}/{1}", ("123456789012345678", LETTERS + "-_0123456789")),
    "Telegram": ("tgram://{0}:{1}/{2}", ("123456789", LETTERS + "abcdefghi", "12315544")),
    "Pager Duty": ("pagerduty://{0}@{1}", (LETTERS[:20] + "IntKey", LETTERS[5:25] + "ApiKey")),
}
"""Services with what is secret in their URLs; put together here, so that nobody takes them for real ones."""


async def _send(url: str, *, private_targets: bool = True) -> None:
    await apprise_channel.send(AppriseChannel(url), MESSAGE, private_targets=private_targets)


async def _refused(url: str, *, private_targets: bool = True) -> Undelivered:
    with pytest.raises(Undelivered) as refusal:
        await _send(url, private_targets=private_targets)
    assert refusal.value.__context__ is None
    return refusal.value


async def test_a_service_gets_title_and_text_as_they_are() -> None:
    message = replace(MESSAGE, title="Überraschung \\n <b>", text="one \\t two & <i>\n\ud800three :smile:")
    async with receiver() as there:
        channel = AppriseChannel(f"mmost://127.0.0.1:{there.port}/{LETTERS.lower()}?emojis=yes&image=no")
        await apprise_channel.send(channel, message, private_targets=True)
    [got] = there.got
    assert got.path == f"/hooks/{LETTERS.lower()}"
    text = json.loads(got.body)["text"]
    assert "Überraschung \\n <b>" in text
    assert "one \\t two & <i>\n?three" in text


async def test_slow_services_keep_no_webhook_waiting_and_a_title_is_said_once() -> None:
    message = replace(
        MESSAGE, title="[Test] New error in Shop: KeyError", text="New error in Shop\n\n• KeyError"
    )
    asked, released = asyncio.Semaphore(0), asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        asked.release()
        await released.wait()
        return web.Response()

    async with receiver(hang) as slow, receiver() as there:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=1))
        channel = AppriseChannel(f"mmost://127.0.0.1:{slow.port}/{LETTERS.lower()}")
        sending = [
            asyncio.create_task(apprise_channel.send(channel, message, private_targets=True))
            for _ in range(2)
        ]
        for _ in sending:
            await asked.acquire()
        named = WebhookChannel(f"http://localhost:{there.port}/in", "x" * 20)
        await webhook.send(named, message, delivery_id=DELIVERY, now=NOW, private_targets=True)
        assert len(there.got) == 1
        assert not any(each.done() for each in sending)
        released.set()
        await asyncio.gather(*sending)
    text = json.loads(slow.got[0].body)["text"].split()
    assert text == ["[Test]", "New", "error", "in", "Shop:", "KeyError", "•", "KeyError"]


async def test_a_private_address_is_refused_by_name_and_nothing_arrives() -> None:
    async with receiver() as there:
        for host in ("127.0.0.1", "localhost", "127.0.0.2"):
            refusal = await _refused(f"ntfy://{host}:{there.port}/topic", private_targets=False)
            assert refusal.is_final, host
            assert "SNAGLIST_PRIVATE_TARGETS" in refusal.message, host
    assert there.got == []


async def test_a_redirect_is_followed_only_where_the_url_says_so() -> None:
    async with receiver() as there:

        async def lead_on(request: web.Request) -> web.StreamResponse:
            return web.Response(status=307, headers={"Location": f"{there.url}/elsewhere{request.path}"})

        async with receiver(lead_on) as first:
            assert not (await _refused(f"ntfy://127.0.0.1:{first.port}/topic")).is_final
            assert there.got == []
            await _send(f"ntfy://127.0.0.1:{first.port}/topic?redirect=yes")
    assert [got.path for got in there.got] == ["/elsewhere/"]


async def test_what_the_service_answers_is_told_and_the_url_may_not_call_failures_optional() -> None:
    async def forbid(_: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "forbidden here"}, status=403)

    async with receiver(forbid) as there:
        url = f"ntfy://snag:pass-word@127.0.0.1:{there.port}/topic-of-ours?optional=yes&retry=5"
        refusal = await _refused(url)
    assert not refusal.is_final
    assert refusal.message.startswith("ntfy did not take the message: ")
    assert "forbidden here" in refusal.message
    assert not any(secret in refusal.message for secret in ("pass-word", "topic-of-ours", "127.0.0.1"))
    assert len(there.got) == 1


async def test_an_answer_without_end_and_none_at_all_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apprise_channel, "TIMEOUT", 4.0)
    gone = asyncio.Event()

    async with receiver(lambda request: _endless(request, gone)) as there:
        refusal = await _refused(f"ntfy://127.0.0.1:{there.port}/topic")
        async with asyncio.timeout(5):
            await gone.wait()
    assert refusal.message == "ntfy did not answer within 4 seconds"
    assert not refusal.is_final


async def test_who_is_cancelled_leaves_no_process_behind() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        asked.set()
        return await _endless(request, gone)

    async with receiver(hang) as there, asyncio.timeout(15):
        sending = asyncio.create_task(_send(f"ntfy://127.0.0.1:{there.port}/topic"))
        await asked.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await gone.wait()


async def test_secrets_of_urls_are_in_no_failure_label_repr_or_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with receiver(_not_through) as proxy:  # so that nothing of this leaves the machine
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        for name, (form, secrets) in SECRETS.items():
            channel = checked(AppriseChannel(form.format(*secrets)))
            assert isinstance(channel, AppriseChannel)
            refusal = await _refused(channel.url)
            seen = f"{refusal!r} {channel!r} {shown(channel)} {caplog.text}"
            assert shown(channel) == {"kind": "APPRISE", "label": name}
            assert refusal.message.startswith(f"{name} did not take the message")
            assert [secret for secret in secrets if secret in seen] == [], name
    assert proxy.got == []


async def _endless(request: web.Request, gone: asyncio.Event) -> web.StreamResponse:
    """An answer that goes on until nobody listens any more."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    try:
        while True:
            await answer.write(b"x" * 65536)
            await asyncio.sleep(0.05)
    except ConnectionError:
        gone.set()
    return answer


async def _not_through(_: web.Request) -> web.StreamResponse:
    return web.Response(status=403)


def test_parts_of_the_url_are_taken_out_of_what_apprise_says() -> None:
    url = "tgram://123456789:tok%20en-of-ours/-100200300?format=text"
    line = "A Connection error occurred\nsending Telegram to https://api.example/bot123456789:tok en-OF-ours/-100200300."
    told = without_secrets(line, url, "Telegram")
    assert told.startswith("A Connection error occurred sending Telegram to https://api.example/bot…")
    assert not re.search("123456789|en-of-ours|100200300", told, re.IGNORECASE)
    assert len(without_secrets("x" * 5000, url, "Telegram")) <= 300
