"""The projects of an organization, by name, id and slug."""

from uuid import uuid4

import pytest

from app.domain.events.grouping_rules import Rule
from app.domain.priority import Weights
from app.domain.secrets.scrubbing import Scrubbing
from app.reading.projects import Project, count_projects, project, project_by_slug, projects, projects_by_id
from app.tables.database import fetch
from tests.database import NOW
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_a_project_is_found_by_whatever_names_it() -> None:
    stage = await set_up(cooldown_seconds=7, retention_days=8)
    await fetch(
        "update project set time_zone = 'Europe/Vienna', auto_resolve_days = 9, alert_frequency = 'WEEKLY',"
        " regress_without_version = true, priority_weights = '{\"production\": 6}', quota_per_minute = 10,"
        " github_threshold = 3, github_daily_cap = 4,"
        ' grouping_rules = \'[{"message": "x", "fingerprint": ["y"]}, "nonsense"]\','
        ' scrubbing = \'{"safe_keys": ["token_count"]}\''
    )
    shown = Project(
        id=stage.project_id,
        name="Odoo",
        slug="odoo",
        time_zone="Europe/Vienna",
        cooldown_seconds=7,
        auto_resolve_days=9,
        retention_days=8,
        regress_without_version=True,
        priority_weights=Weights(production=6),
        alert_frequency="WEEKLY",
        created_at=NOW,
        quota_per_minute=10,
        github_threshold=3,
        github_daily_cap=4,
        grouping_rules=(Rule(("y",), message="x"),),
        scrubbing=Scrubbing(safe=("token_count",)),
    )
    assert await project(stage.organization_id, stage.project_id) == shown
    assert await project_by_slug(stage.organization_id, "odoo") == shown
    assert await projects_by_id(stage.organization_id, [stage.project_id, uuid4()]) == {shown.id: shown}
    assert (await projects(stage.organization_id)).nodes == [shown]
    assert await count_projects(stage.organization_id) == 1


@pytest.mark.parametrize("slug", ["", "no-such", "ODOO", "od%", "\0", "odoo\0", "\ud800", "o" * 100_000])
async def test_an_unknown_slug_is_no_project(slug: str) -> None:
    stage = await set_up()
    assert await project_by_slug(stage.organization_id, slug) is None


async def test_a_deleted_project_is_not_there_unless_something_names_it() -> None:
    stage = await set_up()
    await fetch("update project set deleted_at = now()")
    assert (await projects(stage.organization_id)).nodes == []
    assert await count_projects(stage.organization_id) == 0
    assert await project(stage.organization_id, stage.project_id) is None
    assert await project_by_slug(stage.organization_id, "odoo") is None
    assert await projects_by_id(stage.organization_id, [stage.project_id]) == {}
    named = await projects_by_id(stage.organization_id, [stage.project_id], with_deleted=True)
    assert named[stage.project_id].slug == "odoo"
