"""The jobs that keep what is stored in order, run by hand."""

from datetime import timedelta

import pytest

from app.jobs.catalogue import JOBS
from app.jobs.starting import run_here
from app.live.queue import Queue
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.test_permissions import commented
from tests.reading.stage import add_group, seen
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_priorities_follow_the_time() -> None:
    stage = await set_up()
    await seen(stage.shop, "KeyError")
    await run_here("priorities", now=later(days=2))
    assert (await stage.group("score, is_score_fleeting")) == {"score": 5, "is_score_fleeting": False}


async def test_the_errors_of_a_deleted_project_are_deleted() -> None:
    stage = await set_up()
    await add_group(stage)
    await fetch("update project set deleted_at = $1", NOW)
    await run_here("deleted-projects", now=NOW)
    assert (await stage.group("deleted_at")) == {"deleted_at": NOW}


async def test_deleted_comments_are_removed_after_a_week() -> None:
    stage = await set_up()
    await commented(stage, await seen(stage.shop, "KeyError"))
    await fetch("update comment set deleted_at = $1", NOW)
    await run_here("purge-comments", now=later(days=6))
    assert len(await fetch("select from comment")) == 1
    await run_here("purge-comments", now=later(days=7))
    assert await fetch("select from comment") == []


async def test_what_goes_through_many_groups_has_time_for_it() -> None:
    for name, every in (("priorities", timedelta(minutes=3)), ("deleted-projects", timedelta(minutes=5))):
        assert (JOBS[name].queue, JOBS[name].every) == (Queue.SCAN, every)
    assert JOBS["purge-comments"].every == timedelta(days=1)
