"""`snaglist app`: from nothing to an app that can send, with commands, and words where that cannot be."""

import re
from typing import Any

import pytest

from app.tables.database import fetch
from tests.cli.test_instance import said_by
from tests.recording.stage import set_up

pytestmark = pytest.mark.anyio


@pytest.fixture
def servers(database: str, valkey: str) -> dict[str, str]:
    """What the command finds in its environment."""
    return {
        "DATABASE_URL": database,
        "REDIS_URL": valkey,
        "SNAGLIST_SECRET_KEY": "a key of tests alone",
        "SNAGLIST_BASE_URL": "https://errors.example/snag/",
    }


async def test_an_app_is_made_listed_given_another_key_and_removed(servers: dict[str, str]) -> None:
    await set_up()

    async def app(*arguments: str) -> Any:
        return await said_by("app", servers, *arguments)

    made = await app("create", "odoo", "Shop front end", "--platform", "javascript")
    assert (made.returncode, made.stderr) == (0, "")
    [row] = await fetch(
        "select a.number, a.platform, k.key from app as a join app_key as k on k.app_id = a.id"
    )
    dsn = f"https://{row['key']}@errors.example/snag/{row['number']}"
    assert row["platform"] == "javascript"
    assert f"DSN  {dsn}\nkey  {row['key']}\n" in made.stdout
    assert "curl https://errors.example/snag/v1/ingest" in made.stdout
    assert f"Authorization: Bearer {row['key']}" in made.stdout

    rotated = await app("rotate-key", "shop-front-end", "--grace-seconds", "60")
    [key] = re.findall("key  ([0-9a-f]{32})", rotated.stdout)
    assert key != row["key"]
    listed = (await app("list")).stdout.splitlines()
    assert [re.split("  +", line) for line in listed] == [
        ["APP", "NAME", "PLATFORM", "KEYS", "DSN"],
        ["odoo/shop-front-end", "Shop front end", "javascript", "2", dsn.replace(row["key"], key)],
    ]
    removed = await app("remove", "odoo/shop-front-end", "--yes")
    assert (removed.returncode, removed.stdout) == (0, "Removed odoo/shop-front-end.\n")
    assert not await fetch("select from app where deleted_at is null")


async def test_what_cannot_be_is_told_in_one_line_and_nothing_is_stored(servers: dict[str, str]) -> None:
    await set_up()
    for arguments, status, told in (
        (("create", "odoo", "App", "--platform", "x" * 65), 2, "1 to 64 printable"),
        (("rotate-key", "app"), 1, "there is no app app; `snaglist app list` shows those that there are"),
    ):
        found = await said_by("app", servers, *arguments)
        assert (found.returncode, found.stdout) == (status, "")
        assert re.fullmatch(f"snaglist: .*{re.escape(told)}.*\n", found.stderr)
    assert not await fetch("select from app")
