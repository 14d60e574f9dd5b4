"""Tracebacks of every shape: where one begins, its frames, its last line."""

import pytest

from app.domain.tracebacks import Frame, exception_type, exceptions, find, message, read_frame, split
from tests.domain.traceback_lines import START


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
