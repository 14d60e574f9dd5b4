"""Errors that were merged and parted again are counted as each of them happened."""

import pytest

from app.alerts.evaluating.levels import look
from app.domain.alerts.conditions import Condition, ConditionKind
from app.tables.database import fetch
from app.triage.merge import merge
from app.triage.unmerge import unmerge
from tests.alerts.evaluating.stage import looked, rule, times
from tests.database import NOW
from tests.recording.stage import later, set_up
from tests.triage.stage import ROBOT

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

OFTEN = Condition(ConditionKind.FREQUENCY, count=10, window_seconds=300)


async def test_what_was_parted_again_is_counted_from_what_it_has_itself() -> None:
    stage = await set_up()
    await rule(stage, OFTEN)
    await times(stage, "A", 5, NOW)
    await times(stage, "B", 200, later(days=-2))
    await look(now=later(seconds=1))
    rows = await fetch("select id from error_group order by title")
    a, b = [row["id"] for row in rows]
    await merge(stage.organization_id, a, [b], ROBOT, now=later(seconds=5))
    assert await looked(later(seconds=15)) == 0, "what was merged did not happen now"
    await unmerge(stage.organization_id, a, None, ROBOT, now=later(minutes=10))
    await times(stage, "A", 9, later(minutes=11))
    assert await looked(later(minutes=11, seconds=1)) == 0
    await times(stage, "A", 1, later(minutes=12))
    assert await looked(later(minutes=12, seconds=1)) == 1
    [most] = await fetch("select max(total_count) as total from alert_sample where group_id = $1", a)
    assert most["total"] == 15, "nothing is left of what they had together"
