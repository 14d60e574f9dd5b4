"""What a single line of a log says beside its header: its writer, its text, its colours."""

import pytest

from app.domain.log_lines import uncoloured, unwrap
from tests.domain.printed_lines import DOCKER, ODOO, WRAPPED


@pytest.mark.parametrize("name", WRAPPED)
@pytest.mark.parametrize(
    "text", [ODOO, b'  File "/mnt/extra-addons/shop/models/cart.py", line 3, in total', b"    ^^^^^"]
)
def test_a_prefix_names_the_writer_and_leaves_the_text(name: str, text: bytes) -> None:
    prefix, writer = WRAPPED[name]
    assert unwrap(prefix + text) == (writer, text)
    assert unwrap(prefix + text + b"\r") == (writer, text)


@pytest.mark.parametrize(
    ("prefix", "writer"),
    [
        (b"odoo-1  |", b"odoo-1"),
        (b"odoo_1  | ", b"odoo_1"),
        (DOCKER.rstrip(), b"clock"),
        (DOCKER + b"stderr F", b"clock"),
        (b"Mar 05 21:10:00 erp1 odoo[814]:", b"erp1 odoo[814]"),
    ],
)
def test_a_blank_line_of_a_writer_is_still_its_line(prefix: bytes, writer: bytes) -> None:
    assert unwrap(prefix) == (writer, b"")


@pytest.mark.parametrize(
    "line",
    [
        ODOO,
        b"",
        b"Traceback (most recent call last):",
        b"  | Traceback (most recent call last):",
        b" odoo-1  | indented",
        b"KeyError: 'a'",
        b"2026-03-05T21:10:00.139Z ERROR the program's own time",
        b"2026-03-05T21:10:00Z | INFO     | loguru",
        b"2026-03-05 21:10:00.139 UTC [88] ERROR:  deadlock detected",
        b"[Previous line repeated 976 more times]",
    ],
)
def test_a_line_without_a_prefix_has_no_writer(line: bytes) -> None:
    assert unwrap(line) == (b"", line)


def test_two_pods_are_two_writers() -> None:
    one, other = unwrap(b"[pod/odoo-0/odoo] a")[0], unwrap(b"[pod/odoo-1/odoo] a")[0]
    assert one != other


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"\x1b[1;31m\x1b[1;49mERROR\x1b[0m", b"ERROR"),
        (b"\x1b[38;5;208morange\x1b[K\x1b[?25h", b"orange"),
        (b"\x1b[lonely \x1b", b"onely \x1b"),
        (b"crlf\r", b"crlf"),
        (b"a\rb", b"a\rb"),
    ],
)
def test_colours_and_line_ends_are_taken_off(line: bytes, expected: bytes) -> None:
    assert uncoloured(line) == expected
