"""Events that were made to do harm: each costs its own app, and nobody else."""

import asyncio
import json
from collections.abc import Collection
from uuid import UUID

import asyncpg
import pytest

from app.domain.events.event import Format
from app.recording import grouping, storing, texts
from app.scanning.events import issue_scan as scanning
from app.scanning.events import taking
from app.scanning.events.taking import AppRow
from app.tables.database import DB, fetch
from tests.database import NOW
from tests.recording.stage import Stage
from tests.scanning.events.stage import aside, crash, payload, put, scanned, tallies, waiting, with_app

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
JWTS = [f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0{end}.dozjgNryP4J3jVmNHl0w5N" for end in ("aaaa", "bbbb")]


async def _total(stage: Stage) -> int:
    return sum(group["total_count"] for group in await stage.groups())


@pytest.mark.parametrize("bound", [("LONGEST_READING", 0.0), ("MOST_HELD", 1)])
async def test_events_that_take_long_to_read_are_recorded_a_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch, bound: tuple[str, float]
) -> None:
    """A batch that takes longer than a job may would never come to its end, and nothing behind it be scanned."""
    stage, app = await with_app()
    monkeypatch.setattr(scanning, *bound)
    await put(app, *(crash() for _ in range(5)))

    turns = iter([True])
    assert await scanning.issue_scan(now=lambda: NOW, goes_on=lambda: next(turns, False)) == 1

    assert (await _total(stage), len(await waiting())) == (1, 4)
    assert await scanned() == 4
    assert (await _total(stage), await waiting(), await tallies()) == (5, [], {"recorded": 5})


async def test_half_a_character_beside_a_secret_costs_no_event() -> None:
    stage, app = await with_app()
    sent = b'{"message": "cut \\ud83d", "extra": {"password": "hunter22", "\\udc00": 1}}'
    [event_id] = await put(app, sent, format=Format.SENTRY)

    await scanned()

    assert (await _total(stage), await aside()) == (1, [])
    assert await payload(event_id) == {
        "message": "cut \ufffd",
        "extra": {"password": "[redacted password]", "\ufffd": 1},
    }


async def test_broken_bytes_cost_no_event_and_are_kept_as_they_were_read() -> None:
    stage, app = await with_app()
    [event_id] = await put(app, b'{"message": "caf\xe9 closed", "level": "error"}', format=Format.SENTRY)

    await scanned()

    assert ((await stage.group())["title"], await aside()) == ("caf\ufffd closed", [])
    assert await payload(event_id) == {"message": "caf\ufffd closed", "level": "error"}


async def test_sessions_and_users_that_look_like_secrets_are_counted_each() -> None:
    stage, app = await with_app()
    await put(app, *(crash(session_id=jwt, user_id=jwt) for jwt in [*JWTS, JWTS[0]]))

    await scanned()

    group = await stage.group("session_count, user_count, total_count, occurrence_count")
    assert group == {"session_count": 2, "user_count": 2, "total_count": 3, "occurrence_count": 2}
    kept = [
        *await fetch("select session_id from fingerprint_session"),
        *await fetch("select user_id from occurrence"),
    ]
    assert all(row[0].startswith("[redacted JWT]") for row in kept)
    assert not any(jwt in json.dumps([row[0] for row in kept]) for jwt in JWTS)


async def test_a_session_that_looks_like_a_secret_is_told_nowhere_and_can_still_be_read() -> None:
    _, app = await with_app()
    ids = await put(app, crash(session_id=JWTS[0]), {"level": "info", "message": "a", "session_id": JWTS[0]})
    ids += await put(app, {"level": "info", "message": "b", "session_id": JWTS[1]})
    sessions = [JWTS[0], JWTS[0], JWTS[1]]  # as the door reads them
    told = "update event set session_id = n.told from unnest($1::uuid[], $2::text[]) as n(id, told) where n.id = event.id"
    await fetch(told, ids, sessions)

    await scanned()

    rows = await fetch("select session_id from event order by array_position($1::uuid[], id)", ids)
    [error, info, other] = [row[0] for row in rows]
    assert error.startswith("[redacted JWT]")
    assert error == info != other
    assert not any(jwt in error + other for jwt in JWTS)


async def test_a_secret_in_a_module_is_not_mistaken_for_a_path() -> None:
    stage, app = await with_app()
    await put(app, crash(source_module="worker of postgres://bob:hunter2hunter2@db/shop"))

    await scanned()

    everything = await fetch("select g::text || t::text from error_group g, group_text t")
    assert "hunter2" not in str(everything)
    assert "worker of" in (await stage.group("module"))["module"]


async def test_groups_that_move_all_the_time_set_nothing_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, app = await with_app()
    await put(app, crash())
    with monkeypatch.context() as moving:
        moving.setattr(grouping, "ATTEMPTS", 0)
        with pytest.raises(RuntimeError):
            await scanned()
    assert (len(await waiting()), await aside()) == (1, [])
    await scanned()
    assert await _total(stage) == 1


async def test_a_project_that_is_deleted_while_its_events_are_read_stops_no_scan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone, its_app = await with_app()
    stage, app = await with_app()
    await put(its_app, crash())
    await put(app, crash())
    original = taking.apps

    async def meanwhile(app_ids: Collection[UUID]) -> dict[UUID, AppRow]:
        found = await original(app_ids)
        await asyncio.create_task(delete())
        return found

    async def delete() -> None:
        DB.current_transaction.set(None)  # in a transaction of its own
        await fetch("update project set deleted_at = $2 where id = $1", gone.project_id, NOW)

    monkeypatch.setattr(taking, "apps", meanwhile)
    await scanned()

    assert (await _total(stage), await gone.groups()) == (1, [])
    assert (await waiting(), await aside(), await tallies()) == ([], [], {"recorded": 1})


async def test_a_schema_that_does_not_fit_sets_nothing_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """As while servers are brought to another version: no event is to blame."""
    stage, app = await with_app()
    await put(app, crash())

    async def fail(*_: object) -> None:
        await fetch("select what_comes_next_year from inbox")

    with monkeypatch.context() as outdated:
        outdated.setattr(storing, "add_to_hours", fail)
        with pytest.raises(asyncpg.UndefinedColumnError):
            await scanned()
    assert (len(await waiting()), await aside()) == (1, [])
    await scanned()
    assert await _total(stage) == 1


async def test_of_thousands_of_paths_the_apps_own_and_innermost_are_searched_for() -> None:
    """Each is looked at for secrets while the scan holds its locks."""
    stage, app = await with_app()
    frames = [
        {"filename": f"/lib/{number}.py", "function": "f", "lineno": 1, "in_app": number == 7}
        for number in range(200)
    ]
    chain = [
        {
            "type": "E",
            "stacktrace": {
                "frames": [{**frame, "filename": f"/{part}{frame['filename']}"} for frame in frames]
            },
        }
        for part in range(50)
    ]
    looked_at = texts.name.cache_info().misses
    await put(app, {"message": "deep", "exception": chain})

    await scanned()

    assert texts.name.cache_info().misses - looked_at < 500
    [row] = await fetch("select text from group_text")
    assert all(path in row[0] for path in ("/0/lib/7.py", "/49/lib/7.py", "/49/lib/199.py"))
    assert await _total(stage) == 1
