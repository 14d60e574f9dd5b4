"""The scanner against its rules in their plainest form, and against what a network, a disk and an enemy may do to it."""

import io
from collections.abc import Callable, Iterator
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.scanning.blocks import BlockGoneError, BlockScanner, Limits, scan_stream
from app.scanning.buffer import MARGIN
from tests.scanning.reference import Found, scan

TINY = Limits(before=300, after=100, head=4000, tail=1000, span=8000, reach=600, window=128, room=256)
HEADERS = [
    b"2026-03-01 08:00:00,001 7 INFO shop odoo.http: quiet",
    b"2026-03-01 08:00:00,002 7 ERROR shop odoo.http: Exception during request handling. ",
    b"2026-03-01 08:00:00,003 8 WARNING ? odoo.addons.sale.models.sale: stock is low",
    b"2026-03-01 08:00:00,004 8 CRITICAL None odoo.service.server: no memory",
    b"2026-03-01 08:00:00,005 9 DEBUG shop odoo.sql_db: an ERROR is only named here",
    b"2026-03-01 08:00:00,006 7 \x1b[1;31m\x1b[49mERROR\x1b[0m \x1b[1;34m\x1b[49mshop\x1b[0m odoo.http: coloured",
    b"2026-03-01 08:00:00,007 7 \x1b[1;32m\x1b[49mINFO\x1b[0m shop odoo.http: coloured, too",
    b"2026-03-01 08:00:00,008 - shop.views - ERROR - plain Python",
    b"[2026-03-01 08:00:00 +0000] [12] [ERROR] Error handling request /",
    b"ERROR:root:bare",
    b"INFO:root:bare",
    b"2026-03-01 08:00:00.009 UTC [78] ERROR:  deadlock detected",
    b'10.0.0.1 - - [01/Mar/2026 08:00:01] "GET /ERROR HTTP/1.1" 500 -',
    b"2026/03/01 08:00:01 [error] 12#12: *1 connect() failed",
    b"2026-03-01 08:00:00 Odoo Server 13.0:shop:ERROR:odoo.http: to syslog",
    b"Odoo Server 13.0:shop:ERROR:odoo.http: to syslog",
    b"\xef\xbb\xbf2026-03-01 08:00:00,010 7 ERROR shop odoo.http: behind a byte order mark",
]
TEXTS = [
    b"",
    b" ",
    b"Traceback (most recent call last):",
    b"  + Exception Group Traceback (most recent call last):",
    b"  | Traceback (most recent call last):",
    b"it failed: Traceback (most recent call last):",
    b'he said "Traceback (most recent call last):" and left',
    b'  File "/mnt/extra-addons/cart/models/cart.py", line 12, in total',
    b"    return 1 / 0",
    b"ZeroDivisionError: division by zero",
    b"ValueError: ERROR in column 0",
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
    b"Exception in thread Thread-7 (run):",
    b"Exception ignored in: <function f>",
    b"ERROR: duplicate key value violates unique constraint",
    b"WARNING",
    b"2026-03-01 out of range",
    b"2026-03-01 08:00:00,001 7 ERROR",
    b"row | with a bar",
    b"\x1b[31mred\x1b[0m",
    b"\x00\xff\xfe\x80",
    b"x" * 700 + b" ERROR ",
]
PREFIXES = [
    b"",
    b"",
    b"",
    b"odoo-1  | ",
    b"db-1  | ",
    b"\x1b[36modoo-1  |\x1b[0m ",
    b"2026-03-01T08:00:00.123456789Z ",
    b"2026-03-01T08:00:00.123456789Z stderr F ",
    b"[pod/odoo-5d/odoo] ",
    b"Mar 01 08:00:00 host odoo[7]: ",
    b"2026-03-01T08:00:00+0100 host odoo[7]: ",
    b"[   12.345678] odoo[7]: ",
    b"[odoo] | ",
    b"odoo.1.x7y@node-1    | ",
    b"2026-03-01T08:00:00.123456+00:00 app[web.1]: ",
]
LINES = st.builds(
    lambda prefix, text, end: prefix + text + end,
    st.sampled_from(PREFIXES),
    st.sampled_from(HEADERS + TEXTS),
    st.sampled_from([b"\n", b"\n", b"\n", b"\r\n"]),
)
QUIET = (HEADERS[0] + b"\n") * 40
"""Behind it there is enough of the stream for the scanner to decide in its fastest way what stands before."""
STREAMS = st.builds(
    lambda lines, cut, tail: b"".join(lines)[: -cut or None] + tail,
    st.lists(LINES, max_size=40),
    st.integers(0, 30),
    st.sampled_from([b"", QUIET, b"\n" + QUIET]),
)
PATIENT = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def blocks(data: bytes, sizes: Iterator[int] | None = None, limits: Limits = TINY) -> list[Found]:
    """What the scanner makes of a stream that comes in pieces of these sizes, the last size for ever."""
    scanner = BlockScanner(limits=limits)
    found: list[Found] = []

    def take(some: Iterator[object]) -> None:
        for block in some:
            fields = {name: getattr(block, name) for name in Found.__dataclass_fields__}
            found.append(Found(**fields))

    at = 0
    while at < len(data):
        size = next(sizes) if sizes else len(data)
        take(scanner.feed(data[at : at + size]))
        at += size
    take(scanner.finish())
    return found


@PATIENT
@given(STREAMS)
def test_it_finds_what_the_rules_read_line_by_line_find(data: bytes) -> None:
    assert blocks(data) == scan(data, TINY)


@PATIENT
@given(STREAMS, st.lists(st.integers(1, 90), min_size=1, max_size=20))
def test_the_result_does_not_depend_on_where_the_stream_is_cut(data: bytes, sizes: list[int]) -> None:
    def endless() -> Iterator[int]:
        while True:
            yield from sizes

    assert blocks(data, endless()) == blocks(data)


@PATIENT
@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from(HEADERS + TEXTS)), max_size=30))
def test_any_bytes_are_scanned_without_an_error_and_by_the_same_rules(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    assert blocks(data) == scan(data, TINY)


def test_the_pool_of_lines_holds_blocks_of_every_sort() -> None:
    data = b"".join(prefix + line + b"\n" for prefix in PREFIXES for line in [*HEADERS, HEADERS[0], *TEXTS])
    found = blocks(data, limits=Limits())
    assert found == scan(data, Limits())
    assert len(found) > 80
    assert {block.writer for block in found} >= {b"", b"odoo-1", b"clock", b"host odoo[7]"}
    assert {block.header is None for block in found} == {True, False}
    assert any(block.under for block in found)


def test_a_record_ends_before_the_next_header_and_keeps_blank_and_column_0_lines() -> None:
    data = HEADERS[1] + b"\nTraceback (most recent call last):\n\nrow 1: bad\n\n" + HEADERS[0] + b"\n"
    [block] = blocks(data)
    assert block.text == HEADERS[1] + b"\nTraceback (most recent call last):\n\nrow 1: bad\n"
    assert (block.line, block.end_line, block.start) == (1, 5, 0)
    assert data[block.end :] == HEADERS[0] + b"\n"


def test_two_containers_in_one_stream_are_kept_apart() -> None:
    data = b"\n".join(
        [
            b"odoo-1  | " + HEADERS[1],
            b"db-1  | 2026-03-01 08:00:00.009 UTC [78] LOG:  checkpoint",
            b"odoo-1  | Traceback (most recent call last):",
            b"db-1  | DETAIL: more",
            b"odoo-1  | KeyError: 1",
            b"odoo-1  | " + HEADERS[0],
        ]
    )
    [block] = blocks(data)
    assert block.text == HEADERS[1] + b"\nTraceback (most recent call last):\nKeyError: 1"
    assert (block.writer, block.line, block.end_line) == (b"odoo-1", 1, 5)


def test_a_crash_loop_on_standard_error_gives_one_block_a_crash() -> None:
    crash = b'Traceback (most recent call last):\n  File "/srv/odoo-bin", line 1, in <module>\nKeyError: 1\n'
    found = blocks(crash * 3)
    assert [block.text + b"\n" for block in found] == [crash] * 3
    assert [block.line for block in found] == [1, 4, 7]


def test_a_chain_on_standard_error_is_one_block() -> None:
    chain = b"\n".join([TEXTS[2], TEXTS[9], b"", TEXTS[11], b"", TEXTS[2], TEXTS[9]])
    [block] = blocks(chain)
    assert block.text == chain


def test_a_traceback_below_a_quiet_record_tells_what_it_stands_under() -> None:
    [block] = blocks(
        HEADERS[0] + b"\nException in thread Thread-7 (run):\n" + TEXTS[2] + b"\n" + TEXTS[9] + b"\n"
    )
    assert block.header is None
    assert block.under == HEADERS[0] + b"\nException in thread Thread-7 (run):"
    assert block.line == 3


@pytest.mark.parametrize("size", [5000, 9000, 100_000], ids=["head and tail", "longer", "far longer"])
def test_a_long_record_keeps_its_beginning_and_its_end(size: int) -> None:
    data = HEADERS[1] + b"\n" + b"y" * size + b"\nKeyError: 1\n" + HEADERS[0] + b"\n"
    [block] = blocks(data, iter(lambda: 77, 0))
    assert block.text == scan(data, TINY)[0].text
    assert block.text.startswith(HEADERS[1])
    assert block.text.endswith(b"\nKeyError: 1")
    assert len(block.text) < TINY.head + TINY.tail + 60
    assert (block.line, block.end_line) == (1, 3)


def test_a_50_mib_line_and_a_50_mib_record_take_little_memory_and_lose_nothing_behind_them() -> None:
    def stream() -> Iterator[bytes]:
        yield b"ERROR" * 10_000_000 + b"\n" + HEADERS[1] + b"\n"
        for _ in range(500):
            yield b"ERROR Traceback (most recent call last): WARNING 2026-03-01 08:00:00,001\n" * 1400
        yield HEADERS[2] + b"\n"

    scanner = BlockScanner()
    found = [block for piece in stream() for block in scanner.feed(piece)] + list(scanner.finish())
    assert [(block.line, block.end_line) for block in found] == [(2, 700_002), (700_003, 700_003)]
    assert len(found[0].text) < 400_000
    assert Limits().capacity < 4 * 1024 * 1024


def test_the_neighbourhood_is_what_stands_around_a_block_and_is_refused_when_it_is_gone() -> None:
    data = (HEADERS[0] + b"\n") * 20 + HEADERS[2] + b"\n" + (HEADERS[0] + b"\n") * 60_000
    stream = scan_stream(io.BytesIO(data))
    block = next(stream)
    start = 20 * (len(HEADERS[0]) + 1)
    assert block.before == data[:start]
    assert block.just_before(10) == data[start - 10 : start]
    assert block.after == data[block.end : block.end + 16 * 1024]
    assert list(stream) == []
    with pytest.raises(BlockGoneError):
        _ = block.before


def test_a_kept_block_can_be_read_for_ever() -> None:
    data = HEADERS[0] + b"\n" + HEADERS[2] + b"\n" + (HEADERS[0] + b"\n") * 60_000
    stream = scan_stream(io.BytesIO(data))
    block = next(stream).keep()
    assert list(stream) == []
    assert block.before == HEADERS[0] + b"\n"
    assert block.just_before(3) == b"et\n"


@PATIENT
@given(STREAMS, st.integers(0, 2000))
def test_a_scan_in_two_batches_finds_what_one_scan_finds(data: bytes, cut: int) -> None:
    """The second batch begins where the first said, with the bytes before it at hand."""
    first = BlockScanner(limits=TINY)
    early = [*first.feed(data[:cut]), *first.pause()]
    at = first.resume_at
    second = BlockScanner(
        limits=TINY,
        offset=at,
        line=first.resume_line,
        behind=data[max(0, at - TINY.back) : at],
        inside=first.resume_inside,
    )
    late = [*second.feed(data[at:]), *second.finish()]
    assert [(b.start, b.end, b.line, b.text) for b in early + late] == [
        (b.start, b.end, b.line, b.text) for b in scan(data, TINY)
    ]


NASTY: dict[str, Callable[[int], bytes]] = {
    "needles in one line": lambda n: b"ERROR" * n,
    "traceback lines": lambda n: b"Traceback (most recent call last):\n" * (n // 4),
    "quiet record of tracebacks": lambda n: (
        HEADERS[0] + b"\n" + b" Traceback (most recent call last):\n" * (n // 4)
    ),
    "line ends": lambda n: b"\n" * (n * 5),
    "headers": lambda n: (HEADERS[1] + b"\n") * (n // 10),
    "wrapped record": lambda n: b"odoo-1 | " + HEADERS[1] + b"\n" + b"odoo-1 | ERROR\n" * (n // 4),
    "nearly headers": lambda n: b"2026-03-01 08:00:00,001 7 ERROR\n" * (n // 4),
    "one record of column 0": lambda n: HEADERS[1] + b"\n" + b"2 ERROR\n" * (n // 2),
    "dashes behind a time": lambda n: b"2026-03-01 08:00:00,001" + b" -" * n + b" ERROR\n",
}


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY.keys())
def test_time_grows_with_the_stream_and_no_faster(nasty: Callable[[int], bytes]) -> None:
    def seconds(size: int) -> float:
        data = nasty(size)
        best = 9e9
        for _ in range(2):
            start = process_time()
            for _block in scan_stream(io.BytesIO(data)):
                pass
            best = min(best, process_time() - start)
        return best

    small, large = seconds(40_000), seconds(160_000)
    assert large < 8 * small + 0.2


def test_the_buffer_has_room_whatever_the_limits() -> None:
    assert BlockScanner(limits=TINY).free().nbytes >= TINY.room // 3
    assert MARGIN > 0
