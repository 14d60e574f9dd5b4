"""Who may have one more connection, and one more subscription: nobody takes all of them."""

from contextlib import AsyncExitStack, ExitStack

import pytest

from app.accounts.roles import Caller
from app.errors import RateLimited
from app.graphql.live import entrance as entrances
from app.graphql.live import places
from app.graphql.live.entrance import Entrance
from app.graphql.live.messages import Closed
from app.graphql.live.places import Places
from app.graphql.live.starting import NotLetIn
from app.graphql.requests import Asked
from tests.graphql.live.stage import OPENED, entrance
from tests.graphql.stage import joined
from tests.recording.stage import set_up


def test_one_address_cannot_have_all_places_of_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST_OF_ADDRESS", 2)
    monkeypatch.setattr(places, "MOST_UNKNOWN", 7)
    server = Places()
    with ExitStack() as taken:
        for address in ("192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::2%eth0"):
            taken.enter_context(server.of_somebody(address))
        for address in ("192.0.2.1", "2001:db8::3"):
            with pytest.raises(Closed), server.of_somebody(address):
                pass
        for address in ("192.0.2.2", "2001:db8:0:1::1", "::ffff:192.0.2.1"):
            with server.of_somebody(address):
                pass
        for _ in range(3):
            taken.enter_context(server.of_somebody(""))  # behind a socket that has none
        with pytest.raises(Closed), server.of_somebody("192.0.2.9"):
            pass
    with server.of_somebody("192.0.2.1"):
        pass


@pytest.mark.anyio
@pytest.mark.usefixtures("database", "valkey")
async def test_one_token_and_one_organization_cannot_have_all_subscriptions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(entrances, "MOST_OF_TOKEN", 2)
    monkeypatch.setattr(entrances, "MOST_OF_ORGANIZATION", 3)
    acme, strangers = await set_up(), await set_up()
    mine, yours = await joined(acme.organization_id), await joined(acme.organization_id)
    async with entrance() as door, AsyncExitStack() as listening:

        async def listen(caller: Caller, stack: AsyncExitStack = listening) -> None:
            await stack.enter_async_context(door.subscribed(caller, Asked(OPENED), lambda: None))

        async with AsyncExitStack() as one:
            await listen(mine, one)
            await listen(mine)
            assert await refused(door, mine) == RateLimited.code
            await listen(yours)
            assert await refused(door, yours) == RateLimited.code
            await listen(await joined(strangers.organization_id))
        await listen(mine)
        assert await refused(door, mine) == RateLimited.code


async def refused(door: Entrance, caller: Caller) -> str:
    """The code with which one more is refused."""
    with pytest.raises(NotLetIn) as refusal:
        async with door.subscribed(caller, Asked(OPENED), lambda: None):
            pass
    return str(refusal.value.errors[0]["extensions"]["code"])
