"""Any bytes are read as a traceback, without an error and in time."""

from collections.abc import Callable
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tracebacks import exception_type, exceptions, find, message, split, straighten
from tests.domain.traceback_lines import CAUSE, DURING, START

ANY = st.one_of(
    st.binary(max_size=300),
    st.lists(
        st.sampled_from(
            [
                START,
                b"\n",
                b"  + Exception Group ",
                b"  | ",
                b"    +---------------- 1 ----------------\n",
                CAUSE,
                DURING,
                b'\n  File "/srv/a.py", line 1, in f',
                b'\n  File "/srv/a.py", line',
                b"\n    ^^^^",
                b"\nValueError: x",
                b"\nKeyError",
                b" - - -",
                b" ",
                b"\xff",
                b"\x00",
                b'"',
            ]
        ),
        max_size=25,
    ).map(b"".join),
)


@given(ANY)
def test_any_bytes_are_read_without_an_error(text: bytes) -> None:
    at = find(text)
    assert at == -1 or START in text[at:].partition(b"\n")[0]
    straight = straighten(text, max(at, 0))
    parts = split(straight)
    read = exceptions(straight)
    assert len(parts) == len(read) >= 1
    assert [exception_type(part) for part in parts] == [type_ for type_, _, _ in read]
    assert message(straight) == read[-1][1]
    assert all(b"\n" not in raw for part in parts for raw in part.frames)
    assert all(b"\n" not in part.exception for part in parts)


FRAME = b'  File "x", line 1, in f\n'

NASTY = {
    "newlines": b"\n",
    "tracebacks": START + b"\n",
    "frames": FRAME,
    "frames with carets": FRAME + b"    g()\n    ^^^\n",
    "connectors": CAUSE,
    "connectors of nothing": DURING.replace(b"\n", b"") + b"\n",
    "one long line": b"x",
    "dotted": b"a.",
    "spaces": b" ",
    "blank lines of spaces": b"    \n",
    "quotes": b'"',
    "parentheses": b"(",
    "brackets": b"A[",
    "carets": b"^~ ",
    "tails": b" - - -",
    "numbers": b" 1 0.001",
    "group lines": b"  | \n",
    "groups": b"  + Exception Group " + START + b"\n",
    "inline tracebacks": b"x " + START + b"\n",
    "quotes of a frame": b'\n  File "',
}

STARTS = {
    "nothing": b"",
    "a traceback": START + b"\n",
    "a traceback of the words": START + b"\n above exception ",
    "an inline traceback": b"x " + START,
    "a group": b"  + Exception Group " + START + b"\n",
    "a frame": START + b"\n" + FRAME + b"    ",
    "an exception": START + b"\n" + FRAME + b"E: ",
}

CALLS: dict[str, Callable[[bytes], object]] = {
    "find": find,
    "straighten": lambda text: straighten(text, 0),
    "split": split,
    "message": message,
    "exceptions": exceptions,
}


MOST = 3.5
"""Four times the time for twice the text would be quadratic."""


def seconds(call: Callable[[bytes], object], text: bytes) -> float:
    """The processor time of a call."""
    began = process_time()
    call(text)
    return process_time() - began


def growth(call: Callable[[bytes], object], short: bytes, long: bytes) -> float:
    """How much longer a call takes for the longer text: by the best of five pairs where the machine is busy."""
    ratios: list[float] = []
    while len(ratios) < 5 and (not ratios or min(ratios) > MOST):
        ratios.append(seconds(call, long) / max(seconds(call, short), 0.02))
    return min(ratios)


@pytest.mark.parametrize("filling", NASTY)
@pytest.mark.parametrize("call", CALLS)
def test_twice_the_text_takes_about_twice_the_time(call: str, filling: str) -> None:
    for start in STARTS.values():
        texts = [
            start + NASTY[filling] * (size // len(NASTY[filling])) for size in (50_000, 100_000, 200_000)
        ]
        for short, long in pairwise(texts):
            assert growth(CALLS[call], short, long) <= MOST


@pytest.mark.parametrize("filling", NASTY)
def test_a_text_of_a_million_bytes_is_read_at_once(filling: str) -> None:
    text = START + b"\n" + NASTY[filling] * (1_000_000 // len(NASTY[filling]))
    assert seconds(lambda text: exceptions(straighten(text, find(text))), text) <= 5
