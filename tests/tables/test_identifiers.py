"""Identifiers in the order of time."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_, or_
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tables.identifiers import made_within, uuid7, uuids7

TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(at=TIMES)
def test_an_id_tells_the_millisecond_in_which_it_was_made(at: datetime) -> None:
    start, end = made_within(uuid7(at))
    assert start <= at < end
    assert end - start == timedelta(milliseconds=1)


def test_it_is_a_version_7_of_the_usual_variant() -> None:
    made = uuid7(datetime(2026, 11, 22, tzinfo=UTC))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_many_at_once_are_like_one() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    made = uuids7(at, 500)
    assert len(set(made)) == 500
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert {made_within(one) for one in made} == {made_within(uuid7(at))}
    chance = (1 << 76) - 1 - (3 << 62)
    every, none = reduce(or_, (one.int for one in made)), reduce(and_, (one.int for one in made))
    assert (every & chance, none & chance) == (chance, 0)
    assert uuids7(at, 0) == []


def test_later_ids_are_greater_and_no_two_are_equal() -> None:
    start = datetime(2026, 11, 22, tzinfo=UTC)
    made = [uuid7(start + timedelta(milliseconds=n)) for n in range(500)]
    assert made == sorted(made)
    assert len({uuid7(start) for _ in range(500)}) == 500


@pytest.mark.parametrize("stranger", [UUID(int=0), UUID(int=(1 << 128) - 1)])
def test_a_strangers_id_gives_some_time(stranger: UUID) -> None:
    start, end = made_within(stranger)
    assert start < end
