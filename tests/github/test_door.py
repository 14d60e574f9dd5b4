"""The door for GitHub's webhooks: what it takes, and what it refuses."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest

from app import github_door
from app.errors import Unauthenticated
from app.github.hearing import webhook
from app.github.hearing.webhook import Delivery, Taken, take
from app.github_door import LARGEST, PATH
from app.tables.database import fetch
from tests.database import NOW
from tests.github.stage import issue
from tests.github.webhooks import (
    INSTALLATION,
    KEY,
    an_issue,
    door,
    headers,
    issue_comment,
    issues,
    listening,
    repository,
    sent,
    signed,
    stored,
    told,
    user,
)
from tests.reading.stage import seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def connected() -> Stage:
    """A project with a repository and an error with the issue 1."""
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    await listening(stage)
    await issue(group_id)
    return stage


async def test_a_delivery_is_stored_once_and_only_what_matters() -> None:
    stage = await connected()
    payload = issues("closed", body="a text that nobody needs here")
    async with door() as github:
        first = await sent(github, "issues", payload, delivery_id="72d3162e-cc78-11e3-81ab-4c9367dc0958")
        again = await sent(github, "issues", payload, delivery_id="72d3162e-cc78-11e3-81ab-4c9367dc0958")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json() == {"delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958"}
    [row] = await stored()
    assert (row["project_id"], row["event"], row["handled_at"]) == (stage.project_id, "issues", None)
    assert "nobody needs" not in row["payload"]
    assert json.loads(row["payload"])["issue"]["state_reason"] == "completed"


DEEP = b'{"repository":{"id":77},"x":' + b"[" * 200_000
CLOSED = json.dumps(issues("closed")).encode()
REFUSALS: dict[str, tuple[bytes, dict[str, str | None], int]] = {
    "no event": (CLOSED, {"X-GitHub-Event": None}, 400),
    "an event that is none": (CLOSED, {"X-GitHub-Event": "issues; drop"}, 400),
    "no delivery": (CLOSED, {"X-GitHub-Delivery": None}, 400),
    "a long delivery": (CLOSED, {"X-GitHub-Delivery": "x" * 101}, 400),
    "a delivery that is none": (CLOSED, {"X-GitHub-Delivery": "é"}, 400),
    "no signature": (CLOSED, {"X-Hub-Signature-256": None}, 401),
    "neither signature": (CLOSED, {"X-Hub-Signature-256": None, "X-Hub-Signature": None}, 401),
    "sha1 in its place": (CLOSED, {"X-Hub-Signature-256": "sha1=" + "0" * 40}, 401),
    "a signature without its kind": (CLOSED, {"X-Hub-Signature-256": signed(CLOSED)[7:]}, 401),
    "not ASCII": (CLOSED, {"X-Hub-Signature-256": "sha256=" + "é" * 64}, 401),
    "digits that are not ASCII": (CLOSED, {"X-Hub-Signature-256": "sha256=" + "٣" * 64}, 401),
    "a wrong signature": (CLOSED, {"X-Hub-Signature-256": "sha256=" + "0" * 64}, 401),
    "with another secret": (CLOSED, {"X-Hub-Signature-256": signed(CLOSED, "guessed")}, 401),
    "with no secret": (CLOSED, {"X-Hub-Signature-256": signed(CLOSED, "")}, 401),
    "tampered with": (CLOSED + b" ", {"X-Hub-Signature-256": signed(CLOSED)}, 401),
    "a form": (b"payload=%7B%7D", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "no type": (CLOSED, {"Content-Type": None}, 415),
    "compressed": (CLOSED, {"Content-Encoding": "gzip"}, 415),
    "too large": (b" " * (LARGEST + 1), {}, 413),
    "too large, it says": (CLOSED, {"Content-Length": "9" * 30}, 413),
    "empty": (b"", {}, 400),
    "no JSON": (b'{"repository": {"id": 77}', {}, 400),
    "no UTF-8": (b'{"repository": {"id": 77, "full_name": "\xff"}}', {}, 400),
    "a lone surrogate": (b'{"repository": {"id": 77, "full_name": "\\ud800"}}', {}, 400),
    "a list": (b"[]", {}, 400),
    "deep": (DEEP, {}, 400),
    "a huge number": (b'{"repository": {"id": 1e400}}', {}, 400),
    "a long number": (b'{"repository": {"id": ' + b"9" * 100_000 + b"}}", {}, 400),
    "a number above all ids": (b'{"repository": {"id": 9223372036854775808}}', {}, 400),
    "a text for a number": (b'{"repository": {"id": "77"}}', {}, 400),
    "about nothing": (b"{}", {}, 401),
    "about a stranger": (json.dumps({"repository": {"id": 78}}).encode(), {}, 401),
    "right, but no such event": (
        json.dumps({"action": "closed", "repository": {"id": 77}}).encode(),
        {},
        400,
    ),
    "right, but of year 0": (
        json.dumps(issues("closed", updated_at="0001-01-01T00:00:00+14:00")).encode(),
        {},
        400,
    ),
}


async def test_what_is_refused_leaves_nothing() -> None:
    await connected()
    async with door() as github:
        for name, (body, different, status) in REFUSALS.items():
            all_headers = headers("issues", body) | different
            encoded = [
                (key.encode(), value.encode()) for key, value in all_headers.items() if value is not None
            ]
            answer = await github.post(PATH, content=body, headers=encoded)
            assert answer.status_code == status, (name, answer.text)
            assert set(answer.json()) == {"code", "message"}, name
            assert await stored() == [], name


async def test_a_body_is_cut_off_where_it_becomes_too_large() -> None:
    sent_parts = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent_parts
        while True:
            sent_parts += 1
            yield b" " * 2**20

    async with door() as github:
        answer = await github.post(PATH, content=endless(), headers=headers("issues", b""))
    assert (answer.status_code, sent_parts) == (413, 6)


async def test_what_is_unknown_and_what_is_signed_wrongly_look_the_same() -> None:
    await connected()
    async with door() as github:
        wrong = await sent(github, "issues", issues("closed"), signed_with="guessed")
        unknown = await sent(github, "issues", issues("closed") | {"repository": repository(78)})
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
    assert {**wrong.headers} == {**unknown.headers}


async def test_a_stranger_waits_for_as_much_work(monkeypatch: pytest.MonkeyPatch) -> None:
    await connected()
    tried: list[int] = []
    checked = webhook._signed_with

    def counting(keys: list[bytes], body: bytes, signature: str) -> set[bytes]:
        tried.append(len(keys))
        return checked(keys, body, signature)

    monkeypatch.setattr(webhook, "_signed_with", counting)
    async with door() as github:
        await sent(github, "issues", issues("closed"), signed_with="guessed")
        await sent(github, "issues", issues("closed") | {"repository": repository(78)})
    assert tried == [1, 1]


async def test_pings_are_answered_and_nothing_else_is_kept() -> None:
    await connected()
    ping = {"zen": "Speak like a human.", "hook_id": 3, "hook": {"type": "App", "id": 3, "app_id": 5}}
    pulled = issues("closed", pull_request={"url": "https://api.github.com/repos/acme/odoo/pulls/1"})
    async with door() as github:
        assert (await sent(github, "ping", ping)).status_code == 200
        assert (await sent(github, "ping", ping, signed_with="guessed")).status_code == 401
        assert (await sent(github, "ping", {"repository": repository(), "hook": {}})).status_code == 200
        for event, payload in (
            ("push", {"repository": {"id": 77, "created_at": 1}, "commits": [{"id": "x"}]}),
            ("issues", issues("labeled")),
            ("issues", issues("closed", number=2)),  # of somebody else
            ("issues", pulled),
            ("issue_comment", issue_comment("created", number=2)),
            ("star", {"action": "created", "repository": repository()}),
        ):
            assert (await sent(github, event, payload)).status_code == 202, event
    assert await stored() == []


async def test_projects_that_share_a_repository_are_told_by_their_own_secrets() -> None:
    stages = [await set_up() for _ in range(3)]
    for stage, secret in zip(stages, ("first", "second", "first"), strict=True):
        group_id = await seen(stage.shop, "KeyError")
        await listening(stage, signed_with=secret)
        await issue(group_id)
    assert await told("issues", issues("closed"), signed_with="first") is Taken.STORED
    assert {row["project_id"] for row in await stored()} == {stages[0].project_id, stages[2].project_id}
    await fetch(
        "update github_connection set webhook_secret = 'damaged' where project_id = $1", stages[0].project_id
    )
    assert await told("issues", issues("closed"), signed_with="second") is Taken.STORED
    await fetch("update project set deleted_at = now() where id = $1", stages[1].project_id)
    async with door() as github:
        assert (await sent(github, "issues", issues("closed"), signed_with="second")).status_code == 401


async def test_no_organization_crowds_out_another_one_s_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a server of his own anybody may have a repository with any id."""
    strangers, own = await set_up(), await set_up()
    monkeypatch.setattr(webhook, "MOST_SECRETS", 2)
    monkeypatch.setattr(webhook, "MOST_CONNECTIONS", 3)
    for number in range(4):
        project_id = UUID(int=number + 1)  # before all others
        await fetch(
            "insert into project (id, organization_id, name, slug, created_at) values ($1, $2, $3, $3, $4)",
            project_id,
            strangers.organization_id,
            f"p{number}",
            NOW,
        )
        await listening(replace(strangers, project_id=project_id), signed_with=f"a secret {number // 2}")
    group_id = await seen(own.shop, "KeyError")
    await listening(own)
    await issue(group_id)
    assert await told("issues", issues("closed")) is Taken.STORED
    assert {row["project_id"] for row in await stored()} == {own.project_id}
    pinged = {"zen": "Design for failure.", "repository": repository()}
    assert await told("ping", pinged, signed_with="a secret 1") is Taken.PING  # the same secret counts once
    monkeypatch.setattr(webhook, "MOST_SECRETS", 1)
    with pytest.raises(Unauthenticated):
        await told("ping", pinged, signed_with="a secret 1")


async def test_comments_are_stored_only_where_they_are_wanted() -> None:
    stage = await connected()
    await fetch("update github_connection set comments_back = false")
    assert await told("issue_comment", issue_comment("created")) is Taken.PASSED_OVER
    await fetch("update github_connection set comments_back = true")
    assert await told("issue_comment", issue_comment("created", "é\0" * 40_000)) is Taken.STORED
    [row] = await stored()
    said = json.loads(row["payload"])["body"]
    assert (row["project_id"], len(said.encode()) <= 64 * 1024, said[:2]) == (
        stage.project_id,
        True,
        "é\ufffd",
    )


async def test_events_of_an_installation_reach_its_connections() -> None:
    stage, other = await connected(), await set_up()
    await listening(other, repository_id=78, repository="acme/other")
    event = {"action": "removed", "installation": {"id": INSTALLATION}, "sender": user("octocat")}
    listed = [repository(number, f"acme/r{number}") for number in range(78, 2000)]
    assert await told("installation_repositories", event | {"repositories_removed": listed}) is Taken.STORED
    [row] = await stored()
    assert (row["project_id"], json.loads(row["payload"])["repository_ids"]) == (other.project_id, [78])
    assert await told("installation", event | {"action": "suspend"}, now=later(seconds=1)) is Taken.STORED
    assert {row["project_id"] for row in (await stored())[1:]} == {stage.project_id, other.project_id}


async def test_where_the_database_is_away_github_is_asked_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(_delivery: Delivery, *, now: object) -> Taken:
        raise asyncpg.ConnectionDoesNotExistError("gone")

    monkeypatch.setattr(github_door, "take", away)
    async with door() as github:
        answer = await sent(github, "issues", issues("closed"))
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0


async def test_too_much_at_once_is_refused_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    await connected()
    monkeypatch.setattr(github_door, "ROOM", 1000)
    async with door() as github:
        full = await sent(github, "issues", issues("closed", body="x" * 1000))
        assert (full.status_code, "retry-after" in full.headers) == (503, True)
        monkeypatch.setattr(github_door, "ROOM", 100_000)
        for _ in range(3):
            assert (await sent(github, "issues", issues("closed", body="x" * 60_000))).status_code == 202


async def test_only_posts_are_taken() -> None:
    async with door() as github:
        assert (await github.get(PATH)).status_code == 405


async def test_the_same_delivery_at_the_same_time_is_stored_once() -> None:
    await connected()
    body = json.dumps({**issues("closed"), "issue": an_issue(state="closed")}).encode()
    delivery = Delivery(str(uuid4()), "issues", signed(body, KEY), body)
    taken = await asyncio.gather(*(take(delivery, now=NOW) for _ in range(2)))
    assert sorted(taken) == [Taken.KNOWN, Taken.STORED]
    assert len(await stored()) == 1
