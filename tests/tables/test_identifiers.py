"""Identifiers in the order of time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tables.identifiers import made_within, uuid7

TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(at=TIMES)
def test_an_id_tells_the_millisecond_in_which_it_was_made(at: datetime) -> None:
    start, end = made_within(uuid7(at))
    assert start <= at < end
    assert end - start == timedelta(milliseconds=1)


def test_it_is_a_version_7_of_the_usual_variant() -> None:
    made = uuid7(datetime(2026, 11, 22, tzinfo=UTC))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_later_ids_are_greater_and_no_two_are_equal() -> None:
    start = datetime(2026, 11, 22, tzinfo=UTC)
    made = [uuid7(start + timedelta(milliseconds=n)) for n in range(500)]
    assert made == sorted(made)
    assert len({uuid7(start) for _ in range(500)}) == 500


@pytest.mark.parametrize("stranger", [UUID(int=0), UUID(int=(1 << 128) - 1)])
def test_a_strangers_id_gives_some_time(stranger: UUID) -> None:
    start, end = made_within(stranger)
    assert start < end
