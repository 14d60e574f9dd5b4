"""Auto-resolve of very many, by several at once, beside recorders, and dying in the middle."""

import asyncio
import random
import sys
from contextvars import Context
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app import timeline
from app.recording import auto_resolve as room
from app.recording.auto_resolve import auto_resolve
from app.recording.record import record
from app.tables.database import fetch, transaction
from app.timeline import Change
from tests.database import NOW
from tests.recording.quiet import ENOUGH, listened, many_quiet, note_announced, one_quiet, sums
from tests.recording.stage import noted_statements, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[list[Change]]:
    """What is announced, batch by batch."""
    return note_announced(monkeypatch)


async def test_ten_thousand_groups_are_a_fixed_number_of_statements_a_batch(
    monkeypatch: pytest.MonkeyPatch, told: list[list[Change]]
) -> None:
    stage = await set_up()
    await many_quiet(stage, 10_000)
    await many_quiet(stage, 700, seen=timedelta(days=1))
    await listened(stage.shop)
    statements: list[str] = []

    with noted_statements(monkeypatch, statements):
        assert await auto_resolve(now=ENOUGH) == 10_000

    assert [len(batch) for batch in told] == [500] * 20
    assert len(statements) == 1 + 20 * 6 + 1
    assert await sums() == (10_000, 10_000, 10_000)
    statements.clear()
    with noted_statements(monkeypatch, statements):
        assert await auto_resolve(now=ENOUGH) == 0
    assert len(statements) == 1


async def test_groups_that_are_held_up_are_passed_over_without_a_lock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    await many_quiet(stage, 25)
    await fetch("update affected_instance set instance_id = $1", stage.warehouse.id)
    await many_quiet(stage, 5)
    await listened(stage.shop)
    monkeypatch.setattr(room, "AT_ONCE", 10)
    statements: list[str] = []

    with noted_statements(monkeypatch, statements):
        assert await auto_resolve(now=ENOUGH) == 5

    assert await sums() == (5, 5, 5)
    assert len([sql for sql in statements if "for no key update" in sql]) <= 3
    statements.clear()
    with noted_statements(monkeypatch, statements):
        assert await auto_resolve(now=ENOUGH) == 0
    assert not [sql for sql in statements if "for no key update" in sql]


async def test_candidates_are_found_by_their_index(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    await many_quiet(stage, 1_200)
    await many_quiet(stage, 8_000, seen=timedelta(days=1))
    await fetch("analyze error_group")
    plans: list[str] = []
    candidates: list[str] = []

    async def explaining(sql: str, *values: object) -> Any:
        plan = "\n".join(row[0] for row in await fetch(f"explain {sql}", *values))
        plans.append(plan)
        if "limit" in sql:
            candidates.append(plan)
        return await fetch(sql, *values)

    monkeypatch.setattr(room, "fetch", explaining)
    await auto_resolve(now=ENOUGH)

    for plan in (plans[0], *candidates):
        assert "error_group_auto_resolve" in plan
        assert "Seq Scan on error_group" not in plan
    assert all("last_seen_at >= " in plan for plan in candidates), (
        "each goes on from where the last one ended"
    )


async def test_two_at_once_resolve_each_group_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    await many_quiet(stage, 300)
    await listened(stage.shop)
    monkeypatch.setattr(room, "AT_ONCE", 20)

    done = await asyncio.gather(*(auto_resolve(now=ENOUGH) for _ in range(3)))

    assert sum(done) == 300
    assert await sums() == (300, 300, 300)


async def test_an_error_that_is_recorded_between_the_look_and_the_lock_is_not_resolved(database: str) -> None:
    stage = await one_quiet()
    watcher = await asyncpg.connect(database)
    try:
        async with transaction():
            await record([sighting(stage.shop, at=ENOUGH)], now=ENOUGH)
            resolving = asyncio.create_task(auto_resolve(now=ENOUGH), context=Context())
            await _until_somebody_waits(watcher)
    finally:
        await watcher.close()

    assert await resolving == 0
    assert await stage.group("status, total_count") == {"status": "ACTIVE", "total_count": 3}
    assert await sums() == (0, 0, 0)


@pytest.mark.parametrize(("second", "expected"), [(0, "RESOLVED"), (1, "REGRESSED")])
async def test_a_recorder_that_waits_for_the_lock_sees_the_resolution(
    monkeypatch: pytest.MonkeyPatch, database: str, second: int, expected: str
) -> None:
    stage = await one_quiet()
    watcher = await asyncpg.connect(database)
    write = timeline.write
    waiting: list[asyncio.Task[Any]] = []

    async def slow(*entries: Any, **more: Any) -> list[Change]:
        if not waiting:
            back = sighting(stage.shop, at=ENOUGH + timedelta(seconds=second))
            waiting.append(asyncio.create_task(recorded([back], now=ENOUGH), context=Context()))
            await _until_somebody_waits(watcher)
        return await write(*entries, **more)

    monkeypatch.setattr(timeline, "write", slow)
    try:
        assert await auto_resolve(now=ENOUGH) == 1
        await waiting[0]
    finally:
        await watcher.close()

    assert await stage.group("status, total_count, count_at_resolve") == {
        "status": expected,
        "total_count": 3,
        "count_at_resolve": 2,
    }


@pytest.mark.parametrize("seed", range(3))
async def test_recorders_and_resolvers_at_once_agree_and_never_wait_for_each_other_in_a_ring(
    seed: int,
) -> None:
    chance = random.Random(seed)
    stage = await set_up(cooldown_seconds=3600)
    errors = [f"Error{n}" for n in range(30)]
    await recorded([sighting(stage.shop, error) for error in errors])
    await listened(stage.shop, stage.warehouse)
    counted = [len(errors)]

    async def recorder() -> None:
        for _ in range(10):
            batch = [
                sighting(stage.shop, error, ENOUGH + timedelta(seconds=chance.randint(-5, 5)))
                for error in chance.choices(errors, k=chance.randint(1, 12))
            ]
            counted.append((await recorded(batch, now=ENOUGH)).counted)

    async def resolver() -> None:
        for _ in range(6):
            await auto_resolve(now=ENOUGH)
            quiet = chance.sample(errors, 5)  # as if these had not come back, for the next to resolve them
            await fetch(
                """
                update error_group set last_seen_at = $1 where id in (
                    select id from error_group where title = any($2::text[]) order by id for no key update
                )
                """,
                NOW,
                [f"{error}: 'partner_id'" for error in quiet],
            )

    await asyncio.gather(*(recorder() for _ in range(5)), *(resolver() for _ in range(3)))

    assert sum(group["total_count"] for group in await stage.groups("total_count")) == sum(counted)
    steps: dict[UUID, list[tuple[str | None, str]]] = {}
    for row in await fetch("select group_id, status_before, status_after from group_change order by id"):
        steps.setdefault(row["group_id"], []).append((row["status_before"], row["status_after"]))
    for group in await stage.groups("id, status"):
        its = steps[group["id"]]
        assert [before for before, _ in its] == [None, *(after for _, after in its[:-1])], (
            "each from the last"
        )
        assert its[-1][1] == group["status"]
    assert (await sums())[1] == (await sums())[2] > 0


async def test_a_death_after_any_statement_leaves_whole_batches_and_the_next_run_does_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = asyncpg.Connection.fetch
    monkeypatch.setattr(room, "AT_ONCE", 2)
    stage = await set_up()
    await many_quiet(stage, 5)
    await listened(stage.shop)
    deaths = 0
    for fatal in range(1, 40):
        await fetch("delete from group_change")
        await fetch("update error_group set status = 'ACTIVE', resolved_at = null")
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
                await auto_resolve(now=ENOUGH)
                break
            except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError):
                deaths += 1
        done, *rows = await sums()
        assert done in (0, 2, 4)
        assert rows == [done, done]
        assert await auto_resolve(now=ENOUGH) == 5 - done
        assert await sums() == (5, 5, 5)
    assert deaths == 1 + 3 * 6
    assert await sums() == (5, 5, 5)


async def test_killed_again_and_again_it_resolves_each_group_once(database: str) -> None:
    stage = await set_up()
    await many_quiet(stage, 400)
    await listened(stage.shop)
    chance = random.Random(7)
    for _ in range(3):
        before = (await sums())[0]
        killed = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SLOWLY, database, ENOUGH.isoformat(), stderr=asyncio.subprocess.DEVNULL
        )
        try:
            for _ in range(2000):
                if (await sums())[0] > before:
                    break
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.random() * 0.03)
        finally:
            killed.kill()
        assert await killed.wait() == -9, "it was still at work"
    before = (await sums())[0]
    assert 0 < before < 400

    # What the killed one sent may be carried out still, and is, or is not, committed before its session ends.
    assert 0 < await auto_resolve(now=ENOUGH) <= 400 - before
    assert await sums() == (400, 400, 400)


_SLOWLY = """
import asyncio, sys
from datetime import datetime
from app.recording import auto_resolve as room
from app.tables.database import open_pool

async def run():
    room.AT_ONCE = 3
    await open_pool(sys.argv[1])
    await room.auto_resolve(now=datetime.fromisoformat(sys.argv[2]))

asyncio.run(run())
"""


async def _until_somebody_waits(connection: Any) -> None:
    for _ in range(500):
        if await connection.fetchval("select count(*) from pg_locks where not granted"):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for a lock")
