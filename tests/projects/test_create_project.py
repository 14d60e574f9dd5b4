"""Projects are made once, with a slug of their own, and only in an organization that there is."""

import asyncio
from uuid import UUID, uuid4

import pytest

from app.errors import BadInput, NotFound, Taken
from app.projects.create_project import NewProject, create_project
from app.tables.database import fetch
from tests.database import NOW
from tests.projects.stage import HALF, everything, one, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def slugs_of(organization_id: UUID) -> set[str]:
    rows = await fetch("select slug from project where organization_id = $1", organization_id)
    return {row["slug"] for row in rows}


async def test_a_project_is_made_as_it_was_asked_for() -> None:
    stage = await set_up()
    wanted = NewProject(" Möbel ", slug="moebel", time_zone="Europe/Vienna")

    made = await create_project(stage.organization_id, wanted, now=NOW)

    row = await one("project", "id", made)
    assert (row["organization_id"], row["created_at"], row["deleted_at"]) == (
        stage.organization_id,
        NOW,
        None,
    )
    assert (row["name"], row["slug"], row["time_zone"]) == ("Möbel", "moebel", "Europe/Vienna")


async def test_without_a_slug_it_gets_the_next_free_one() -> None:
    stage = await set_up()

    for _ in range(3):
        await create_project(stage.organization_id, NewProject("Odoo"), now=NOW)

    assert await slugs_of(stage.organization_id) == {"odoo", "odoo-2", "odoo-3", "odoo-4"}


@pytest.mark.parametrize(
    "wanted",
    [NewProject(""), NewProject(HALF), NewProject("Odoo", slug="No"), NewProject("Odoo", time_zone="Mars")],
)
async def test_a_project_that_nobody_can_have_is_refused(wanted: NewProject) -> None:
    stage = await set_up()
    before = await everything()

    with pytest.raises(BadInput):
        await create_project(stage.organization_id, wanted, now=NOW)

    assert await everything() == before


async def test_a_slug_in_use_is_taken_in_its_organization_alone() -> None:
    stage = await set_up()
    before = await everything()

    with pytest.raises(Taken) as refused:
        await create_project(stage.organization_id, NewProject("Other", slug="odoo"), now=NOW)

    assert refused.value.field == "slug"
    assert await everything() == before
    await fetch("update project set deleted_at = $2 where id = $1", stage.project_id, NOW)
    await create_project(stage.organization_id, NewProject("Other", slug="odoo"), now=NOW)


async def test_an_unknown_organization_gets_none() -> None:
    await set_up()
    before = await everything()

    for slug in (None, "odoo"):
        with pytest.raises(NotFound):
            await create_project(uuid4(), NewProject("Odoo", slug=slug), now=NOW)

    assert await everything() == before


async def test_of_many_at_once_with_one_slug_one_gets_it() -> None:
    stage = await set_up()
    wanted = NewProject("New", slug="new")

    done = await asyncio.gather(
        *(create_project(stage.organization_id, wanted, now=NOW) for _ in range(8)), return_exceptions=True
    )

    assert sorted(type(result).__name__ for result in done) == ["Taken"] * 7 + ["UUID"]
    assert await slugs_of(stage.organization_id) == {"odoo", "new"}


async def test_many_at_once_with_one_name_are_numbered() -> None:
    stage = await set_up()

    await asyncio.gather(
        *(create_project(stage.organization_id, NewProject("New"), now=NOW) for _ in range(8))
    )

    numbered = {f"new-{number}" for number in range(2, 9)}
    assert await slugs_of(stage.organization_id) == {"odoo", "new"} | numbered
