"""The targets take turns, one message at a time, and whoever is cut off leaves no message behind."""

import asyncio
from typing import Any

import pytest

from app.alerts.channels.channel import EmailChannel, WebhookChannel
from app.alerts.channels.failures import Undelivered
from app.alerts.deliveries import sending, taking
from app.alerts.deliveries.sending import send_due
from app.alerts.deliveries.taking import AT_ONCE, MOST_TAKEN, take
from app.alerts.deliveries.waking import DELIVERIES, wake_deliveries
from app.jobs.catalogue import JOBS
from app.live import keys
from app.live.connection import client
from app.live.queue import Queue
from app.tables.database import fetch
from tests.alerts.deliveries.stage import Post, added, let_leases_end, new, sent_at, webhook
from tests.database import NOW
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

AWAY = "hooks.away.example"


def away(where: str) -> None:
    """One host does not answer."""
    if where == AWAY:
        raise Undelivered("nobody answers")


async def test_where_a_target_is_away_its_messages_wait_with_the_first_and_others_go(post: Post) -> None:
    stage = await set_up()
    stuck = await added(*(new(stage, f"a{n}", AWAY) for n in range(5)))
    free = await added(*(new(stage, f"b{n}") for n in range(5)), now=later(seconds=1))
    post.refuse = away
    assert await sent_at(later(seconds=1)) == 6
    assert sorted(post.ids) == sorted(free)
    rows = await fetch(
        "select attempts, error, next_attempt_at, taken_until from delivery where id = any($1::uuid[]) order by attempts",
        stuck,
    )
    waiting = later(seconds=31)
    assert [tuple(one) for one in rows] == [(0, None, waiting, None)] * 4 + [
        (1, "nobody answers", waiting, None)
    ]
    post.refuse = lambda _: None
    await sent_at(waiting)
    assert sorted(post.ids) == sorted(free + stuck)


async def test_a_mail_that_is_refused_holds_up_no_other(post: Post) -> None:
    stage = await set_up()
    mails = await added(*(new(stage, f"k{n}", channel=EmailChannel((f"{n}@acme.test",))) for n in range(6)))

    def full(where: str) -> None:
        if where.startswith("0"):
            raise Undelivered("this box is full")

    post.refuse = full
    await sent_at(NOW)
    assert sorted(post.ids) == sorted(mails[1:])


async def test_the_targets_take_turns_so_that_none_hides_the_others(post: Post) -> None:
    stage = await set_up()
    await added(*(new(stage, f"a{n}", AWAY) for n in range(3 * AT_ONCE)))
    [other] = await added(new(stage, "b"), now=later(seconds=5))
    taken = await take(later(seconds=5))
    assert len(taken) == AT_ONCE
    assert other in [one.id for one in taken]
    assert post.carried == []


async def test_a_target_gets_one_at_a_time_and_all_together_ten(post: Post) -> None:
    stage = await set_up()
    await added(*(new(stage, f"k{n}", f"h{n % 15}.example") for n in range(30)))
    await added(*(new(stage, f"m{n}", channel=EmailChannel((f"{n}@acme.test",))) for n in range(10)))
    await sent_at(NOW)
    assert len(post.ids) == 40
    assert post.most.pop("*") <= 10
    assert set(post.most.values()) == {1}


async def test_only_so_many_are_taken_at_a_time(post: Post) -> None:
    stage = await set_up()
    await added(*(new(stage, f"k{n}") for n in range(MOST_TAKEN + AT_ONCE)))
    assert [len(await take(NOW)) for _ in range(4)] == [20, 20, 20, 0]
    await let_leases_end()
    assert len(await take(NOW)) == AT_ONCE
    assert post.carried == []


async def test_whoever_is_cut_off_gives_back_what_was_not_begun_and_nothing_is_sent_twice(post: Post) -> None:
    stage = await set_up()
    ids = await added(*(new(stage, f"k{n}") for n in range(3)))
    post.hold = asyncio.Event()
    cut_off = asyncio.create_task(sent_at(NOW))
    await post.begun.wait()
    cut_off.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut_off
    rows = await fetch("select id, attempts, taken_until is null as is_free from delivery order by id")
    assert sorted((one["attempts"], one["is_free"]) for one in rows) == [(0, True), (0, True), (1, False)]
    post.hold = None
    await sent_at(NOW)
    await let_leases_end()
    await sent_at(NOW)
    assert sorted(post.ids) == sorted(ids)


async def test_when_its_time_is_up_the_rest_is_left_as_it_was(post: Post) -> None:
    stage = await set_up()
    await added(*(new(stage, f"k{n}") for n in range(5)))
    assert await send_due(now=lambda: NOW, goes_on=lambda: len(post.carried) < 2) == 2
    rows = await fetch("select status, attempts, taken_until, next_attempt_at from delivery")
    assert sorted(tuple(one) for one in rows if one["status"] == "waiting") == [("waiting", 0, None, NOW)] * 3
    assert await taking.waits(NOW)
    assert await sent_at(NOW) == 3
    assert not await taking.waits(NOW)


async def test_one_that_hangs_keeps_no_other_from_being_sent_by_somebody_else(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    monkeypatch.setattr(sending, "_BEGIN_WITHIN", 0.05)
    monkeypatch.setattr(sending, "TOGETHER", 1)
    await added(new(stage, "a", AWAY), now=later(seconds=-1))
    others = await added(*(new(stage, f"b{n}", f"h{n}.example") for n in range(5)))
    post.hold = asyncio.Event()
    hung = asyncio.create_task(sent_at(NOW))
    await post.begun.wait()
    while await fetch("select from delivery where taken_until is null having count(*) < 5"):  # noqa: ASYNC110  rows
        await asyncio.sleep(0.01)
    hold, post.hold = post.hold, None
    monkeypatch.setattr(sending, "_BEGIN_WITHIN", 6)
    assert await sent_at(NOW) == 5
    assert sorted(post.ids) == sorted(others)
    hold.set()
    assert await hung == 1
    assert len(post.ids) == 6


async def test_a_digest_for_thousands_keeps_neither_an_alert_nor_another_organization_waiting() -> None:
    stage, other = await set_up(), await set_up()
    mails = [EmailChannel((f"{n}@acme.test",)) for n in range(3 * AT_ONCE)]
    await added(*(new(stage, f"d{n}", kind="digest", channel=mail) for n, mail in enumerate(mails)))
    waiting = await added(
        new(stage, "alert", kind="assigned"), new(other, "other", kind="digest"), now=later(seconds=5)
    )
    taken = await take(later(seconds=5))
    assert len(taken) == AT_ONCE
    assert set(waiting) <= {one.id for one in taken}


async def test_that_a_host_takes_nothing_from_one_organization_holds_up_no_other(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, other = await set_up(), await set_up()
    await added(*(new(stage, f"a{n}") for n in range(5)))
    [theirs] = await added(new(other, "b", channel=webhook(path="theirs")), now=later(seconds=1))

    async def send(channel: WebhookChannel, *given: Any, **more: Any) -> None:
        if channel != webhook(path="theirs"):
            raise Undelivered("this hook is broken")
        await post.send(channel, *given, **more)

    monkeypatch.setattr(sending, "send", send)
    await sent_at(later(seconds=1))
    assert post.ids == [theirs]


@pytest.mark.usefixtures("valkey")
async def test_no_scan_that_hangs_holds_messages_up() -> None:
    await wake_deliveries()
    assert await client().zcard(keys.queue(Queue.TELL)) == 1
    for name in (DELIVERIES, "digests"):
        assert JOBS[name].queue is Queue.TELL, "a queue without scans"
