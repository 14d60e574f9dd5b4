"""Those who want the same share one execution; those who may see other things do not."""

import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import cast
from unittest.mock import patch

import pytest
from graphql import GraphQLObjectType, get_named_type
from strawberry.types.field import StrawberryField

from app.accounts.actors import actor
from app.accounts.roles import Role
from app.graphql import ids
from app.graphql.live import share, shares, starting
from app.graphql.schema import schema
from app.triage.add_comment import add_comment
from tests.database import NOW
from tests.graphql.live.stage import CHANGED, connected, happen, secret_of, serving, token
from tests.graphql.stage import joined
from tests.reading.stage import seen
from tests.recording.stage import noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database", "valkey")]


async def test_many_subscribers_cost_as_much_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    secret = await secret_of(stage.organization_id)
    statements: list[str] = []
    async with serving() as app, connected(app, secret) as one:
        cursor = await one.listen(CHANGED)
        for number in range(20):
            await one.listen(CHANGED, f"same {number}", after=cursor)
        assert {(await one.hear())["id"] for _ in range(20)} == {f"same {number}" for number in range(20)}
        with (
            noted_statements(monkeypatch, statements),
            patch.object(share, "executed", wraps=starting.executed) as executed,
        ):
            await happen(stage.shop, *(f"Error{number}" for number in range(5)))
            heard = [await one.hear() for _ in range(5 * 21)]
        assert executed.call_count == 5
        assert len({str(message["payload"]) for message in heard}) == 5
        matching_and_reading = [
            each for each in statements if "error_group as g where g.organization_id" in each
        ]
        assert len(matching_and_reading) == 2


async def test_what_is_personal_is_not_shared() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    author = await joined(stage.organization_id, Role.DEVELOPER)
    document = (
        f'subscription {{ errorChanged(errorId: "{ids.encode("ErrorGroup", group_id)}")'
        " { cursor refetch error { comments { nodes { body canEdit } } } } }"
    )
    async with (
        serving() as app,
        connected(app, await token(author)) as mine,
        connected(app, await secret_of(stage.organization_id, Role.DEVELOPER)) as other,
    ):
        await mine.listen(document)
        await other.listen(document)
        await add_comment(stage.organization_id, actor(author), group_id, "mine", now=NOW)
        for client, can_edit in ((mine, True), (other, False)):
            [comment] = (await client.told())["error"]["comments"]["nodes"]
            assert comment == {"body": "mine", "canEdit": can_edit}


async def test_all_that_is_personal_is_known() -> None:
    """Whatever below a subscription asks who the caller is must be named, or it would be shown to others."""
    asking = set()
    for type_ in reachable():
        for name, field in type_.fields.items():
            found = field.extensions.get("strawberry-definition")
            resolver = found.base_resolver if isinstance(found, StrawberryField) else None
            if resolver and "signed_in" in inspect.getsource(cast("FunctionType", resolver.wrapped_func)):
                asking.add(name)
    assert asking == set(starting.PERSONAL)
    hidden = {"AccessToken", "Viewer", "Invitation", "AuditEntry", "IngestProblem"}
    assert not hidden & {type_.name for type_ in reachable()}


def reachable() -> Iterator[GraphQLObjectType]:
    """The types of all that a subscription can ask for."""
    root = schema._schema.subscription_type
    assert root is not None
    types, found = [root], set()
    while types:
        type_ = types.pop()
        if type_.name in found:
            continue
        found.add(type_.name)
        yield type_
        for field in type_.fields.values():
            named = get_named_type(field.type)
            types += (
                [named]
                if isinstance(named, GraphQLObjectType)
                else schema._schema.get_possible_types(named)
                if hasattr(named, "resolve_type")
                else []
            )


async def test_what_would_cost_too_much_together_is_to_be_fetched_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(share, "MAXIMUM", 30)  # and an update costs 12
    stage = await set_up()
    async with serving() as app, connected(app, await secret_of(stage.organization_id)) as client:
        await client.listen(CHANGED)
        await happen(stage.shop, "One", "Two")
        assert all([(await client.told())["error"] for _ in range(2)])
        await happen(stage.shop, "Three", "Four", "Five")
        assert (await client.told())["refetch"]
        await happen(stage.shop, "Six")
        assert (await client.told())["error"]["title"].startswith("Six")


@pytest.mark.parametrize(("bound", "most"), [("MOST", 2), ("MOST_POINTS", 30)])
async def test_an_organization_cannot_have_a_server_do_everything(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(shares, bound, most)
    stage, strangers = await set_up(), await set_up()
    async with serving() as app, connected(app, await secret_of(stage.organization_id)) as client:
        await client.listen(CHANGED, "1")
        await client.listen(CHANGED, "2", filter={"showMuted": True})
        await client.listen(CHANGED, "2 again", filter={"showMuted": True})
        await client.say(
            "subscribe", id="3", payload={"query": CHANGED, "variables": {"filter": {"isDev": True}}}
        )
        message = await client.hear()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "RATE_LIMITED")
        async with connected(app, await secret_of(strangers.organization_id)) as other:
            await other.listen(CHANGED)
        await client.say("complete", id="1")
        await client.listen(CHANGED, "4", filter={"isDev": True})
