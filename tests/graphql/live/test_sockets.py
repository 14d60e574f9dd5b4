"""The protocol graphql-transport-ws: who breaks it is closed with its codes, and nobody harms anybody else."""

import asyncio
import json
from datetime import UTC, datetime
from time import time
from typing import Any

import pytest

from app.accounts import tokens
from app.accounts.sessions import make_session
from app.graphql.live import checks, mailboxes, outgoing, places, sockets
from app.tables.database import fetch
from tests.graphql.live.stage import CHANGED, OPENED, connected, happen, secret_of, serving, token
from tests.graphql.stage import joined
from tests.recording.stage import Stage, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database", "valkey")]

INIT: dict[str, Any] = {"type": "connection_init"}
ASK: dict[str, Any] = {"type": "subscribe", "id": "1", "payload": {"query": OPENED}}


async def stage_and_secret() -> tuple[Stage, str]:
    stage = await set_up()
    return stage, await secret_of(stage.organization_id)


async def test_who_breaks_the_protocol_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    _, secret = await stage_and_secret()
    signed = {"type": "connection_init", "payload": {"Authorization": f"Bearer {secret}"}}
    broken: list[tuple[list[Any], int]] = [
        (["no json"], 4400),
        ([b"bytes"], 4400),
        ([[]], 4400),
        ([{"id": "1"}], 4400),
        ([INIT | {"payload": [1]}], 4400),
        ([INIT | {"payload": {"authorization": 7}}], 4400),
        ([INIT], 4401),
        ([INIT | {"payload": None}], 4401),
        ([INIT | {"payload": {"authorization": "Bearer snag_made_up"}}], 4401),
        ([INIT | {"payload": {"authorization": "Bearer \u20ac\n"}}], 4401),
        ([INIT | {"payload": {"authorization": "Basic abc"}}], 4401),
        ([INIT | {"payload": {"authorization": "x" * 20_000}}], 4400),
        ([ASK], 4401),
        ([signed, signed], 4429),
        ([signed, {"type": "next"}], 4400),
        ([signed, {"type": "complete"}], 4400),
        ([signed, ASK | {"id": ""}], 4400),
        ([signed, ASK | {"id": "x" * 201}], 4400),
        ([signed, {"type": "subscribe", "id": "1"}], 4400),
        ([signed, ASK, ASK], 4409),
        (["[" * 100_000], 4400),
        (['{"type": "\\ud800"}'], 4400),
    ]
    async with serving() as app:
        for said, code in broken:
            async with connected(app) as client:
                for message in said:
                    if isinstance(message, bytes):
                        await client.sent.put({"type": "websocket.receive", "bytes": message})
                    else:
                        text = message if isinstance(message, str) else json.dumps(message)
                        await client.sent.put({"type": "websocket.receive", "text": text})
                if said[0] == signed:
                    assert await client.hear() == {"type": "connection_ack"}
                assert await client.code() == code, said
        async with connected(app, protocols=[]) as client:
            assert await client.code() == 4406
        foreign = [(b"cookie", b"snaglist_session=x"), (b"origin", b"http://evil.test")]
        async with connected(app, headers=foreign) as client:
            await client.say("connection_init")
            assert await client.code() == 4403
        monkeypatch.setattr(sockets, "PATIENCE", 0.02)
        async with connected(app) as client:
            await client.say("ping")
            assert await client.hear() == {"type": "pong"}
            assert await client.code() == 4408


async def test_what_a_query_would_be_refused_for_does_not_begin_and_harms_no_other() -> None:
    stage, secret = await stage_and_secret()
    nested = "mergedGroups { " * 12 + "id" + " }" * 12
    wide = "subscription { errorChanged { error { " + " ".join(
        f"a{n}: occurrences(first: 100) {{ nodes {{ sessionEvents(first: 100) {{ nodes {{ id }} }} }} }}"
        for n in range(5)
    )
    refused = {
        "{ viewer { name } }": "BAD_USER_INPUT",
        "subscription { nothing }": "BAD_USER_INPUT",
        "subscription {": "BAD_USER_INPUT",
        "subscription { errorOpened { error { " + nested + " } } }": "BAD_USER_INPUT",
        "subscription { errorOpened { cursor } errorChanged { cursor } }": "BAD_USER_INPUT",
        wide + " } } }": "COST_EXCEEDED",
        'subscription { errorOpened(filter: {search: "' + "x" * 1001 + '"}) { cursor } }': "BAD_USER_INPUT",
        "subscription A { errorOpened { cursor } } subscription B { errorOpened { cursor } }": "BAD_USER_INPUT",
    }
    async with serving() as app, connected(app, secret) as client:
        await client.listen(OPENED, "well")
        for number, (document, code) in enumerate(refused.items()):
            await client.say("subscribe", id=f"{number}", payload={"query": document})
            message = await client.hear()
            assert (message["type"], message["id"]) == ("error", f"{number}"), document
            assert [error["extensions"]["code"] for error in message["payload"]] == [code], message
        bad: list[Any] = [{"query": ""}, {"query": 1}, [], {"query": OPENED, "variables": {"after": "\0"}}]
        for payload in bad:
            await client.say("subscribe", id="bad", payload=payload)
            message = await client.hear()
            assert (message["type"], message["id"]) == ("error", "bad")
        await happen(stage.shop, "KeyError")
        assert (await client.told("well"))["error"]
        for number in range(60):
            await client.say("subscribe", id=f"many {number}", payload={"query": OPENED})
        heard = [await client.hear() for _ in range(60)]
        assert sum(message["type"] == "error" for message in heard) == 11
        assert {m["payload"][0]["extensions"]["code"] for m in heard if m["type"] == "error"} == {
            "RATE_LIMITED"
        }


async def test_what_is_completed_is_told_no_more_and_its_id_is_free_again() -> None:
    stage, secret = await stage_and_secret()
    async with serving() as app, connected(app, secret) as client:
        await client.listen(OPENED, "1")
        await client.say("complete", id="1")
        await client.say("complete", id="never begun")
        await client.listen(CHANGED, "1")
        await happen(stage.shop, "KeyError")
        assert "changes" in await client.told("1")
        await asyncio.sleep(0.1)
        assert client.heard.empty()


async def test_whoever_may_not_listen_any_more_is_ended_within_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "EVERY", 0.05)
    spoilers = {
        "update access_token set revoked_at = now() where id = $1": ("UNAUTHENTICATED", 4401),
        "update access_token set expires_at = '2020-01-01' where id = $1": ("UNAUTHENTICATED", 4401),
        "update person set disabled_at = now() where id = (select person_id from access_token where id = $1)": (
            "UNAUTHENTICATED",
            4401,
        ),
        "delete from membership where person_id = (select person_id from access_token where id = $1)": (
            "UNAUTHENTICATED",
            4401,
        ),
        "update access_token set scopes = '{ingest}' where id = $1": ("FORBIDDEN", 4403),
        "update access_token set role = 'viewer' where id = $1": (None, 1012),
    }
    stage = await set_up()
    async with serving() as app:
        stays = await secret_of(stage.organization_id)
        async with connected(app, stays) as other:
            await other.listen(OPENED)
            for spoil, (error, code) in spoilers.items():
                secret = await token(await joined(stage.organization_id))
                token_id = await fetch("select id from access_token where digest = $1", tokens.digest(secret))
                async with connected(app, secret) as client:
                    await client.listen(OPENED)
                    await fetch(spoil, token_id[0][0])
                    if error is not None:
                        message = await client.hear()
                        assert (message["type"], message["id"]) == ("error", "1")
                        assert message["payload"][0]["extensions"]["code"] == error
                    assert await client.code() == code, spoil
            await happen(stage.shop, "KeyError")
            assert (await other.told())["error"]


async def test_who_may_not_listen_any_more_is_heard_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "EVERY", 0.05)
    monkeypatch.setattr(outgoing, "LAST_WORDS", 5.0)
    _, secret = await stage_and_secret()
    async with serving() as app, connected(app, secret) as client:
        await client.listen(OPENED, "1")
        client.reads.clear()
        await client.say("ping")
        await fetch("update access_token set revoked_at = now() where digest = $1", tokens.digest(secret))
        async with asyncio.timeout(3):
            while client.sent.qsize() < 5:  # nobody reads them any more
                await client.say("ping")
                await asyncio.sleep(0.02)
        await client.say("subscribe", id="2", payload={"query": OPENED})
        client.reads.set()
        while (message := await client.hear())["type"] == "pong":
            pass
        assert (message["type"], message["id"]) == ("error", "1")
        assert await client.code() == 4401


async def test_a_client_that_reads_slowly_is_told_that_it_missed_something_and_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mailboxes, "MOST", 4)
    stage, secret = await stage_and_secret()
    async with serving() as app, connected(app, secret) as slow, connected(app, secret) as quick:
        await slow.listen(CHANGED)
        await quick.listen(CHANGED)
        slow.reads.clear()
        for number in range(8):
            await happen(stage.shop, f"Error{number}")
            assert (await quick.told())["error"]["title"].startswith(f"Error{number}")
        slow.reads.set()
        told = [await slow.told()]
        while not told[-1]["refetch"]:
            told.append(await slow.told())
        assert len(told) < 8
        await happen(stage.shop, "Last")
        while not (update := await slow.told())["error"] or "Last" not in update["error"]["title"]:
            assert len(told) < 20
        monkeypatch.setattr(outgoing, "SLOWEST", 0.05)
        slow.reads.clear()
        await happen(stage.shop, "More")
        await happen(stage.shop, "And more")
        await asyncio.sleep(0.3)
        slow.reads.set()
        assert await slow.code() == 1013


async def test_a_session_of_our_own_page_may_listen_until_it_is_signed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "EVERY", 0.05)
    stage = await set_up()
    person_id = (await joined(stage.organization_id)).person_id
    assert person_id
    session = await make_session(person_id, stage.organization_id, now=datetime.fromtimestamp(time(), UTC))
    cookie = (b"cookie", f"snaglist_session={session.secret}".encode())
    async with (
        serving() as app,
        connected(app, headers=[cookie, (b"origin", b"http://snaglist.test")]) as client,
    ):
        await client.say("connection_init", payload={})
        assert await client.hear() == {"type": "connection_ack"}
        await client.listen(OPENED)
        await client.say("subscribe", id="unknown", payload={"documentId": f"sha256:{'0' * 64}"})
        assert (await client.hear())["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        await fetch("update access_token set revoked_at = now() where id = $1", session.token_id)
        assert (await client.hear())["type"] == "error"
        assert await client.code() == 4401


async def test_connections_are_so_many_and_strangers_cannot_take_the_places_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, secret = await stage_and_secret()
    monkeypatch.setattr(places, "MOST_UNKNOWN", 1)
    monkeypatch.setattr(places, "MOST_OF_TOKEN", 1)
    monkeypatch.setattr(places, "MOST", 2)
    async with serving() as app, connected(app, secret) as mine:
        async with connected(app):
            async with connected(app) as stranger:
                assert await stranger.code() == 1013
            await mine.listen(OPENED)
        other, third = await secret_of(stage.organization_id), await secret_of(stage.organization_id)
        async with connected(app, other):
            pass
        monkeypatch.setattr(places, "MOST_UNKNOWN", 9)
        monkeypatch.setattr(places, "MOST_OF_ADDRESS", 1)
        async with (
            connected(app, address="192.0.2.1"),
            connected(app, address="192.0.2.2"),
            connected(app, address="192.0.2.1") as stranger,
        ):
            assert await stranger.code() == 1013
        async with connected(app, third):
            for one_too_many in (secret, other):
                async with connected(app) as client:
                    payload = {"authorization": f"Bearer {one_too_many}"}
                    await client.say("connection_init", payload=payload)
                    assert await client.code() == 1013
        await happen(stage.shop, "KeyError")
        assert (await mine.told())["error"]
