"""Reactions: once for each change, whoever dies, whatever fails, and however many carry them out at once."""

import asyncio
import logging
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from app import reactions
from app.domain.lifecycle import MoveKind
from app.live import keys
from app.live.bus import read
from app.live.connection import client
from app.reactions import ORDER, REACTIONS, Reaction, react, sweep
from app.tables.database import fetch
from app.timeline import Change, Pending
from tests.database import NOW
from tests.jobs.endless_reactions import note
from tests.recording.stage import Stage, later, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ROUNDS = int(os.environ.get("SNAGLIST_CHAOS_ROUNDS", "6"))


def follow(
    monkeypatch: pytest.MonkeyPatch, *its_reactions: Reaction, kind: MoveKind = MoveKind.OPENED
) -> None:
    monkeypatch.setitem(REACTIONS, kind, its_reactions)


async def opened(stage: Stage, *errors: str) -> list[Change]:
    """The changes that so many new errors make."""
    return list((await recorded([sighting(stage.shop, error) for error in errors])).changes)


async def noted() -> list[int]:
    """The changes that `note` has followed."""
    return sorted(int(row["target"]) for row in await fetch("select target from delivery"))


async def outbox() -> dict[int, int]:
    """The attempts of each change that is not done."""
    rows = await fetch("select change_id, attempts from outbox")
    return {row["change_id"]: row["attempts"] for row in rows}


def poisoned(*bad: int, by: Exception | None = None) -> Reaction:
    """A reaction that writes, and then fails for some changes."""

    async def fail(changes: Sequence[Pending], now: datetime) -> None:
        await note(changes, now)
        if {change.change_id for change in changes} & set(bad):
            if by:
                raise by
            await fetch("select 1 / 0")

    return fail


async def test_each_change_is_followed_once_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Sequence[Pending]] = []

    async def watch(changes: Sequence[Pending], now: datetime) -> None:
        assert now == NOW
        calls.append(changes)

    follow(monkeypatch, watch, note)
    follow(monkeypatch, watch, kind=MoveKind.ACTIVATED)
    stage = await set_up()
    changes = await opened(stage, "A", "B", "A", "C")

    assert await react(now=NOW) == 4
    assert await react(now=NOW) == 0

    [[*seen]] = calls
    assert [change.change_id for change in seen] == [change.id for change in changes]
    assert [change.change_kind for change in seen] == ["OPENED", "OPENED", "ACTIVATED", "OPENED"]
    assert {change.organization_id for change in seen} == {stage.organization_id}
    assert seen[0].group_id == changes[0].entry.move.group_id
    assert await noted() == [changes[0].id, changes[1].id, changes[3].id]
    assert await outbox() == {}


async def test_no_more_than_the_limit_is_taken_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    follow(monkeypatch, note)
    changes = await opened(await set_up(), *"ABCDE")
    assert await react(now=NOW, limit=2) == 2
    assert await noted() == [changes[0].id, changes[1].id]
    assert await react(now=NOW, limit=10) == 3


@pytest.mark.parametrize("by", [None, ZeroDivisionError("no"), TimeoutError("no")])
async def test_a_reaction_that_raises_fails_for_its_change_alone(
    monkeypatch: pytest.MonkeyPatch, by: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    changes = await opened(await set_up(), *"ABCDE")
    bad = changes[2].id
    follow(monkeypatch, poisoned(bad, by=by), note)

    assert await react(now=NOW) == 5

    good = [change.id for change in changes if change.id != bad]
    assert await noted() == sorted(good * 2), "by each of both, and nothing is left of what failed"
    assert await outbox() == {bad: 1}
    [told] = [record for record in caplog.records if record.name == "app.reactions"]
    assert (told.levelno, told.getMessage()) == (logging.WARNING, "a reaction failed")


async def test_what_failed_is_tried_again_ever_more_rarely_and_others_do_not_wait(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await set_up()
    [poison] = await opened(stage, "A")
    follow(monkeypatch, poisoned(poison.id), note)
    tried = [seconds for seconds in range(0, 5000, 5) if await react(now=later(seconds=seconds))]
    assert tried == [0, 15, 60, 240, 960, 3840]
    levels = [record.levelno for record in caplog.records if record.name == "app.reactions"]
    assert levels == [logging.WARNING] * 4 + [logging.ERROR] * 2
    [other] = await opened(stage, "B")
    assert await react(now=later(seconds=5000)) == 1
    assert await noted() == [other.id] * 2
    assert await outbox() == {poison.id: 6}

    follow(monkeypatch, note)
    await fetch("update outbox set attempts = 32000")
    assert await react(now=later(days=365)) == 0
    assert await react(now=later(days=365 * 3)) == 1
    assert await outbox() == {}


async def test_a_reaction_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "LONGEST", 0.2)
    changes = await opened(await set_up(), *"ABC")

    async def hang(its_changes: Sequence[Pending], _: datetime) -> None:
        if changes[1].id in {change.change_id for change in its_changes}:
            await fetch("select pg_sleep(60)")

    follow(monkeypatch, hang, note)
    async with asyncio.timeout(5):
        await react(now=NOW)
    assert await noted() == [changes[0].id, changes[2].id]
    assert await outbox() == {changes[1].id: 1}


async def test_many_at_once_follow_each_change_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(changes: Sequence[Pending], now: datetime) -> None:
        await asyncio.sleep(random.random() * 0.02)
        await note(changes, now)

    follow(monkeypatch, slow)
    changes = await opened(await set_up(), *(f"E{n}" for n in range(60)))

    async def carry_out() -> int:
        taken = 0
        for _ in range(10):
            taken += await react(now=NOW, limit=3)
        return taken

    assert sum(await asyncio.gather(*(carry_out() for _ in range(6)))) == 60
    assert await noted() == [change.id for change in changes]


async def test_a_change_that_is_not_known_waits_for_a_newer_snaglist(monkeypatch: pytest.MonkeyPatch) -> None:
    follow(monkeypatch, note)
    [change] = await opened(await set_up(), "A")
    await fetch("update outbox set change_kind = 'PAINTED'")
    assert await react(now=later(days=1)) == 0
    assert await sweep(now=later(days=1)) == 0
    assert await outbox() == {change.id: 0}


@pytest.mark.usefixtures("valkey")
async def test_the_sweep_tells_and_carries_out_what_was_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    follow(monkeypatch, note)
    stage = await set_up()
    cursor = (await read(stage.organization_id, None)).cursor
    [change] = await opened(stage, "A")

    assert await sweep(now=later(seconds=14)) == 0
    assert await client().xlen(keys.changes(stage.organization_id)) == 0
    assert await noted() == [change.id], "it is carried out at once, and only not told again"

    late = await opened(stage, "B", "A")
    assert await sweep(now=later(seconds=15)) == 2
    told = (await read(stage.organization_id, cursor)).messages
    assert [(message.change_id, message.kind, message.status_before) for message in told] == [
        (late[0].id, "OPENED", None),
        (late[1].id, "ACTIVATED", "NEW"),
    ]
    assert [message.group_id for message in told] == [one.entry.move.group_id for one in late]
    assert await noted() == [change.id, late[0].id]
    assert await sweep(now=later(seconds=60)) == 0


@pytest.mark.usefixtures("valkey")
async def test_what_fails_is_not_told_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    [poison] = await opened(stage, "A")
    follow(monkeypatch, poisoned(poison.id))
    for seconds in range(15, 300, 15):
        await sweep(now=later(seconds=seconds))
    assert await client().xlen(keys.changes(stage.organization_id)) == 1
    assert (await outbox())[poison.id] > 1


async def test_the_sweep_needs_no_redis(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    follow(monkeypatch, note)
    [change] = await opened(await set_up(), "A")
    assert await sweep(now=later(minutes=1)) == 1
    assert await noted() == [change.id]
    assert "late changes were not announced" in caplog.text


@pytest.mark.timeout(60 + 6 * ROUNDS)
async def test_whoever_is_killed_loses_and_doubles_nothing(database: str) -> None:
    """Two processes react, and one of them dies in each round, while changes are made."""
    stage = await set_up()
    lives = [start(database) for _ in range(2)]
    made: list[int] = []
    seen = set()
    try:
        for number in range(ROUNDS):
            for part in range(4):
                changes = await opened(stage, *(f"E{number}.{part}.{n}" for n in range(10)))
                made += [change.id for change in changes]
                await asyncio.sleep(random.random() * 0.1)
            life = lives.pop(0)
            assert life.stdout
            await asyncio.to_thread(life.stdout.readline)
            await asyncio.sleep(random.random() * 0.2)
            life.kill()
            life.communicate()
            lives.append(start(database))
            seen.add(len(await noted()))
        async with asyncio.timeout(20):
            while await outbox():  # noqa: ASYNC110  what is awaited is in the database
                await asyncio.sleep(0.05)
    finally:
        for life in lives:
            life.kill()
            life.communicate()
    assert await noted() == made
    assert len(seen) > ROUNDS / 3, "they got on between their deaths"


def start(database: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.endless_reactions", database],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )


async def test_every_kind_of_change_stands_in_the_table() -> None:
    assert set(REACTIONS) == set(MoveKind)


async def test_every_reaction_has_its_place_in_the_order() -> None:
    asked = [reaction for its_reactions in REACTIONS.values() for reaction in its_reactions]
    assert set(asked) == set(ORDER)
    for its_reactions in REACTIONS.values():
        assert list(its_reactions) == sorted(its_reactions, key=ORDER.index)
