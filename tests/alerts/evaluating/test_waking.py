"""From a change to what is to be sent: each step has its job, at the time when there is something to do."""

from datetime import timedelta

import pytest

from app.alerts.deliveries.waking import DELIVERIES
from app.alerts.evaluating.waking import ALERTS, STEP, wake_alerts
from app.jobs.catalogue import JOBS
from app.jobs.starting import run_here
from app.live import connection, keys
from app.live.connection import client
from app.live.queue import Queue
from app.reactions import react
from app.tables.database import fetch
from tests.alerts.evaluating.stage import numbers_told, rule
from tests.database import NOW
from tests.recording.stage import later, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database", "valkey")]


async def queued(name: str) -> list[float]:
    """The jobs of this name that are queued, and when they begin, in seconds after `NOW`."""
    queues = [keys.queue(queue) for queue in Queue]
    entries = [one for queue in queues for one in await client().zrange(queue, 0, -1, withscores=True)]
    its = keys.job(f"{name}:").encode()
    return [score / 1000 - NOW.timestamp() for entry, score in entries if entry.startswith(its)]


async def test_what_was_gathered_has_its_job_when_it_is_due_and_what_was_told_is_sent_at_once() -> None:
    stage = await set_up()
    await rule(stage)
    await rule(stage, quiet_seconds=3)
    await recorded([sighting(stage.shop, "A")])
    await run_here("react", now=later(seconds=0.1))
    [at] = await queued(ALERTS)
    assert 2.1 <= at <= 2.1 + STEP.total_seconds() + 0.5, "not sooner, and hardly later"
    await recorded([sighting(stage.shop, "B")])
    await run_here("react", now=later(seconds=0.15))
    assert await queued(ALERTS) == [at], "many wishes for one time are one job"
    assert await queued(DELIVERIES) == []

    await client().flushdb()
    await run_here(ALERTS, now=later(seconds=at))
    assert await numbers_told() == [2, 2]
    assert len(await queued(DELIVERIES)) == 1
    assert await queued(ALERTS) == [], "nothing more is due"


async def test_who_tells_comes_again_for_what_is_due_a_moment_later() -> None:
    stage = await set_up()
    for _ in range(3):
        await rule(stage)
    await recorded([sighting(stage.shop, "A")])
    await run_here("react", now=NOW)
    await client().flushdb()
    rows = await fetch("select rule_id from alert_pending order by rule_id")
    for row, seconds in zip(rows, (2, 3, 60), strict=True):
        await fetch(
            "update alert_pending set due_at = $1 where rule_id = $2", later(seconds=seconds), row["rule_id"]
        )
    await run_here(ALERTS, now=later(seconds=2))
    assert await numbers_told() == [1]
    assert await queued(ALERTS) == [3.0]
    await wake_alerts(later(seconds=4))
    assert len(await queued(ALERTS)) == 2, "what is late already begins at once"
    await fetch("delete from alert_pending where due_at < $1", later(seconds=50))
    await client().flushdb()
    await wake_alerts(later(seconds=4))
    assert await queued(ALERTS) == [], "what is due much later is left to the schedule"
    assert JOBS[ALERTS].every == timedelta(seconds=5)


async def test_without_redis_it_is_told_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    stage = await set_up()
    await rule(stage)
    await recorded([sighting(stage.shop, "A")])
    await connection.close()
    await run_here("alert-levels", now=NOW)
    await run_here("alert-upkeep", now=NOW)
    await react(now=NOW)
    await wake_alerts(NOW)
    assert "alerts wait for the next look" in caplog.text
    await run_here(ALERTS, now=later(seconds=5))
    assert await numbers_told() == [1]
