"""What is due is sent, once as far as its receiver can tell, whatever happens meanwhile."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.accounts import keys_in_force
from app.alerts.channels.failures import Undelivered
from app.alerts.deliveries import sending, taking
from app.alerts.deliveries.sending import pause
from app.alerts.deliveries.taking import ATTEMPTS, take
from app.tables.database import fetch
from tests.alerts.deliveries.stage import KEY, MESSAGE, Post, added, let_leases_end, new, row, rule, sent_at
from tests.database import NOW
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


def refusing(failure: Exception) -> Callable[[str], None]:
    """Nobody takes anything."""

    def refuse(_: str) -> None:
        raise failure

    return refuse


async def test_what_is_due_is_sent_with_its_id_and_then_kept_only_by_its_title(post: Post) -> None:
    stage = await set_up()
    first, late = await added(new(stage, "a")), await added(new(stage, "b"), now=later(minutes=1))
    assert await sent_at(later(seconds=1)) == 1
    assert [(delivery_id, message) for delivery_id, _, message in post.carried] == [(first[0], MESSAGE)]
    assert await row(
        first[0], "status, sent_at, attempts, next_attempt_at, taken_until, channel, body::text"
    ) == (
        "sent",
        later(seconds=1),
        1,
        None,
        None,
        None,
        json.dumps({"title": MESSAGE.title}),
    )
    assert await sent_at(later(seconds=1)) == 0
    assert await sent_at(later(minutes=1)) == 1
    assert post.ids == [*first, *late]


async def test_two_who_send_at_once_share_what_is_due(post: Post) -> None:
    stage = await set_up()
    wanted = await added(*(new(stage, f"k{n}", f"h{n % 7}.example") for n in range(50)))
    counts = await asyncio.gather(*(sent_at(NOW) for _ in range(3)))
    assert sum(counts) == 50
    assert sorted(post.ids) == sorted(wanted)


async def test_one_that_was_sent_and_not_stored_is_sent_again_with_the_same_id_when_its_lease_ends(
    post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await set_up()
    [delivery_id] = await added(new(stage))

    async def gone(*_: object) -> bool:
        raise OSError("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(taking, "sent", gone)
        assert await sent_at(NOW) == 1
    assert "the outcome of a message was not stored" in caplog.messages
    assert await row(delivery_id) == ("waiting", 1, None)
    assert await sent_at(later(hours=1)) == 0, "whoever has it may still be at it, whatever the time is here"
    await let_leases_end()
    assert await sent_at(NOW) == 1
    assert post.ids == [delivery_id, delivery_id]
    assert await row(delivery_id) == ("sent", 2, None)


@pytest.mark.parametrize("failure", [None, Undelivered("no"), Undelivered("never", is_final=True)])
async def test_who_has_lost_his_lease_stores_nothing(
    failure: Undelivered | None, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await set_up()
    [delivery_id] = await added(new(stage))
    if failure:
        post.refuse = refusing(failure)
    post.hold = asyncio.Event()
    slow = asyncio.create_task(sent_at(NOW))
    await post.begun.wait()
    await let_leases_end()
    [other] = await take(NOW)
    post.hold.set()
    await slow
    assert await row(delivery_id, "status, attempts, taken_until") == ("waiting", 2, other.taken_until)
    assert "a message took so long that somebody else has taken it up" in caplog.messages
    assert await taking.sent(other, NOW)
    assert not await taking.failed(other, "late")
    assert await row(delivery_id) == ("sent", 2, None)


async def test_it_is_tried_ten_times_ever_more_rarely_and_then_given_up(post: Post) -> None:
    stage = await set_up()
    [delivery_id] = await added(new(stage))
    post.refuse = refusing(Undelivered("the receiver answered 500\0"))
    at, pauses = NOW, []
    for attempt in range(1, ATTEMPTS):
        assert await sent_at(at) == 1
        assert await sent_at(at) == 0
        assert await row(delivery_id) == ("waiting", attempt, "the receiver answered 500\ufffd")
        due: datetime = await row(delivery_id, "next_attempt_at")
        pauses.append((due - at).total_seconds())
        at = due
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert await sent_at(at) == 1
    assert await row(delivery_id, "status, attempts, next_attempt_at, taken_until") == (
        "failed",
        10,
        None,
        None,
    )
    assert await sent_at(later(days=30)) == 0


@pytest.mark.parametrize(
    ("wish", "waited"),
    [
        (None, timedelta(seconds=30)),
        (timedelta(seconds=5), timedelta(seconds=30)),
        (timedelta(minutes=7), timedelta(minutes=7)),
        (timedelta(days=9), timedelta(days=1)),
    ],
)
async def test_a_receiver_is_not_asked_before_it_wishes(
    wish: timedelta | None, waited: timedelta, post: Post
) -> None:
    stage = await set_up()
    [delivery_id] = await added(new(stage))
    post.refuse = refusing(Undelivered("slower", retry_after=wish))
    await sent_at(NOW)
    assert await row(delivery_id, "next_attempt_at") == NOW + waited
    assert pause(1000) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("failure", "status", "told"),
    [
        (Undelivered("there is no such channel", is_final=True), "failed", "there is no such channel"),
        (
            RuntimeError("https://hooks.example.com/hidden-token"),
            "waiting",
            "it could not be sent: RuntimeError",
        ),
        (TimeoutError(), "waiting", "the receiver took longer than 48 seconds"),
    ],
)
async def test_what_goes_wrong_is_told_without_secrets(
    failure: Exception, status: str, told: str, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await set_up()
    [delivery_id] = await added(new(stage))
    post.refuse = refusing(failure)
    caplog.set_level(logging.INFO)
    await sent_at(NOW)
    assert await row(delivery_id) == (status, 1, told)
    assert "hidden-token" not in str([record.__dict__ for record in caplog.records])


async def test_a_receiver_that_hangs_is_given_up_in_time(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    [delivery_id] = await added(new(stage))
    post.hold = asyncio.Event()
    monkeypatch.setattr(sending, "LONGEST", timedelta(milliseconds=20))
    await sent_at(NOW)
    assert (await row(delivery_id))[:2] == ("waiting", 1)
    assert post.carried == []


async def _member(organization_id: UUID, *, disabled: bool = False) -> UUID:
    person_id = uuid4()
    await fetch(
        "insert into person (id, email, name, created_at, disabled_at) values ($1, $2, 'Ann', $3, $4)",
        *(person_id, f"{person_id}@acme.test", NOW, NOW if disabled else None),
    )
    await fetch("insert into membership values ($1, $2, $1, 'viewer', $3)", person_id, organization_id, NOW)
    return person_id


async def test_what_nobody_is_to_hear_any_more_is_given_up_unsent(post: Post) -> None:
    stage, other = await set_up(), await set_up()
    ours = stage.organization_id
    deleted, off, on = [await rule(stage, enabled=n != 1) for n in range(3)]
    gone, disabled, unwilling = [await _member(ours, disabled=n == 1) for n in range(3)]
    wanted = {
        "deleted rule": (new(stage, rule_id=deleted, kind="alert"), "the rule was deleted before it was sent"),
        "rule off": (new(stage, rule_id=off, kind="alert"), "the rule was switched off before it was sent"),
        "trial of a rule that is off": (new(stage, rule_id=off), None),
        "rule": (new(stage, rule_id=on, kind="alert"), None),
        "project": (new(other), "the project was deleted before it was sent"),
        "disabled": (new(stage, membership_id=disabled), "the member's account was disabled before it was sent"),
        "unwilling": (
            new(stage, membership_id=unwilling, kind="digest"),
            "the member wants no digests of this project any more",
        ),
        "unwilling, but named": (new(stage, membership_id=unwilling, kind="mentioned"), None),
        "digest": (new(stage, membership_id=await _member(ours), kind="digest"), None),
    }  # fmt: skip
    ids = {name: (await added(replace(message, key=name)))[0] for name, (message, _) in wanted.items()}
    await added(new(stage, "gone", membership_id=gone))
    await fetch("delete from membership where id = $1", gone)
    await fetch("delete from alert_rule where id = $1", deleted)
    await fetch("update project set deleted_at = $1 where id = $2", NOW, other.project_id)
    await fetch("insert into digest_opt_out values ($1, $2, $3)", unwilling, stage.project_id, NOW)
    await sent_at(NOW)
    for name, (_, why) in wanted.items():
        assert await row(ids[name]) == ("sent" if why is None else "failed", 1, why), name
    assert sorted(post.ids) == sorted(ids[name] for name, (_, why) in wanted.items() if why is None)


async def test_one_that_ends_whoever_sends_it_is_given_up(post: Post) -> None:
    stage = await set_up()
    [delivery_id] = await added(new(stage))
    for _ in range(ATTEMPTS):
        assert len(await take(NOW)) == 1
        await let_leases_end()
    await sent_at(NOW)
    assert await row(delivery_id) == (
        "failed",
        11,
        "it was begun 10 times, and whoever did so never came back",
    )
    assert post.carried == []


async def test_a_channel_whose_key_is_missing_waits_for_it_and_one_that_is_damaged_is_given_up(
    post: Post,
) -> None:
    stage = await set_up()
    [good] = await added(new(stage))
    keys_in_force.use_keys("another key that is long enough")
    await sent_at(NOW)
    status, attempts, error = await row(good)
    assert (status, attempts) == ("waiting", 1)
    assert "a key that is not in SNAGLIST_SECRET_KEY" in error
    keys_in_force.use_keys(KEY)
    damaged, unreadable, nowhere = await added(*(new(stage, key) for key in "abc"))
    await fetch("update delivery set channel = channel || 'x'::bytea where id = $1", damaged)
    await fetch("update delivery set body = '[]' where id = $1", unreadable)
    await fetch("update delivery set channel = null where id = $1", nowhere)
    await sent_at(later(seconds=30))
    assert post.ids == [good]
    for each in (damaged, unreadable, nowhere):
        assert (await row(each))[:2] == ("failed", 1)
