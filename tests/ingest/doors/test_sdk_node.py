"""Sentry's SDK for Node, as it is, pointed at an app's DSN. It is fetched from npm's registry, at the versions of the lock
file; where there is no Node or no registry these tests are left out, and say so.
"""

import asyncio
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.doors.stage import App

pytestmark = pytest.mark.anyio

SHOP = Path(__file__).with_name("node")
OLDEST_NODE = (20, 19)
AWAY = (
    "ENOTFOUND",
    "ECONNREFUSED",
    "ECONNRESET",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "ENETUNREACH",
    "ERR_SOCKET_TIMEOUT",
)
"""What npm says where the registry cannot be reached."""


@pytest.fixture(scope="module")
def shop() -> Iterator[Path]:
    """The shop, with all that it needs, in a folder of its own."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("left out: there is no node and npm")
    version = subprocess.check_output([node, "--version"], text=True).strip()
    if tuple(map(int, version.lstrip("v").split(".")[:2])) < OLDEST_NODE:
        pytest.skip(f"left out: the SDK needs Node 20.19 or newer, and this is {version}")
    folder = Path(tempfile.mkdtemp(prefix="snaglist-shop-"))
    try:
        for name in ("package.json", "package-lock.json", "shop.js"):
            shutil.copy(SHOP / name, folder)
        fetched = subprocess.run(
            [
                npm,
                "ci",
                "--prefer-offline",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--fetch-retries=1",
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if fetched.returncode and any(word in fetched.stderr for word in AWAY):
            pytest.skip("left out: npm's registry cannot be reached")
        assert fetched.returncode == 0, fetched.stderr
        yield folder
    finally:
        shutil.rmtree(folder)


async def run(shop: Path, app: App, deed: str) -> tuple[int | None, str]:
    """How the shop ended, and what it said."""
    running = await asyncio.create_subprocess_exec(
        *("node", "shop.js", app.dsn, deed),
        cwd=shop,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said, _ = await running.communicate()
    return running.returncode, said.decode()


async def test_an_exception_a_message_and_feedback_arrive(shop: Path, app: App) -> None:
    status, said = await run(shop, app, "exception")
    assert status == 0
    ids: dict[str, str] = json.loads(said)
    kept = {one.client_event_id: one for one in await app.kept()}
    assert set(kept) == set(ids.values())
    error: Any = kept[ids["error"]].tree
    values = error["exception"]["values"]
    assert {value["type"] for value in values} == {"TypeError", "Error"}
    assert {value["value"] for value in values} == {"order 7 has no price", "the checkout failed"}
    assert any(frame["function"] == "order" for frame in values[0]["stacktrace"]["frames"])
    assert error["tags"] == {"tenant": "t7"}
    assert error["user"]["id"] == "u1"
    assert (error["platform"], error["release"]) == ("node", "shop@1.4.2")
    assert kept[ids["message"]].tree["level"] == "warning"
    feedback = kept[ids["feedback"]]
    assert feedback.format == 3
    assert feedback.tree["contexts"]["feedback"]["message"] == "it broke"
    assert (await app.tallies())["not_kept"] >= 1  # the transaction


async def test_a_crash_arrives_before_the_process_ends(shop: Path, app: App) -> None:
    status, _ = await run(shop, app, "crash")
    assert status == 1
    [kept] = await app.kept()
    assert kept.tree["level"] == "fatal"
    assert kept.tree["exception"]["values"][-1]["mechanism"]["handled"] is False
