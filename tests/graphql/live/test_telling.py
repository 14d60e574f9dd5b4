"""What cannot be told one by one is to be fetched anew, and is never left out in silence."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from app.graphql.live import telling
from app.graphql.live.updates import Update
from app.graphql.live.wanted import Feed, Wanted
from app.live import news
from app.live.bus import COUNTED, Message
from tests.database import NOW

pytestmark = pytest.mark.anyio

ACME, GROUP = uuid4(), uuid4()


async def told(feed: Feed, *messages: Message) -> list[Update]:
    """The updates for those who listen to this one error."""
    wanted = Wanted(feed, None, GROUP)
    return await telling.updates(ACME, wanted, news.of(messages, "2"), "1", now=NOW)


async def test_more_occurrences_of_an_error_than_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def all_found(_organization_id: UUID, ids: list[UUID]) -> dict[UUID, Any]:
        return dict.fromkeys(ids)

    monkeypatch.setattr(telling, "occurrences_by_id", all_found)
    ids = [UUID(int=number) for number in range(150)]
    parts = [Message(ACME, COUNTED, GROUP, occurrence_ids=tuple(ids[at : at + 50])) for at in (0, 50, 100)]
    assert len(await told(Feed.OCCURRED, *parts[:2])) == 100
    [instead] = await told(Feed.OCCURRED, *parts)
    assert (instead.refetch, instead.cursor) == (True, "2")
    [instead] = await told(Feed.OCCURRED, Message(ACME, COUNTED, GROUP, occurrence_ids=(ids[0],), more=True))
    assert instead.refetch


async def test_more_changes_of_an_error_than_are_told() -> None:
    messages = [Message(ACME, "MUTED", GROUP, number, "NEW") for number in range(1, 102)]
    [update] = await told(Feed.CHANGED, *messages[:100])
    assert not update.refetch
    [instead] = await told(Feed.CHANGED, *messages)
    assert (instead.refetch, instead.cursor) == (True, "2")
