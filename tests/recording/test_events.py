"""What events of apps bring along: sessions, users, tags, versions; which of them are stored, and all of them counted."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.lifecycle import Source
from app.recording import reports, thinning
from app.recording.sightings import Origin, Reported, Sighting
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from app.triage.merge import merge
from app.triage.unmerge import unmerge
from tests.database import NOW
from tests.reading.stage import add_app
from tests.recording.stage import Stage, at_once, later, recorded, set_up, sighting
from tests.triage.stage import ROBOT

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def with_app() -> tuple[Stage, Origin]:
    """A project, and an app of it."""
    stage = await set_up()
    app_id = await add_app(stage)
    return stage, Origin(stage.organization_id, stage.project_id, app_id, app_id, Source.EVENT)


def event(origin: Origin, error: str = "KeyError", at: datetime = NOW, **brought: Any) -> Sighting:
    """An event of the error that `error` names."""
    return replace(sighting(origin, error, at), reported=Reported(brought.pop("id", uuid7(NOW)), **brought))


async def test_a_session_has_one_occurrence_of_an_error_and_an_event_without_one_its_own() -> None:
    stage, app = await with_app()

    await recorded(
        [event(app, session_id="a"), event(app, session_id="a"), event(app, session_id="b"), event(app)]
    )
    await recorded(
        [
            event(app, session_id="b"),
            event(app, session_id="c"),
            event(app),
            event(app, "TypeError", session_id="a"),
        ]
    )

    groups = await stage.groups("total_count, occurrence_count, session_count")
    assert sorted(tuple(group.values()) for group in groups) == [(1, 1, 1), (7, 5, 3)]
    rows = await fetch("select session_id from occurrence order by session_id nulls last")
    assert [row[0] for row in rows] == ["a", "a", "b", "c", None, None]


async def test_an_occurrence_says_who_had_it_and_where_its_event_is() -> None:
    _, app = await with_app()
    event_id = uuid7(NOW)

    await recorded([event(app, id=event_id, session_id="s", user_id="u", version="2.0", environment="iOS")])

    [row] = await fetch(
        "select event_id, session_id, user_id, app_version, environment, app_id from occurrence"
    )
    assert tuple(row) == (event_id, "s", "u", "2.0", "iOS", app.id)


async def test_users_are_counted_once_however_often_it_happens_to_them() -> None:
    stage, app = await with_app()
    await recorded(
        [event(app, user_id="ann"), event(app, user_id="ann"), event(app, user_id="bob"), event(app)]
    )
    await recorded(
        [event(app, user_id="ann", at=later(hours=1)), event(app, user_id="cid", at=later(hours=-1))]
    )

    assert await stage.group("user_count, total_count") == {"user_count": 3, "total_count": 6}
    rows = await fetch("select user_id, last_seen_at from fingerprint_user order by user_id")
    assert [tuple(row) for row in rows] == [("ann", later(hours=1)), ("bob", NOW), ("cid", later(hours=-1))]


async def test_a_merged_error_counts_people_and_sessions_of_all_its_fingerprints_once() -> None:
    stage, app = await with_app()
    ann: dict[str, Any] = {"user_id": "ann", "session_id": "1"}
    await recorded(
        [event(app, "A", **ann), event(app, "B", **ann), event(app, "B", user_id="bob", session_id="2")]
    )
    rows = await stage.groups("id, title")
    of = {row["title"][0]: row["id"] for row in rows}

    await merge(stage.organization_id, of["A"], [of["B"]], ROBOT, now=NOW)
    counted = "select user_count, session_count, total_count from error_group where id = $1"
    assert [tuple(row) for row in await fetch(counted, of["A"])] == [(2, 2, 3)]
    stored = len(await fetch("select from occurrence"))

    # Bob and his session were known by the one fingerprint, and come by the other.
    await recorded(
        [
            event(app, "A", user_id="bob", session_id="2"),
            event(app, "B", user_id="cid", session_id="3"),
            event(app, "A", user_id="cid", session_id="3"),
        ]
    )
    assert [tuple(row) for row in await fetch(counted, of["A"])] == [(3, 3, 6)]
    assert len(await fetch("select from occurrence")) == stored + 1

    await unmerge(stage.organization_id, of["A"], None, ROBOT, now=NOW)
    assert [tuple(row) for row in await fetch(counted, of["A"])] == [(3, 3, 3)]
    assert [tuple(row) for row in await fetch(counted, of["B"])] == [(3, 3, 3)]


async def test_tags_are_counted_with_release_and_environment_among_them() -> None:
    _, app = await with_app()
    tagged: dict[str, Any] = {
        "tags": (("browser", "Firefox"), ("release", "a lie")),
        "version": "1.2",
        "environment": "staging",
    }
    await recorded([event(app, session_id="s", **tagged), event(app, session_id="s", **tagged)])
    await recorded([event(app, at=later(hours=1), tags=(("browser", "Firefox"),))])

    rows = await fetch("select key, value, total_count, last_seen_at from fingerprint_tag order by key")
    assert [tuple(row) for row in rows] == [
        ("browser", "Firefox", 3, later(hours=1)),
        ("environment", "staging", 2, NOW),
        ("release", "1.2", 2, NOW),
    ]


async def test_a_tag_that_is_an_id_does_not_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "TAGS_LIMIT", 5)
    _, app = await with_app()
    known = ("browser", "Firefox")
    await recorded([event(app, tags=(known, ("request", str(number)))) for number in range(10)])
    await recorded(
        [event(app, tags=(known, ("request", str(number))), version="1") for number in range(10, 20)]
    )

    rows = await fetch(
        "select key, value, total_count from fingerprint_tag where key <> 'request' order by key"
    )
    assert [tuple(row) for row in rows] == [("browser", "Firefox", 20), ("release", "1", 10)]
    [[number]] = await fetch("select count(*) from fingerprint_tag where key = 'request'")
    assert number == 4


async def test_versions_of_an_app_are_known_from_when_they_were_first_seen() -> None:
    stage, app = await with_app()
    await reports.add_versions({(app.id, version): stage.organization_id for version in ("1.9", "1.10")}, NOW)
    await reports.add_versions({(app.id, "1.9"): stage.organization_id}, later(days=1))

    rows = await fetch("select app_id, version, first_seen_at from app_version order by version")
    assert [tuple(row) for row in rows] == [(app.id, "1.10", NOW), (app.id, "1.9", NOW)]


async def test_an_error_comes_back_with_a_newer_version_even_in_a_session_that_was_counted() -> None:
    stage, app = await with_app()
    await recorded([event(app, session_id="s", version="1.9")])
    await fetch(
        "update error_group set status = 'RESOLVED', resolved_at = $1, resolved_in_version = '1.9'", NOW
    )
    await recorded([event(app, session_id="s", version="1.9", at=later(hours=1))], now=later(hours=1))
    assert await stage.group("status") == {"status": "RESOLVED"}
    await recorded([event(app, session_id="s", version="1.10", at=later(hours=-1))], now=later(hours=1))
    assert await stage.group("status") == {"status": "RESOLVED"}  # it is late

    await recorded([event(app, session_id="s", version="1.10", at=later(hours=1))], now=later(hours=1))
    assert await stage.group("status, occurrence_count, total_count") == {
        "status": "REGRESSED",
        "occurrence_count": 1,
        "total_count": 4,
    }


async def test_a_sample_is_stored_and_all_are_counted() -> None:
    stage, app = await with_app()
    await recorded(
        [event(app, is_sampled=False), event(app, is_sampled=False), event(app), event(app, is_sampled=False)]
    )

    # The first is stored in any case: it says what the error is.
    assert await stage.group("total_count, occurrence_count") == {"total_count": 4, "occurrence_count": 2}


async def test_of_a_storm_no_more_is_stored_than_the_allowance_which_fills_up_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thinning, "BURST", 10)
    stage, app = await with_app()

    done = await recorded([event(app) for _ in range(50)] + [event(app, "TypeError")])
    assert (done.counted, done.stored) == (51, 11)
    assert [(await recorded([event(app)])).stored for _ in range(2)] == [0, 0]
    done = await recorded([event(app) for _ in range(50)], now=NOW + 3 * thinning.EVERY)
    assert done.stored == 3
    done = await recorded([event(app) for _ in range(50)], now=NOW + timedelta(days=1))
    assert done.stored == 10

    groups = await stage.groups("total_count, occurrence_count")
    assert sorted(tuple(group.values()) for group in groups) == [(1, 1), (152, 23)]


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    events=st.lists(
        st.tuples(
            st.sampled_from("AB"), st.sampled_from([None, "1", "2", "3"]), st.sampled_from([None, "u", "v"])
        ),
        min_size=1,
        max_size=12,
    ),
    cuts=st.lists(st.integers(1, 5), min_size=12, max_size=12),
)
async def test_counts_are_the_same_however_events_come_in_batches(
    events: list[tuple[str, str | None, str | None]], cuts: list[int]
) -> None:
    stage, app = await with_app()
    left = [event(app, error, session_id=session, user_id=user) for error, session, user in events]
    for size in cuts:
        await recorded(left[:size])
        left = left[size:]

    rows = await stage.groups("title, total_count, session_count, user_count, occurrence_count")
    for row in rows:
        mine = [each for each in events if each[0] == row["title"][0]]
        sessions = {session for _, session, _ in mine} - {None}
        assert row["total_count"] == len(mine)
        assert row["session_count"] == len(sessions)
        assert row["user_count"] == len({user for _, _, user in mine} - {None})
        assert row["occurrence_count"] == len(sessions) + sum(session is None for _, session, _ in mine)


async def test_recorders_of_the_same_sessions_and_users_at_once_count_each_once() -> None:
    stage, app = await with_app()
    batches = [
        [event(app, error, session_id=str(number), user_id=str(number % 7)) for number in range(40)]
        for error in ("A", "B", "A", "B")
    ]
    await at_once(*batches, *[batch[::-1] for batch in batches])

    groups = await stage.groups("total_count, session_count, user_count, occurrence_count")
    assert [tuple(group.values()) for group in groups] == [(160, 40, 7, 40)] * 2


async def test_the_score_stops_counting_users_above_the_highest_step() -> None:
    stage, app = await with_app()
    await recorded([event(app, user_id=str(number)) for number in range(150)])
    assert (await stage.group("score"))["score"] == 10 + 5 + 3  # users, occurrences, new
