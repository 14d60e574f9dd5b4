"""Changes of a group in batches that run at the same time: told once, in their order, and the last state is the group's."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app import reactions
from app.accounts.actors import SYSTEM
from app.domain.lifecycle import MoveKind
from app.errors import SnaglistError
from app.github.asking.following import follow
from app.reactions import REACTIONS, Reaction, react
from app.tables.database import fetch, transaction
from app.timeline import Change, Pending
from app.triage.merge import merge
from app.triage.reopen import reopen
from app.triage.resolve import resolve
from app.triage.silence import silence
from app.triage.unmerge import unmerge
from tests.database import NOW
from tests.github.stage import actions, connected, issue
from tests.reading.stage import seen
from tests.recording.stage import later, recorded, set_up, sighting
from tests.triage.stage import ROBOT, until_somebody_waits

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


def pending(*changes: Change) -> list[Pending]:
    return [
        Pending(
            change.outbox_id,
            change.entry.organization_id,
            change.entry.move.kind,
            change.entry.move.group_id,
            change.id,
            change.entry.detail,
            change.at,
            0,
        )
        for change in changes
    ]


async def told(group_id: UUID) -> list[str]:
    """What is to be done for a group, in one word each."""
    return [detail.get("about") or detail["state"] for _, detail in await actions(group_id)]


async def issued() -> tuple[UUID, UUID]:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    await connected(stage)
    await issue(group_id)
    await fetch("delete from outbox")
    return stage.organization_id, group_id


class _Held:
    """A transaction that follows changes and stays open until it may end."""

    def __init__(self, *changes: Change) -> None:
        self.changes, self.has_followed, self.may_end = changes, asyncio.Event(), asyncio.Event()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async with transaction():
            await follow(pending(*self.changes), NOW)
            self.has_followed.set()
            await self.may_end.wait()

    async def followed(self) -> None:
        waiting = asyncio.create_task(self.has_followed.wait())
        await asyncio.wait([waiting, self.task], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    async def end(self) -> None:
        self.may_end.set()
        await self.task


async def _end_when_waited_for(database: str, early: _Held, *late: _Held) -> None:
    watching = await asyncpg.connect(database)
    try:
        await until_somebody_waits(watching, len(late))
    finally:
        await watching.close()
        await asyncio.gather(*(each.end() for each in (early, *late)))


async def test_a_later_change_that_is_carried_out_first_brings_the_earlier_one_along(database: str) -> None:
    its, group_id = await issued()
    [first] = await resolve(its, [group_id], SYSTEM, now=NOW)
    [second] = await reopen(its, [group_id], SYSTEM, now=NOW)
    [third] = await silence(its, [group_id], SYSTEM, now=NOW)
    early = _Held(second)
    await early.followed()
    late = [_Held(first), _Held(third)]
    await _end_when_waited_for(database, early, *late)
    assert await told(group_id) == ["auto_resolved", "reopened", "silenced", "closed"]


async def test_what_is_changed_after_the_look_comes_after_it(database: str) -> None:
    its, group_id = await issued()
    early = _Held(*await resolve(its, [group_id], SYSTEM, now=NOW))
    await early.followed()
    late = _Held(*await reopen(its, [group_id], SYSTEM, now=NOW))
    await _end_when_waited_for(database, early, late)
    assert await told(group_id) == ["auto_resolved", "closed", "reopened", "open"]


async def test_what_was_not_committed_is_followed_again_and_what_was_is_not() -> None:
    its, group_id = await issued()
    changes = await resolve(its, [group_id], SYSTEM, now=NOW)
    broken = _Held(*changes)
    await broken.followed()
    broken.task.cancel()
    await asyncio.wait([broken.task])
    assert await told(group_id) == []
    for _ in range(2):
        await _Held(*changes).end()
        assert await told(group_id) == ["auto_resolved", "closed"]


async def test_where_nobody_knows_how_far_it_was_followed_what_is_at_hand_is() -> None:
    its, group_id = await issued()
    await resolve(its, [group_id], SYSTEM, now=NOW)
    await fetch("update github_issue set followed_change_id = null, state = 'closed'")
    changes = [
        *await reopen(its, [group_id], SYSTEM, now=NOW),
        *await silence(its, [group_id], SYSTEM, now=NOW),
    ]
    await _Held(changes[1], changes[0]).end()
    assert await told(group_id) == ["reopened", "silenced", "closed"]


ERRORS = [f"Error{n}" for n in range(4)]
PLAIN = {"RESOLVED", "SILENCED", "REOPENED", "MERGED"}
"""What is told whatever was before."""


async def _writer(done: dict[UUID, list[str]]) -> None:
    """As the worker does: the first action of some issue is carried out, under the lock of the issue."""
    for _ in range(25):
        async with transaction():
            rows = await fetch(
                "select group_id from github_issue where next_attempt_at is not null order by random() limit 1"
                " for no key update skip locked"
            )
            for row in rows:
                await _carry_out(row["group_id"], done)
        await asyncio.sleep(0)


async def _carry_out(group_id: UUID, done: dict[UUID, list[str]]) -> bool:
    rows = await fetch(
        "select id, kind, detail from github_action where group_id = $1 order by id limit 1", group_id
    )
    for row in rows:
        detail = json.loads(row["detail"])
        await fetch("delete from github_action where id = $1", row["id"])
        if row["kind"] == "state":
            await fetch("update github_issue set state = $2 where group_id = $1", group_id, detail["state"])
        elif detail.get("reason"):
            done[group_id].append(detail["reason"])
        await fetch(
            """
            update github_issue as i set next_attempt_at =
                case when exists (select from github_action as a where a.group_id = i.group_id) then $2::timestamptz end
            where group_id = $1
            """,
            group_id,
            NOW,
        )
    return bool(rows)


async def _people(its: UUID, groups: Sequence[UUID], chance: random.Random, name: str) -> None:
    for turn in range(14):
        why: dict[str, Any] = {"reason": f"{name}{turn}", "now": NOW}
        one, two = chance.sample(groups, 2)
        verb = chance.choice((resolve, resolve, silence, reopen, reopen, None))
        try:
            if verb is not None:
                await verb(its, [one], ROBOT, **why)
            elif chance.random() < 0.6:
                await merge(its, one, [two], ROBOT, **why)
            else:
                await unmerge(its, one, None, ROBOT, **why)
        except SnaglistError:
            await asyncio.sleep(0)


def _failing_now_and_then(monkeypatch: pytest.MonkeyPatch, chance: random.Random) -> None:
    async def trip(_: Sequence[Pending], __: datetime) -> None:
        await asyncio.sleep(chance.random() * 0.01)
        if chance.random() < 0.2:
            raise ZeroDivisionError

    with_trip: dict[MoveKind, tuple[Reaction, ...]] = {kind: (*its, trip) for kind, its in REACTIONS.items()}
    for kind, its in with_trip.items():
        monkeypatch.setitem(REACTIONS, kind, its)
    monkeypatch.setattr(reactions.logger, "disabled", True)


@pytest.mark.parametrize("seed", range(3))
async def test_however_it_is_cut_the_end_is_that_of_the_groups(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    stage = await set_up(cooldown_seconds=0)
    groups = [await seen(stage.shop, error, later(minutes=-9)) for error in ERRORS]
    await connected(stage)
    for number, group_id in enumerate(groups, 1):
        await issue(group_id, number)
    await fetch("delete from outbox")
    _failing_now_and_then(monkeypatch, chance)
    done: dict[UUID, list[str]] = defaultdict(list)

    async def reactor() -> None:
        for turn in range(40):
            await react(now=later(days=turn), limit=chance.choice((1, 1, 2, 5)))

    async def recorder() -> None:
        for turn in range(10):
            await recorded([sighting(stage.shop, chance.choice(ERRORS), later(seconds=turn + 1))])

    await asyncio.gather(
        *(_people(stage.organization_id, groups, chance, name) for name in "ab"),
        *(reactor() for _ in range(3)),
        recorder(),
        _writer(done),
    )
    monkeypatch.undo()
    await _finish(groups, done)
    await _demand(groups, done)


async def _finish(groups: Sequence[UUID], done: dict[UUID, list[str]]) -> None:
    while await fetch("select from outbox"):
        await react(now=later(days=3650))
    for group_id in groups:
        while await _carry_out(group_id, done):
            pass


async def _demand(groups: Sequence[UUID], done: dict[UUID, list[str]]) -> None:
    """Every issue is as its group is, and has the comments of its group in their order."""
    stands = await fetch(
        """
        select g.id, i.state, i.next_attempt_at,
            case when g.status in ('RESOLVED', 'SILENCED') or g.merged_into_id is not null then 'closed' else 'open' end
                as expected
        from error_group as g join github_issue as i on i.group_id = g.id order by g.id
        """
    )
    assert len(stands) == len(groups)
    assert [row["state"] for row in stands] == [row["expected"] for row in stands]
    assert {row["next_attempt_at"] for row in stands} == {None}
    assert await fetch("select from github_action") == []
    for group_id in groups:
        rows = await fetch("select kind, reason from group_change where group_id = $1 order by id", group_id)
        plain = [row["reason"] for row in rows if row["kind"] in PLAIN]
        assert [reason for reason in done[group_id] if reason in plain] == plain
