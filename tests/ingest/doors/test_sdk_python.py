"""Sentry's SDK for Python, as it is, pointed at an app's DSN: what it tells arrives, and is kept."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.ingest.doors.stage import App, Kept

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[3]


async def told(app: App, deed: str) -> tuple[list[Kept], list[str]]:
    """What is kept of what the shop tells, and the ids that it knows."""
    shop = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.ingest.doors.python_shop", app.dsn, deed),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await shop.communicate()
    assert shop.returncode == 0
    return await app.kept(), said.decode().split()


async def test_an_exception_arrives_with_its_chain_frames_tags_and_user(app: App) -> None:
    [kept], [event_id] = await told(app, "exception")
    assert kept.client_event_id == event_id == kept.tree["event_id"]
    assert (kept.format, kept.waits) == (2, True)
    values = kept.tree["exception"]["values"]
    assert [value["type"] for value in values] == ["ValueError", "RuntimeError"]
    assert values[1]["value"] == "the order cannot be read"
    assert values[1]["stacktrace"]["frames"][-1]["function"] == "exception"
    assert kept.tree["tags"] == {"tenant": "t7"}
    assert kept.tree["user"] == {"id": "u1"}
    assert (kept.tree["release"], kept.tree["environment"]) == ("shop@1.4.2", "production")
    assert kept.tree["breadcrumbs"]["values"][-1]["message"] == "select 1"


async def test_messages_of_every_level_arrive(app: App) -> None:
    kept, event_ids = await told(app, "messages")
    assert {one.tree["message"]: one.tree["level"] for one in kept} == {
        "this is info": "info",
        "this is error": "error",
    }
    assert {one.client_event_id for one in kept} == set(event_ids)


async def test_what_is_logged_as_an_error_arrives_with_what_was_logged_before(app: App) -> None:
    [kept], _ = await told(app, "logging")
    assert kept.tree["logger"] == "shop.orders"
    assert kept.tree["logentry"]["message"] == "order %s has no price"
    assert kept.tree["exception"]["values"][-1]["type"] == "KeyError"
    assert kept.tree["breadcrumbs"]["values"][-1]["message"] == "opening order 7"


async def test_an_asgi_app_that_fails_is_reported_with_its_request(app: App) -> None:
    """Its transactions and sessions are taken too, and dropped."""
    [kept], _ = await told(app, "asgi")
    assert kept.tree["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert kept.tree["request"]["url"] == "http://shop/orders/7"
    assert kept.tree["transaction"] == "/orders/{id}"
    assert (await app.tallies())["not_kept"] >= 2


async def test_what_a_user_says_is_kept_beside_the_error(app: App) -> None:
    kept, [event_id] = await told(app, "feedback")
    assert sorted(one.format for one in kept) == [2, 3]
    [report] = [one for one in kept if one.format == 3]
    assert report.tree["comments"] == "it broke"
    assert report.tree["event_id"] == event_id
