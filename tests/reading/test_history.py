"""The history of a group: each step with who, when and why."""

from uuid import uuid4

import pytest

from app.reading.history import Step, count_steps, history, step
from app.tables.database import fetch
from tests.database import NOW
from tests.reading.stage import delete, seen
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_what_recording_changed_is_told_newest_first() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError", later(minutes=-2))
    await seen(stage.shop, "KeyError", later(minutes=-1), now=later(minutes=5))

    activated, opened = (await history(stage.organization_id, group_id)).nodes

    assert opened == Step(
        id=opened.id,
        group_id=group_id,
        kind="OPENED",
        at=NOW,
        actor_kind="system",
        actor_id=None,
        actor_name=None,
        status_before=None,
        status_after="NEW",
        reason=None,
        detail={"seen_at": later(minutes=-2).isoformat(), "origin_id": str(stage.shop.id)},
    )
    assert (activated.kind, activated.at) == ("ACTIVATED", later(minutes=5))
    assert (activated.status_before, activated.status_after) == ("NEW", "ACTIVE")
    assert await step(stage.organization_id, opened.id) == opened


async def test_people_have_reasons() -> None:
    stage = await set_up()
    group_id, actor_id = await seen(stage.shop, "KeyError"), uuid4()
    await fetch(
        """
        insert into group_change (organization_id, group_id, kind, at, actor_kind, actor_id, actor_name, reason, detail)
        values ($1, $2, 'MUTED', $3, 'person', $4, 'Ann', 'too loud', '[1]')
        """,
        stage.organization_id,
        group_id,
        NOW,
        actor_id,
    )
    muted = (await history(stage.organization_id, group_id)).nodes[0]
    assert (muted.actor_kind, muted.actor_id, muted.actor_name) == ("person", actor_id, "Ann")
    assert muted.reason == "too loud"
    assert (muted.status_before, muted.status_after) == (None, None)
    assert muted.detail == {}


@pytest.mark.parametrize("unknown", [0, -1, 2**63 - 1, 2**63, -(2**63) - 1, 10**40])
async def test_an_unknown_step_is_none(unknown: int) -> None:
    stage = await set_up()
    await seen(stage.shop, "KeyError")
    assert await step(stage.organization_id, unknown) is None


async def test_a_deleted_group_has_no_history() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    [opened] = (await history(stage.organization_id, group_id)).nodes
    await delete(group_id)
    assert (await history(stage.organization_id, group_id)).nodes == []
    assert await step(stage.organization_id, opened.id) is None


async def test_steps_are_counted_as_long_as_the_group_is_there() -> None:
    stage, strangers = await set_up(), await set_up()
    group_id = await seen(stage.shop, "KeyError", later(minutes=-2), later(minutes=-1))
    assert await count_steps(stage.organization_id, group_id) == 2
    assert await count_steps(strangers.organization_id, group_id) == 0
    await delete(group_id)
    assert await count_steps(stage.organization_id, group_id) == 0
