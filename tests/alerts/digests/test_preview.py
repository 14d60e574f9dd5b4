"""What a digest would say: all that was not told yet, with its pictures inside, and nothing is changed."""

import re
from datetime import UTC, datetime

import pytest

from app.alerts.digests import noting
from app.alerts.digests.preview import preview
from app.errors import NotFound
from app.tables.database import fetch
from tests.alerts.digests.stage import happened, mails, told_through
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_it_shows_what_would_be_told_now() -> None:
    stage = await set_up()
    await happened(stage, "Before", later(hours=1))
    await happened(stage, "After", later(hours=3))
    both = await preview(stage.organization_id, stage.project_id, now=later(hours=3))
    assert ("Before" in both, "After" in both) == (True, True), "of all there is, before the first one is due"
    assert len(re.findall('src="data:image/png;base64,[A-Za-z0-9+/=]+"', both)) == 2
    await fetch("insert into digest values ($1, $2)", stage.project_id, later(hours=2))
    await noting.taken(stage.project_id, later(hours=2))
    later_one = await preview(stage.organization_id, stage.project_id, now=later(hours=3))
    assert ("Before" in later_one, "After" in later_one) == (False, True)
    assert "token=" not in both + later_one
    assert await mails() == []
    assert await told_through(stage.project_id) == later(hours=2)


async def test_nothing_to_tell_is_shown_too_and_a_clock_may_be_wrong() -> None:
    stage = await set_up()
    await fetch("insert into digest values ($1, $2)", stage.project_id, later(hours=2))
    assert "Nothing is new" in await preview(stage.organization_id, stage.project_id, now=later())


async def test_there_is_none_of_projects_that_are_not_theirs() -> None:
    stage, other = await set_up(), await set_up()
    for organization_id in (other.organization_id, stage.project_id):
        with pytest.raises(NotFound):
            await preview(organization_id, stage.project_id, now=later())
    await fetch("update project set deleted_at = $1", datetime(2026, 11, 22, tzinfo=UTC))
    with pytest.raises(NotFound):
        await preview(stage.organization_id, stage.project_id, now=later())
