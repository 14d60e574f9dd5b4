"""Issues that somebody asks for, and those that are to be tried again."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.errors import BadInput, NotFound
from app.github.asking.ask_for_issue import ask_for_issue
from app.github.asking.retry_issue import retry_issue
from app.recording.issue_wishes import wish
from app.tables.database import fetch, transaction
from app.triage.choose import Refused
from tests.database import NOW
from tests.github.stage import actions, connected, issue, issue_of
from tests.reading.stage import change, delete, merge, seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

SOON = later(minutes=5)
CREATE: tuple[str, dict[str, Any]] = ("create", {})


async def row_of(group_id: UUID) -> dict[str, Any]:
    row = await issue_of(group_id)
    assert row
    return row


async def everything() -> list[list[dict[str, Any]]]:
    """All that asking could change."""
    tables = {"github_connection": "project_id", "github_issue": "group_id", "github_action": "id"}
    return [
        [dict(row) for row in await fetch(f"select * from {table} order by {key}")]  # noqa: S608  named above
        for table, key in tables.items()
    ]


async def errors(stage: Stage, *names: str) -> list[UUID]:
    """Groups without issues, of a project that has a repository from then on."""
    group_ids = [await seen(stage.shop, name) for name in names]
    await connected(stage, threshold=1000, daily_cap=0)
    return group_ids


async def test_whoever_asks_gets_an_issue_whatever_the_threshold() -> None:
    stage = await set_up()
    plain, muted, dev, resolved, silenced = await errors(stage, *"ABCDE")
    await change(muted, muted_at=NOW)
    await change(dev, is_dev=True)
    await change(resolved, status="RESOLVED", resolved_at=NOW)
    await change(silenced, status="SILENCED")
    asked = [silenced, plain, muted, dev, resolved, plain]
    await ask_for_issue(stage.organization_id, asked, now=SOON)
    for group_id in (plain, muted, dev):
        assert await actions(group_id) == [CREATE]
    assert await actions(resolved) == [
        CREATE,
        ("state", {"state": "closed", "state_reason": "completed"}),
    ]
    assert await actions(silenced) == [
        CREATE,
        ("state", {"state": "closed", "state_reason": "not_planned"}),
    ]
    row = await row_of(resolved)
    [newest] = await fetch("select max(id) from group_change where group_id = $1", resolved)
    assert (row["is_on_demand"], row["sync_status"], row["next_attempt_at"]) == (True, "waiting", SOON)
    assert (row["organization_id"], row["project_id"]) == (stage.organization_id, stage.project_id)
    assert row["followed_change_id"] == newest[0]
    [create] = await fetch("select marker from github_action where group_id = $1", plain)
    assert create["marker"] == (await row_of(plain))["marker"]
    before = await everything()
    await ask_for_issue(stage.organization_id, asked, now=SOON)
    assert await everything() == before


async def test_what_there_is_already_is_hastened_or_kept_and_what_is_lost_is_replaced() -> None:
    stage = await set_up()
    capped, late, failed, made, lost, busy = await errors(stage, *"ABCDEF")
    await issue(capped, None, sync_status="capped", next_attempt_at=later(hours=14), sync_error="enough")
    await issue(late, None, next_attempt_at=later(hours=1), attempts=5)
    await issue(failed, 3, sync_status="failed", next_attempt_at=later(hours=6), sync_error="no", attempts=8)
    await issue(made, 4)
    await issue(busy, 6, sync_status="waiting", next_attempt_at=later(hours=1))
    marker = await issue(lost, 5, sync_status="detached", sync_error="deleted")
    kept = [await row_of(made), await row_of(busy)]
    await ask_for_issue(stage.organization_id, [capped, late, failed, made, lost, busy], now=SOON)
    for group_id, is_on_demand in ((capped, True), (late, True), (failed, False)):
        row = await row_of(group_id)
        assert (row["sync_status"], row["sync_error"], row["attempts"]) == ("waiting", None, 0)
        assert (row["is_on_demand"], row["next_attempt_at"]) == (is_on_demand, SOON)
    assert [await row_of(made), await row_of(busy)] == kept
    new = await row_of(lost)
    assert (new["number"], new["url"], new["sync_status"], new["created_at"]) == (None, None, "waiting", SOON)
    assert new["marker"] != marker
    assert await actions(lost) == [CREATE]


async def test_what_was_merged_away_stands_for_its_survivor() -> None:
    stage = await set_up()
    survivor, merged = await errors(stage, "A", "B")
    await merge(survivor, merged)
    await ask_for_issue(stage.organization_id, [merged], now=NOW)
    assert await issue_of(merged) is None
    assert (await row_of(survivor))["is_on_demand"] is True


async def test_no_issue_is_asked_for_where_there_is_no_repository() -> None:
    stage, other, strangers = await set_up(), await set_up(), await set_up()
    [here] = await errors(stage, "A")
    move = "update project set organization_id = $2, slug = 'other' where id = $1"
    await fetch(move, other.project_id, stage.organization_id)
    without = await seen(other.shop, "A")
    await fetch("update error_group set organization_id = $2 where id = $1", without, stage.organization_id)
    [theirs] = await errors(strangers, "A")
    gone = await seen(stage.warehouse, "gone")
    for table in ("github_action", "github_issue"):
        await fetch(f"delete from {table}")  # noqa: S608  named above
    await delete(gone)
    before = await everything()
    with pytest.raises(Refused) as refused:
        await ask_for_issue(stage.organization_id, [here, without], now=NOW)
    [failure] = refused.value.failures
    assert (type(failure), failure.field) == (BadInput, "ids.1")
    for missing in (theirs, gone, uuid4()):
        with pytest.raises(Refused) as refused:
            await ask_for_issue(stage.organization_id, [here, missing], now=NOW)
        assert [(type(each), each.field) for each in refused.value.failures] == [(NotFound, "ids.1")]
    with pytest.raises(BadInput):
        await ask_for_issue(stage.organization_id, [], now=NOW)
    with pytest.raises(BadInput):
        await retry_issue(stage.organization_id, [uuid4() for _ in range(101)], now=NOW)
    assert await everything() == before


async def test_asked_for_many_times_at_once_there_is_one() -> None:
    stage = await set_up()
    group_ids = await errors(stage, *"ABC")
    await fetch("update project set github_threshold = 1")

    async def wished() -> None:
        async with transaction():
            await wish(group_ids, now=NOW)

    await asyncio.gather(
        *(ask_for_issue(stage.organization_id, group_ids[:: (-1) ** turn], now=NOW) for turn in range(4)),
        *(wished() for _ in range(3)),
    )
    for group_id in group_ids:
        assert await actions(group_id) == [CREATE]
        assert (await row_of(group_id))["is_on_demand"] is True


async def test_tried_again_at_once_but_not_beyond_the_cap() -> None:
    stage = await set_up()
    failed, late, capped, made = await errors(stage, *"ABCD")
    await issue(failed, 1, sync_status="failed", next_attempt_at=later(hours=6), sync_error="no", attempts=8)
    await issue(late, None, next_attempt_at=later(hours=1), attempts=5)
    await issue(capped, None, sync_status="capped", next_attempt_at=later(hours=14))
    await issue(made, 4)
    await fetch("update github_connection set problem = 'no', retry_at = $1, attempts = 4", later(hours=3))
    kept = [await row_of(capped), await row_of(made)]
    await retry_issue(stage.organization_id, [failed, late, capped, made], now=SOON)
    for group_id in (failed, late):
        row = await row_of(group_id)
        assert (row["sync_status"], row["sync_error"], row["attempts"]) == ("waiting", None, 0)
        assert (row["is_on_demand"], row["next_attempt_at"]) == (False, SOON)
    assert [await row_of(capped), await row_of(made)] == kept
    [connection] = await fetch("select problem, retry_at from github_connection")
    assert tuple(connection) == ("no", SOON)


async def test_what_has_no_issue_cannot_be_tried_again() -> None:
    stage = await set_up()
    failed, none, lost = await errors(stage, *"ABC")
    await issue(failed, 1, sync_status="failed", next_attempt_at=later(hours=6))
    await issue(lost, 2, sync_status="detached")
    await fetch("update github_connection set problem = 'no', retry_at = $1", later(hours=3))
    before = await everything()
    with pytest.raises(Refused) as refused:
        await retry_issue(stage.organization_id, [failed, lost, none], now=NOW)
    assert [each.field for each in refused.value.failures] == ["ids.1", "ids.2"]
    stranger = await set_up()
    with pytest.raises(Refused):
        await retry_issue(stranger.organization_id, [failed], now=NOW)
    assert await everything() == before
