"""However a log is cut into batches, the end is the same; and a long batch asks the server no more than a short one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.lifecycle import Source
from app.recording.record import Recorded
from app.recording.sightings import Reported, Sighting
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.reading.stage import add_app
from tests.recording.stage import Stage, cut, later, noted_statements, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ERRORS = ("KeyError", "ValueError", "TypeError")
LOGS = st.lists(
    st.tuples(
        st.sampled_from(ERRORS),
        st.booleans(),
        st.integers(-3000, 3000),
        st.sampled_from(("critical", "high", "medium")),
    ),
    min_size=1,
    max_size=25,
)
STATUSES = st.sampled_from(("NEW", "ACTIVE", "IN_PROGRESS", "RESOLVED", "REGRESSED", "SILENCED"))


async def play(
    log: list[tuple[str, bool, int, Any]], cuts: list[int], status: str
) -> tuple[list[Any], list[Any]]:
    """What stands in the end, and the changes, when the log is read in batches; one error is known before."""
    stage = await set_up(cooldown_seconds=600)
    await recorded([sighting(stage.shop, "KeyError", later(hours=-3))])
    await fetch(
        "update error_group set status = $1, resolved_at = $2 where project_id = $3",
        status,
        later() if status in ("RESOLVED", "REGRESSED") else None,
        stage.project_id,
    )
    heard = [
        sighting(stage.warehouse if elsewhere else stage.shop, error, later(seconds=at), severity=severity)
        for error, elsewhere, at, severity in log
    ]
    done = [await recorded(batch) for batch in cut(heard, cuts)]
    return await end_of(stage), await changes_of(stage, done)


async def end_of(stage: Stage) -> list[Any]:
    """Everything that is stored, without the identifiers."""
    names = {stage.shop.id: "shop", stage.warehouse.id: "warehouse"}
    groups = await stage.groups(
        "title, message, severity, status, total_count, occurrence_count, first_seen_at, last_seen_at,"
        " last_stored_at, resolved_at"
    )
    tables = {
        "f.first_seen_at, f.last_seen_at, f.total_count, f.occurrence_count, f.last_stored_at": "fingerprint as x",
        "x.hour, x.origin_id, x.total_count": "hourly_count as x",
        "x.instance_id, x.total_count, x.first_seen_at, x.last_seen_at": "affected_instance as x",
        "x.occurred_at, x.instance_id, x.message, x.detail": "occurrence as x",
    }
    told: list[Any] = [groups]
    for columns, table in tables.items():
        key = "id" if table.startswith("fingerprint ") else "fingerprint_id"
        rows = await fetch(
            f"""
            select g.title, {columns} from {table} join fingerprint as f on f.id = x.{key}
            join error_group as g on g.id = f.group_id where f.organization_id = $1
            """,  # noqa: S608  the tables above
            stage.organization_id,
        )
        told.append(sorted([str(names.get(value, value)) for value in row] for row in rows))
    return told


async def changes_of(stage: Stage, done: list[Recorded]) -> list[Any]:
    """The changes in the order in which they were told, each with its group's title."""
    titles = {group["id"]: group["title"] for group in await stage.groups("id, title")}
    return [
        (titles[c.entry.move.group_id], c.entry.move.kind, c.entry.move.before, c.entry.detail["seen_at"])
        for batch in done
        for c in batch.changes
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=LOGS, cuts=st.lists(st.integers(0, 25), max_size=6), status=STATUSES)
async def test_the_end_and_the_changes_are_the_same_however_a_log_is_cut(
    log: list[tuple[str, bool, int, Any]], cuts: list[int], status: str
) -> None:
    whole = await play(log, [], status)
    in_some = await play(log, cuts, status)
    one_by_one = await play(log, list(range(len(log))), status)

    assert whole == in_some == one_by_one


async def test_a_longer_batch_asks_the_server_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up(cooldown_seconds=60)

    async def asked(batch: list[Sighting]) -> list[str]:
        told: list[str] = []
        with noted_statements(monkeypatch, told):
            await recorded(batch)
        return told

    one = await asked([sighting(stage.shop), sighting(stage.shop)])
    many = await asked([sighting(stage.shop, f"Error{n % 300}", later(seconds=n)) for n in range(3000)])
    again = await asked(
        [sighting(stage.shop, f"Error{n % 300}", later(hours=2, seconds=n)) for n in range(3000)]
    )

    assert len(one) == 19
    assert many == one
    assert set(again) < set(one)
    assert len(again) == 15  # the priorities are others as well

    app_id = await add_app(stage)
    app = replace(stage.shop, id=app_id, scope_id=app_id, source=Source.EVENT)
    brought = Reported(uuid7(NOW), "a session", "a user", "1.0", "iOS", (("browser", "Firefox"),))
    event = replace(sighting(app), reported=brought)
    few = await asked([event])
    assert len(few) == 22  # sessions, users and tags as well; no change but that they are new
    assert (
        len(await asked([replace(event, fingerprint=sighting(app, f"E{n}").fingerprint) for n in range(500)]))
        == 22
    )


async def test_time_may_run_backwards_in_a_log() -> None:
    stage = await set_up(cooldown_seconds=300)
    times = [later(seconds=seconds) for seconds in (0, 400, 399, 50, 401, 101)]

    await recorded([sighting(stage.shop, at=at) for at in times])

    # 399 is near 400, which was stored last; 50 is not; 401 is not near 50; 101 is exactly 300 from 401.
    assert await stage.stored_at() == sorted([times[0], times[1], times[3], times[4], times[5]])
    assert max(times) - min(times) == timedelta(seconds=401)
