"""What is counted of events is what anybody would count by hand: of errors of several fingerprints too, in any batches."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.tables.database import fetch
from app.triage.merge import merge
from tests.database import NOW
from tests.recording.stage import cut, later, recorded
from tests.recording.test_events import event, with_app
from tests.triage.stage import ROBOT

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

HEARD = st.tuples(
    st.sampled_from("ABC"),
    st.sampled_from([None, "s1", "s2", "s3"]),
    st.sampled_from([None, "ann", "bob"]),
    st.integers(-200, 200),  # minutes: some hours, in no order
    st.booleans(),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(heard=st.lists(HEARD, min_size=1, max_size=30), cuts=st.lists(st.integers(0, 30), max_size=4))
async def test_sums_sessions_and_users_are_those_of_a_plain_count(
    heard: list[tuple[str, str | None, str | None, int, bool]], cuts: list[int]
) -> None:
    stage, app = await with_app()
    await recorded([event(app, error, session_id="first", user_id="first") for error in "ABC"])
    known = await fetch(
        "select digest, group_id from fingerprint where organization_id = $1", app.organization_id
    )
    of = {row["digest"]: row["group_id"] for row in known}
    ids = {error: of[bytes.fromhex(event(app, error).fingerprint.digest)] for error in "ABC"}
    await merge(stage.organization_id, ids["A"], [ids["B"]], ROBOT, now=NOW)
    sightings = [
        event(app, error, later(minutes=at), session_id=session, user_id=user, is_sampled=sampled)
        for error, session, user, at, sampled in heard
    ]

    for batch in cut(sightings, cuts):
        await recorded(batch)

    for errors in ("AB", "C"):
        theirs = [one for one in heard if one[0] in errors]
        [row] = await fetch(
            "select total_count, session_count, user_count from error_group where id = $1", ids[errors[0]]
        )
        assert tuple(row) == (
            len(errors) + len(theirs),
            len({"first", *(one[1] for one in theirs if one[1])}),
            len({"first", *(one[2] for one in theirs if one[2])}),
        )
    hours = await fetch("select hour, total_count from hourly_count where origin_id = $1", app.id)
    expected = [NOW] * 3 + [later(minutes=one[3]) for one in heard]
    assert sum(row["total_count"] for row in hours) == len(expected)
    assert {row["hour"] for row in hours} == {at.replace(minute=0, second=0) for at in expected}
    stored = await fetch("select fingerprint_id, session_id from occurrence where app_id = $1", app.id)
    noted = await fetch(
        """
        select s.fingerprint_id, s.session_id from fingerprint_session as s join fingerprint as f on f.id = s.fingerprint_id
        where s.is_stored and f.organization_id = $1
        """,
        app.organization_id,
    )
    assert {tuple(row) for row in noted} == {tuple(row) for row in stored if row["session_id"]}
