"""What this interpreter prints of an error is read back: whole, indented, in a message, cut."""

import traceback
from collections.abc import Callable

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
from tests.domain.traceback_lines import CAUSE, START


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
