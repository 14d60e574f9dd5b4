"""What became of what apps sent, by the hour and by the day."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest

from app.domain.events.event import Outcome
from app.errors import BadInput
from app.reading.app_statistics import statistics
from app.tables.database import fetch
from tests.database import NOW
from tests.reading.stage import add_app
from tests.recording.stage import later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

HOUR = NOW.replace(minute=0, second=0, microsecond=0)


async def tally(app_id: UUID, hour: datetime, outcome: str, count: int) -> None:
    await fetch("insert into app_tally values ($1, $2, $3, $4)", app_id, hour, outcome, count)


async def test_numbers_stand_at_their_hour_or_day_and_all_others_are_zero(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    app_id, idle_id = await add_app(stage), await add_app(stage)
    await tally(app_id, HOUR, "accepted", 5)
    await tally(app_id, HOUR, "a word of tomorrow", 1)
    await tally(app_id, HOUR - (later(hours=167) - NOW), "accepted", 2**40)
    await tally(app_id, HOUR - (later(hours=168) - NOW), "duplicate", 3)
    await tally(app_id, HOUR + (later(hours=1) - NOW), "accepted", 9)  # of a clock that is ahead
    told: list[str] = []
    with noted_statements(monkeypatch, told):
        hours = await statistics(stage.organization_id, [app_id, idle_id], 7, now=NOW)
    assert len(told) == 1
    assert len(hours[app_id]) == len(hours[idle_id]) == 168
    assert hours[app_id][-1].starts_at == HOUR
    assert hours[app_id][-1].counts == {Outcome.ACCEPTED: 5}
    assert hours[app_id][0].counts == {Outcome.ACCEPTED: 2**40}
    assert not any(one.counts for one in [*hours[idle_id], *hours[app_id][1:-1]])
    days = (await statistics(stage.organization_id, [app_id], 8, now=NOW))[app_id]
    assert len(days) == 8
    assert days[-1].starts_at == HOUR.replace(hour=0)
    assert [sum(one.counts.values()) for one in days if one.counts] == [2**40 + 3, 5]


async def test_what_is_not_theirs_has_zeros_and_other_days_are_refused() -> None:
    stage, other = await set_up(), await set_up()
    app_id = await add_app(other)
    await tally(app_id, HOUR, "accepted", 5)
    nobodys = uuid4()
    found = await statistics(stage.organization_id, [app_id, nobodys], 1, now=NOW)
    assert [len(found[key]) for key in (app_id, nobodys)] == [24, 24]
    assert not any(one.counts for key in found for one in found[key])
    for days in (0, -1, 91, 2**31 - 1):
        with pytest.raises(BadInput):
            await statistics(stage.organization_id, [app_id], days, now=NOW)
