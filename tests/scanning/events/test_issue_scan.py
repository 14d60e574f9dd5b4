"""The issue scan: what waits in the inbox becomes history once, whatever happens meanwhile."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.domain.events.event import Format
from app.projects.ingest_problems import retry_problems
from app.recording import storing
from app.scanning.events import issue_scan as scanning
from app.scanning.events import taking
from app.tables.database import fetch
from tests.database import NOW
from tests.recording.stage import later
from tests.scanning.events.stage import aside, crash, payload, put, scanned, tallies, waiting, with_app

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_an_error_becomes_a_group_with_its_occurrence() -> None:
    stage, app = await with_app()
    [event_id] = await put(
        app,
        crash(
            session_id="s1",
            user_id="ann",
            app_version="1.4.0",
            environment="iOS",
            source_module="checkout",
            timestamp=(NOW - timedelta(minutes=1)).isoformat(),
            tags={"browser": "Firefox"},
        ),
    )

    assert await scanned() == 1

    group = await stage.group(
        "source, kind, app_id, title, message, exception_type, module, severity, status, is_dev, total_count, user_count, session_count"
    )
    assert group == {
        "source": "EVENT",
        "kind": "TRACEBACK",
        "app_id": app.id,
        "title": "KeyError: 'partner_id'",
        "message": "'partner_id'",
        "exception_type": "KeyError",
        "module": "checkout",
        "severity": 3,
        "status": "NEW",
        "is_dev": False,
        "total_count": 1,
        "user_count": 1,
        "session_count": 1,
    }
    [row] = await fetch(
        "select event_id, session_id, user_id, app_version, environment, occurred_at from occurrence"
    )
    assert tuple(row) == (event_id, "s1", "ann", "1.4.0", "iOS", later(minutes=-1))
    assert (await waiting(), await aside(), await tallies()) == ([], [], {"recorded": 1})
    [history] = await stage.history()
    assert history[0] == "OPENED"


async def test_what_is_no_error_leaves_the_inbox_and_stays_an_event() -> None:
    stage, app = await with_app()
    ids = await put(app, {"level": "info", "message": "hello"}, {"level": "warning", "message": "hm"})

    assert await scanned() == 2

    assert await stage.groups() == []
    assert (await waiting(), await tallies()) == ([], {})
    assert (await payload(ids[0]))["message"] == "hello"


async def test_fatal_is_critical_and_a_message_alone_is_medium() -> None:
    stage, app = await with_app()
    await put(app, {"level": "fatal", "message": "out of memory"}, {"level": "error", "message": "no route"})
    await scanned()
    groups = await stage.groups("title, severity, kind")
    assert sorted(tuple(group.values()) for group in groups) == [
        ("no route", 1, "MESSAGE"),
        ("out of memory", 3, "MESSAGE"),
    ]


async def test_events_of_developers_builds_make_their_own_groups() -> None:
    stage, app = await with_app()
    await put(app, crash(), crash(is_dev=True))
    await scanned()
    assert sorted(row["is_dev"] for row in await stage.groups("is_dev")) == [False, True]


async def test_a_rule_of_the_app_ignores_and_the_event_is_kept() -> None:
    stage, app = await with_app()
    await fetch("""update app set ignore_rules = '[{"exception_type": "KeyError"}]'""")
    [event_id, _] = await put(app, crash(), crash("TypeError"))
    assert await scanned() == 2
    assert [row["exception_type"] for row in await stage.groups("exception_type")] == ["TypeError"]
    assert await tallies() == {"ignored": 1, "recorded": 1}
    assert (await payload(event_id))["level"] == "error"


async def test_a_rate_of_none_stores_the_first_alone_and_counts_all() -> None:
    stage, app = await with_app()
    await fetch("update app set sample_rate = 0")
    await put(app, *[crash() for _ in range(20)])
    await scanned()
    assert await stage.group("total_count, occurrence_count") == {"total_count": 20, "occurrence_count": 1}
    assert await tallies() == {"recorded": 20, "thinned": 19}


async def test_secrets_leave_the_payload_when_it_was_scanned_and_do_not_change_what_is_the_same() -> None:
    stage, app = await with_app()
    leaky = crash(message="login failed: password=hunter2hunter2")
    [event_id, other] = await put(
        app,
        leaky | {"attributes": {"password": "hunter2hunter2"}},
        {"level": "info", "message": "token=abcdef0123456789abcd"},
    )
    await put(app, crash(message="login failed: password=another-secret"))
    await scanned()

    assert "hunter2" not in str(await payload(event_id))
    assert "abcdef0123456789" not in str(await payload(other))
    assert (await stage.group("total_count"))["total_count"] == 2
    everything = await fetch(
        "select g::text || f::text || o::text from error_group g, fingerprint f, occurrence o"
    )
    assert "hunter2" not in str(everything)


async def test_an_event_that_cannot_be_read_is_set_aside_and_blocks_nobody() -> None:
    stage, app = await with_app()
    ids = await put(app, b"{", crash(), b"[1]", b"[" * 100_000, b"\xff\xfe")
    assert await scanned() == 5
    assert (await stage.group("total_count"))["total_count"] == 1
    assert [event_id for event_id, _ in await aside()] == sorted({*ids} - {ids[1]})
    assert all(problem.startswith("it cannot be read: ") for _, problem in await aside())
    assert await tallies() == {"recorded": 1, "set_aside": 4}
    assert await scanned() == 0  # nobody takes them again


async def test_how_often_an_event_was_tried_is_counted() -> None:
    stage, app = await with_app()
    [event_id] = await put(app, b"no JSON")
    await scanned()
    await retry_problems(stage.organization_id, [event_id])  # Redis is away: the scan is not woken
    await scanned()

    assert [tuple(row) for row in await fetch("select event_id, attempts from inbox")] == [(event_id, 2)]


async def test_an_event_that_the_database_refuses_is_found_and_set_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, app = await with_app()
    original = storing.add_occurrences

    async def refuse(places: Any, sightings: Any, *more: Any) -> list[UUID]:
        ids = await original(places, sightings, *more)
        if any(sighting.reported.user_id == "poison" for sighting in sightings):
            raise asyncpg.DataError("no such thing")
        return ids

    monkeypatch.setattr(storing, "add_occurrences", refuse)
    ids = await put(app, *[crash(user_id="poison" if number == 77 else "ann") for number in range(100)])

    assert await scanned() == 100

    assert (await stage.group("total_count"))["total_count"] == 99
    assert await aside() == [(ids[77], "it cannot be recorded: DataError")]
    assert await waiting() == []


async def test_a_database_that_is_away_sets_nothing_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, app = await with_app()
    ids = await put(app, crash())

    async def away(*_: Any, **__: Any) -> None:
        raise asyncpg.ConnectionDoesNotExistError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(scanning, "record", away)
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await scanned()
    assert (await waiting(), await aside(), await stage.groups()) == (ids, [], [])

    assert await scanned() == 1
    assert (await stage.group("total_count"))["total_count"] == 1


async def test_any_number_of_scans_at_once_count_each_event_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "BATCH", 50)
    stage, app = await with_app()
    await put(
        app,
        *[
            {
                "level": "error",
                "message": f"User {number} has no rights for {'abcdefghij'[number % 10]}",
                "session_id": str(number % 37),
            }
            for number in range(1000)
        ],
    )

    counts = await asyncio.gather(*[scanned() for _ in range(3)])

    assert sum(counts) == 1000
    groups = await stage.groups("total_count")
    assert [group["total_count"] for group in groups] == [100] * 10
    assert await tallies() == {"recorded": 1000, "thinned": 1000 - 370}


async def test_an_event_that_comes_while_a_scan_runs_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, app = await with_app()
    await put(app, crash())
    original = taking.apps

    async def meanwhile(app_ids: Any) -> Any:
        monkeypatch.setattr(taking, "apps", original)
        await asyncio.create_task(_outside(put(app, crash(), received_at=NOW - timedelta(seconds=5))))
        return await original(app_ids)

    monkeypatch.setattr(taking, "apps", meanwhile)
    await scanned()
    assert (await stage.group("total_count"))["total_count"] == 2


async def _outside(work: Any) -> None:
    """In a task of its own, whose transaction is another one."""
    from app.tables.database import DB  # noqa: PLC0415

    DB.current_transaction.set(None)
    await work


async def test_what_a_deleted_app_sent_comes_to_nothing() -> None:
    stage, app = await with_app()
    await put(app, crash())
    await fetch("update app set deleted_at = $1", NOW)
    assert await scanned() == 1
    assert (await stage.groups(), await waiting(), await aside()) == ([], [], [])


async def test_batches_are_bounded_by_bytes_and_leave_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "BATCH_BYTES", 1)
    stage, app = await with_app()
    await put(app, *[crash() for _ in range(5)])
    assert await scanned() == 5
    assert (await stage.group("total_count"))["total_count"] == 5


async def test_feedback_of_a_user_is_kept() -> None:
    stage, app = await with_app()
    told = {"event_id": "ab" * 16, "name": "Ann", "email": "ann@example.org", "comments": "It broke."}
    await put(app, told, format=Format.FEEDBACK)
    assert await scanned() == 1
    [row] = await fetch(
        "select organization_id, app_id, client_event_id, name, email, message from user_feedback"
    )
    assert tuple(row) == (stage.organization_id, app.id, "ab" * 16, "Ann", "ann@example.org", "It broke.")
    assert await stage.groups() == []


async def test_a_sentry_event_becomes_a_group_and_its_row_is_left_as_it_is_without_a_session() -> None:
    stage, app = await with_app()
    tree = {
        "event_id": "cd" * 16,
        "level": "error",
        "platform": "python",
        "release": "shop@1.2.3",
        "environment": "production",
        "timestamp": NOW.timestamp(),
        "user": {"id": 7},
        "exception": {
            "values": [
                {
                    "type": "ValueError",
                    "value": "bad",
                    "stacktrace": {
                        "frames": [
                            {
                                "filename": "shop/cart.py",
                                "module": "shop.cart",
                                "function": "add",
                                "in_app": True,
                            }
                        ]
                    },
                }
            ]
        },
    }
    [event_id] = await put(app, tree, format=Format.SENTRY)
    [with_session] = await put(app, tree | {"tags": {"session_id": "s"}}, format=Format.SENTRY)
    await scanned()

    group = await stage.group("title, module, total_count, user_count")
    assert group == {"title": "ValueError: bad", "module": "shop.cart", "total_count": 2, "user_count": 1}
    rows = await fetch("select id, level, session_id from event order by session_id nulls first")
    assert [tuple(row) for row in rows] == [(event_id, None, None), (with_session, 40, "s")]
