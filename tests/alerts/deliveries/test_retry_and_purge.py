"""What failed can be tried again, by those it belongs to; what is old is forgotten."""

import asyncio
from uuid import UUID, uuid4

import pytest

from app.alerts.channels.failures import Undelivered
from app.alerts.deliveries import purge, waking
from app.alerts.deliveries.purge import purge_deliveries
from app.alerts.deliveries.retry import MOST, retry_deliveries
from app.alerts.deliveries.taking import take
from app.errors import BadInput, NotFound
from app.live import queue
from app.tables.database import fetch
from tests.alerts.deliveries.stage import Post, added, new, row, rule, sent_at
from tests.database import NOW
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def failed(stage: Stage, post: Post, *keys: str) -> list[UUID]:
    """Messages that were given up."""

    def refuse(_: str) -> None:
        raise Undelivered("there is no such channel", is_final=True)

    ids = await added(*(new(stage, key) for key in keys))
    before, post.refuse = post.refuse, refuse
    await sent_at(NOW)
    post.refuse = before
    return ids


async def test_what_failed_or_waits_is_due_at_once_and_whoever_sends_is_woken_after_the_commit(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    [dead] = await failed(stage, post, "dead")
    [waiting] = await added(new(stage, "waiting"), now=later(hours=3))
    woken: list[tuple[str, int]] = []

    async def wake(name: str, _: queue.Queue) -> None:
        woken.append((name, len(await fetch("select from delivery where next_attempt_at = $1", NOW))))

    monkeypatch.setattr(waking, "wake", wake)
    await retry_deliveries(stage.organization_id, [waiting, dead, dead], now=NOW)
    assert woken == [("deliveries", 2)]
    assert await row(dead) == ("waiting", 0, "there is no such channel")
    assert await sent_at(NOW) == 2
    assert sorted(post.ids) == sorted([dead, waiting])
    assert await row(dead) == ("sent", 1, None)


async def test_it_is_all_of_them_or_none_and_never_what_was_sent_or_is_anothers(post: Post) -> None:
    stage, other = await set_up(), await set_up()
    [dead], [others] = await failed(stage, post, "dead"), await failed(other, post, "others")
    [sent] = await added(new(stage, "sent"))
    await sent_at(NOW)
    before = await fetch("select * from delivery order by id")
    for wrong in (sent, others, uuid4()):
        with pytest.raises(NotFound) as refused:
            await retry_deliveries(stage.organization_id, [dead, wrong], now=NOW)
        assert refused.value.field == "ids.1"
    for number in (0, MOST + 1):
        with pytest.raises(BadInput):
            await retry_deliveries(stage.organization_id, [dead] * number, now=NOW)
    assert await fetch("select * from delivery order by id") == before


async def test_one_that_is_being_sent_stays_with_whoever_sends_it(post: Post) -> None:
    stage = await set_up()
    [delivery_id] = await added(new(stage))
    post.hold = asyncio.Event()
    sending = asyncio.create_task(sent_at(NOW))
    await post.begun.wait()
    await retry_deliveries(stage.organization_id, [delivery_id], now=NOW)
    assert await take(NOW) == []
    post.hold.set()
    assert await sending == 1
    assert (await row(delivery_id))[0] == "sent"


async def test_one_of_a_deleted_rule_is_given_up_again(post: Post) -> None:
    stage = await set_up()
    rule_id = await rule(stage)
    [delivery_id] = await added(new(stage, rule_id=rule_id, kind="alert"))
    await fetch("delete from alert_rule")
    await sent_at(NOW)
    await retry_deliveries(stage.organization_id, [delivery_id], now=NOW)
    await sent_at(NOW)
    assert (await row(delivery_id))[0] == "failed"
    assert post.carried == []


async def test_what_is_old_is_forgotten_some_at_a_time_and_what_waits_never_is(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    monkeypatch.setattr(purge, "AT_ONCE", 2)
    await failed(stage, post, "f1", "f2", "f3")
    await added(*(new(stage, f"s{n}") for n in range(4)))
    await sent_at(NOW)
    await added(new(stage, "w"), now=later(seconds=1))
    [late] = await added(new(stage, "late"))
    await sent_at(NOW)
    await fetch("update delivery set sent_at = $2 where id = $1", late, later(days=20))

    async def left() -> str:
        rows = await fetch("select key from delivery order by key")
        return " ".join(row["key"] for row in rows)

    assert await purge_deliveries(now=later(days=30)) == 0
    assert await purge_deliveries(now=later(days=31), goes_on=lambda: False) == 0
    assert await purge_deliveries(now=later(days=31)) == 4
    assert await left() == "f1 f2 f3 late w"
    assert await purge_deliveries(now=later(days=51)) == 1
    assert await purge_deliveries(now=later(days=91)) == 3
    assert await purge_deliveries(now=later(days=1000)) == 0
    assert await left() == "w"
