"""A session has one occurrence of an error: also where two errors stored one each, before they were merged."""

from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.reading.occurrences import count_occurrences, latest, occurrence, occurrences
from app.reading.pages import Window
from app.recording.retention import retain
from app.tables.database import fetch, transaction
from app.triage.merge import merge
from app.triage.unmerge import unmerge
from tests.database import NOW
from tests.recording.stage import Stage, later, recorded
from tests.recording.test_events import event, with_app
from tests.triage.stage import ROBOT, standing

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

MIGRATION = "app.tables.piccolo_migrations.snaglist_2026_11_22_sessions_once"
SEEN = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from([None, "1", "2", "3"]), st.booleans()),
    min_size=1,
    max_size=8,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), SEEN),
        st.tuples(st.just("merge"), st.permutations("ABC").map(lambda errors: errors[:2])),
        st.tuples(st.just("unmerge"), st.sampled_from("ABC").map(lambda error: [error])),
    ),
    min_size=3,
    max_size=9,
)


async def test_a_session_that_both_errors_had_is_dropped_once_and_comes_back_when_they_are_taken_apart() -> (
    None
):
    stage, app = await with_app()
    await recorded([event(app, "A", session_id="both"), event(app, "A", session_id="a")])
    await recorded(
        [
            event(app, "B", session_id="both", at=later(hours=1)),
            event(app, "B"),
            event(app, "B", session_id="b"),
        ]
    )
    of = await groups(stage)
    assert [await standing(of[error], "occurrence_count") for error in "AB"] == [2, 3]
    [hidden] = await fetch("select id from occurrence where occurred_at = $1 and session_id = 'both'", NOW)

    await merge(stage.organization_id, of["B"], [of["A"]], ROBOT, now=NOW)

    assert await standing(of["B"], "total_count, occurrence_count, session_count") == (5, 4, 3)
    assert sorted(await sessions(stage, of["B"])) == ["", "a", "b", "both"]
    # The newer one is listed, as it is kept longer; an old link to the other one still leads somewhere.
    newest = (await latest(stage.organization_id, [of["B"]]))[of["B"]]
    assert newest.occurred_at == later(hours=1)
    assert await occurrence(stage.organization_id, hidden["id"]) is not None

    await recorded([event(app, "B", session_id="both"), event(app, "B", session_id="a")])
    assert await standing(of["B"], "total_count, occurrence_count, session_count") == (7, 4, 3)

    await unmerge(stage.organization_id, of["B"], None, ROBOT, now=NOW)
    assert [await standing(of[error], "total_count, occurrence_count, session_count") for error in "AB"] == [
        (2, 2, 2),
        (5, 3, 3),
    ]
    assert sorted(await sessions(stage, of["A"])) == ["a", "both"]
    assert sorted(await sessions(stage, of["B"])) == ["", "b", "both"]


async def test_an_occurrence_stays_where_the_other_error_stored_none_of_the_session() -> None:
    stage, app = await with_app()
    await recorded([event(app, "A"), event(app, "A", session_id="s", is_sampled=False)])
    await recorded([event(app, "B", session_id="s")])
    of = await groups(stage)

    await merge(stage.organization_id, of["A"], [of["B"]], ROBOT, now=NOW)

    assert await standing(of["A"], "total_count, occurrence_count, session_count") == (3, 2, 1)
    assert sorted(await sessions(stage, of["A"])) == ["", "s"]


async def test_when_retention_takes_one_of_them_the_other_is_still_shown() -> None:
    stage, app = await with_app()
    await fetch("update project set retention_days = 30")
    for minutes, session in enumerate(("x", "both", "y")):
        at = NOW - timedelta(days=40, minutes=-minutes)
        await recorded([event(app, "A", session_id=session, at=at)], now=at)
    await recorded([event(app, "B", session_id="both")])
    of = await groups(stage)
    await merge(stage.organization_id, of["A"], [of["B"]], ROBOT, now=NOW)
    before = await sessions(stage, of["A"])

    await retain(now=NOW)  # the first and the newest of A stay, what lies between them goes

    assert before == await sessions(stage, of["A"]) == ["both", "y", "x"]
    assert await count_occurrences(stage.organization_id, of["A"]) == 3


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_what_is_counted_is_what_is_listed_whatever_was_merged(
    steps: list[tuple[str, list[Any]]],
) -> None:
    stage, app = await with_app()
    for what, wanted in steps:
        of = await groups(stage)
        if what == "record":
            await recorded([event(app, error, session_id=s, is_sampled=is_) for error, s, is_ in wanted])
        elif all(error in of for error in wanted):
            await change(stage, what, [await home(of[error]) for error in wanted])
        await demand_order(stage)
    before = await stage.groups("id, occurrence_count")
    await as_before_the_migration(stage)
    async with transaction():
        for statement in import_module(MIGRATION).SQL.split(";"):
            if "alter table" not in statement and statement.strip():
                await fetch(statement)
    assert await stage.groups("id, occurrence_count") == before
    await demand_order(stage)


async def change(stage: Stage, what: str, wanted: list[UUID]) -> None:
    """Merge, or take apart; what is one already stays so."""
    if what == "unmerge":
        await unmerge(stage.organization_id, wanted[0], None, ROBOT, now=NOW)
    elif wanted[0] != wanted[1]:
        await merge(stage.organization_id, wanted[0], wanted[1:], ROBOT, now=NOW)


async def demand_order(stage: Stage) -> None:
    """No session is listed twice, and all ways of counting agree."""
    for row in await stage.groups("id, occurrence_count, merged_into_id"):
        if row["merged_into_id"] is None:
            listed = await sessions(stage, row["id"])
            assert len(listed) == row["occurrence_count"]
            assert len(listed) == await count_occurrences(stage.organization_id, row["id"])
            known = [session for session in listed if session]
            assert len(known) == len(set(known))


async def as_before_the_migration(stage: Stage) -> None:
    """Have nothing known of what is stored, and each group count what its fingerprints do."""
    await fetch("update fingerprint_session set is_stored = false")
    await fetch("update occurrence set is_repeat = false")
    await fetch(
        """
        update error_group as g set occurrence_count = (
            select sum(f.occurrence_count) from fingerprint as f where f.group_id = g.id and f.retired_at is null)
        where merged_into_id is null and organization_id = $1
        """,
        stage.organization_id,
    )


async def groups(stage: Stage) -> dict[str, UUID]:
    """The group that each error opened, by its name."""
    return {row["title"][0]: row["id"] for row in await stage.groups("id, title")}


async def home(group_id: UUID) -> UUID:
    """The group, or what it was merged into."""
    found: UUID = await standing(group_id, "coalesce(merged_into_id, id)")
    return found


async def sessions(stage: Stage, group_id: UUID) -> list[str]:
    """The sessions of the occurrences of a group, page by page; none is the empty word."""
    found: list[str] = []
    window = Window(first=2)
    while True:
        page = await occurrences(stage.organization_id, group_id, window)
        found += [each.session_id or "" for each in page.nodes]
        if not page.has_next:
            return found
        window = Window(first=2, after=page.cursors[-1])
