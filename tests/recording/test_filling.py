"""Before an event goes, the occurrences that stay are told what it says; before that it is read from its payload."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.events.event import Level
from app.errors import BadInput
from app.reading.event_details import details
from app.reading.occurrences import Occurrence, occurrences
from app.recording import event_payloads, filling
from app.recording.details import pack
from app.recording.retention import retain
from app.recording.sightings import Detail, ShownException
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.reading.stage import add_app, add_group
from tests.recording.retained import add_event, add_shown, days_ago, wait_for
from tests.recording.stage import Stage, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

LITTLE = pack(Detail((ShownException("ValueError", "bad", ()),)))


def tree(number: int = 1) -> dict[str, Any]:
    """A payload of our own API with a secret that no scan has found."""
    return {
        "id": f"client-{number}",
        "message": f"event {number}",
        "level": "fatal",
        "platform": "python",
        "tags": {"plan": "pro"},
        "user_id": "u7",
        "attributes": {"cart": [1, 2], "password": "hunter2"},
        "exception": {
            "type": "ValueError",
            "value": "token=ghp_" + "a1B2" * 9,
            "stacktrace": {
                "frames": [
                    {
                        "filename": "shop/cart.py",
                        "function": "pay",
                        "module": "shop.cart",
                        "lineno": 12,
                        "colno": 5,
                        "context_line": "    charge(cart)",
                        "pre_context": ["def pay():"],
                        "post_context": ["    return True"],
                        "vars": {"cart": "7", "secret": "s3cret!"},
                        "in_app": True,
                    }
                ]
            },
        },
    }


async def scene(*, retention_days: int = 30) -> tuple[Stage, UUID, UUID]:
    stage = await set_up(retention_days=retention_days)
    return stage, await add_group(stage), await add_app(stage)


async def shown(stage: Stage, group_id: UUID) -> list[Occurrence]:
    return (await occurrences(stage.organization_id, group_id)).nodes


async def test_an_event_is_shown_from_its_payload_without_secrets() -> None:
    stage, _, app_id = await scene()
    event_id = await add_event(stage, app_id, NOW, tree())
    gone, damaged = uuid7(NOW), await add_event(stage, app_id, NOW, b"{", payload=b"no zstd")
    listed = await add_event(stage, app_id, NOW, b"[1]")

    found = await details(stage.organization_id, [gone, event_id, damaged, listed])

    assert list(found) == [event_id]
    told = found[event_id]
    assert told.event
    assert (told.event.level, told.event.message, told.event.client_event_id) == (
        Level.FATAL,
        "event 1",
        "client-1",
    )
    assert told.event.tags == (("plan", "pro"),)
    assert told.event.details.attributes["cart"] == [1, 2]
    [raised] = told.exceptions
    [frame] = raised.frames
    assert (frame.path, frame.line, frame.function, frame.module, frame.in_app) == (
        *("shop/cart.py", 12, "pay", "shop.cart"),
        True,
    )
    assert frame.around
    assert (frame.around.before, frame.around.after, frame.around.column) == (
        ("def pay():",),
        ("    return True",),
        5,
    )
    assert frame.around.variables
    assert frame.around.variables["cart"] == "7"
    for secret in ("hunter2", "ghp_", "s3cret"):
        assert secret not in repr(told)
    assert await details((await set_up()).organization_id, [event_id]) == {}, "of another organization"


async def test_payloads_are_read_in_portions_and_their_number_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, _, app_id = await scene()
    ids = [
        await add_event(stage, app_id, NOW + timedelta(seconds=number), tree(number)) for number in range(7)
    ]
    monkeypatch.setattr(event_payloads, "PORTION", 600)
    unknown = uuid7(NOW)
    found = await details(stage.organization_id, [*ids[:3], unknown, *ids[3:], unknown])
    assert {event_id: told.event and told.event.message for event_id, told in found.items()} == {
        event_id: f"event {number}" for number, event_id in enumerate(ids)
    }
    with pytest.raises(BadInput, match="ask for fewer"):
        await event_payloads.details(ids, stage.organization_id, 1000)


async def test_the_occurrences_that_stay_are_told_what_their_event_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filling, "AT_ONCE", 2)
    stage, group_id, app_id = await scene()
    events = [await add_event(stage, app_id, days_ago(50 - number), tree(number)) for number in range(5)]
    for number, event_id in enumerate(events):
        await add_shown(stage, group_id, app_id, days_ago(50 - number), event_id, detail=LITTLE)
    # Scanned so late that it stays although its event goes.
    late_event = await add_event(stage, app_id, days_ago(45), tree(7))
    late = await add_shown(stage, group_id, app_id, days_ago(20), late_event, detail=LITTLE)
    before = await details(stage.organization_id, [events[0], late_event])

    done = await retain(now=NOW)

    assert done.is_complete
    assert done.filled == 2
    assert await fetch("select from event") == []
    newest, oldest = await shown(stage, group_id)
    assert newest.id == late
    assert newest.detail == before[late_event]
    assert oldest.detail == before[events[0]]
    assert oldest.detail.event
    assert oldest.detail.event.client_event_id == "client-0"


async def test_what_is_told_stays_where_a_run_is_cut_off_and_damaged_events_tell_nothing() -> None:
    stage, group_id, app_id = await scene()
    for days, text in ((50, tree(1)), (40, b"{")):
        event_id = await add_event(stage, app_id, days_ago(days), text)
        await add_shown(stage, group_id, app_id, days_ago(days), event_id, detail=LITTLE)
    steps = iter(range(1000))
    for allowed in range(1, 60):
        steps = iter(range(allowed))
        if (await retain(now=NOW, goes_on=lambda: next(steps, None) is not None)).is_complete:  # noqa: B023
            break
        for each in await shown(stage, group_id):
            has_event = await details(stage.organization_id, [each.event_id]) if each.event_id else {}
            assert has_event or each.detail.event or each.occurred_at == days_ago(40)
    newest, oldest = await shown(stage, group_id)
    assert newest.detail == Detail((ShownException("ValueError", "bad", ()),))
    assert oldest.detail.event
    assert allowed > 4


async def test_of_a_project_that_keeps_less_the_occurrences_are_told_too() -> None:
    await set_up(retention_days=100)
    stage, group_id, app_id = await scene(retention_days=10)
    event_id = await add_event(stage, app_id, days_ago(20), tree())
    await add_shown(stage, group_id, app_id, days_ago(20), event_id, detail=LITTLE)
    waiting = await add_event(stage, app_id, days_ago(20), tree(2))
    await wait_for(waiting, days_ago(20), app_id, stage, None)
    assert (await retain(now=NOW)).filled == 1
    [kept] = await shown(stage, group_id)
    assert kept.detail.event
    assert [row["id"] for row in await fetch("select id from event")] == [waiting]
    [place] = await fetch("select (select count(*) from occurrence), (select count(*) from kept_occurrence)")
    assert tuple(place) == (0, 1)
