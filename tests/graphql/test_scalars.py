"""Times and large integers as they travel, and ids as they are packed."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strawberry.exceptions import StrawberryInputCoercionError

from app.graphql import ids
from app.graphql.scalars import SAFE, read_integer, read_time, write_time

LAST: Final = datetime(9999, 12, 31, 23, 59, 59, 999_998, UTC)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 22, 10, tzinfo=UTC), "2026-11-22T10:00:00Z"),
        (datetime(2026, 11, 22, 10, 0, 0, 1500, tzinfo=UTC), "2026-11-22T10:00:00.001500Z"),
        (datetime(2026, 11, 22, 10, tzinfo=timezone(timedelta(hours=-3.5))), "2026-11-22T10:00:00-03:30"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_a_time_is_written_as_rfc_3339(at: datetime, text: str) -> None:
    assert write_time(at) == text
    assert read_time(text) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-22T11:00:00+01:00", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22t10:00:00z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22 10:00:00Z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22T10:00:00.5Z", datetime(2026, 11, 22, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-22T10:00:00.123456789+00:00", datetime(2026, 11, 22, 10, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_every_way_of_writing_a_time_is_read(text: str, at: datetime) -> None:
    found = read_time(text)
    assert (found, found.tzinfo) == (at, UTC)


@pytest.mark.parametrize(
    "given_",
    [
        "2026-11-22T10:00:00",
        "2026-11-22",
        "2026-11-22T10:00Z",
        "2026-11-22T10:00:00 Z",
        "2026-11-22T10:00:00+0100",
        "2026-11-22T10:00:00+24:00",
        "2026-11-22T24:00:00Z",
        "2026-11-22T10:00:60Z",
        "2026-02-30T10:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "٢٠٢٦-11-22T10:00:00Z",
        "2026-11-22T10:00:00Z\n",
        "now",
        "",
        0,
        1763805600,
        None,
        True,
        ["2026-11-22T10:00:00Z"],
    ],
)
def test_what_is_no_time_with_a_zone_is_refused(given_: Any) -> None:
    with pytest.raises(StrawberryInputCoercionError):
        read_time(given_)


def test_the_last_moment_that_there_is_is_none_that_a_column_keeps_as_infinity() -> None:
    last = read_time("9999-12-31T23:59:59.999999Z")
    assert last == read_time("9999-12-31T23:59:59.9999999999Z") == read_time("9999-12-31T23:59:59.999998Z")
    assert last == LAST


@given(st.datetimes(max_value=LAST.replace(tzinfo=None), timezones=st.just(UTC)))
def test_a_time_comes_back_as_it_went(at: datetime) -> None:
    assert read_time(write_time(at)) == at


def test_large_integers_end_where_javascript_ends() -> None:
    assert [read_integer(number) for number in (0, -5, SAFE, -SAFE)] == [0, -5, SAFE, -SAFE]
    for no_integer in (SAFE + 1, -SAFE - 1, 1.0, "1", True, None):
        with pytest.raises(StrawberryInputCoercionError):
            read_integer(no_integer)


@given(st.uuids())
def test_an_id_comes_back_as_it_went(number: UUID) -> None:
    packed = ids.encode("ErrorGroup", number)
    assert ids.decode("ErrorGroup", packed) == number
    assert ids.decode("Project", packed) is None
    assert ids.split(packed) == ("ErrorGroup", str(number))
    assert "=" not in packed


@given(st.text())
def test_any_text_is_an_id_or_is_not(text: str) -> None:
    found = ids.split(text)
    assert found is None or ids.encode(found[0], found[1]) == text  # type: ignore[arg-type]  # any text does


def test_what_a_filter_asks_for_is_found_or_nobody() -> None:
    number = uuid4()
    assert ids.wanted("Instance", None) is None
    assert ids.wanted("Instance", ids.encode("Instance", number)) == number
    assert ids.wanted("Instance", ids.encode("Project", number)) == ids.NOBODY
    assert ids.wanted("Instance", "") == ids.NOBODY
