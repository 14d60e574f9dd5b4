"""Sentry's SDKs, as they are, pointed at the DSN of an app: what a front end can show of what they tell."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.doors.test_sdk_node import shop as node_shop
from tests.journeys.shop import Shop

pytestmark = pytest.mark.anyio
__all__ = ["node_shop"]

ROOT = Path(__file__).parents[2]
SHOWN = """
query ($id: ID!) { error(id: $id) {
  title message exceptionType kind module severity status isDev totalCount userCount app { name }
  tags { key values { value count } }
  occurrences(first: 1) { nodes {
    level release environment transaction message eventMessage logger traceback sdk serverName userId isClamped
    user { id } tags { key value } contexts feedback { name email message }
    breadcrumbs { category level message }
    request { method url query }
    exceptions { type message frames {
      path function module line inApp contextLine contextBefore contextAfter variables
    } }
  } }
} }
"""
RELEASED = [
    {"key": "environment", "values": [{"value": "production", "count": 1}]},
    {"key": "release", "values": [{"value": "shop@1.4.2", "count": 1}]},
]


async def shown(shop: Shop) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """The errors by their titles, each with its occurrence."""
    found = {}
    for error in await shop.errors():
        told = (await shop.ask(SHOWN, id=error["id"]))["error"]
        [occurrence] = told.pop("occurrences")["nodes"]
        found[told["title"]] = (told, occurrence)
    return found


async def sold(*command: str | Path, cwd: Path) -> None:
    """Have a shop do what it is told."""
    running = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    await running.wait()


async def test_python(shop: Shop) -> None:
    deeds = ("exception", "messages", "logging", "asgi", "feedback")
    program = (sys.executable, "-m", "tests.ingest.doors.python_shop", shop.app.dsn)
    await asyncio.gather(*(sold(*program, deed, cwd=ROOT) for deed in deeds))
    await shop.scan()
    errors = await shown(shop)
    assert set(errors) == {
        "RuntimeError: the order cannot be read",
        "this is error",
        "KeyError: 'price'",
        "ZeroDivisionError: division by zero",
        "lost",
    }

    group, one = errors["RuntimeError: the order cannot be read"]
    assert (group["kind"], group["severity"], group["module"]) == ("TRACEBACK", "CRITICAL", "python_shop.py")
    assert (group["userCount"], group["app"]) == (1, {"name": "Web"})
    assert group["tags"] == [*RELEASED, {"key": "tenant", "values": [{"value": "t7", "count": 1}]}]
    assert (one["release"], one["environment"], one["user"]) == ("shop@1.4.2", "production", {"id": "u1"})
    assert one["breadcrumbs"] == [{"category": "query", "level": None, "message": "select 1"}]
    assert [raised["type"] for raised in one["exceptions"]] == ["ValueError", "RuntimeError"]
    [frame] = one["exceptions"][0]["frames"]
    assert (frame["function"], frame["inApp"]) == ("exception", True)
    assert frame["contextLine"].strip() == 'int("seven")'
    assert (len(frame["contextBefore"]), len(frame["contextAfter"])) == (5, 5)
    assert one["traceback"].startswith("Traceback (most recent call last):\n")
    assert one["traceback"].endswith("\nRuntimeError: the order cannot be read")
    assert (one["sdk"].split()[0], one["isClamped"]) == ("sentry.python", False)
    assert (one["eventMessage"], one["logger"]) == (None, None)

    _, logged = errors["KeyError: 'price'"]
    assert (logged["message"], logged["eventMessage"]) == ("'price'", "order 7 has no price")
    assert (logged["logger"], logged["level"]) == ("shop.orders", "ERROR")
    assert logged["breadcrumbs"] == [
        {"category": "shop.orders", "level": "INFO", "message": "opening order 7"}
    ]

    _, page = errors["ZeroDivisionError: division by zero"]
    assert (page["transaction"], page["request"]) == (
        "/orders/{id}",
        {"method": "GET", "url": "http://shop/orders/7", "query": "page=2"},
    )
    [*foreign, own] = page["exceptions"][0]["frames"]
    assert (own["inApp"], {frame["inApp"] for frame in foreign}) == (True, {False})

    group, message = errors["this is error"]
    assert (group["kind"], message["message"], message["eventMessage"]) == ("MESSAGE", "this is error", None)
    assert errors["lost"][1]["feedback"] == [
        {"name": "Ann", "email": "ann@example.org", "message": "it broke"}
    ]


async def test_node(shop: Shop, node_shop: Path) -> None:
    await asyncio.gather(
        *(sold("node", "shop.js", shop.app.dsn, deed, cwd=node_shop) for deed in ("exception", "crash"))
    )
    await shop.scan()
    errors = [
        (told := (await shop.ask(SHOWN, id=error["id"]))["error"], told["occurrences"]["nodes"][0])
        for error in await shop.errors()
    ]
    assert {one["level"] for _, one in errors} == {"ERROR", "FATAL"}
    for group, one in errors:
        assert (group["title"], group["module"]) == ("Error: the checkout failed", "shop")
        assert [raised["type"] for raised in one["exceptions"]] == ["TypeError", "Error"]
        frames = one["exceptions"][0]["frames"]
        assert (frames[-1]["function"], frames[-1]["inApp"]) == ("order", True)
        assert frames[-1]["contextLine"].strip() == "throw new TypeError(`order ${id} has no price`);"
        libraries = [frame for frame in frames if not frame["path"].endswith("/shop.js")]
        assert libraries
        assert not any(frame["inApp"] for frame in libraries)
        assert (one["release"], one["environment"]) == ("shop@1.4.2", "production")
        assert one["contexts"]["runtime"]["name"] == "node"
        assert "\nCaused by: TypeError: order 7 has no price\n    at order (" in one["traceback"]
    [caught] = [one for _, one in errors if one["level"] == "ERROR"]
    assert (caught["user"], caught["tags"]) == ({"id": "u1"}, [{"key": "tenant", "value": "t7"}])
    assert [written["message"] for written in caught["feedback"]] == ["it broke"]
