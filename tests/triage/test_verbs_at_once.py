"""Two people at the same errors at the same moment, and recorders beside them."""

import asyncio
import random
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.accounts.actors import Actor
from app.accounts.members import remove_member
from app.accounts.roles import Role
from app.errors import NotFound
from app.tables.database import fetch
from app.triage.assign import assign
from app.triage.choose import Refused
from app.triage.claim import claim
from app.triage.delete import delete
from app.triage.merge import merge
from app.triage.mute import mute
from app.triage.reopen import reopen
from app.triage.resolve import resolve
from app.triage.silence import silence
from tests.database import NOW
from tests.graphql.stage import joined
from tests.recording.stage import later, recorded, sighting
from tests.triage.stage import ROBOT, errors, everything, join, kinds, standing, until_somebody_waits

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_two_who_resolve_at_once_leave_one_change(database: str) -> None:
    stage, groups = await errors(3)
    holder = await asyncpg.connect(database)
    try:
        held = holder.transaction()
        await held.start()
        await holder.execute("select from error_group for no key update")
        actors = [Actor("agent", UUID(int=number)) for number in (1, 2)]
        resolving = [
            asyncio.create_task(resolve(stage.organization_id, order, actor, now=NOW))
            for actor, order in zip(actors, (groups, groups[::-1]), strict=True)
        ]
        await until_somebody_waits(holder, 2)
        await held.commit()
    finally:
        await holder.close()

    assert sorted(map(len, await asyncio.gather(*resolving))) == [0, 3]
    for group in groups:
        assert await kinds(group) == ["RESOLVED"]


async def test_a_merge_between_the_look_and_the_lock_is_followed(database: str) -> None:
    stage, [survivor, merged] = await errors(2)
    merger = await asyncpg.connect(database)
    try:
        merging = merger.transaction()
        await merging.start()
        await merger.execute("select from error_group order by id for no key update")
        claiming = asyncio.create_task(claim(stage.organization_id, [merged], ROBOT, now=NOW))
        await until_somebody_waits(merger)
        await merger.execute("update fingerprint set group_id = $1", survivor)
        await merger.execute("update error_group set merged_into_id = $1 where id = $2", survivor, merged)
        await merging.commit()
    finally:
        await merger.close()

    assert [change.entry.move.group_id for change in await claiming] == [survivor]
    assert (await standing(survivor), await standing(merged)) == ("IN_PROGRESS", "ACTIVE")


async def test_a_mute_by_number_ends_once_however_many_record() -> None:
    stage, [group] = await errors(1)

    async def record(times: int) -> None:
        for _ in range(times):
            await recorded([sighting(stage.shop, "Error0", later(minutes=1))], now=later(minutes=1))

    muting = mute(stage.organization_id, [group], ROBOT, after_occurrences=10, now=NOW)
    await asyncio.gather(record(10), record(10), record(10), muting)

    # The mute came somewhere among the thirty, so that ten more may or may not have followed.
    muted, count, until = await standing(group, "muted_at is not null, total_count, mute_until_count")
    assert count == 32
    assert (await kinds(group)).count("UNMUTED") == (0 if muted else 1)
    assert not muted or until > 32
    await record(10)
    assert (await kinds(group)) == ["MUTED", "UNMUTED"]


async def test_who_is_removed_at_that_moment_is_given_nothing_or_nothing_any_more() -> None:
    stage, groups = await errors(4)
    owner = await joined(stage.organization_id, Role.OWNER)
    for _ in range(3):
        member = await join(stage.organization_id)

        async def give(some: list[UUID], member: UUID = member) -> None:
            with suppress(NotFound):
                await assign(stage.organization_id, some, ROBOT, membership_id=member, now=NOW)

        await asyncio.gather(
            give(groups), give(groups[::-1]), remove_member(owner, member, now=NOW), give(groups[1:3])
        )
        assert await fetch("select from membership where id = $1", member) == []
        assert [await standing(group, "assignee_id") for group in groups] == [None] * 4


@pytest.mark.parametrize("seed", range(2))
async def test_everybody_at_once_waits_in_no_ring_and_leaves_one_history(seed: int) -> None:
    chance = random.Random(seed)
    stage, groups = await errors(6)
    verbs: list[Any] = [claim, resolve, silence, reopen, mute]

    async def work() -> None:
        for _ in range(10):
            some = chance.sample(groups, chance.randint(1, 6))
            with suppress(Refused):  # whatever somebody else has done to them
                await chance.choice(verbs)(stage.organization_id, some, ROBOT, now=NOW)

    async def record() -> None:
        for _ in range(10):
            some = [sighting(stage.shop, f"Error{chance.randrange(6)}", later(minutes=1)) for _ in range(6)]
            await recorded(some, now=later(minutes=1))

    async def join_two() -> None:
        await merge(stage.organization_id, groups[0], [groups[1]], ROBOT, now=NOW)

    await asyncio.gather(work(), work(), work(), record(), record(), join_two())

    for group in groups:
        rows = await fetch(
            "select status_before, status_after from group_change where group_id = $1 order by id", group
        )
        status = "ACTIVE"
        for row in rows:  # each step begins where the one before it ended
            assert row["status_before"] == status
            status = row["status_after"]
        assert await standing(group) == status


@pytest.mark.parametrize("verb", [resolve, delete], ids=["resolve", "delete"])
async def test_a_verb_that_dies_after_any_statement_leaves_nothing(
    verb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, groups = await errors(2)
    before = await everything()
    original = asyncpg.Connection.fetch
    deaths = 0
    for fatal in range(1, 20):
        asked = 0

        async def dying(self: Any, sql: str, *values: object, fatal: int = fatal, **more: Any) -> Any:
            nonlocal asked
            rows = await original(self, sql, *values, **more)
            asked += 1
            if asked == fatal:
                await original(self, "select pg_terminate_backend(pg_backend_pid())")
            return rows

        with monkeypatch.context() as patched:
            patched.setattr(asyncpg.Connection, "fetch", dying)
            try:
                changes = await verb(stage.organization_id, groups, ROBOT, now=NOW)
                break
            except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError):
                deaths += 1
        assert await everything() == before
    assert deaths >= 5
    assert len(changes) == 2
    assert [await kinds(group) for group in groups] == [[changes[0].entry.move.kind]] * 2
