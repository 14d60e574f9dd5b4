"""The schedule: each job runs once for each slot, whatever was lost, whoever was away, and however many tick at once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.jobs import schedule
from app.jobs.catalogue import Job, Run
from app.jobs.schedule import run_for, slot, tick
from app.jobs.starting import queued, queued_for
from app.live import keys
from app.live.connection import client
from app.live.queue import Queue
from app.tables.database import fetch
from tests.database import NOW
from tests.recording.stage import later
from workers import settings as workers_settings
from workers.settings import lane

pytestmark = pytest.mark.anyio

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Diary:
    """Two scheduled jobs that note that they ran, and how often `minutely` fails first."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.failures = 0

    async def minutely(self, run: Run) -> None:
        assert run.arguments == ()
        self.runs.append("minutely")
        await asyncio.sleep(0.01)
        if self.failures:
            self.failures -= 1
            raise ZeroDivisionError

    async def daily(self, _: Run) -> None:
        self.runs.append("daily")

    @property
    def jobs(self) -> dict[str, Job]:
        return {
            "minutely": Job("minutely", Queue.QUICK, MINUTE, self.minutely),
            "daily": Job("daily", Queue.QUICK, DAY, self.daily),
            "asked": Job("asked", Queue.QUICK, None, self.daily),
        }


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch, database: str, valkey: str) -> Diary:
    assert database
    assert valkey
    diary = Diary()
    for module in (schedule, workers_settings):
        monkeypatch.setattr(module, "JOBS", diary.jobs)
    monkeypatch.setattr(workers_settings, "clock", lambda: NOW)
    return diary


async def work() -> None:
    """A worker that runs what is in the queue, and ends."""
    worker = lane(Queue.QUICK, burst=True, poll_delay=0.01)
    await worker.serve()
    await worker.disconnect()


async def ran_for() -> dict[str, datetime]:
    return {row["name"]: row["ran_for"] for row in await fetch("select name, ran_for from job_run")}


@given(
    every=st.timedeltas(timedelta(seconds=1), timedelta(days=40)),
    now=st.timedeltas(timedelta(days=-20_000), timedelta(days=60_000)).map(lambda apart: NOW + apart),
)
def test_a_slot_is_the_newest_and_the_same_for_all(every: timedelta, now: datetime) -> None:
    newest = slot(every, now)
    assert newest <= now < newest + every
    assert slot(every, newest) == newest
    assert slot(every, newest + every) == newest + every
    assert slot(every, newest + every - timedelta(microseconds=1)) == newest


def test_slots_are_round_times() -> None:
    at = datetime(2026, 11, 22, 10, 37, 41, 5, tzinfo=UTC)
    assert slot(MINUTE, at) == datetime(2026, 11, 22, 10, 37, tzinfo=UTC)
    assert slot(DAY, at) == datetime(2026, 11, 22, tzinfo=UTC)


async def test_what_is_due_runs_once_for_its_slot(diary: Diary) -> None:
    for _ in range(3):
        await tick(NOW, queued_for)
        await work()
    assert sorted(diary.runs) == ["daily", "minutely"]
    assert await ran_for() == {"minutely": NOW, "daily": NOW.replace(hour=0)}
    await tick(later(seconds=59), queued_for)
    await work()
    assert len(diary.runs) == 2
    await tick(later(seconds=61), queued_for)
    await work()
    assert diary.runs.count("minutely") == 2
    assert (await ran_for())["minutely"] == later(minutes=1)


async def test_after_an_hour_without_workers_each_job_runs_once(diary: Diary) -> None:
    await tick(NOW, queued_for)
    await work()
    diary.runs.clear()
    for minute in (60, 60, 60):
        await tick(later(minutes=minute), queued_for)
    await work()
    assert diary.runs == ["minutely"]
    assert (await ran_for())["minutely"] == later(hours=1)


async def test_many_ticks_and_workers_at_once_run_it_once(diary: Diary) -> None:
    await asyncio.gather(*(tick(NOW, queued_for) for _ in range(8)))
    await asyncio.gather(*(work() for _ in range(3)), *(tick(NOW, queued_for) for _ in range(8)))
    await work()
    assert sorted(diary.runs) == ["daily", "minutely"]


async def test_a_run_that_was_lost_is_started_again(diary: Diary) -> None:
    await tick(NOW, queued_for)
    await client().flushdb()
    await work()
    assert diary.runs == []
    await tick(later(seconds=5), queued_for)
    await work()
    assert sorted(diary.runs) == ["daily", "minutely"]


async def test_a_run_that_died_is_started_again(diary: Diary) -> None:
    """The worker dies after it has taken the job: its lease goes by, and the next one takes it up."""
    await tick(NOW, queued_for)
    for name in await client().zrange(keys.queue(Queue.QUICK), 0, -1):
        await client().psetex("arq:in-progress:" + name.decode(), 300, b"1")
    for _ in range(10):  # one lease may go by before the other
        if len(diary.runs) < 2:
            worker = lane(Queue.QUICK, max_burst_jobs=2, burst=True, poll_delay=0.01)
            await worker.serve()
            await worker.disconnect()
            await asyncio.sleep(0.1)
    assert sorted(diary.runs) == ["daily", "minutely"]


async def test_a_run_that_failed_is_tried_again(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_settings, "LONGEST_PAUSE", timedelta(milliseconds=10))
    diary.failures = 3
    await tick(NOW, queued_for)
    await work()
    assert diary.runs.count("minutely") == 4
    assert (await ran_for())["minutely"] == NOW


async def test_a_run_that_is_given_up_is_started_again_by_the_schedule(
    diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers_settings, "TRIES", 1)
    diary.failures = 1
    await tick(NOW, queued_for)
    await work()
    assert "minutely" not in await ran_for()
    await tick(later(seconds=5), queued_for)
    await work()
    assert (await ran_for())["minutely"] == NOW


async def test_an_older_slot_is_neither_run_nor_remembered_after_a_newer_one(diary: Diary) -> None:
    job = diary.jobs["minutely"]
    run = Run(NOW, (), queued)
    await run_for(job, later(minutes=5), run)
    await run_for(job, NOW, run)
    await run_for(job, later(minutes=5), run)
    assert diary.runs == ["minutely"]
    assert (await ran_for())["minutely"] == later(minutes=5)
    first, second = (asyncio.create_task(run_for(job, later(minutes=at), run)) for at in (20, 10))
    await asyncio.gather(first, second)
    assert (await ran_for())["minutely"] == later(minutes=20)
