"""Several recorders at once, merges under their hands, and deaths in the middle."""

import asyncio
import random
from collections import Counter
from typing import Any

import asyncpg
import pytest

from app.recording.record import record
from app.recording.sightings import Sighting
from app.tables.database import DB, fetch, transaction
from tests.database import NOW
from tests.recording.stage import at_once, later, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_two_that_meet_the_same_new_error_make_one_group() -> None:
    stage = await set_up()

    done = await at_once([sighting(stage.shop)], [sighting(stage.warehouse)])

    assert sorted(each.opened for each in done) == [0, 1]
    assert (await stage.group("total_count, status")) == {"total_count": 2, "status": "ACTIVE"}
    assert await stage.history() == [("OPENED", None, "NEW"), ("ACTIVATED", "NEW", "ACTIVE")]


@pytest.mark.parametrize("seed", range(4))
async def test_many_at_once_count_exactly_and_never_wait_for_each_other_in_a_ring(seed: int) -> None:
    chance = random.Random(seed)
    stage = await set_up(cooldown_seconds=30)
    errors = [f"Error{n}" for n in range(40)]
    heard: Counter[str] = Counter()

    def batch() -> list[Sighting]:
        chosen = [chance.choice(errors) for _ in range(chance.randint(1, 60))]
        heard.update(chosen)
        return [
            sighting(
                chance.choice((stage.shop, stage.warehouse)), error, later(seconds=chance.randint(-9999, 0))
            )
            for error in chosen
        ]

    async def recorder(batches: list[list[Sighting]]) -> int:
        return sum([(await recorded(each)).counted for each in batches])

    counted = await asyncio.gather(*(recorder([batch() for _ in range(12)]) for _ in range(8)))

    assert sum(counted) == heard.total()
    groups = await stage.groups("title, total_count, occurrence_count")
    assert {group["title"].partition(":")[0]: group["total_count"] for group in groups} == heard
    assert len(groups) == len(heard)
    [sums] = await fetch(
        """
        select (select sum(total_count) from fingerprint) as fingerprints,
            (select sum(total_count) from hourly_count) as hours,
            (select sum(total_count) from affected_instance) as instances,
            (select count(*) from occurrence) as occurrences,
            (select count(*) from error_group where not exists (select from fingerprint where group_id = error_group.id))
                as orphans
        """
    )
    stored = sum(group["occurrence_count"] for group in groups)
    assert dict(sums) == {
        "fingerprints": heard.total(),
        "hours": heard.total(),
        "instances": heard.total(),
        "occurrences": stored,
        "orphans": 0,
    }
    opened = [change for change in await stage.history() if change[0] == "OPENED"]
    assert len(opened) == len(groups)


async def test_several_that_need_the_same_old_month_make_it_once() -> None:
    stage = await set_up()
    batches = [[sighting(stage.shop, f"Error{n}", later(days=-40 - n))] for n in range(6)]

    await at_once(*batches)

    assert [row["sum"] for row in await fetch("select sum(total_count) from hourly_count")] == [6]


async def test_a_merge_between_the_look_and_the_lock_is_followed(database: str) -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop), sighting(stage.shop, "ValueError", later(seconds=1))])
    survivor, merged = [group["id"] for group in await stage.groups("id")]
    merger = await asyncpg.connect(database)
    try:
        merge = merger.transaction()
        await merge.start()
        await merger.execute("select from error_group order by id for no key update")
        waiting = asyncio.create_task(recorded([sighting(stage.shop, "ValueError", later(seconds=2))]))
        await _until_somebody_waits(merger)
        await merger.execute("update fingerprint set group_id = $1", survivor)
        await merger.execute("update error_group set merged_into_id = $1 where id = $2", survivor, merged)
        await merge.commit()
    finally:
        await merger.close()

    await waiting

    assert [group["total_count"] for group in await stage.groups("total_count")] == [2, 1]


async def test_an_unmerge_between_the_look_and_the_lock_is_followed(database: str) -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop), sighting(stage.shop, "ValueError", later(seconds=1))])
    survivor, merged = [group["id"] for group in await stage.groups("id")]
    await fetch("update fingerprint set group_id = $1", survivor)
    await fetch("update error_group set merged_into_id = $1 where id = $2", survivor, merged)
    parter = await asyncpg.connect(database)
    try:
        parting = parter.transaction()
        await parting.start()
        await parter.execute("select from error_group order by id for no key update")
        waiting = asyncio.create_task(recorded([sighting(stage.shop, "ValueError", later(seconds=2))]))
        await _until_somebody_waits(parter)
        await parter.execute("update fingerprint set group_id = home_group_id")
        await parter.execute("update error_group set merged_into_id = null")
        await parting.commit()
    finally:
        await parter.close()

    await waiting

    assert [group["total_count"] for group in await stage.groups("total_count")] == [1, 2]


async def test_a_deletion_between_the_look_and_the_lock_opens_a_new_group(database: str) -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop)])
    deleter = await asyncpg.connect(database)
    try:
        deletion = deleter.transaction()
        await deletion.start()
        await deleter.execute("update error_group set deleted_at = $1", NOW)
        waiting = asyncio.create_task(recorded([sighting(stage.shop, at=later(seconds=2))]))
        await _until_somebody_waits(deleter)
        await deleter.execute("update fingerprint set retired_at = $1", NOW)
        await deletion.commit()
    finally:
        await deleter.close()

    assert (await waiting).opened == 1

    assert await stage.groups("total_count, deleted_at") == [
        {"total_count": 1, "deleted_at": NOW},
        {"total_count": 1, "deleted_at": None},
    ]


async def test_a_death_after_any_statement_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    batch = [sighting(stage.shop), sighting(stage.shop, "ValueError"), sighting(stage.shop)]
    ways = {name: getattr(asyncpg.Connection, name) for name in ("fetch", "copy_records_to_table")}
    asked = deaths = fatal = 0

    def dying(name: str) -> Any:
        async def asking(self: Any, *told: object, **more: Any) -> Any:
            nonlocal asked
            answer = await ways[name](self, *told, **more)
            asked += 1
            if asked == fatal:
                await ways["fetch"](self, "select pg_terminate_backend(pg_backend_pid())")
            return answer

        return asking

    for fatal in range(1, 30):
        asked = 0
        with monkeypatch.context() as patched:
            for name in ways:
                patched.setattr(asyncpg.Connection, name, dying(name))
            try:
                await recorded(batch)
                break
            except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError):
                deaths += 1
        for table in ("error_group", "fingerprint", "occurrence", "hourly_count", "group_change", "outbox"):
            assert await fetch(f"select from {table}") == [], f"{table} after {fatal} statements"
    assert deaths == 19
    assert [group["total_count"] for group in await stage.groups("total_count")] == [2, 1]
    assert DB.pool is not None


async def test_a_cancelled_recorder_leaves_nothing_and_blocks_nobody() -> None:
    stage = await set_up()

    async def hesitate() -> None:
        async with transaction():
            await record([sighting(stage.shop)], now=NOW)
            await asyncio.sleep(60)

    task = asyncio.create_task(hesitate())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await recorded([sighting(stage.shop)])).opened == 1
    assert await stage.group("total_count") == {"total_count": 1}


async def _until_somebody_waits(connection: Any) -> None:
    for _ in range(500):
        if await connection.fetchval("select count(*) from pg_locks where not granted"):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for a lock")
