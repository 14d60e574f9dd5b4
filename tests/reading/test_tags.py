"""Tags of errors: the most frequent values of each, added up over fingerprints; and feedback by the app's own ids."""

import pytest

from app.reading import tags as reading
from app.reading.feedback import MOST, feedback
from app.reading.tags import Tag, TagValue, tags
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.reading.stage import add_app, add_group, add_tag, delete, fingerprint_of, merge
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_the_most_frequent_values_come_first_and_merged_errors_are_added_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "MOST_VALUES", 2)
    monkeypatch.setattr(reading, "MOST_KEYS", 2)
    stage = await set_up()
    one, two, alone = [await add_group(stage) for _ in range(3)]
    for group_id, key, value in (
        *[(one, "browser", "Firefox")] * 2,
        (one, "browser", "Chrome"),
        (one, "browser", "Lynx"),
        *[(two, "browser", "Chrome")] * 2,
        (two, "plan", "pro"),
        (one, "zone", "left out"),
        (alone, "plan", "free"),
    ):
        await add_tag(await fingerprint_of(group_id), key, value)
    await merge(one, two)
    found = await tags(stage.organization_id, [one, two, alone])
    assert found == {
        one: [
            Tag("browser", (TagValue("Chrome", 3), TagValue("Firefox", 2))),
            Tag("plan", (TagValue("pro", 1),)),
        ],
        alone: [Tag("plan", (TagValue("free", 1),))],
    }
    assert await tags(stage.organization_id, [one], "zone") == {
        one: [Tag("zone", (TagValue("left out", 1),))]
    }
    assert await tags(stage.organization_id, [one], "\0") == {}
    assert await tags((await set_up()).organization_id, [one]) == {}
    await delete(alone)
    assert await tags(stage.organization_id, [alone]) == {}


async def test_feedback_is_found_by_the_apps_own_id_and_of_one_organization_only() -> None:
    stage, other = await set_up(), await set_up()
    app_id = await add_app(stage)
    for minutes in range(MOST + 1):
        await fetch(
            "insert into user_feedback values ($1, $2, $3, 'e-1', null, 'a@b.test', $4, $5)",
            *(uuid7(NOW), stage.organization_id, app_id, f"text {minutes}", later(minutes=-minutes)),
        )
    key, unknown = (app_id, "e-1"), (app_id, "e-2")
    found = await feedback(stage.organization_id, [key, unknown])
    assert list(found) == [key]
    assert [written.message for written in found[key]] == [f"text {MOST - place}" for place in range(MOST)]
    assert await feedback(other.organization_id, [key]) == {}
