"""What kind of error a record without a traceback is, and what groups a database error."""

from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.record_kinds import OUTLINE_LIMIT, database_error, kind, outline, statement_table
from app.domain.severity import ORDER, Kind, severity

BAD_QUERY = """bad query: INSERT INTO "shop_cart" ("code", "qty") VALUES ('DUP', 4) RETURNING "id"
ERROR: duplicate key value violates unique constraint "shop_cart_code_uniq"
DETAIL:  Key (code)=(DUP) already exists."""

DATABASE = [
    BAD_QUERY,
    'bad query: SELECT nope FROM shop_cart WHERE id = 1\nERROR: column "nope" does not exist\nLINE 1: SELECT nope',
    "bad query: UPDATE x SET a = 1\nERROR: could not serialize access due to concurrent update",
    "could not serialize access due to read/write dependencies among transactions",
    "deadlock detected\nDETAIL:  Process 88 waits for ShareLock on transaction 5; blocked by process 90.",
    'null value in column "name" of relation "res_partner" violates not-null constraint',
    'insert or update on table "a" violates foreign key constraint "a_b_fkey"',
    'new row for relation "a" violates check constraint "positive"',
    'conflicting key value violates exclusion constraint "period"',
    "psycopg2.OperationalError: could not connect to server: Connection refused",
    "psycopg.errors.SerializationFailure: x",
    'connection to server at "db" (10.0.0.3), port 5432 failed: Connection refused',
    "Connection to the database failed",
    'FATAL:  password authentication failed for user "odoo"',
    "FATAL:  sorry, too many clients already",
    "FATAL:  remaining connection slots are reserved for superuser connections",
    "FATAL:  the database system is starting up",
    "terminating connection due to administrator command",
    "server closed the connection unexpectedly",
    "SSL SYSCALL error: EOF detected",
    "current transaction is aborted, commands ignored until end of transaction block",
    "canceling statement due to statement timeout",
    'database "live18" does not exist',
    'relation "ir_module_module" does not exist',
    'column "x" of relation "sale_order" does not exist',
    "The Connection Pool Is Full",
    "cursor: connection already closed",
    'could not obtain lock on row in relation "stock_quant"',
    'could not extend file "base/1/2": No space left on device',
    'invalid byte sequence for encoding "UTF8": 0x00',
    "x: IntegrityError in the import",
]
ACCESS = [
    "AccessError: no read access",
    "odoo.exceptions.AccessDenied: Access Denied",
    "PermissionError: [Errno 13] Permission denied: '/var/lib/odoo/filestore'",
    "[Errno 13] Permission denied: '/var/lib/odoo/filestore'",
    "Access Denied",
    "You are not allowed to access 'Cart' (shop.cart) records.",
    "Sorry, you are not allowed to modify documents of type 'Cart'",
    "Due to security restrictions, you are not allowed to access 'Cart' (shop.cart) records.",
]
OTHER = [
    "payment provider answered 503",
    "the column of the table is too wide",
    "the answer was: you are not allowed to park here",
    "[Errno 2] No such file or directory: '/var/lib/odoo/x'",
    "Accessed denied terms",
    "type 'Cart' does not exist",
    "database and server are fine",
    "",
]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        *[(message, "database") for message in DATABASE],
        *[(message, "access") for message in ACCESS],
        *[(message, "message") for message in OTHER],
    ],
)
def test_an_error_is_judged_by_its_words(message: str, expected: Kind) -> None:
    for logger in ("odoo.http", "odoo.addons.shop.models.cart", "root", ""):
        assert kind("ERROR", logger, message, denied=False) == expected
        assert kind("CRITICAL", logger, message, denied=False) == expected


@pytest.mark.parametrize("message", [*ACCESS, *OTHER])
def test_whatever_the_connection_logs_as_an_error_is_a_database_error(message: str) -> None:
    assert kind("ERROR", "odoo.sql_db", message, denied=False) == "database"
    assert kind("CRITICAL", "odoo.sql_db", message, denied=False) == "database"


@pytest.mark.parametrize(
    ("logger", "expected"),
    [
        ("odoo.addons.shop.models.cart", "warning"),
        ("odoo.addons.base.models.ir_cron", "warning"),
        ("openerp.addons.shop", "warning"),
        ("odoo.addons", None),
        ("odoo.http", None),
        ("odoo.sql_db", None),
        ("odoo.modules.loading", None),
        ("py.warnings", None),
        ("shop", None),
        ("", None),
    ],
)
def test_warnings_count_from_addons_alone(logger: str, expected: Kind | None) -> None:
    for message in (*OTHER, *DATABASE):
        assert kind("WARNING", logger, message, denied=False) == expected
    for message in ACCESS:
        assert kind("WARNING", logger, message, denied=False) == "access"
    for message in (*OTHER, *DATABASE, *ACCESS):
        assert kind("WARNING", logger, message, denied=True) == "access"


@pytest.mark.parametrize("level", ["INFO", "DEBUG", "LOG"])
def test_quieter_records_are_no_errors_whatever_they_say(level: str) -> None:
    for message in (*DATABASE, *ACCESS, *OTHER):
        for logger in ("odoo.sql_db", "odoo.addons.shop", "odoo.http"):
            assert kind(level, logger, message, denied=False) is None


@pytest.mark.parametrize(
    ("kind", "has_frames", "expected"),
    [
        ("traceback", True, "critical"),
        ("traceback", False, "medium"),
        ("database", False, "high"),
        ("access", False, "high"),
        ("warning", False, "medium"),
        ("message", False, "medium"),
    ],
)
def test_each_kind_has_its_severity(kind: Kind, has_frames: bool, expected: str) -> None:
    assert severity(kind, has_frames=has_frames) == expected
    assert expected in ORDER


def test_severities_are_ordered_from_the_worst() -> None:
    assert ORDER == ("critical", "high", "medium")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            BAD_QUERY,
            "insert into shop_cart: ERROR: duplicate key value violates unique constraint shop_cart_code_uniq",
        ),
        (
            "bad query: b'UPDATE stock_quant SET qty = 1'\nERROR: could not serialize access due to concurrent update\n",
            "update stock_quant: ERROR: could not serialize access due to concurrent update",
        ),
        (
            'bad query: SELECT nope FROM shop_cart\nERROR: column "nope" does not exist\nLINE 1: SELECT nope\n    ^\nHINT: x',
            "from shop_cart: ERROR: column nope does not exist",
        ),
        (
            'bad query: \n    DELETE FROM ONLY "Shop_Cart"\n    WHERE id IN (1, 2)\nERROR: deadlock detected\nDETAIL:  Process 8',
            "delete from shop_cart: ERROR: deadlock detected",
        ),
        (
            "bad query: LISTEN imbus\n FATAL: terminating connection\nCONTEXT: x",
            "FATAL: terminating connection",
        ),
        (
            "bad query: SELECT 1 FROM a WHERE note = '\nERROR: quoted'\nERROR: real",
            "from a: ERROR: quoted'\nERROR: real",
        ),
        ("bad query: SELECT 1 FROM a", "from a: bad query: SELECT 1 FROM a"),
        ('FATAL:  database "live18" does not exist\n', "FATAL:  database live18 does not exist"),
        ("could not connect, FROM here", "could not connect, FROM here"),
        ("", ""),
    ],
)
def test_a_database_error_is_grouped_by_what_stays_the_same(message: str, expected: str) -> None:
    assert database_error(message) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (BAD_QUERY, "shop_cart"),
        ('bad query: UPDATE "Sale_Order" SET x', "sale_order"),
        ("bad query: SELECT a FROM res_partner WHERE id IN (SELECT b FROM sale_order)", "res_partner"),
        ("bad query: ALTER TABLE ONLY account_move ADD x", "account_move"),
        ("bad query: LISTEN imbus", None),
        ("connection refused", None),
    ],
)
def test_the_first_statement_names_its_table(message: str, expected: str | None) -> None:
    assert statement_table(message) == expected


@pytest.mark.parametrize("rows", [1, 100, 10_000])
def test_an_error_behind_a_long_query_is_seen(rows: int) -> None:
    query = "bad query: INSERT INTO shop_cart VALUES " + ", ".join(["('a', 1)"] * rows)  # noqa: S608  run by nobody
    error = "\nERROR: deadlock detected\nDETAIL:  Process 8 waits"
    assert len(outline(query + error)) <= OUTLINE_LIMIT
    assert database_error(outline(query + error)) == "insert into shop_cart: ERROR: deadlock detected"


def test_of_any_other_text_the_beginning_is_kept() -> None:
    assert outline("short") == "short"
    assert outline("x" * 9_999) == "x" * OUTLINE_LIMIT
    assert outline("bad query: " + "x" * 9_999) == ("bad query: " + "x" * 9_999)[:OUTLINE_LIMIT]


@given(
    st.lists(
        st.sampled_from([*DATABASE, *ACCESS, *OTHER, "\n", "\nDETAIL: x", "\nHINT: x", "FROM ", "é", "\0"]),
        max_size=4,
    ),
    st.text(max_size=40),
    st.booleans(),
)
def test_any_text_is_judged(pieces: list[str], end: str, denied: bool) -> None:
    text = "".join(pieces) + end
    assert kind("ERROR", "odoo.http", text, denied=denied) in ("database", "access", "message")
    assert kind("WARNING", "odoo.addons.shop", text, denied=denied) in ("access", "warning")
    assert kind("INFO", "odoo.addons.shop", text, denied=denied) is None
    assert "\nDETAIL:" not in database_error(text)
    assert outline(text) == text


NASTY = [
    "\n",
    " ",
    '"',
    "(",
    "a.",
    "x",
    "bad query: ",
    "\nERROR: ",
    "\n ",
    "\nDETAIL ",
    "\nLINE 1",
    'table "a',
    'table "a" of relation ',
    'relation "',
    "null value in column ",
    "FROM ",
    "UPDATE ONLY ",
    "Sorry, ",
    "violates ",
]
CALLS: list[Callable[[str], object]] = [
    lambda text: kind("ERROR", "odoo.http", text, denied=False),
    lambda text: kind("WARNING", "odoo.http", text, denied=False),
    database_error,
    statement_table,
    outline,
]


@pytest.mark.parametrize("filling", NASTY)
@pytest.mark.parametrize("start", ["", "bad query: ", "bad query: SELECT 1 FROM a\nERROR: "])
def test_no_text_takes_long(start: str, filling: str) -> None:
    text = start + filling * (400_000 // len(filling))
    for call in CALLS:
        began = process_time()
        call(text)
        assert process_time() - began < 2
