"""What is sent to one connection: of each subscription in turn, and nothing of them once it is to be closed."""

import asyncio
from collections.abc import Callable
from typing import cast
from uuid import uuid4

import pytest
from starlette.types import Message

from app.errors import Unauthenticated
from app.graphql.live import outgoing
from app.graphql.live.entrance import Entrance
from app.graphql.live.mailboxes import Mailbox
from app.graphql.live.messages import RESTART, UNAUTHORIZED, Closed, closing, read
from app.graphql.live.outgoing import Outgoing
from app.graphql.live.subscribed import Subscribed
from tests.graphql.stage import member

pytestmark = pytest.mark.anyio


class Told:
    """What was sent; before each, `then` happens."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.then: Callable[[], None] = lambda: None

    async def send(self, message: Message) -> None:
        """Take a message."""
        self.texts.append(message["text"])
        assert len(self.texts) < 100, "it would never end"
        self.then()
        await asyncio.sleep(0)


async def ended(out: Outgoing) -> Closed:
    """How it ends, soon."""
    async with asyncio.timeout(5):
        with pytest.raises(Closed) as closed:
            await out.run()
    return closed.value


def told_by(out: Outgoing, id_: str, *first: bytes) -> Mailbox:
    """A subscription's mailbox, with something in it."""
    mailbox = Mailbox(out.wake)
    mailbox.open(first)
    out.tell(id_, b"{%b:" % id_.encode(), mailbox)
    return mailbox


async def test_nothing_is_told_after_the_word_to_close_whatever_comes() -> None:
    told = Told()
    out = Outgoing(told.send, takes_frames=False)
    busy = told_by(out, "a", b"1")

    def go_on() -> None:
        busy.put([b"more"])
        if len(told.texts) == 2:
            out.say(b"error a")
            out.close(closing(Unauthenticated("revoked")))
            out.say(b"pong")
            told_by(out, "b", b"first")

    told.then = go_on
    assert (await ended(out)).code == UNAUTHORIZED
    assert told.texts == ["{a:1}", "{a:more}", "error a"]
    assert out.is_closing


async def test_a_client_that_takes_nothing_is_closed_soon_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "LAST_WORDS", 0.05)
    sends = asyncio.Event()

    async def send(_: Message) -> None:
        sends.set()
        await asyncio.Event().wait()

    out = Outgoing(send, takes_frames=True)
    told_by(out, "a", b"1")
    running = asyncio.create_task(ended(out))
    await sends.wait()
    out.close(closing(Unauthenticated("revoked")))
    assert (await running).code == UNAUTHORIZED


async def test_nothing_begins_after_the_word_to_close() -> None:
    out = Outgoing(Told().send, takes_frames=False)
    subscribed = Subscribed(cast("Entrance", None), member(uuid4()), out)
    subscribed.refuse(Unauthenticated("revoked"))
    before = len(asyncio.all_tasks())
    subscribed.begin(read('{"type": "subscribe", "id": "1", "payload": {"query": "subscription { x }"}}'))
    assert len(asyncio.all_tasks()) == before


async def test_a_busy_subscription_lets_the_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "AT_ONCE", 1)
    told = Told()
    out = Outgoing(told.send, takes_frames=False)
    busy = told_by(out, "busy", b"1")
    for id_ in ("b", "c"):
        told_by(out, id_, b"1", b"2")

    def go_on() -> None:
        if len(told.texts) < 8:
            busy.put([b"more"])
        else:
            out.close(Closed(RESTART, "enough"))

    told.then = go_on
    await ended(out)
    assert told.texts[:7] == ["{busy:1}", "{b:1}", "{c:1}", "{busy:more}", "{b:2}", "{c:2}", "{busy:more}"]


async def test_a_subscription_that_ends_is_seen_beside_a_busy_one() -> None:
    told = Told()
    out = Outgoing(told.send, takes_frames=False)
    busy, other = told_by(out, "busy", b"1"), told_by(out, "other", b"1")

    def go_on() -> None:
        busy.put([b"more"])
        if len(told.texts) == 3:
            other.end()

    told.then = go_on
    assert (await ended(out)).code == RESTART
    assert len(told.texts) < 6
