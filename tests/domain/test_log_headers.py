"""Whether a line opens a record, and what its header tells."""

from datetime import UTC, datetime

import pytest

from app.domain.log_lines import Header, header, match_odoo, odoo_header
from tests.domain.printed_lines import ODOO, PYTHON_HEADERS


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
