"""`snaglist project`: which there are, how often their digests are sent, and words where that cannot be."""

import re
from typing import Any

import pytest

from app.domain import global_ids
from app.tables.database import fetch
from tests.cli.test_instance import said_by
from tests.recording.stage import set_up

pytestmark = pytest.mark.anyio


@pytest.fixture
def servers(database: str, valkey: str) -> dict[str, str]:
    """What the command finds in its environment."""
    return {"DATABASE_URL": database, "REDIS_URL": valkey, "SNAGLIST_SECRET_KEY": "a key of tests alone"}


async def frequency() -> str:
    [row] = await fetch("select alert_frequency from project")
    return str(row[0])


async def test_projects_are_listed_and_their_digests_sent_more_or_less_often(servers: dict[str, str]) -> None:
    stage = await set_up()
    project_id = global_ids.encode("Project", stage.project_id)

    async def project(*arguments: str) -> Any:
        return await said_by("project", servers, *arguments)

    listed = (await project("list")).stdout.splitlines()
    assert [re.split("  +", line) for line in listed] == [
        ["PROJECT", "NAME", "DIGEST", "TIME ZONE", "ID"],
        ["odoo", "Odoo", "daily", "UTC", project_id],
    ]
    changed = await project("update", project_id, "--alert-frequency", "six-hourly")
    assert (changed.returncode, changed.stdout) == (0, "The digest of odoo is sent: six-hourly.\n")
    assert await frequency() == "SIX_HOURLY"
    changed = await project("update", "odoo", "--alert-frequency", "none")
    assert (changed.returncode, await frequency()) == (0, "NONE")
    [audited] = await fetch("select count(*) from audit_entry where kind = 'PROJECT_UPDATED'")
    assert audited[0] == 2


async def test_what_cannot_be_is_told_in_one_line_and_nothing_is_changed(servers: dict[str, str]) -> None:
    await set_up()
    for arguments, status, told in (
        (("odoo", "--alert-frequency", "yearly"), 2, "one of none, hourly, six-hourly, daily, weekly"),
        (("nobody", "--alert-frequency", "none"), 1, "there is no project nobody; `snaglist project list`"),
        (("odoo", "--alert-frequency", "none", "--organization", "x"), 1, "there is no such organization"),
    ):
        found = await said_by("project", servers, "update", *arguments)
        assert (found.returncode, found.stdout) == (status, "")
        assert re.fullmatch(f"snaglist: .*{re.escape(told)}.*\n", found.stderr)
    assert await frequency() == "DAILY"
