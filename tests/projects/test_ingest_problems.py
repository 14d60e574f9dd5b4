"""Events that could not be recorded are tried again or thrown away: all that are named, by those they belong to, once."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.errors import BadInput, NotFound
from app.live import queue
from app.live.queue import ISSUE_SCAN
from app.projects import ingest_problems
from app.projects.ingest_problems import MOST, discard_problems, retry_problems
from app.tables.database import fetch
from tests.database import NOW
from tests.reading.sent import add_event, add_problem
from tests.reading.stage import add_app
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def three() -> tuple[Stage, list[UUID]]:
    stage = await set_up()
    app_id = await add_app(stage)
    return stage, [
        await add_problem(stage, app_id, {"message": "m"}, at=later(minutes=-number)) for number in range(3)
    ]


async def waiting() -> dict[UUID, tuple[str | None, int]]:
    rows = await fetch("select event_id, problem, attempts from inbox")
    return {row["event_id"]: (row["problem"], row["attempts"]) for row in rows}


async def events() -> set[UUID]:
    return {row["id"] for row in await fetch("select id from event")}


async def test_what_is_tried_again_waits_for_the_scan_which_is_woken_after_the_commit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, [first, second, third] = await three()
    woken: list[tuple[str, set[UUID]]] = []

    async def wake(name: str, _: queue.Queue) -> None:
        woken.append((name, {key for key, (problem, _) in (await waiting()).items() if problem is None}))

    monkeypatch.setattr(ingest_problems, "wake", wake)
    await retry_problems(stage.organization_id, [third, first, third])
    found = await waiting()
    assert (found[first], found[third]) == ((None, 3), (None, 3))
    assert found[second][1] == 3
    assert woken == [(ISSUE_SCAN, {first, third})]


async def test_where_redis_hangs_or_is_away_they_are_tried_again_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, [first, second, _] = await three()
    await retry_problems(stage.organization_id, [first])  # nobody is connected to it here

    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(ingest_problems, "wake", hang)
    monkeypatch.setattr(ingest_problems, "_PATIENCE", 0.01)
    await retry_problems(stage.organization_id, [second])
    assert sorted(str(problem) for problem, _ in (await waiting()).values())[:2] == ["None", "None"]


async def test_what_is_thrown_away_is_gone_with_its_payload_and_it_is_told_who_did_it() -> None:
    stage, [first, second, third] = await three()
    kept = await add_event(stage, await add_app(stage), {"message": "kept"})
    await discard_problems(stage.organization_id, [first, second], now=NOW)
    assert set(await waiting()) == {third}
    assert await events() == {third, kept}
    rows = await fetch("select kind, subject_type, subject_id, subject_name from audit_entry order by id")
    assert [tuple(row) for row in rows] == [
        ("EVENT_DISCARDED", "IngestProblem", key, "Shop app") for key in sorted((first, second))
    ]


@pytest.mark.parametrize("verb", [retry_problems, discard_problems])
@pytest.mark.parametrize("wrong", ["nobody's", "another organization's", "not aside", "none", "too many"])
async def test_one_that_does_not_wait_aside_refuses_them_all(verb: Any, wrong: str) -> None:
    stage, there = await three()
    _, [others, *_] = await three()
    fresh = there.pop()
    await fetch("update inbox set problem = null where event_id = $1", fresh)
    named = {
        "nobody's": [*there, uuid4()],
        "another organization's": [*there, others],
        "not aside": [*there, fresh],
        "none": [],
        "too many": there * (MOST // 2 + 1),
    }[wrong]
    more: dict[str, Any] = {"now": NOW} if verb is discard_problems else {}
    before = await waiting(), await events()
    with pytest.raises(BadInput if wrong in ("none", "too many") else NotFound) as refused:
        await verb(stage.organization_id, named, **more)
    assert refused.value.field == ("ids" if wrong in ("none", "too many") else "ids.2")
    assert (await waiting(), await events()) == before
    assert not await fetch("select from audit_entry")


async def test_of_those_who_throw_away_the_same_at_once_one_does_it() -> None:
    stage, there = await three()
    done = await asyncio.gather(
        *(discard_problems(stage.organization_id, there[::way], now=NOW) for way in (1, -1, 1, -1)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "NotFound", "NotFound", "NotFound"]
    assert len(await fetch("select from audit_entry")) == 3
