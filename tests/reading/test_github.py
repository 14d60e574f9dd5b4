"""What is read of GitHub: where issues stand, what holds them up, and which repositories projects have."""

from datetime import datetime
from uuid import UUID

import pytest

from app.reading.github import connections, issues
from app.tables.database import fetch
from tests.database import NOW
from tests.github.stage import connected, issue
from tests.reading.stage import seen
from tests.recording.stage import later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_an_issue_tells_what_holds_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    unmade, made, own, lost, none = [await seen(stage.shop, name) for name in "ABCDE"]
    key = await connected(stage, repository="acme/renamed")
    await issue(unmade, None, next_attempt_at=later(minutes=1))
    await issue(made, 2, state="closed")
    await issue(own, 3, sync_status="failed", sync_error="too long", next_attempt_at=later(hours=6))
    await issue(lost, 4, sync_status="detached", sync_error="deleted")
    asked = [unmade, made, own, lost, none]
    told: list[str] = []
    with noted_statements(monkeypatch, told):
        found = await issues(stage.organization_id, asked)
    assert len(told) == 1
    assert set(found) == {unmade, made, own, lost}

    async def held_up(group_id: UUID) -> tuple[str | None, datetime | None]:
        shown = (await issues(stage.organization_id, asked))[group_id]
        return shown.sync_error, shown.next_attempt_at

    assert (found[unmade].number, found[unmade].url, found[unmade].state) == (None, None, None)
    assert (found[made].number, found[made].state, found[made].sync_status) == (2, "closed", "synced")
    assert found[made].url == "https://github.com/acme/odoo/issues/2"
    assert [found[each].repository for each in (unmade, made, lost)] == [
        "acme/renamed",
        "acme/renamed",
        "acme/odoo",
    ]
    assert await held_up(unmade) == (None, later(minutes=1))
    await fetch("update github_connection set problem = 'it is archived', retry_at = $1", later(hours=1))
    assert await held_up(unmade) == ("it is archived", later(hours=1))
    await fetch("update github_installation set blocked_until = $2 where key = $1", key, later(hours=2))
    assert await held_up(unmade) == ("it is archived", later(hours=2))
    assert await held_up(own) == ("too long", later(hours=6))
    assert await held_up(made) == (None, None)
    assert await held_up(lost) == ("deleted", None)
    await fetch("delete from github_connection")
    left = await issues(stage.organization_id, asked)
    assert set(left) == {made, own, lost}
    assert left[made].repository == "acme/odoo"


async def test_a_project_tells_of_its_repository_and_how_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, other = await set_up(), await set_up()
    group_ids = [await seen(stage.shop, name) for name in "ABCD"]
    await connected(stage, login="ann", comments_back=True)
    await connected(other)
    await issue(group_ids[0], None, next_attempt_at=later(minutes=1))
    await issue(group_ids[1], None, sync_status="capped", next_attempt_at=later(hours=6))
    await issue(group_ids[2], 3, sync_status="failed", next_attempt_at=later(hours=6))
    await issue(group_ids[3], 4)
    told: list[str] = []
    with noted_statements(monkeypatch, told):
        found = await connections(stage.organization_id, [stage.project_id, other.project_id])
    assert len(told) == 1
    [shown] = found.values()
    assert (shown.project_id, shown.repository, shown.base_url) == (
        stage.project_id,
        "acme/odoo",
        "https://api.github.com",
    )
    assert (shown.kind, shown.app_id, shown.login, shown.comments_back) == ("token", None, "ann", True)
    assert (shown.waiting, shown.failed, shown.problem, shown.retry_at) == (2, 1, None, None)
    assert (shown.checked_at, shown.created_at) == (NOW, NOW)
