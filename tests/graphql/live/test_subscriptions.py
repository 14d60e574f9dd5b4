"""What is told: everything that happens to what one listens to, after it is stored, and nothing of others."""

import asyncio
from typing import Any

import pytest

from app.graphql import ids
from app.graphql.live import mailboxes, share, telling
from app.triage.delete import delete
from app.triage.merge import merge
from app.triage.mute import mute
from app.triage.resolve import resolve
from app.triage.silence import silence
from tests.database import NOW
from tests.graphql.live.stage import (
    CHANGED,
    OCCURRED,
    OPENED,
    connected,
    happen,
    secret_of,
    serving,
)
from tests.reading.stage import seen
from tests.recording.stage import later, set_up
from tests.triage.stage import ROBOT

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database", "valkey")]


async def test_a_new_error_and_its_occurrence_are_told_when_they_can_be_read() -> None:
    stage = await set_up()
    async with serving() as app, connected(app, await secret_of(stage.organization_id)) as client:
        await client.listen(OPENED, "opened")
        await client.listen(OCCURRED, "occurred")
        await happen(stage.shop, "KeyError")
        heard = [await client.hear(), await client.hear()]
        told = {message["id"]: next(iter(message["payload"]["data"].values())) for message in heard}
        assert told["opened"]["error"] == {"title": "KeyError: 'partner_id'"}
        assert told["occurred"]["occurrence"]["message"] == "'partner_id'"
        assert told["occurred"]["error"] == {"title": "KeyError: 'partner_id'", "totalCount": 1}
        await happen(
            stage.shop, "KeyError", at=later(seconds=1)
        )  # within the cooldown, and not the first time
        await happen(stage.shop, "TypeError")
        heard = [await client.hear(), await client.hear()]
        assert "TypeError" in str(heard)
        assert "KeyError" not in str(heard)


async def test_what_matched_until_a_change_is_told_and_what_never_did_is_not() -> None:
    stage = await set_up()
    mine, other = await seen(stage.shop, "KeyError"), await seen(stage.warehouse, "TypeError")
    here = {"instanceId": ids.encode("Instance", stage.shop.id)}
    async with serving() as app, connected(app, await secret_of(stage.organization_id)) as client:
        await client.listen(CHANGED, filter=here)
        for verb in (resolve, silence):
            await verb(stage.organization_id, [mine, other], ROBOT, now=NOW)
        told = [await client.told()]
        if len(told[0]["changes"]) == 1:
            told.append(await client.told())
        assert {update["errorId"] for update in told} == {ids.encode("ErrorGroup", mine)}
        assert [c["kind"] for update in told for c in update["changes"]] == ["RESOLVED", "SILENCED"]
        assert told[-1]["error"]["status"] == "SILENCED"
        # Now that it is silenced, it did not match before either.
        await mute(stage.organization_id, [mine], ROBOT, now=NOW)
        await happen(stage.shop, "KeyError", at=later(minutes=1))
        await happen(stage.shop, "ValueError")
        assert (await client.told())["error"]["title"] == "ValueError: 'partner_id'"


async def test_merged_and_deleted_errors_are_told_to_those_who_show_them() -> None:
    stage = await set_up()
    one, two, three = [await seen(stage.shop, name) for name in ("KeyError", "TypeError", "ValueError")]
    here = {"instanceId": ids.encode("Instance", stage.shop.id)}
    async with serving() as app, connected(app, await secret_of(stage.organization_id)) as client:
        await client.listen(CHANGED, filter=here)
        await merge(stage.organization_id, one, [two], ROBOT, now=NOW)
        told = {update["errorId"]: update for update in (await client.told(), await client.told())}
        assert set(told) == {ids.encode("ErrorGroup", group_id) for group_id in (one, two)}
        await delete(stage.organization_id, [three], ROBOT, now=NOW)
        gone = await client.told()
        assert gone["errorId"] == ids.encode("ErrorGroup", three)
        assert (gone["error"], gone["changes"]) == (None, [])


async def test_one_error_is_heard_of_however_it_is_hidden_and_alone() -> None:
    stage = await set_up()
    mine, _ = await seen(stage.shop, "KeyError"), await seen(stage.shop, "TypeError")
    await mute(stage.organization_id, [mine], ROBOT, now=NOW)
    async with serving() as app, connected(app, await secret_of(stage.organization_id)) as client:
        await client.listen(CHANGED, error=ids.encode("ErrorGroup", mine))
        await happen(stage.shop, "TypeError", at=later(hours=1))
        await happen(stage.shop, "KeyError", at=later(hours=1))
        update = await client.told()
        assert (update["error"]["totalCount"], update["changes"][0]["kind"]) == (2, "ACTIVATED")


async def test_a_stranger_hears_nothing() -> None:
    stage, strangers = await set_up(), await set_up()
    mine = await seen(stage.shop, "KeyError")
    async with serving() as app, connected(app, await secret_of(strangers.organization_id)) as client:
        await client.listen(CHANGED, "all")
        await client.listen(CHANGED, "one", error=ids.encode("ErrorGroup", mine))
        await client.listen(OCCURRED, "occurred", error=ids.encode("ErrorGroup", mine))
        await happen(stage.shop, "KeyError", "TypeError", at=later(hours=1))
        await happen(strangers.shop, "ValueError")
        assert (await client.told("all"))["error"]["title"] == "ValueError: 'partner_id'"
        await asyncio.sleep(0.2)
        assert client.heard.empty()


async def test_who_comes_again_misses_nothing_and_who_was_away_for_too_long_is_told_so() -> None:
    stage = await set_up()
    secret = await secret_of(stage.organization_id)
    async with serving() as app, serving() as other:
        async with connected(app, secret) as client:
            cursor = await client.listen(CHANGED)
        names = [f"Error{number}" for number in range(5)]
        await happen(stage.shop, *names[:3])
        # On another server, while others listen there to the same, and while it goes on.
        async with connected(other, secret) as first, connected(other, secret) as client:
            await first.listen(CHANGED)
            await client.listen(CHANGED, after=cursor)
            await happen(stage.shop, *names[3:])
            told = [await client.told() for _ in range(5)]
            assert {update["error"]["title"].partition(":")[0] for update in told} == set(names)
            assert [update["cursor"] for update in told[:2]] == [cursor] * 2, "not all of them were told yet"
            await client.listen(CHANGED, "2", after="0123456789abcdef.5-0")
            lost = await client.told("2")
            assert lost["refetch"]
            assert not lost["errorId"]
            await happen(stage.shop, "Last")
            await client.listen(CHANGED, "3", after=lost["cursor"])
            heard = [await client.hear() for _ in range(3)]
            assert sorted(message["id"] for message in heard) == ["1", "2", "3"]
            assert str(heard).count("Last") == 3


async def test_what_cannot_be_read_at_the_moment_is_told_later_and_a_bug_says_that_something_was_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(share, "PAUSE", 0.02)
    failures: list[Exception] = [OSError("the database is away"), OSError(), ValueError("a bug")]
    reading = telling.updates

    async def failing(*given: Any, **named: Any) -> Any:
        if failures:
            raise failures.pop(0)
        return await reading(*given, **named)

    stage = await set_up()
    async with serving() as app, connected(app, await secret_of(stage.organization_id)) as client:
        await client.listen(OPENED)
        monkeypatch.setattr(telling, "updates", failing)
        await happen(stage.shop, "KeyError")
        assert (await client.told())["refetch"]
        failures.append(OSError())
        await happen(stage.shop, "TypeError")
        assert (await client.told())["error"]["title"] == "TypeError: 'partner_id'"


async def test_too_much_at_once_is_not_told_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "MOST", 3)
    stage = await set_up()
    async with serving() as app, connected(app, await secret_of(stage.organization_id)) as client:
        await client.listen(CHANGED, "all")
        await client.listen(CHANGED, "none", filter={"module": "stock"})
        await happen(stage.shop, *(f"Error{number}" for number in range(4)))
        assert (await client.told("all"))["refetch"]
        await happen(stage.shop, "KeyError")
        assert (await client.told("all"))["error"]


async def test_too_much_that_was_missed_is_not_told_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    async with serving() as app, connected(app, await secret_of(stage.organization_id)) as client:
        cursor = await client.listen(CHANGED)
        await happen(stage.shop, *(f"Error{number}" for number in range(5)))
        assert all([(await client.told())["error"] for _ in range(5)])
        monkeypatch.setattr(mailboxes, "MOST", 4)
        await client.listen(CHANGED, "2", after=cursor)
        missed = await client.told("2")
        assert (missed["refetch"], missed["error"]) == (True, None)
        await client.say("complete", id="1")
        await happen(stage.shop, "Last")
        assert (await client.told("2"))["error"]["title"].startswith("Last")
        await client.listen(CHANGED, "3", after=missed["cursor"])
        assert (await client.told("3"))["error"]["title"].startswith("Last")


async def test_who_hears_nothing_for_long_is_given_a_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "QUIET", 0.0)
    stage = await set_up()
    async with serving() as app, connected(app, await secret_of(stage.organization_id)) as client:
        first = await client.listen(CHANGED, filter={"module": "stock"})
        await happen(stage.shop, "KeyError")
        update = await client.told()
        assert update["cursor"] != first
        assert (update["refetch"], update["error"]) == (False, None)
