"""Apps are made, changed and deleted: as they are given, by several at once, and not at all where something is wrong."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.errors import BadInput, NotFound, Taken
from app.projects.create_app import NewApp, create_app
from app.projects.delete_app import delete_app
from app.projects.delete_project import delete_project
from app.projects.rotate_key import MOST_KEYS, rotate_key
from app.projects.update_app import AppChanges, update_app
from app.reading.apps import App, app, apps_by_id, keys
from app.tables.database import fetch
from tests.database import NOW
from tests.projects.stage import HALF, Stage, set_up
from tests.recording.stage import later

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

RULES = [{"exception_type": "ChunkLoad*"}, {"message": "ResizeObserver loop"}]


async def everything() -> dict[str, list[dict[str, Any]]]:
    """All that is stored about apps."""
    return {
        table: [dict(row) for row in await fetch(f"select * from {table} order by id")]  # noqa: S608  named here
        for table in ("app", "app_key", "audit_entry")
    }


async def audited() -> list[tuple[str, str, str]]:
    rows = await fetch("select kind, subject_name, detail from audit_entry order by id")
    return [tuple(row) for row in rows]


async def made(stage: Stage, **different: Any) -> UUID:
    wanted: dict[str, Any] = {"project_id": stage.project_id, "name": "Front end"} | different
    return await create_app(stage.organization_id, NewApp(**wanted), now=NOW)


async def shown(stage: Stage, app_id: UUID) -> App:
    found = await app(stage.organization_id, app_id)
    assert found
    return found


async def test_an_app_is_made_as_it_is_given_with_a_key_and_a_number() -> None:
    stage = await set_up()
    app_id = await made(
        stage,
        name=" Läden ",
        platform=" iOS 18 ",
        ignore_rules=RULES,
        sample_rate=0.25,
        quota_per_minute=600,
        in_app_include=["shop.", "shop.", "/srv/shop/"],
        in_app_exclude=["shop.vendor."],
    )
    other_id = await made(stage)
    found, other = await shown(stage, app_id), await shown(stage, other_id)
    assert (found.name, found.slug, found.platform, found.sample_rate) == ("Läden", "laden", "iOS 18", 0.25)
    assert (found.quota_per_minute, found.in_app_include) == (600, ["shop.", "/srv/shop/"])
    assert (found.in_app_exclude, len(found.ignore_rules)) == (["shop.vendor."], 2)
    assert (other.slug, other.platform, other.sample_rate, other.quota_per_minute) == (
        "front-end",
        "other",
        1,
        None,
    )
    assert found.number != other.number
    valid = await keys(stage.organization_id, [app_id, other_id], now=NOW)
    [[key], [other_key]] = valid[app_id], valid[other_id]
    assert re.fullmatch("[0-9a-f]{32}", key.key)
    assert key.key != other_key.key
    assert (key.created_at, key.expires_at) == (NOW, None)
    assert (await audited())[0] == (
        "APP_CREATED",
        "Läden",
        '{"slug": [null, "laden"], "platform": [null, "iOS 18"]}',
    )


async def test_of_many_of_one_name_each_gets_a_slug_of_its_own_and_one_key() -> None:
    stage = await set_up()
    found = await asyncio.gather(*(made(stage) for _ in range(6)))
    rows = await fetch("select slug from app order by slug")
    assert [row[0] for row in rows] == ["front-end", *(f"front-end-{number}" for number in range(2, 7))]
    assert [len(each) for each in (await keys(stage.organization_id, found, now=NOW)).values()] == [1] * 6
    done = await asyncio.gather(*(made(stage, slug="mine") for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Taken", "Taken", "UUID"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": HALF}, "name"),
    ({"slug": "Ä"}, "slug"),
    ({"platform": " "}, "platform"),
    ({"platform": "p" * 65}, "platform"),
    ({"platform": "a\0"}, "platform"),
    ({"sample_rate": 1.01}, "sampleRate"),
    ({"sample_rate": float("nan")}, "sampleRate"),
    ({"quota_per_minute": 0}, "quotaPerMinute"),
    ({"quota_per_minute": 2**40}, "quotaPerMinute"),
    ({"in_app_include": ["a"] * 101}, "inAppInclude"),
    ({"in_app_include": ["\0"]}, "inAppInclude"),
    ({"in_app_exclude": ["a" * 201]}, "inAppExclude"),
    ({"in_app_exclude": [HALF]}, "inAppExclude"),
    ({"in_app_exclude": [" "]}, "inAppExclude"),
    ({"ignore_rules": [{}]}, "ignoreRules.0"),
    ({"ignore_rules": [*RULES, {"exception_type": "\0"}]}, "ignoreRules.2.exceptionType"),
    ({"ignore_rules": RULES * 51}, "ignoreRules"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG, ids=[repr(wrong)[:40] for wrong, _ in WRONG])
async def test_what_nobody_can_have_is_refused_and_nothing_is_stored(
    wrong: dict[str, Any], field: str
) -> None:
    stage = await set_up()
    app_id = await made(stage, name="Other")
    before = await everything()
    with pytest.raises(BadInput) as refused:
        await made(stage, **wrong)
    assert refused.value.field == field
    with pytest.raises(BadInput) as refused:
        await update_app(stage.organization_id, app_id, AppChanges(**wrong), now=NOW)
    assert refused.value.field == field
    assert await everything() == before


async def test_changes_are_made_and_told_and_what_is_not_given_stays() -> None:
    stage = await set_up()
    app_id = await made(stage, quota_per_minute=5, ignore_rules=RULES)
    before = await everything()
    await update_app(stage.organization_id, app_id, AppChanges(), now=NOW)
    await update_app(stage.organization_id, app_id, AppChanges(name="Front end", sample_rate=1), now=NOW)
    assert await everything() == before
    changes = AppChanges(
        name="Back end",
        slug="back",
        platform="python",
        ignore_rules=RULES[1:],
        sample_rate=0,
        quota_per_minute=None,
        in_app_include=["shop"],
    )
    await update_app(stage.organization_id, app_id, changes, now=NOW)
    found = await shown(stage, app_id)
    assert (found.name, found.slug, found.platform, found.sample_rate) == ("Back end", "back", "python", 0)
    assert (found.quota_per_minute, found.in_app_include, len(found.ignore_rules)) == (None, ["shop"], 1)
    kind, name, detail = (await audited())[-1]
    assert (kind, name) == ("APP_UPDATED", "Back end")
    for told in ('"sampleRate": [1.0, 0', '"quotaPerMinute": [5, null]', '"slug": ["front-end", "back"]'):
        assert told in detail
    other_id = await made(stage, name="Other")
    with pytest.raises(Taken) as refused:
        await update_app(stage.organization_id, other_id, AppChanges(name="New", slug="back"), now=NOW)
    assert refused.value.field == "slug"
    assert (await shown(stage, other_id)).name == "Other"


async def test_a_deleted_app_has_no_keys_its_slug_is_free_and_it_is_named_still() -> None:
    stage = await set_up()
    app_id = await made(stage)
    done = await asyncio.gather(
        *(delete_app(stage.organization_id, app_id, now=later(hours=hour)) for hour in range(3)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "NotFound", "NotFound"]
    assert await app(stage.organization_id, app_id) is None
    named = await apps_by_id(stage.organization_id, [app_id], with_deleted=True)
    assert named[app_id].deleted_at is not None
    assert await keys(stage.organization_id, [app_id], now=NOW) == {app_id: []}
    assert [kind for kind, _, _ in await audited()] == ["APP_CREATED", "APP_DELETED"]
    assert (await shown(stage, await made(stage))).slug == "front-end"


@pytest.mark.parametrize("whose", ["nobody's", "another organization's", "of a deleted project", "deleted"])
async def test_an_app_that_is_not_there_cannot_be_touched(whose: str) -> None:
    stage = await set_up()
    app_id = await made(stage)
    organization_id = stage.organization_id
    if whose == "another organization's":
        [row] = await fetch("select organization_id from project where id = $1", stage.others_project_id)
        organization_id = row[0]
    elif whose == "of a deleted project":
        await delete_project(stage.organization_id, stage.project_id, now=NOW)
        with pytest.raises(NotFound):
            await made(stage)
    elif whose == "deleted":
        await delete_app(stage.organization_id, app_id, now=NOW)
    else:
        app_id = uuid4()
    before = await everything()
    for attempt in (
        update_app(organization_id, app_id, AppChanges(name="New"), now=NOW),
        delete_app(organization_id, app_id, now=NOW),
        rotate_key(organization_id, app_id, now=NOW),
    ):
        with pytest.raises(NotFound, match="there is no such app"):
            await attempt
    with pytest.raises(NotFound):
        await create_app(
            organization_id,
            NewApp(stage.others_project_id if whose != "another organization's" else stage.project_id, "New"),
            now=NOW,
        )
    assert await everything() == before
    assert await app(organization_id, app_id) is None


async def test_a_new_key_works_beside_the_old_one_until_the_grace_is_over() -> None:
    stage = await set_up()
    app_id = await made(stage)
    organization_id = stage.organization_id

    async def valid(**after: float) -> list[str]:
        return [each.key for each in (await keys(organization_id, [app_id], now=later(**after)))[app_id]]

    [first] = await valid()
    second = await rotate_key(organization_id, app_id, now=later(minutes=1))
    assert await valid(days=1) == [second, first]
    assert await valid(days=1, minutes=1) == [second]
    third = await rotate_key(organization_id, app_id, grace_seconds=172_800, now=later(hours=1))
    assert await valid(hours=2) == [third, second, first]
    assert await valid(hours=25) == [third, second]  # a longer grace gives the first no more time
    fourth = await rotate_key(organization_id, app_id, grace_seconds=0, now=later(hours=2))
    assert await valid(hours=2) == [fourth]
    assert (await audited())[-1] == ("APP_KEY_ROTATED", "Front end", '{"graceSeconds": [null, 0]}')
    for wrong in (-1, 2_592_001):
        with pytest.raises(BadInput) as refused:
            await rotate_key(organization_id, app_id, grace_seconds=wrong, now=later(hours=3))
        assert refused.value.field == "graceSeconds"
    assert await valid(hours=3) == [fourth]


async def test_so_many_keys_are_valid_and_no_more() -> None:
    stage = await set_up()
    app_id = await made(stage)

    async def rotated(grace: int = 60, **after: float) -> str:
        return await rotate_key(
            stage.organization_id, app_id, grace_seconds=grace, now=NOW + timedelta(**after)
        )

    done = await asyncio.gather(*(rotated() for _ in range(MOST_KEYS + 3)), return_exceptions=True)
    assert [type(one) for one in done].count(BadInput) == 4
    assert len(await fetch("select from app_key")) == MOST_KEYS
    assert await rotated(minutes=2)
    assert len(await fetch("select from app_key")) == 2  # those that ended are gone
    assert await rotated(0, minutes=2)
