"""Tracebacks as CPython prints them: found in a record, straightened, split, read."""

import traceback
from collections.abc import Callable
from time import perf_counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.tracebacks import (
    Frame,
    Part,
    exception_type,
    exceptions,
    find,
    message,
    read_frame,
    split,
    straighten,
)

START = b"Traceback (most recent call last):"
CAUSE = b"\nThe above exception was the direct cause of the following exception:\n\n"
DURING = b"\nDuring handling of the above exception, another exception occurred:\n\n"
CART = "/mnt/extra-addons/shop/models/cart.py"


class Outer:
    class WrongError(Exception):
        """An exception of a nested class."""


def printed(failing: Callable[[], object]) -> bytes:
    """What this interpreter prints of what `failing` raises."""
    try:
        failing()
    except BaseException:  # noqa: BLE001  whatever it is, it is printed
        return traceback.format_exc().encode()
    raise AssertionError("nothing was raised")


RATES: dict[str, float] = {}


def looked_up() -> None:
    RATES["USD"]


def caused() -> None:
    try:
        looked_up()
    except KeyError as missing:
        raise RuntimeError("no rate for USD") from missing


def on_the_way() -> None:
    try:
        caused()
    except RuntimeError:
        raise Outer.WrongError("a: b")  # noqa: B904


def suppressed() -> None:
    try:
        looked_up()
    except KeyError:
        raise ValueError("no rate") from None


def bare() -> None:
    raise KeyError


def noted() -> None:
    error = ZeroDivisionError("division by zero")
    error.add_note("while computing the margin of SO0042")
    error.add_note("second\nthird")
    raise error


def noted_without_message() -> None:
    error = ZeroDivisionError()
    error.add_note("while computing the margin")
    raise error


def misspelt() -> None:
    compile("def f(:\n    pass\n", "<formula>", "exec")


def endless(depth: int = 0) -> None:
    endless(depth + 1)


def grouped() -> None:
    failed = []
    for value in "xy":
        try:
            int(value)
        except ValueError as wrong:
            failed.append(wrong)
    raise ExceptionGroup("import failed", failed)


def grouped_in_group() -> None:
    try:
        grouped()
    except ExceptionGroup as inner:
        raise BaseExceptionGroup("outer", [inner, KeyboardInterrupt()])  # noqa: B904


def caused_by_group() -> None:
    try:
        grouped()
    except ExceptionGroup as group:
        raise RuntimeError("stopped") from group


def group_caused() -> None:
    try:
        looked_up()
    except KeyError as missing:
        raise ExceptionGroup("after", [ValueError("b")]) from missing


REAL: dict[str, tuple[Callable[[], object], list[tuple[str, str, list[str | None]]]]] = {
    "one": (looked_up, [("KeyError", "'USD'", ["printed", "looked_up"])]),
    "direct cause": (
        caused,
        [
            ("KeyError", "'USD'", ["caused", "looked_up"]),
            ("RuntimeError", "no rate for USD", ["printed", "caused"]),
        ],
    ),
    "during handling, class in a class": (
        on_the_way,
        [
            ("KeyError", "'USD'", ["caused", "looked_up"]),
            ("RuntimeError", "no rate for USD", ["on_the_way", "caused"]),
            (f"{__name__}.Outer.WrongError", "a: b", ["printed", "on_the_way"]),
        ],
    ),
    "from None": (suppressed, [("ValueError", "no rate", ["printed", "suppressed"])]),
    "no message": (bare, [("KeyError", "", ["printed", "bare"])]),
    "notes": (
        noted,
        [
            (
                "ZeroDivisionError",
                "division by zero\nwhile computing the margin of SO0042\nsecond\nthird",
                ["printed", "noted"],
            )
        ],
    ),
    "notes without message": (
        noted_without_message,
        [("ZeroDivisionError", "while computing the margin", ["printed", "noted_without_message"])],
    ),
    "syntax error": (misspelt, [("SyntaxError", "invalid syntax", ["printed", "misspelt", None])]),
    "recursion": (
        endless,
        [("RecursionError", "maximum recursion depth exceeded", ["printed", *["endless"] * 3])],
    ),
    "group": (grouped, [("ExceptionGroup", "import failed (2 sub-exceptions)", ["printed", "grouped"])]),
    "group in a group": (
        grouped_in_group,
        [
            ("ExceptionGroup", "import failed (2 sub-exceptions)", ["grouped_in_group", "grouped"]),
            ("BaseExceptionGroup", "outer (2 sub-exceptions)", ["printed", "grouped_in_group"]),
        ],
    ),
    "caused by a group": (
        caused_by_group,
        [
            ("ExceptionGroup", "import failed (2 sub-exceptions)", ["caused_by_group", "grouped"]),
            ("RuntimeError", "stopped", ["printed", "caused_by_group"]),
        ],
    ),
    "group caused by a plain one": (
        group_caused,
        [
            ("KeyError", "'USD'", ["group_caused", "looked_up"]),
            ("ExceptionGroup", "after (1 sub-exception)", ["printed", "group_caused"]),
        ],
    ),
}


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("lead", [b"", b"Exception during request handling. \n", b"text\n\n  more\n"])
def test_what_this_python_prints_is_read_back(name: str, lead: bytes) -> None:
    failing, expected = REAL[name]
    text = lead + printed(failing)
    at = find(text)
    straight = straighten(text, at)
    assert at == len(lead)
    read = exceptions(straight)
    assert [(t, m, [f.function for f in frames]) for t, m, frames in read] == expected
    assert [exception_type(part) for part in split(straight)] == [t for t, _, _ in expected]
    assert [[read_frame(raw)[2] for raw in part.frames] for part in split(straight)] == [
        f for *_, f in expected
    ]
    assert message(straight) == expected[-1][1]


def test_a_frame_has_its_path_line_function_and_source() -> None:
    _, _, frames = exceptions(printed(looked_up))[-1]
    line = looked_up.__code__.co_firstlineno + 1
    assert frames[-1] == Frame(__file__, line, "looked_up", 'RATES["USD"]')


def story(first: str, second: str) -> bytes:
    return f"""Traceback (most recent call last):
  File "{CART}", line 8, in rate
    {first}
KeyError: 'USD'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/odoo/http.py", line 3, in dispatch
    {second}
  File "{CART}", line 10, in rate
    raise RuntimeError('no rate for %s' % 'USD') from e
RuntimeError: no rate for USD
""".encode()


CHAINS = {
    "3.7 to 3.10": story("{}['USD']", "return handle()"),
    "3.11 and 3.12": story("{}['USD']\n    ~~^^^^^^^", "return handle()\n           ^^^^^^^^"),
    "3.13 and 3.14": story("{}['USD']\n    ~~^^^^^^^", "return handle()\n           ~~~~~~^^"),
    "no sources on the server": story("", "").replace(b"    \n", b""),
}


@pytest.mark.parametrize("python", CHAINS)
def test_every_python_tells_the_same_chain(python: str) -> None:
    assert split(CHAINS[python]) == [
        Part([f'"{CART}", line 8, in rate'.encode()], b"KeyError: 'USD'"),
        Part(
            [
                b'"/usr/lib/python3/dist-packages/odoo/http.py", line 3, in dispatch',
                f'"{CART}", line 10, in rate'.encode(),
            ],
            b"RuntimeError: no rate for USD",
        ),
    ]


def test_a_caret_line_is_no_source() -> None:
    sources = [
        [frame.source for _, _, frames in exceptions(CHAINS[python]) for frame in frames][:2]
        for python in ("3.7 to 3.10", "3.11 and 3.12", "3.13 and 3.14")
    ]
    assert sources == [["{}['USD']", "return handle()"]] * 3
    without = START + b'\n  File "a.py", line 1, in f\n    ^^^^\n  File "b.py", line 2, in g\nE: x'
    assert [frame.source for frame in exceptions(without)[0][2]] == [None, None]


def test_python_313_prints_sources_of_several_lines() -> None:
    text = b"""Traceback (most recent call last):
  File "/srv/a.py", line 3, in f
    return g(
        1,
    ...<2 lines>...
        4,
    )
  File "/srv/a.py", line 10, in g
    raise ValueError("a")
ValueError: a"""
    assert exceptions(text) == [
        (
            "ValueError",
            "a",
            [Frame("/srv/a.py", 3, "f", "return g("), Frame("/srv/a.py", 10, "g", 'raise ValueError("a")')],
        )
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (START, 0),
        (b"  + Exception Group " + START, 0),
        (b"boom:\n" + START, 6),
        (b"boom:\n\n  \n    " + START, 10),
        (b"boom:\n  | " + START, 6),
        (b"could not sync: " + START + b'\n  File "/srv/a.py", line 1, in f\nE: x', 16),
        (b"could not sync:   + Exception Group " + START + b'\n  |   File "/srv/a.py", line 1, in f', 15 + 1),
        (b"", -1),
        (b"Traceback", -1),
        (b"answered " + START + b" nothing", -1),
        (b"answered " + START, -1),
        (b'{"data": {"debug": "' + START + b'\\n  File \\"/srv/a.py\\""}}', -1),
        (b'{"debug": "..."} ' + START + b"\n" + START, 17 + 34 + 1),
        (b"said " + START + b"\nnothing\n\n" + START, 5 + 34 + 10),
    ],
)
def test_a_traceback_begins_a_line_or_ends_one_above_a_frame(text: bytes, expected: int) -> None:
    assert find(text) == expected


def test_a_traceback_at_the_end_of_a_message_is_read() -> None:
    for inline in (printed(caused), printed(grouped)):
        text = b"could not sync: " + inline
        assert exceptions(straighten(text, find(text))) == exceptions(straighten(inline, 0))


@pytest.mark.parametrize("indent", [b"    ", b"\t", b"  | ", b"| "])
def test_an_indented_traceback_is_moved_to_column_0(indent: bytes) -> None:
    text = b"\n".join(indent + line for line in printed(caused).split(b"\n"))
    assert exceptions(straighten(b"x\n" + text, 2)) == exceptions(printed(caused))


def test_what_stands_in_column_0_comes_back_unchanged() -> None:
    text = printed(on_the_way)
    assert straighten(text, 0) is text
    assert straighten(b"x\n" + text, 2) == text


@pytest.mark.parametrize(
    ("printed_line", "type_", "said"),
    [
        (b"KeyError: 'USD'", "KeyError", "'USD'"),
        (b"KeyError", "KeyError", ""),
        (b"KeyError - - -", "KeyError", ""),
        (b"KeyError: 'a' - - -", "KeyError", "'a'"),
        (b"ValueError: x 12 0.003 0.021", "ValueError", "x"),
        (b"ValueError: x 12 0.003 0.021 ro->rw", "ValueError", "x"),
        (b"ValueError: :", "ValueError", ":"),
        (b"ValueError:", "ValueError", ""),
        (b"ValueError: \nsecond", "ValueError", "second"),
        (b"ValueError: a\n\n  b\nc: d\n\n", "ValueError", "a\n\n  b\nc: d"),
        (
            b"psycopg2.errors.UniqueViolation: duplicate\nDETAIL:  Key",
            "psycopg2.errors.UniqueViolation",
            "duplicate\nDETAIL:  Key",
        ),
        (b"shop.<locals>.Wrong: x", "shop.<locals>.Wrong", "x"),
        (b"Wrong[int, str]: x", "Wrong[int, str]", "x"),
        ("Ошибка: нет цены".encode(), "Ошибка", "нет цены"),
        ("shop.Größe".encode(), "shop.Größe", ""),
        (b"SystemExit: 1", "SystemExit", "1"),
        (b"xmlrpc.client.Fault: <Fault 1: 'x'>", "xmlrpc.client.Fault", "<Fault 1: 'x'>"),
        (b"something else happened", None, "something else happened"),
        (b"12 pcs: x", None, "12 pcs: x"),
        (b"ratio:1", None, "ratio:1"),
        (b"", None, ""),
    ],
)
def test_the_last_line_tells_type_and_message(printed_line: bytes, type_: str | None, said: str) -> None:
    text = START + b'\n  File "/srv/a.py", line 1, in f\n    g()\n' + printed_line
    assert exceptions(text) == [(type_, said, [Frame("/srv/a.py", 1, "f", "g()")])]
    assert message(text) == said
    assert [exception_type(part) for part in split(text)] == [type_]


@pytest.mark.parametrize(
    ("cut", "frames", "line"),
    [
        (b"", [], b""),
        (b'\n  File "/srv/a.p', [], b""),
        (b'\n  File "/srv/a.py", line 1, in f\n  File "/srv/b.py", li', [b'"/srv/a.py", line 1, in f'], b""),
        (b'\n  File "/srv/a.py", line 1', [b'"/srv/a.py", line 1'], b""),
        (b'\n  File "/srv/a.py", line 1, in f\n    g()\n', [b'"/srv/a.py", line 1, in f'], b""),
        (b'\n  File "/srv/a.py", line 1, in f\n    g()\nVal', [b'"/srv/a.py", line 1, in f'], b"Val"),
    ],
)
def test_a_cut_traceback_keeps_what_is_whole(cut: bytes, frames: list[bytes], line: bytes) -> None:
    assert split(START + cut) == [Part(frames, line)]
    assert split(printed(looked_up) + CAUSE + START + cut)[1] == Part(frames, line)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'"/srv/a.py", line 12, in f', ("/srv/a.py", 12, "f")),
        (b'"/srv/a, b (c).py", line 12, in <lambda>', ("/srv/a, b (c).py", 12, "<lambda>")),
        (b'"<formula>", line 1', ("<formula>", 1, None)),
        (b'"ir.actions.server(85,)", line 1, in <module>', ("ir.actions.server(85,)", 1, "<module>")),
        (b'"/srv/a.py", line 123456789012345678901234567890, in f', ("/srv/a.py", 123456789, "f")),
        ('"/srv/größe.py", line 1, in größe'.encode("latin-1"), ("/srv/gr�\ufffde.py", 1, "gr\ufffd\ufffde")),
        (b'"/srv/a.py", line ?, in f', ("", 0, None)),
        (b"", ("", 0, None)),
    ],
)
def test_a_frame_is_taken_apart(raw: bytes, expected: tuple[str, int, str | None]) -> None:
    assert read_frame(raw) == expected


def test_connecting_words_inside_a_message_connect_nothing() -> None:
    words = DURING.strip()
    for said in (
        b"ValueError: " + words,
        b"ValueError: a\n" + words,
        b"ValueError: a\n  " + words + b"\n\nb",
    ):
        text = START + b'\n  File "/srv/a.py", line 1, in f\n' + said
        assert len(split(text)) == 1
        assert message(text) == said.removeprefix(b"ValueError: ").decode()


def test_a_traceback_quoted_in_a_message_belongs_to_the_message() -> None:
    quoted = (
        b"RemoteError: the other server said:\n" + START + b'\n  File "/far/b.py", line 2, in g\nKeyError: 1'
    )
    text = START + b'\n  File "/srv/a.py", line 1, in f\n' + quoted
    assert split(text) == [Part([b'"/srv/a.py", line 1, in f'], b"RemoteError: the other server said:")]


def test_a_part_of_a_chain_may_have_no_frames() -> None:
    text = b"KeyError: 1\n" + CAUSE + START + b'\n  File "/srv/a.py", line 1, in f\nValueError: 2'
    assert split(text) == [Part([], b"KeyError: 1"), Part([b'"/srv/a.py", line 1, in f'], b"ValueError: 2")]
    text = START + b'\n  File "/srv/a.py", line 1, in f\nValueError: 2\n' + DURING + b"KeyError: 1"
    assert [part.exception for part in split(text)] == [b"ValueError: 2", b"KeyError: 1"]


@pytest.mark.parametrize("connector", [CAUSE, DURING])
def test_a_chain_is_split_however_long_it_is(connector: bytes) -> None:
    parts = [START + b'\n  File "/srv/a.py", line %d, in f%d\nE%d: x\n' % (i, i, i) for i in range(1, 101)]
    read = split(connector.join(parts))
    assert [part.exception for part in read] == [b"E%d: x" % i for i in range(1, 101)]
    assert [part.frames for part in read] == [
        [b'"/srv/a.py", line %d, in f%d' % (i, i)] for i in range(1, 101)
    ]


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_message_is_read_back(said: str) -> None:
    assume(not said.rstrip(" \t\n\r\x0b\x0c").endswith("- - -"))

    def failing() -> None:
        try:
            raise KeyError(said)
        except KeyError:
            raise ValueError(said)  # noqa: B904

    text = printed(failing)
    read = exceptions(straighten(text, find(text)))
    assert [type_ for type_, _, _ in read] == ["KeyError", "ValueError"]
    assert [saying for _, saying, _ in read] == [repr(said), said.strip(" \t\n\r\x0b\x0c")]
    assert [len(frames) for _, _, frames in read] == [1, 2]


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


def seconds(call: Callable[[bytes], object], text: bytes, limit: float = 0) -> float:
    """The time of a call, of at most three where the machine was busy: the first within the limit, else the least."""
    times: list[float] = []
    while len(times) < 3 and (not times or min(times) > limit):
        began = perf_counter()
        call(text)
        times.append(perf_counter() - began)
    return min(times)


@pytest.mark.parametrize("filling", NASTY)
@pytest.mark.parametrize("call", CALLS)
def test_twice_the_text_takes_about_twice_the_time(call: str, filling: str) -> None:
    for start in STARTS.values():
        before = 0.0
        for size in (50_000, 100_000, 200_000):
            text = start + NASTY[filling] * (size // len(NASTY[filling]))
            limit = 3.5 * max(before, 0.02)
            before = seconds(CALLS[call], text, limit)
            assert before <= limit


@pytest.mark.parametrize("filling", NASTY)
def test_a_text_of_a_million_bytes_is_read_at_once(filling: str) -> None:
    text = START + b"\n" + NASTY[filling] * (1_000_000 // len(NASTY[filling]))
    assert seconds(lambda text: exceptions(straighten(text, find(text))), text, 5) <= 5
