"""News: put together in whatever portions, they tell the same, and never more than they may."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.live import news
from app.live.bus import Message
from app.live.news import News, Touched, merged, of

ACME = uuid4()
_small = st.integers(0, 3)


@st.composite
def _messages(draw: st.DrawFn) -> Message:
    group_id = UUID(int=draw(_small))
    if draw(st.booleans()):
        kind = draw(st.sampled_from(["OPENED", "REGRESSED"]))
        before = draw(st.sampled_from([None, "RESOLVED", "NEW"]))
        return Message(ACME, kind, group_id, draw(st.integers(1, 9)), before)
    stored = tuple(UUID(int=100 + number) for number in draw(st.lists(st.integers(0, 400), max_size=3)))
    return Message(ACME, "COUNTED", group_id, occurrence_ids=stored)


@settings(max_examples=60, deadline=None)
@given(st.lists(_messages(), max_size=12), st.integers(0, 12))
def test_however_messages_are_cut_the_news_are_the_same(messages: list[Message], place: int) -> None:
    apart = merged(of(messages[:place], "a.1-0"), of(messages[place:], "a.2-0"))
    assert apart == of(messages, "a.2-0")


def test_each_change_is_named_once_and_in_order() -> None:
    first = Message(ACME, "REGRESSED", UUID(int=1), 7, "RESOLVED")
    counted = Message(ACME, "COUNTED", UUID(int=1), occurrence_ids=(UUID(int=8), UUID(int=9)))
    told = of([Message(ACME, "MUTED", UUID(int=1), 9, "REGRESSED"), first, first, counted, counted], "a.1-0")
    assert told == News(
        "a.1-0",
        {
            UUID(int=1): Touched(
                UUID(int=1),
                frozenset({"REGRESSED", "MUTED", "COUNTED"}),
                (7, 9),
                frozenset({"RESOLVED", "REGRESSED"}),
                (UUID(int=8), UUID(int=9)),
            )
        },
    )


def test_of_each_group_the_newest_hundred_occurrences_are_named() -> None:
    ids = [UUID(int=number) for number in range(150)]
    one = UUID(int=1)
    older = of([Message(ACME, "COUNTED", one, occurrence_ids=tuple(ids[:80]))], "a.1-0")
    newer = of([Message(ACME, "COUNTED", one, occurrence_ids=tuple(ids[80:]))], "a.2-0")
    together = merged(older, newer).touched[one]
    assert together.occurrence_ids == tuple(ids[50:])
    assert (older.touched[one].more, together.more) == (False, True), "that others are not named is told"
    assert merged(merged(older, newer), newer).touched[one].more
    cut = of([Message(ACME, "COUNTED", one, occurrence_ids=(ids[0],), more=True)], "a.3-0")
    assert merged(cut, of([], "a.4-0")).touched[one].more
    assert of([Message(ACME, "COUNTED", one, occurrence_ids=tuple(ids))], "a.5-0").touched[one].more


def test_what_is_too_much_is_to_be_fetched_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = [Message(ACME, "OPENED", UUID(int=number), number) for number in range(1, 1002)]
    assert len(of(messages[:1000], "a.1-0").touched) == 1000
    too_much = News("a.2-0", refetch=True)
    assert of(messages, "a.2-0") == too_much
    assert merged(of(messages[:600], "a.1-0"), of(messages[600:], "a.2-0")) == too_much
    monkeypatch.setattr(news, "MOST_NAMED", 5)
    assert of(messages[:6], "a.2-0") == too_much
    counted = Message(ACME, "COUNTED", UUID(int=1), occurrence_ids=tuple(UUID(int=n) for n in range(6)))
    assert of([counted], "a.2-0") == too_much


def test_who_has_to_fetch_all_anew_is_told_no_details() -> None:
    missed = News("a.1-0", refetch=True)
    more = of([Message(ACME, "OPENED", UUID(int=1), 1)], "a.2-0")
    assert merged(missed, more) == News("a.2-0", refetch=True)
    assert merged(more, News("a.3-0", refetch=True)) == News("a.3-0", refetch=True)
