"""What waits aside is shown without secrets, whatever it is."""

from typing import Any

import pytest

from app.domain.events.event import Format
from app.reading.ingest_problems import (
    EXCERPT,
    count_ingest_problems,
    excerpts,
    ingest_problem,
    ingest_problems,
)
from app.tables.database import fetch
from tests.reading.sent import add_event, add_problem
from tests.reading.stage import add_app
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

KEPT = "hunter2hunter"


async def test_those_that_wait_are_listed_and_no_others() -> None:
    stage, other = await set_up(), await set_up()
    app_id = await add_app(stage)
    first, second = [await add_problem(stage, app_id, {}, at=later(seconds=n)) for n in range(2)]
    others = await add_problem(other, await add_app(other), {})
    await add_event(stage, app_id, {})
    done = await add_problem(stage, app_id, {})
    await fetch("update inbox set problem = null where event_id = $1", done)
    assert [one.id for one in (await ingest_problems(stage.organization_id)).nodes] == [second, first]
    assert await count_ingest_problems(stage.organization_id) == 2
    assert await ingest_problem(stage.organization_id, others) is None
    assert await ingest_problem(stage.organization_id, done) is None
    found = await ingest_problem(stage.organization_id, first)
    assert found
    assert (found.app_id, found.attempts) == (app_id, 3)
    assert "nobody can read" in found.problem


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"message": "m", "extra": {"password": KEPT, "n": 1}}, '"n":1'),
        ({"message": "m", "attributes": {"shop_word": KEPT}}, '"message":"m"'),  # a name of the project's own
        (b'{"message": "m", "password": "' + KEPT.encode() + b'", broken', "broken"),
        (b'["a", {"password": "' + KEPT.encode() + b'"}]', '["a"'),
        (b"\xff\xfe\x00" + b"password=" + KEPT.encode(), "\ufffd"),
        (b"[" * 100_000 + b"1", "[[["),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, '{"a":{"a"'),
        (b'{"a": "\\ud800\\u0000"}', '{"a"'),
        ({"message": "m" * 1_000_000, "password": KEPT}, "mmm"),
        (b"", ""),
    ],
    ids=["secret", "named", "broken", "list", "bytes", "deep", "nested", "surrogate", "huge", "empty"],
)
async def test_an_excerpt_is_text_without_secrets_whatever_was_sent(sent: Any, shown: str) -> None:
    stage = await set_up()
    await fetch('update project set scrubbing = \'{"sensitive_keys": ["shop_word"]}\'')
    key = await add_problem(stage, await add_app(stage), sent)
    text = (await excerpts(stage.organization_id, [key]))[key]
    assert shown in text
    assert KEPT not in text
    assert len(text) <= EXCERPT
    assert "\0" not in text
    text.encode()


async def test_what_is_no_payload_or_not_theirs_has_no_excerpt_and_hides_no_other() -> None:
    stage, other = await set_up(), await set_up()
    app_id = await add_app(stage)
    broken, *good = [
        await add_problem(stage, app_id, {"message": f"m{n}"}, at=later(seconds=n)) for n in range(45)
    ]
    await fetch("update event set payload = 'nonsense' where id = $1", broken)
    others = await add_event(other, await add_app(other), {"message": "theirs"}, format_=Format.SENTRY)
    found = await excerpts(stage.organization_id, [broken, others, *good])
    assert found == {key: f'{{"message":"m{n}"}}' for n, key in enumerate(good, 1)}
