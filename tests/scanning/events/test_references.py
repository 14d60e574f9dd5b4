"""What an app's events have in common is stored once: the scan makes a reference of what it read first."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.events.event import Format, Level
from app.ingest.keys import Keys
from app.ingest.writing import NewEvent, Request, Writer
from app.reading.payloads import payloads as stored_payloads
from app.recording import event_payloads
from app.scanning.events import keeping
from app.scanning.events.reading import REFERRED
from app.tables.database import fetch
from app.tables.payloads import pack
from app.tables.references import LEAST, SIZE
from tests.database import NOW
from tests.recording.stage import Stage
from tests.scanning.events.stage import aside, crash, put, scanned, with_app

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

FUNCTIONS = [f"step_{number}" for number in range(60)]
KEY = "a" * 32


async def made() -> list[tuple[UUID, bytes]]:
    """The references, the oldest first."""
    return [tuple(row) for row in await fetch("select app_id, content from payload_reference order by id")]


async def sent(stage: Stage, app_id: UUID, tree: dict[str, Any], **different: Any) -> UUID:
    """An event as the door keeps it, with the key of its app."""
    await fetch(
        "insert into app_key (id, app_id, key, created_at) values (gen_random_uuid(), $1, $2, $3) on conflict do nothing",
        *(app_id, KEY, NOW),
    )
    app = await Keys().find(KEY)
    packed = pack(json.dumps(tree).encode(), app.reference)
    writer = Writer()
    event = NewEvent(
        None, Format.OWN, packed, Level.ERROR, None, None, app.reference.id if app.reference else None
    )
    assert await writer.write([Request(app, [event])], now=NOW + timedelta(seconds=1)) == [()]
    await writer.close()
    [row] = await fetch("select id from event order by id desc limit 1")
    found: UUID = row["id"]
    return found


async def test_the_first_events_become_what_the_later_ones_are_packed_with() -> None:
    stage, app = await with_app()
    [first] = await put(app, crash(functions=FUNCTIONS))
    assert await scanned() == 1
    [(app_id, content)] = await made()
    assert app_id == app.id
    assert b"step_59" in content
    assert LEAST <= len(content) <= SIZE

    second = await sent(stage, app.id, crash("TypeError", functions=FUNCTIONS))
    sizes = await fetch("select octet_length(payload), reference_id from event order by id")
    assert [size for size, _ in sizes] == sorted([size for size, _ in sizes], reverse=True)
    assert sizes[1][0] < sizes[0][0] / 2
    assert [id_ is not None for _, id_ in sizes] == [False, True]

    assert await scanned() == 1
    assert await aside() == []
    assert len(await made()) == 1
    titles = await fetch("select title from error_group order by title")
    assert [row[0] for row in titles] == ["KeyError: 'partner_id'", "TypeError: 'partner_id'"]
    # Whoever reads the payload later finds it whole.
    details = await event_payloads.details([first, second])
    assert {len(detail.exceptions[0].frames) for detail in details.values()} == {60}
    async for some in stored_payloads(stage.organization_id, [second]):
        assert json.loads(some[0].unpacked())["exception"]["type"] == "TypeError"


async def test_a_reference_holds_no_secrets() -> None:
    _, app = await with_app()
    await put(
        app,
        crash(
            functions=FUNCTIONS,
            attributes={"password": "hunter2", "note": "api_key=sk_live_51Hxyz0123456789"},
        ),
    )
    await scanned()
    [(_, content)] = await made()
    assert b"hunter2" not in content
    assert b"sk_live" not in content


async def test_small_events_are_joined_and_too_little_is_no_reference() -> None:
    _, app = await with_app()
    await put(app, crash())
    await scanned()
    assert await made() == []
    await put(app, *(crash(f"Error{number}") for number in range(200)))
    await scanned()
    [(_, content)] = await made()
    assert len(content) == SIZE


async def test_an_app_gets_another_reference_after_a_week_and_a_scrubbed_payload_keeps_its_own() -> None:
    stage, app = await with_app()
    await put(app, crash(functions=FUNCTIONS))
    await scanned()
    secret = await sent(stage, app.id, crash(functions=FUNCTIONS, attributes={"password": "hunter2"}))
    await scanned()
    detail = (await event_payloads.details([secret]))[secret]
    assert "hunter2" not in str(detail)
    assert len(detail.exceptions[0].frames) == 60
    assert len(await made()) == 1

    later = NOW + REFERRED
    await put(app, crash("TypeError", functions=FUNCTIONS), received_at=later)
    await scanned(later)
    assert len(await made()) == 2


async def test_an_event_whose_reference_is_gone_is_set_aside_and_harms_no_other() -> None:
    stage, app = await with_app()
    await put(app, crash(functions=FUNCTIONS))
    await scanned()
    lost = await sent(stage, app.id, crash("TypeError", functions=FUNCTIONS))
    await fetch("update event set reference_id = -1 where id = $1", lost)
    await put(app, crash("ValueError"))
    await scanned()
    assert [event_id for event_id, _ in await aside()] == [lost]
    assert [row[0] for row in await fetch("select count(*) from error_group")] == [2]


async def test_nothing_of_a_batch_that_fails_is_a_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    _, app = await with_app()
    await put(app, crash(functions=FUNCTIONS))

    async def fail(*_: object) -> None:
        raise OSError("the connection is gone")

    monkeypatch.setattr(keeping, "tally", fail)
    with pytest.raises(OSError, match="gone"):
        await scanned()
    assert await made() == []
    assert timedelta(days=7) == REFERRED
