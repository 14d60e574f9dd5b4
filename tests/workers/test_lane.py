"""A lane: jobs run whatever the others do, whatever stands in Redis, and however often Redis goes away."""

import asyncio
import logging
from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from app.embedded import Server
from app.jobs import starting
from app.jobs.catalogue import Job, Run
from app.jobs.starting import queued
from app.live import keys
from app.live.connection import client
from app.live.queue import Queue, enqueue, is_worked, packed
from tests.valkey import kill
from tests.workers.stage import jobs, queue_is_empty, serving, until
from workers import lane, settings

pytestmark = pytest.mark.anyio


async def start(name: str, number: int | str = 0, queue: Queue = Queue.QUICK) -> None:
    assert await enqueue(name, None, str(number), job_id=f"{name}:{number}", queue=queue)


class Running:
    """A job that says when it runs, and goes on until it is let go."""

    def __init__(self) -> None:
        self.now: list[str] = []
        self.seen: list[str] = []
        self.cut_off: list[str] = []
        self.let_go = asyncio.Event()

    async def __call__(self, run: Run) -> None:
        [number] = run.arguments
        self.now.append(number)
        self.seen.append(number)
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.cut_off.append(number)
            raise
        finally:
            self.now.remove(number)


@pytest.mark.usefixtures("valkey")
async def test_jobs_run_with_their_arguments_and_start_others(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, ...]] = []

    async def first(run: Run) -> None:
        seen.append(run.arguments)
        await run.start("second", "a", "é\0")

    async def second(run: Run) -> None:
        seen.append(run.arguments)

    jobs(monkeypatch, first=first, second=second)
    monkeypatch.setattr(
        starting, "JOBS", {name: Job(name, Queue.QUICK, None, first) for name in ("first", "second")}
    )
    async with serving():
        await queued("first")
        await until(queue_is_empty)
        assert await is_worked(Queue.QUICK)
    assert seen == [(), ("a", "é\0")]
    assert [name async for name in client().scan_iter("arq:*")] == [], "nothing is left of a job"


@pytest.mark.usefixtures("valkey")
async def test_a_job_that_fails_is_tried_again_and_at_last_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(settings, "LONGEST_PAUSE", timedelta(milliseconds=10))
    tried = []

    async def fail(run: Run) -> None:
        tried.append(run.arguments)
        raise ZeroDivisionError("no")

    async def away(run: Run) -> None:
        tried.append(run.arguments)
        raise ConnectionResetError("gone")

    jobs(monkeypatch, fail=fail, away=away)
    async with serving():
        await start("fail")
        await start("away", 1)
        await until(queue_is_empty)
    assert tried.count(("0",)) == tried.count(("1",)) == settings.TRIES
    told = [(r.levelno, r.getMessage()) for r in caplog.records if r.name == "workers.settings"]
    assert told.count((logging.ERROR, "a job failed")) == settings.TRIES
    assert told.count((logging.WARNING, "a job must wait")) == settings.TRIES


@pytest.mark.usefixtures("valkey")
async def test_what_a_stranger_put_into_the_queue_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    async def good(run: Run) -> None:
        ran.append(run.arguments[0])

    jobs(monkeypatch, good=good)
    hostile: dict[str, bytes] = {
        "pickle": b"cos\nsystem\n(S'true'\ntR.",
        "nobody": packed({"t": None, "f": "os.system", "a": ["true"], "k": {}, "et": 1}),
        "more": packed({"t": None, "f": "good", "a": [], "k": {"context": 1}, "et": 1}),
        "much": packed({"t": None, "f": "good", "a": [1] * 9, "k": {}, "et": 1}),
        "slot": packed({"t": None, "f": "good", "a": ["yesterday"], "k": {}, "et": 1}),
    }
    monkeypatch.setattr(settings, "TRIES", 1)
    for name, data in hostile.items():
        await client().set(f"arq:job:{name}", data)
    await client().zadd(keys.queue(Queue.QUICK), dict.fromkeys([*hostile, "expired"], 1))
    await client().zadd(keys.queue(Queue.QUICK), {b"\xff\xfe": 1})
    async with serving():
        await start("good", "kind")
        await until(queue_is_empty)
    assert ran == ["kind"]


@pytest.mark.usefixtures("valkey")
async def test_long_scans_hold_up_no_quick_job_and_no_other_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    scans, ran = Running(), Running()
    ran.let_go.set()
    jobs(monkeypatch, Queue.SCAN, scan=scans)
    async with serving(Queue.SCAN, max_jobs=100):
        for number in range(150):
            await start("scan", number, Queue.SCAN)
        await until(lambda: asyncio.sleep(0, len(scans.now) == 100))
        async with serving(Queue.SCAN, max_jobs=4):
            await until(lambda: asyncio.sleep(0, len(scans.now) == 104))
        jobs(monkeypatch, quick=ran)
        async with serving():
            await start("quick", 1)
            await until(queue_is_empty)
        scans.let_go.set()
    assert ran.seen == ["1"]


@pytest.mark.usefixtures("valkey")
async def test_a_job_that_is_cut_off_is_run_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running()
    jobs(monkeypatch, long=running)
    async with serving():
        await start("long")
        await until(lambda: asyncio.sleep(0, running.now))
    assert running.cut_off == ["0"]
    running.let_go.set()
    async with serving():
        await until(queue_is_empty, 2)
    assert running.seen == ["0", "0"]


@pytest.mark.usefixtures("valkey")
async def test_a_job_keeps_its_lease_as_long_as_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "LEASE", 0.5)
    running = Running()
    jobs(monkeypatch, long=running)
    async with serving(), serving():
        await start("long")
        await asyncio.sleep(2)
        assert running.seen == ["0"]
        running.let_go.set()
        await until(queue_is_empty)
    assert running.seen == ["0"]
    assert not await client().exists("arq:in-progress:snaglist:long:0")


@pytest.mark.usefixtures("valkey")
async def test_a_place_that_was_taken_as_redis_went_away_is_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running = Running()
    jobs(monkeypatch, job=running)
    monkeypatch.setattr(lane, "PAUSE", 0.01)
    failures = 0

    def broken(**_: object) -> None:
        nonlocal failures
        failures += 1
        raise RedisConnectionError

    async with serving(max_jobs=2) as served:
        await until(lambda: is_worked(Queue.QUICK))
        with monkeypatch.context() as patched:
            patched.setattr(served.pool, "pipeline", broken)
            await start("job", 1)
            await start("job", 2)
            await until(lambda: asyncio.sleep(0, failures > 5))
        await until(lambda: asyncio.sleep(0, len(running.now) == 2))
        running.let_go.set()
        await until(queue_is_empty)


async def test_redis_may_go_away_and_come_back(own_valkey: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running()
    jobs(monkeypatch, job=running)
    monkeypatch.setattr(lane, "LEASE", 1.0)
    async with serving(max_jobs=2):
        for number in range(4):
            await start("job", f"{number}a")
            await until(lambda: asyncio.sleep(0, len(running.now) > 0))
            kill(own_valkey)
            await asyncio.sleep(0.3)
            running.let_go.set()  # so that it ends while Redis is away
            await asyncio.sleep(0.2)
            running.let_go.clear()
            own_valkey.restart()
            running.seen.clear()
            await start("job", f"{number}b")
            await start("job", f"{number}c")
            await until(lambda: asyncio.sleep(0, len(running.now) == 2))
            running.let_go.set()
            await until(queue_is_empty)
            running.let_go.clear()
