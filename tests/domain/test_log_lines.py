"""What a single line of a log says: its writer, its text, and whether it opens a record."""

from datetime import UTC, datetime
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.log_lines import HEADER_LIMIT, Header, header, match_odoo, odoo_header, uncoloured, unwrap

ODOO = b"2026-03-05 21:10:00,139 814 ERROR live odoo.http: Exception during request handling. "
DOCKER = b"2026-03-05T21:10:00.139402817Z "

WRAPPED = {
    "docker compose 1": (b"odoo_1  | ", b"odoo_1"),
    "docker compose 2": (b"odoo-1  | ", b"odoo-1"),
    "docker compose, scaled service of a project": (b"acme-prod-odoo-12  | ", b"acme-prod-odoo-12"),
    "docker compose --timestamps": (b"odoo-1  | " + DOCKER, b"odoo-1"),
    "docker logs --timestamps": (DOCKER, b"clock"),
    "docker logs --timestamps, no fraction": (b"2026-03-05T21:10:00Z ", b"clock"),
    "docker logs --timestamps with an offset": (b"2026-03-05T21:10:00.139402817+01:00 ", b"clock"),
    "container runtime interface": (DOCKER + b"stderr F ", b"clock"),
    "container runtime interface, part of a line": (DOCKER + b"stdout P ", b"clock"),
    "kubectl logs --prefix": (b"[pod/odoo-7d9f-x2x/odoo] ", b"[pod/odoo-7d9f-x2x/odoo] "),
    "kubectl logs --prefix --timestamps": (b"[pod/odoo-0/odoo] " + DOCKER, b"[pod/odoo-0/odoo] "),
    "journalctl -o short": (b"Mar 05 21:10:00 erp1 odoo[814]: ", b"erp1 odoo[814]"),
    "journalctl, day of one digit": (b"Mar  5 21:10:00 erp1 odoo[814]: ", b"erp1 odoo[814]"),
    "journalctl -o short-precise": (b"Mar 05 21:10:00.139402 erp1 odoo-bin[814]: ", b"erp1 odoo-bin[814]"),
    "journalctl -o short-iso": (b"2026-03-05T21:10:00+0100 erp1 odoo[814]: ", b"erp1 odoo[814]"),
    "journalctl -o short-iso-precise": (
        b"2026-03-05T21:10:00.139402+01:00 erp1 odoo[814]: ",
        b"erp1 odoo[814]",
    ),
    "journalctl -o short-full": (
        b"Thu 2026-03-05 21:10:00 CET erp1.example odoo@live[814]: ",
        b"erp1.example odoo@live[814]",
    ),
    "rsyslog": (b"2026-03-05T21:10:00.139402+00:00 erp1 odoo[814]: ", b"erp1 odoo[814]"),
    "byte order mark": (b"\xef\xbb\xbf", b""),
    "colours round a compose prefix": (b"\x1b[36modoo-1  | \x1b[0m", b"odoo-1"),
}


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


def odoo(
    level: str = "ERROR", database: str | None = "live", logger: str = "odoo.http", pid: int = 814
) -> Header:
    return Header(b"2026-03-05 21:10:00,139", level, logger, pid, database, 0)


ODOO_HEADERS = {
    "error": (b"2026-03-05 21:10:00,139 814 ERROR live odoo.http: ", odoo()),
    "critical": (b"2026-03-05 21:10:00,139 814 CRITICAL live odoo.http: ", odoo("CRITICAL")),
    "warning": (b"2026-03-05 21:10:00,139 814 WARNING live odoo.http: ", odoo("WARNING")),
    "info": (b"2026-03-05 21:10:00,139 814 INFO live odoo.http: ", odoo("INFO")),
    "debug": (b"2026-03-05 21:10:00,139 814 DEBUG live odoo.http: ", odoo("DEBUG")),
    "no database": (b"2026-03-05 21:10:00,139 814 ERROR ? odoo.http: ", odoo(database=None)),
    "database None": (b"2026-03-05 21:10:00,139 814 ERROR None odoo.http: ", odoo(database=None)),
    "database of odoo.sh": (
        b"2026-03-05 21:10:00,139 814 ERROR acme-prod-17.0-8816 odoo.http: ",
        odoo(database="acme-prod-17.0-8816"),
    ),
    "long pid": (b"2026-03-05 21:10:00,139 4194304 ERROR live odoo.http: ", odoo(pid=4194304)),
    "Odoo 9": (
        b"2026-03-05 21:10:00,139 814 ERROR live openerp.http: ",
        odoo(logger="openerp.http"),
    ),
    "addon": (
        b"2026-03-05 21:10:00,139 814 ERROR live odoo.addons.sale.models.sale_order: ",
        odoo(logger="odoo.addons.sale.models.sale_order"),
    ),
}


@pytest.mark.parametrize("name", ODOO_HEADERS)
@pytest.mark.parametrize("message", [b"Exception: 3 of 4", b"", b"\nTraceback (most recent call last):"])
def test_an_odoo_header_is_read_whole(name: str, message: bytes) -> None:
    start, expected = ODOO_HEADERS[name]
    found = header(start + message)
    assert found == Header(
        expected.time, expected.level, expected.logger, expected.pid, expected.database, len(start)
    )


def test_a_message_may_be_missing_with_its_blank() -> None:
    assert header(ODOO[: ODOO.index(b": ") + 1]) == header(ODOO[: ODOO.index(b": ") + 1] + b"\nmore")


def test_a_header_in_a_buffer_is_the_header_of_its_line() -> None:
    buffer = b"x" * 5000 + b"\n" + ODOO + b"\nmore"
    found = match_odoo(buffer, 5001)
    assert found is not None
    assert odoo_header(found) == header(ODOO)


T = b"2026-03-05 21:10:00,139"
PYTHON_HEADERS = {
    "basicConfig": (b"ERROR:root:it broke", b"", "ERROR", "root", None, b"it broke"),
    "basicConfig, dotted": (b"WARNING:shop.cart:low", b"", "WARNING", "shop.cart", None, b"low"),
    "asctime - name - level": (
        T + b" - shop.cart - ERROR - it broke",
        T,
        "ERROR",
        "shop.cart",
        None,
        b"it broke",
    ),
    "asctime-name-level": (T + b"-shop-ERROR-it broke", T, "ERROR", "shop", None, b"it broke"),
    "asctime - name with dashes - level": (T + b" - my-shop - ERROR - x", T, "ERROR", "my-shop", None, b"x"),
    "asctime-name with dashes-level": (T + b"-my-shop-ERROR-x", T, "ERROR", "my-shop", None, b"x"),
    "asctime process name thread level": (
        T + b" 814 my-shop ThreadPoolExecutor-0_0 ERROR x",
        T,
        "ERROR",
        "ThreadPoolExecutor-0_0",
        814,
        b"x",
    ),
    "asctime [request] level": (
        T + b" [9f1c2e34-aaaa-4bbb-8ccc-1234567890ab] [814] ERROR x",
        T,
        "ERROR",
        "",
        814,
        b"x",
    ),
    "asctime name level": (T + b" shop ERROR it broke", T, "ERROR", "shop", None, b"it broke"),
    "asctime level name": (T + b" ERROR shop.cart: it broke", T, "ERROR", "shop.cart", None, b"it broke"),
    "asctime [level] name": (T + b" [ERROR] shop.cart: it broke", T, "ERROR", "shop.cart", None, b"it broke"),
    "asctime process thread level": (
        T + b" 814 MainThread ERROR it broke",
        T,
        "ERROR",
        "MainThread",
        814,
        b"it broke",
    ),
    "loguru": (
        b"2026-03-05 21:10:00.139 | ERROR    | shop.cart:total:88 - it broke",
        b"2026-03-05 21:10:00.139",
        "ERROR",
        "shop.cart",
        None,
        b"it broke",
    ),
    "celery": (
        b"[2026-03-05 21:10:00,139: ERROR/ForkPoolWorker-1] Task shop.mail raised",
        T,
        "ERROR",
        "",
        None,
        b"Task shop.mail raised",
    ),
    "gunicorn": (
        b"[2026-03-05 21:10:00 +0000] [814] [ERROR] Error handling request /",
        b"2026-03-05 21:10:00 +0000",
        "ERROR",
        "",
        814,
        b"Error handling request /",
    ),
    "flask": (b"[2026-03-05 21:10:00,139] ERROR in app: it broke", T, "ERROR", "", None, b"in app: it broke"),
    "uvicorn": (
        b"ERROR:    Exception in ASGI application",
        b"",
        "ERROR",
        "",
        None,
        b"Exception in ASGI application",
    ),
    "uvicorn info": (
        b"INFO:     Started server process [1]",
        b"",
        "INFO",
        "",
        None,
        b"Started server process [1]",
    ),
    "time with T and zone": (
        b"2026-03-05T21:10:00.139Z ERROR it broke",
        b"2026-03-05T21:10:00.139Z",
        "ERROR",
        "",
        None,
        b"it broke",
    ),
}


@pytest.mark.parametrize("name", PYTHON_HEADERS)
def test_headers_of_other_python_programs_are_read(name: str) -> None:
    line, time, level, logger, pid, message = PYTHON_HEADERS[name]
    found = header(line)
    assert found == Header(time, level, logger, pid, None, len(line) - len(message))
    assert line[found.message_at :] == message


@pytest.mark.parametrize(
    "line",
    [
        b"2026-03-05 21:10:00.139 UTC [88] LOG:  database system is ready to accept connections",
        b"2026-03-05 21:10:00.139 UTC [88] odoo@live ERROR:  deadlock detected at character 15",
        b"2026-03-05 21:10:00 CET [88] STATEMENT:  UPDATE stock_quant SET quantity = 1",
        b'203.0.113.7 - - [05/Mar/2026 21:10:00] "GET /web HTTP/1.1" 500 -',
        b'203.0.113.7 - admin [05/Mar/2026:21:10:00 +0100] "POST /web HTTP/1.1" 500 312',
    ],
)
def test_lines_of_servers_beside_odoo_end_a_record_and_are_no_error(line: bytes) -> None:
    found = header(line)
    assert found is not None
    assert found.level == "LOG"
    assert (found.pid, found.database) == (None, None)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"Traceback (most recent call last):",
        b" " + ODOO,
        b"2026-03-05",
        b"2026-03-05 out of range",
        b"2026-03-05 21:10:00 out of range",
        b"row 3: 2026-03-05 21:10:00,139 814 ERROR live odoo.http: quoted",
        b"ERROR: duplicate key value violates unique constraint",
        b"ERROR:  relation does not exist",
        b"DETAIL:  Key (code)=(DUP) already exists.",
        b"ERROR",
        b"ERRORS:root:many",
        b"ValueError: ERROR: 12",
        b"2026-03-05 21:10:00,139 ERRORS are many",
        b"2026-03-05 21:10:00,139 814 LOUD live odoo.http: no level",
        b"    raise ValueError('ERROR:root:x')",
        b"2026-03-05 21:10:00 " + b"-" * 80,
        b"2026-03-05 21:10:00 one two three four ERROR too many words",
    ],
)
def test_other_lines_continue_a_record(line: bytes) -> None:
    assert header(line) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (ODOO, datetime(2026, 3, 5, 21, 10, 0, 139000, UTC)),
        (b"2026-03-05T21:10:00.139402817Z ERROR x", datetime(2026, 3, 5, 21, 10, 0, 139402, UTC)),
        (b"[2026-03-05 21:10:00 +0000] [814] [ERROR] x", datetime(2026, 3, 5, 21, 10, 0, 0, UTC)),
        (b"[2026-03-05 21:10:00 +0200] [814] [ERROR] x", datetime(2026, 3, 5, 19, 10, 0, 0, UTC)),
        (b"2026-03-05T21:10:00,5-05:30 ERROR x", datetime(2026, 3, 6, 2, 40, 0, 500000, UTC)),
        (b"0001-01-01 00:00:00+01:00 ERROR before all time", None),
        (b"2026-02-30 21:10:00,139 814 ERROR live odoo.http: no such day", None),
        (b"0000-00-00 99:99:99,999 814 ERROR live odoo.http: no such time", None),
        (b"ERROR:root:no time", None),
    ],
)
def test_a_header_tells_the_time_if_it_has_one(line: bytes, expected: datetime | None) -> None:
    found = header(line)
    assert found is not None
    assert found.timestamp() == expected


PIECES = st.lists(
    st.sampled_from(
        [
            *[prefix for prefix, _ in WRAPPED.values()],
            *[line for line, *_ in PYTHON_HEADERS.values()],
            ODOO,
            T,
            b" ",
            b"-",
            b"[",
            b"ERROR",
            b"LOG: ",
            b"\x1b[0m",
            b"\r",
            b"a",
            b"1",
            b"\xff",
            b"\x00",
        ]
    ),
    max_size=8,
).map(b"".join)


@given(st.one_of(st.binary(max_size=1500), PIECES))
def test_any_bytes_are_a_line(line: bytes) -> None:
    writer, text = unwrap(line)
    assert uncoloured(line).endswith(text)
    if writer:
        assert len(text) < len(uncoloured(line))
    found = header(text)
    assert found is None or 0 < found.message_at <= min(len(text), HEADER_LIMIT)


@given(st.one_of(st.binary(max_size=100), PIECES), st.binary(max_size=50))
def test_lines_below_a_header_do_not_change_it(line: bytes, below: bytes) -> None:
    line = line.replace(b"\n", b" ")
    assert header(line) == header(line + b"\n" + below)


@given(PIECES, st.binary(min_size=1, max_size=50))
def test_what_is_past_the_limit_does_not_change_a_header(line: bytes, more: bytes) -> None:
    padded = line.ljust(HEADER_LIMIT, b"x")[:HEADER_LIMIT]
    assert header(padded) == header(padded + more)


@pytest.mark.parametrize(
    "filling",
    [b"-", b" ", b"a-", b"- a", b"a ", b"a.", b"[", b"1 ", b"ERROR", b": ", b"a/", b"@-", b"\x1b[", b"\r"],
)
@pytest.mark.parametrize(
    "start", [b"", T + b" ", b"[" + T, DOCKER, b"a", b"ERROR:", b"[pod/", b"Mar 05 21:10:00 "]
)
def test_no_line_takes_long_to_read(start: bytes, filling: bytes) -> None:
    line = start + filling * (HEADER_LIMIT // len(filling))
    began = perf_counter()
    header(unwrap(line)[1])
    header(line)
    assert perf_counter() - began < 0.5


@pytest.mark.parametrize("filling", [b"\x1b[", b"\x1b[0m", b"0", b"\r", b" "])
def test_a_line_of_a_million_bytes_is_unwrapped_in_one_pass(filling: bytes) -> None:
    line = b"odoo-1  | \x1b[" + filling * (1_000_000 // len(filling))
    began = perf_counter()
    unwrap(line)
    assert perf_counter() - began < 2
