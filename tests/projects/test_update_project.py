"""A project's settings are changed as a whole or not at all, and it is noted who did."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from app.accounts.actors import Actor
from app.domain.priority import DEFAULT, Step, Weights
from app.errors import BadInput, NotFound, Taken
from app.projects.create_project import NewProject, create_project
from app.projects.update_instance import InstanceChanges, update_instance
from app.projects.update_project import ProjectChanges, update_project
from app.reading.projects import project
from app.recording.settle_priorities import BEGINNING, settle_priorities
from app.tables.database import fetch
from tests.database import NOW
from tests.projects.stage import HALF, everything, one, set_up
from tests.recording.stage import later

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

EVERYTHING = ProjectChanges(
    " Shop ", "shop", "Europe/Berlin", 0, 7, 30, True, Weights(production=6, users=(Step(1, 2),)), "WEEKLY"
)  # fmt: skip


async def notes() -> list[dict[str, Any]]:
    rows = await fetch("select kind, actor_kind, actor_id, subject_name, detail from audit_entry order by id")
    return [dict(row) | {"detail": json.loads(row["detail"])} for row in rows]


async def test_every_setting_can_be_changed() -> None:
    stage = await set_up()
    before = await one("project", "id", stage.project_id)
    who = Actor("person", uuid4())
    await update_project(stage.organization_id, stage.project_id, EVERYTHING, now=NOW, actor=who)
    row = await one("project", "id", stage.project_id)
    changed = {key: value for key, value in row.items() if value != before[key]}
    assert json.loads(changed.pop("priority_weights")) == {"production": 6, "users": [[1, 2]]}
    assert changed == {
        "name": "Shop",
        "slug": "shop",
        "time_zone": "Europe/Berlin",
        "cooldown_seconds": 0,
        "auto_resolve_days": 7,
        "retention_days": 30,
        "regress_without_version": True,
        "alert_frequency": "WEEKLY",
        "rescored_through": BEGINNING,
    }
    shown = await project(stage.organization_id, stage.project_id)
    assert shown
    assert shown.priority_weights == Weights(production=6, users=(Step(1, 2),))
    [note] = await notes()
    assert (note["kind"], note["actor_id"], note["subject_name"]) == ("PROJECT_UPDATED", who.id, "Shop")
    assert note["detail"] == {
        "name": ["Odoo", "Shop"],
        "slug": ["odoo", "shop"],
        "timeZone": ["UTC", "Europe/Berlin"],
        "cooldownSeconds": [300, 0],
        "autoResolveDays": [3, 7],
        "retentionDays": [90, 30],
        "regressWithoutVersion": [False, True],
        "priorityWeights": ["{}", '{"users": [[1, 2]], "production": 6}'],
        "alertFrequency": ["DAILY", "WEEKLY"],
    }


async def test_what_is_already_so_is_neither_changed_nor_noted() -> None:
    stage = await set_up()
    for changes in (
        ProjectChanges(),
        ProjectChanges(name="Odoo", cooldown_seconds=300, priority_weights=DEFAULT),
    ):
        before = await everything()
        await update_project(stage.organization_id, stage.project_id, changes, now=later(days=1))
        assert await everything() == before
    await update_project(stage.organization_id, stage.project_id, EVERYTHING, now=NOW)
    await settle_priorities(now=NOW)
    await update_project(stage.organization_id, stage.project_id, EVERYTHING, now=NOW)
    assert len(await notes()) == 1
    assert (await one("project", "id", stage.project_id))["rescored_through"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\0"}, "name"),
        ({"name": HALF}, "name"),
        ({"slug": "A B"}, "slug"),
        ({"time_zone": "Mars/Base"}, "timeZone"),
        ({"time_zone": HALF}, "timeZone"),
        ({"cooldown_seconds": -1}, "cooldownSeconds"),
        ({"cooldown_seconds": 86_401}, "cooldownSeconds"),
        ({"auto_resolve_days": 0}, "autoResolveDays"),
        ({"auto_resolve_days": 366}, "autoResolveDays"),
        ({"retention_days": 0}, "retentionDays"),
        ({"retention_days": 3651}, "retentionDays"),
        ({"alert_frequency": "SOMETIMES"}, "alertFrequency"),
        ({"github_threshold": 0}, "githubThreshold"),
        ({"github_threshold": 1_000_001}, "githubThreshold"),
        ({"github_daily_cap": -1}, "githubDailyCap"),
        ({"github_daily_cap": 1001}, "githubDailyCap"),
        ({"priority_weights": Weights(production=-1)}, "priorityWeights.production"),
        ({"priority_weights": Weights(users=(Step(1, 1), Step(1, 2)))}, "priorityWeights.users"),
    ],
    ids=repr,
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    changes: dict[str, Any], field: str
) -> None:
    stage = await set_up()
    before = await everything()
    wanted = ProjectChanges(**{"retention_days": 10} | changes)
    with pytest.raises(BadInput) as refused:
        await update_project(stage.organization_id, stage.project_id, wanted, now=NOW)
    assert refused.value.field == field
    assert await everything() == before
    assert await notes() == []


async def test_a_slug_in_use_and_a_project_that_is_not_theirs_are_refused() -> None:
    stage = await set_up()
    other = await create_project(stage.organization_id, NewProject("Other"), now=NOW)
    gone = await create_project(stage.organization_id, NewProject("Gone"), now=NOW)
    await fetch("update project set deleted_at = $2 where id = $1", gone, NOW)
    before, noted = await everything(), await notes()
    with pytest.raises(Taken) as taken:
        await update_project(stage.organization_id, other, ProjectChanges("New", "odoo"), now=NOW)
    assert taken.value.field == "slug"
    for project_id in (stage.others_project_id, gone, uuid4()):
        with pytest.raises(NotFound):
            await update_project(stage.organization_id, project_id, ProjectChanges(name="New"), now=NOW)
    assert (await everything(), await notes()) == (before, noted)
    await update_project(stage.organization_id, other, ProjectChanges(slug="gone"), now=NOW)


async def test_changes_at_the_same_time_are_all_made_and_noted() -> None:
    stage = await set_up()
    await asyncio.gather(
        *(
            update_project(stage.organization_id, stage.project_id, change, now=NOW)
            for change in (
                ProjectChanges(retention_days=1),
                ProjectChanges(retention_days=2),
                ProjectChanges(auto_resolve_days=9),
            )
        )
    )
    row = await one("project", "id", stage.project_id)
    days = [note["detail"]["retentionDays"] for note in await notes() if "retentionDays" in note["detail"]]
    assert [before for before, _ in days] == [90, days[0][1]]
    assert (row["retention_days"], row["auto_resolve_days"]) == (days[1][1], 9)


async def test_another_environment_has_the_priorities_gone_through() -> None:
    stage = await set_up()
    await update_instance(stage.organization_id, stage.shop_id, InstanceChanges(name="Nord"), now=NOW)
    assert (await one("project", "id", stage.project_id))["rescored_through"] is None
    await update_instance(
        stage.organization_id, stage.shop_id, InstanceChanges(environment="STAGING"), now=NOW
    )
    assert (await one("project", "id", stage.project_id))["rescored_through"] == BEGINNING
    assert (await one("project", "id", stage.others_project_id))["rescored_through"] is None
