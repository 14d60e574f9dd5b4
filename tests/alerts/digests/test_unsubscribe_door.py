"""The door for those who want no more digests: by a button, or by one click of a mail program."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette

from app import unsubscribe_door as door
from app.alerts.digests.opting_out import link
from app.tables.database import fetch
from tests.alerts.digests.stage import keys, member
from tests.recording.stage import Stage, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=door.unsubscribe_door()))
    async with httpx.AsyncClient(transport=transport, base_url="http://snaglist") as client:
        with keys():
            yield client


async def staged() -> tuple[Stage, UUID, str]:
    """A member of a project with an evil name, and the path of their link."""
    stage = await set_up()
    await fetch("update project set name = '<script>alert(1)</script>'")
    ann = await member(stage.organization_id, "ann")
    return stage, ann, link(ann, stage.project_id).partition(":8000")[2]


async def rows() -> int:
    return len(await fetch("select from digest_opt_out"))


async def test_looking_changes_nothing_and_the_button_does_it(client: httpx.AsyncClient) -> None:
    _, _, path = await staged()
    for look in (client.get, client.head, client.get):
        shown = await look(path)
        assert shown.status_code == 200
    assert await rows() == 0
    assert '<form method="post"><button>' in shown.text, "to where it is"
    assert "&lt;script&gt;alert(1)" in shown.text
    assert "<script" not in shown.text
    for _ in range(2):
        done = await client.post(path)
        assert (done.status_code, "You are unsubscribed" in done.text) == (200, True)
        assert await rows() == 1
    assert "<form" not in (await client.get(path)).text


async def test_a_mail_program_does_it_by_one_click(client: httpx.AsyncClient) -> None:
    stage, ann, path = await staged()
    answer = await client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    [row] = await fetch("select membership_id, project_id from digest_opt_out")
    assert tuple(row) == (ann, stage.project_id)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_link_that_is_none_is_a_page_too(client: httpx.AsyncClient, method: str) -> None:
    stage, _, path = await staged()
    await fetch("update project set deleted_at = now() where id = $1", stage.project_id)
    for wrong in (
        "/unsubscribe",
        "/unsubscribe?token=",
        "/unsubscribe?token=%00%ff",
        path,
        f"{path}&token=x",
    ):
        answer = await client.request(method, wrong)
        assert answer.status_code == 404
        assert "This link does not work" in answer.text
    assert await rows() == 0


async def test_pages_may_load_nothing_and_are_kept_by_nobody(client: httpx.AsyncClient) -> None:
    _, _, path = await staged()
    for answer in (await client.get(path), await client.get("/unsubscribe"), await client.post(path)):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "form-action 'self'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert not re.search("src=|href=|url\\(", answer.text)


async def test_a_database_that_is_away_is_said(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, path = await staged()

    async def away(*_: Any, **__: Any) -> None:
        raise asyncpg.ConnectionDoesNotExistError("gone")

    monkeypatch.setattr(door, "opt_out", away)
    answer = await client.post(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert await rows() == 0
