"""The scanner against its rules on streams made to mislead it, cut anywhere, with all its limits in reach."""

from random import Random

import pytest

from app.domain.log_lines import TRACEBACK
from app.scanning.blocks import Block, BlockScanner, Limits
from tests.scanning.reference import Found, scan

STAMP = b"2025-12-16 19:37:55,118 "
HEADERS = [
    STAMP + b"1 ERROR ? odoo.http: boom ",
    STAMP + b"1 INFO db odoo.addons.base: fine",
    STAMP + b"12 WARNING db odoo.addons.x: hm",
    STAMP + b"12 CRITICAL db odoo.x:",
    STAMP + b"1 DEBUG ? odoo: ERROR in text",
    STAMP + b"1 ERROR ",
    STAMP + b"1 ERROR x",
    STAMP + b"1 WARNING \xff \x00",
    STAMP + b"1 INFO db odoo.x: Traceback (most recent call last):",
    STAMP + b"1 \x1b[1;31mERROR\x1b[0m ? odoo.http: x",
    STAMP + b"1 INFO \x1b[0m odoo.x: y",
    STAMP + b"1 ERROR \x1b[0m odoo.x: y",
    STAMP + b"1 ER\x1b[0mROR db odoo.x: WARNING",
    STAMP + b"1 ER\x1b[0mROR db odoo.x: q",
    b"\x1b[32m" + STAMP + b"1 INFO db odoo: x\x1b[0m",
    b"2025-12-16 19:37:55.118 UTC [12] ERROR:  relation",
    b"2025-12-16 19:37:55.118 UTC [12] LOG:  x",
    b"2025-12-16 19:37:55 [ERROR] foo - bar",
    b"[2025-12-16 19:37:55 +0000] [7] [INFO] Booting",
    b"ERROR:root:bad",
    b"INFO:     Started",
    b"ERROR:    x",
    b"WARNING:py.warnings:x",
]
LINES = [
    TRACEBACK,
    TRACEBACK,
    b"  " + TRACEBACK,
    b"  + Exception Group " + TRACEBACK,
    b"    | " + TRACEBACK,
    b"boo: " + TRACEBACK,
    b"boo: " + TRACEBACK + b" x",
    b"\x1b[31m" + TRACEBACK + b"\x1b[0m",
    b"Trace\x1b[0mback (most recent call last):",
    b"x ... Traceback (most recent",
    b"Exception ignored in: <f>",
    b"Exception in thread Thread-1:",
    b'  File "/a/b.py", line 1, in f',
    b'  File "/a/b.py", line 1, in f',
    b"    return x()",
    b"ValueError: ERROR",
    b"KeyError: 'a'",
    b"",
    b"   ",
    b"\r",
    b"\x0b\x0c",
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
    b" The above exception was the direct cause of the following exception:  ",
    b"\x1b[0mThe above exception was the direct cause of the following exception:\x1b[0m",
    b"foo | bar",
    b"foo |bar",
    b"DETAIL:  Key",
    b"ERROR",
    b"\tWARNING CRITICAL",
    b"x" * 990 + TRACEBACK,
    b"x" * 966 + TRACEBACK,
    b"y" * 967 + TRACEBACK,
    b"ERROR" * 300,
    b"z" * 998 + b"ERROR",
    b"\xef\xbb\xbfabc",
    b"\x00\x00ERROR\x00",
    b"\xff\xfeE\x00R\x00",
    b"2025-12-16T19:37:55.118Z",
    b"1234-",
    b"Nov 21 ",
    b"[pod/x",
]
PREFIXES = [
    b"",
    b"",
    b"",
    b"odoo-1  | ",
    b"odoo-1  | ",
    b"db-1    | ",
    b"odoo-1 |",
    b"[pod/odoo-7/odoo] ",
    b"2025-12-16T19:37:55.118123Z ",
    b"2025-12-16T19:37:55.118Z stdout F ",
    b"Nov 21 21:55:10 host odoo[123]: ",
    b"Nov 21 21:55:10 host db[5]: ",
    b"2025-12-16T19:37:55+0000 host odoo[123]: ",
    b"\xef\xbb\xbf",
    b"odoo-1  | 2025-12-16T19:37:55.118Z ",
    b"\x1b[36modoo-1  |\x1b[0m ",
]
LIMITS = [
    Limits(room=20_000),
    Limits(before=40, after=30, head=300, tail=90, span=700, reach=200, window=50, room=64),
    Limits(before=400, after=0, head=30, tail=9, span=170, reach=2000, window=5000, room=640),
]
FIELDS = tuple(Found.__dataclass_fields__)


def stream(chance: Random) -> bytes:
    """A stream of few writers and few different lines, so that records are long, interleaved, and cut by limits."""
    prefixes = chance.sample(PREFIXES, chance.randint(1, 4)) if chance.random() < 0.7 else [b""]
    headers = chance.sample(HEADERS, chance.randint(1, 6))
    lines = [TRACEBACK, *chance.sample(LINES, chance.randint(1, 12))]
    share = chance.random() / 2
    ends = [b"\n", b"\n", b"\n", b"\r\n", b"\r\r\n"] if chance.random() < 0.3 else [b"\n"]
    data = b"".join(
        chance.choice(prefixes)
        + chance.choice(headers if chance.random() < share else lines)
        + chance.choice(ends)
        for _ in range(chance.randint(0, 60))
    )
    if chance.random() < 0.3:
        data = data[: -chance.randint(1, 40)]
    return data * chance.randint(2, 20) if chance.random() < 0.3 else data


def fields(block: Block | Found) -> dict[str, object]:
    return {name: getattr(block, name) for name in FIELDS}


def in_pieces(data: bytes, sizes: list[int], limits: Limits) -> list[dict[str, object]]:
    scanner = BlockScanner(limits=limits)
    blocks, at = [], 0
    for size in [*sizes, len(data)]:
        blocks += [fields(block) for block in scanner.feed(data[at : at + size])]
        at += size
    return blocks + [fields(block) for block in scanner.finish()]


def in_two_scans(data: bytes, cut: int, limits: Limits) -> list[dict[str, object]]:
    first = BlockScanner(limits=limits)
    blocks = [fields(block) for block in first.feed(data[:cut])]
    blocks += [fields(block) for block in first.pause()]
    at = first.resume_at
    assert 0 <= at <= cut
    second = BlockScanner(
        offset=at, line=first.resume_line, behind=data[:at], inside=first.resume_inside, limits=limits
    )
    blocks += [fields(block) for block in second.feed(data[at:])]
    return blocks + [fields(block) for block in second.finish()]


@pytest.mark.parametrize("seed", range(8))
def test_the_scanner_finds_what_the_rules_find(seed: int) -> None:
    chance = Random(seed)
    orphans = records = 0
    for _ in range(100):
        data, limits = stream(chance), chance.choice(LIMITS)
        expected = scan(data, limits)
        sizes = [chance.choice([1, 3, 17, 100, 1000]) for _ in range(chance.randint(0, 200))]
        assert in_pieces(data, sizes, limits) == [fields(block) for block in expected]
        orphans += sum(block.header is None for block in expected)
        records += sum(block.header is not None for block in expected)
    assert orphans > 400
    assert records > 400


@pytest.mark.parametrize("seed", range(100, 104))
def test_a_scan_that_is_paused_and_resumed_finds_what_one_scan_finds(seed: int) -> None:
    chance = Random(seed)
    cut_short = 0
    for _ in range(100):
        data, limits = stream(chance), chance.choice(LIMITS)
        cut = chance.randint(0, len(data))
        blocks, expected = in_two_scans(data, cut, limits), [fields(block) for block in scan(data, limits)]
        for block in blocks + expected:
            del block["after"]  # of a block given out by `pause` it ends with the data
        assert blocks == expected
        cut_short += cut < len(data)
    assert cut_short > 80


@pytest.mark.parametrize("header", [HEADERS[1], HEADERS[0], b"odoo-1  | " + HEADERS[1]])
def test_a_header_is_found_wherever_a_stride_of_the_search_ends(header: bytes) -> None:
    limits = Limits(after=0)
    for length in range(4096 - 200, 4096 + 20):
        record = HEADERS[0] + b"\n " + b"x" * length + b"\n"
        crash = header + b"\n " + b"y" * length + b"\n" + TRACEBACK + b"\n"
        data = record + crash + (HEADERS[1] + b"\n") * 30
        assert in_pieces(data, [], limits) == [fields(block) for block in scan(data, limits)]


def test_the_rest_of_a_line_before_the_scan_is_no_header() -> None:
    data = TRACEBACK + b"\nKeyError: 1\n"
    assert [block.under for block in BlockScanner(offset=9000, behind=HEADERS[1] + b"\n").feed(data)] == []
    scanner = BlockScanner(offset=9000, behind=HEADERS[1] + b"\n")
    assert [block.under for block in [*scanner.feed(data), *scanner.finish()]] == [b""]
    scanner = BlockScanner(offset=9000, behind=b"y\n" + HEADERS[1] + b"\n")
    assert [block.under for block in [*scanner.feed(data), *scanner.finish()]] == [HEADERS[1]]


def test_a_line_far_longer_than_a_record_may_be_is_not_waited_for() -> None:
    long_line = b"x" * (1000 - len(TRACEBACK)) + TRACEBACK + b"\n"
    record = b"odoo-1  | " + HEADERS[0] + b"\n" + b"db-1  | " + HEADERS[2] + b"\n"
    data = (record + long_line * 30) * 5
    assert in_pieces(data, [], LIMITS[2]) == [fields(block) for block in scan(data, LIMITS[2])]
