"""The lines around a record."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.neighbourhood import LINE_LIMIT, Neighbourhood, lines_back, lines_on


def numbered(first: int, last: int, prefix: str = "", end: str = "\n") -> bytes:
    return "".join(f"{prefix}line {number}{end}" for number in range(first, last + 1)).encode()


def test_ten_lines_before_and_three_behind_are_shown_in_order() -> None:
    around = Neighbourhood(numbered(1, 40), numbered(50, 90))
    assert around.context_before() == [f"line {number}" for number in range(31, 41)]
    assert around.context_after() == ["line 50", "line 51", "line 52"]


def test_at_the_ends_of_a_log_there_are_fewer() -> None:
    assert Neighbourhood(b"", b"").context_before() == []
    assert Neighbourhood(b"", b"").context_after() == []
    assert Neighbourhood(numbered(1, 2), numbered(8, 8)).context_before() == ["line 1", "line 2"]
    assert Neighbourhood(numbered(1, 2), numbered(8, 8)).context_after() == ["line 8"]


def test_the_last_line_needs_no_line_end() -> None:
    assert Neighbourhood(b"a\nb", b"c\nd").context_before() == ["a", "b"]
    assert Neighbourhood(b"a\nb", b"c\nd").context_after() == ["c", "d"]


def test_blank_lines_are_lines() -> None:
    around = Neighbourhood(b"a\n\n\nb\n", b"\nc\n\nd\n")
    assert around.context_before() == ["a", "", "", "b"]
    assert around.context_after() == ["", "c", ""]


def test_lines_are_shown_without_colours_and_carriage_returns() -> None:
    around = Neighbourhood(b"\x1b[1;32mINFO\x1b[0m a\r\n", b"b\r\n")
    assert around.context_before() == ["INFO a"]
    assert around.context_after() == ["b"]


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert Neighbourhood(b"caf\xe9\n", b"\xff\n").context_before() == ["caf\ufffd"]
    assert Neighbourhood(b"caf\xe9\n", b"\xff\n").context_after() == ["\ufffd"]


@pytest.mark.parametrize("letter", ["a", "é", "価", "🧨"])
def test_a_long_line_is_cut(letter: str) -> None:
    shown = Neighbourhood((letter * 10_000 + "\n").encode(), b"").context_before()
    assert shown == [letter * LINE_LIMIT]


INTERLEAVED = b"".join(
    b"odoo-1  | one %d\nodoo-2  | two %d\npostgres-1  | LOG\n" % (number, number) for number in range(30)
)


def test_of_several_writers_only_the_records_own_is_shown() -> None:
    around = Neighbourhood(INTERLEAVED, INTERLEAVED, b"odoo-2")
    assert around.context_before() == [f"two {number}" for number in range(20, 30)]
    assert around.context_after() == ["two 0", "two 1", "two 2"]


def test_a_record_without_a_writer_has_every_line_as_it_stands() -> None:
    around = Neighbourhood(b"odoo-1  | a\nb\n", b"c\nodoo-1  | d\n")
    assert around.context_before() == ["odoo-1  | a", "b"]
    assert around.context_after() == ["c", "odoo-1  | d"]


LOG = b"alpha 1\nbeta 2\n\nalpha 3\ngamma alpha 4\nbeta 5\n"


def test_lines_back_are_those_with_the_needle_nearest_first() -> None:
    assert list(lines_back(LOG, b"alpha", 1000)) == [b"gamma alpha 4", b"alpha 3", b"alpha 1"]
    assert list(lines_back(LOG, b"delta", 1000)) == []
    assert list(lines_back(LOG, b"\n", 1000)) == LOG.split(b"\n")[-2::-1]


def test_lines_on_are_those_with_the_needle_nearest_first() -> None:
    assert list(lines_on(LOG, b"alpha")) == [b"alpha 1", b"alpha 3", b"gamma alpha 4"]
    assert list(lines_on(LOG, b"delta")) == []
    assert list(lines_on(LOG, b"\n")) == LOG.split(b"\n")[:-1]


def test_a_line_that_holds_the_needle_twice_comes_once() -> None:
    twice = b"alpha alpha\nalpha\n"
    assert list(lines_back(twice, b"alpha", 1000)) == [b"alpha", b"alpha alpha"]
    assert list(lines_on(twice, b"alpha")) == [b"alpha alpha", b"alpha"]


def test_lines_back_end_with_the_window_but_are_given_whole() -> None:
    assert list(lines_back(LOG, b"alpha", len(b"alpha 4\nbeta 5\n"))) == [b"gamma alpha 4"]
    assert list(lines_back(LOG, b"\n", len(b" 5\n"))) == [b"beta 5"]
    assert list(lines_back(LOG, b"alpha", 0)) == []


LINES = st.lists(st.sampled_from([b"", b"a", b"xa", b"b", b"a a", b"\r", b"\xff"]), max_size=12)


@given(LINES, st.sampled_from([b"a", b"b", b"\n"]), st.booleans())
def test_both_ways_give_the_lines_that_a_split_gives(lines: list[bytes], needle: bytes, ends: bool) -> None:
    text = b"\n".join(lines) + (b"\n" if ends else b"")
    whole = text.removesuffix(b"\n").split(b"\n") if text else []
    expected = [line for line in whole if needle in line + b"\n"]
    assert list(lines_on(text, needle)) == expected
    assert list(lines_back(text, needle, len(text))) == expected[::-1]


@given(st.binary(max_size=400), st.binary(max_size=400), st.sampled_from([b"", b"odoo-1", b"clock"]))
def test_any_bytes_have_a_context(before: bytes, after: bytes, writer: bytes) -> None:
    around = Neighbourhood(before, after, writer)
    for shown in (around.context_before(), around.context_after()):
        assert all("\n" not in line and len(line) <= LINE_LIMIT for line in shown)
    assert len(around.context_before()) <= 10
    assert len(around.context_after()) <= 3


@pytest.mark.parametrize(
    ("filling", "shown"),
    [
        (b"odoo-1  | a\n", (10, 3)),
        (b"odoo-2  | a\n", (0, 0)),
        (b"\n", (0, 0)),
        (b" \n", (0, 0)),
        (b"\x1b[0m\n", (0, 0)),
        (b"a", (0, 0)),
    ],
)
def test_the_context_is_found_at_once_in_any_neighbourhood(filling: bytes, shown: tuple[int, int]) -> None:
    text = filling * (1_000_000 // len(filling))
    began = process_time()
    around = Neighbourhood(text, text, b"odoo-1")
    assert (len(around.context_before()), len(around.context_after())) == shown
    assert process_time() - began < 1
