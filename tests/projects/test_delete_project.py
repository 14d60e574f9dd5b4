"""A deleted project is gone with its errors, whoever is recording, and however often it is cut off."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.accounts.actors import Actor
from app.errors import NotFound
from app.projects import delete_project as deleting
from app.projects.create_project import NewProject, create_project
from app.projects.delete_project import delete_project, delete_rest
from app.reading.groups import count, groups
from app.reading.projects import projects
from app.scanning.scan_instance import due
from app.tables.database import fetch
from tests.database import NOW
from tests.reading.stage import add_groups, merge, seen
from tests.recording.stage import Stage, later, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def alive(stage: Stage) -> int:
    """How many groups and fingerprints of the project are still there."""
    [row] = await fetch(
        """
        select (select count(*) from error_group where project_id = $1 and deleted_at is null)
            + (select count(*) from fingerprint where scope_id = $1 and retired_at is null)
        """,
        stage.project_id,
    )
    return int(row[0])


async def test_it_is_gone_with_its_errors_and_its_logs_are_scanned_no_more() -> None:
    stage, others = await set_up(), await set_up()
    error = await seen(stage.shop, "KeyError")
    await merge(error, await seen(stage.shop, "TypeError"))
    theirs = await seen(others.shop, "KeyError")
    await fetch("insert into scan_state (instance_id, due_at) select id, $1 from instance", NOW)
    who = Actor("person", uuid4())
    await delete_project(stage.organization_id, stage.project_id, now=later(minutes=1), actor=who)
    assert (await projects(stage.organization_id)).nodes == []
    assert (await groups(stage.organization_id, now=NOW)).nodes == []
    assert await count(stage.organization_id, now=NOW) == 0
    assert await alive(stage) == 0
    assert not {stage.shop.id, stage.warehouse.id} & set(await due(later(minutes=2), 10))
    assert [shown.id for shown in (await groups(others.organization_id, now=NOW)).nodes] == [theirs]
    [note] = await fetch("select kind, actor_id, subject_id, subject_name from audit_entry")
    assert tuple(note) == ("PROJECT_DELETED", who.id, stage.project_id, "Odoo")
    with pytest.raises(NotFound):
        await recorded([sighting(stage.shop, "KeyError")])
    again = await create_project(stage.organization_id, NewProject("Odoo", "odoo"), now=NOW)
    assert [shown.id for shown in (await projects(stage.organization_id)).nodes] == [again]


async def test_what_is_not_theirs_or_gone_is_not_deleted() -> None:
    stage, others = await set_up(), await set_up()
    await seen(others.shop, "KeyError")
    gone = await create_project(stage.organization_id, NewProject("Gone"), now=NOW)
    await delete_project(stage.organization_id, gone, now=NOW)
    before = [tuple(row) for row in await fetch("select * from project order by id")], await alive(others)
    noted = await fetch("select from audit_entry")
    for project_id in (others.project_id, gone, uuid4()):
        with pytest.raises(NotFound):
            await delete_project(stage.organization_id, project_id, now=NOW)
    assert (
        [tuple(row) for row in await fetch("select * from project order by id")],
        await alive(others),
    ) == before
    assert len(await fetch("select from audit_entry")) == len(noted)


async def test_very_many_errors_go_in_steps_and_the_job_takes_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deleting, "AT_ONCE", 2)
    monkeypatch.setattr(deleting, "CHUNKS", 2)
    stage, others = await set_up(), await set_up()
    await add_groups(stage, [uuid4() for _ in range(9)])
    await add_groups(others, [uuid4() for _ in range(2)])
    await delete_project(stage.organization_id, stage.project_id, now=NOW)
    assert await alive(stage) == 10
    once = iter([True])
    assert await delete_rest(now=later(hours=1), goes_on=lambda: next(once, False)) == 2
    await asyncio.gather(*(delete_rest(now=later(hours=1)) for _ in range(3)))
    assert (await alive(stage), await alive(others)) == (0, 4)
    assert await delete_rest(now=later(hours=1)) == 0


async def test_what_a_recorder_had_begun_is_found_later() -> None:
    stage = await set_up()
    await delete_project(stage.organization_id, stage.project_id, now=NOW)
    await add_groups(stage, [uuid4()])
    assert await delete_rest(now=later(minutes=5)) == 1
    await add_groups(stage, [uuid4()])
    assert await delete_rest(now=later(minutes=11)) == 1
    [row] = await fetch("select emptied_at from project where id = $1", stage.project_id)
    assert row[0] == later(minutes=11)


async def test_two_delete_at_once_and_one_is_told_that_it_is_gone() -> None:
    stage = await set_up()
    batch = [sighting(stage.shop, f"Error{n}") for n in range(10)]
    await recorded(batch)

    async def delete() -> Any:
        return await delete_project(stage.organization_id, stage.project_id, now=NOW)

    done = await asyncio.gather(delete(), recorded(batch), delete(), recorded(batch), return_exceptions=True)
    assert [done[0], done[2]].count(None) == 1
    assert all(isinstance(one, NotFound) for one in (done[0], done[2]) if one is not None)
    assert not [
        one for one in (done[1], done[3]) if isinstance(one, Exception) and not isinstance(one, NotFound)
    ]
    await delete_rest(now=NOW)
    assert await alive(stage) == 0


async def test_a_deletion_that_dies_half_way_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleting, "AT_ONCE", 2)
    stage = await set_up()
    await add_groups(stage, [UUID(int=n) for n in range(1, 6)])
    original = fetch

    async def dying(sql: str, *values: object) -> Any:
        if sql.startswith("update error_group") and UUID(int=3) in values[0]:  # type: ignore[operator]
            raise OSError("the server is gone")
        return await original(sql, *values)

    monkeypatch.setattr(deleting, "fetch", dying)
    with pytest.raises(OSError, match="gone"):
        await delete_project(stage.organization_id, stage.project_id, now=NOW)
    assert await alive(stage) == 6, "two groups with their fingerprints are gone, and no half of a third"
    monkeypatch.setattr(deleting, "fetch", original)
    assert await delete_rest(now=NOW) == 3
    assert await alive(stage) == 0
