"""Any bytes are enriched, and neither a text nor its neighbours take long."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.detections import Detection, Detector
from app.domain.enrichment import denied, enrich
from app.domain.log_lines import header
from app.domain.neighbourhood import Neighbourhood
from tests.domain.enriched_records import (
    ACL_LINE,
    CRON,
    CUSTOM,
    ENDS,
    FAILED,
    NAMED,
    STARTS,
    TRACEBACK,
    error,
    line,
    request,
)

PIECES = st.lists(
    st.sampled_from(
        [
            ACL_LINE.encode(),
            line(NAMED, "WARNING").encode(),
            error(f"{CRON}: {FAILED['13 to 17'][0]}{TRACEBACK}").encode(),
            error("odoo.sql_db: bad query: SELECT 1 FROM a_b\nERROR: x", database="?").encode(),
            request("/web/dataset/call_kw/sale.order/x").encode(),
            *[line(f"{CRON}: {said}").encode() for said in (*STARTS.values(), *ENDS.values())],
            b"\xff",
            b"\n",
            b" ",
            b"(a.b)",
            b"Access Denied by ",
            b" werkzeug: ",
            b"ob ",
        ]
    ),
    max_size=8,
).map(b"".join)

ANY = st.one_of(st.binary(max_size=200), PIECES)


@given(ANY, ANY, ANY, st.sampled_from([b"", b"odoo-1"]))
def test_any_bytes_are_enriched(text: bytes, before: bytes, after: bytes, writer: bytes) -> None:
    text = line("odoo.http: x", "ERROR").strip().encode() + text
    head = header(text)
    assert head is not None
    found = Detector().detect(text, head)
    assert found is not None
    assert enrich(found, text, Neighbourhood(before, after, writer)).database_name == "live"
    assert denied(head, text.decode("utf-8", "replace"), before, writer) in (True, False)


NASTY = {
    "newlines": "\n",
    "spaces": " ",
    "dotted": "a.",
    "one long word": "a",
    "quotes": '"',
    "parentheses": "(",
    "opened models": "(a.",
    "records": "a.b(1",
    "model lines": "\n  Model: a",
    "jobs": "Job '",
    "jobs with numbers": "Job 'a' (1",
    "cron calls": "Call from cron ",
    "for server actions": " for server action #1",
    "server actions": "ir.actions.server(",
    "databases": 'database "',
    "initialized": "Failed to initialize database `",
    "requests": '"GET /',
    "view models": "'view.model': 'a",
    "denials": "Access Denied by record rules for operation: read on record ids: ,",
    "users": ", user: a",
    "tables": "FROM ",
}


def told(text: str, before: str, after: str) -> tuple[Detection, bytes, Neighbourhood]:
    raw = text.encode()
    found = Detector().detect(raw, header(raw))
    assert found is not None
    return found, raw, Neighbourhood(before.encode(), after.encode())


def assert_fast(text: str, before: str = "", after: str = "") -> None:
    arguments = told(text, before, after)
    began = process_time()
    enrich(*arguments)
    assert process_time() - began < 3


@pytest.mark.parametrize("filling", NASTY)
def test_no_text_takes_long_to_enrich(filling: str) -> None:
    long = NASTY[filling] * (320_000 // len(NASTY[filling]))
    for said in (
        f"{CUSTOM}: ",
        "odoo.sql_db: bad query: ",
        f"{CUSTOM}: x{TRACEBACK}",
        f"{CRON}: Call from cron ",
    ):
        assert_fast(error(said).strip() + " " + long)


@pytest.mark.parametrize("filling", NASTY)
def test_no_neighbourhood_takes_long_to_search(filling: str) -> None:
    long = NASTY[filling] * (64_000 // len(NASTY[filling]))
    own = line(f"{CUSTOM}: ").strip()
    lines = f"{own} ob Access Denied by werkzeug: {NASTY[filling]}\n" * 700
    for before in (long, f"{own} ob Access Denied by {long}\n", lines):
        assert_fast(error(f"{CUSTOM}: x", database="?"), before, before)
        assert_fast(error(f"odoo.http: AccessError (shop.cart) {long}", database="?"), before, before)
        assert_fast(error("werkzeug: Error on request:" + TRACEBACK, database="?"), before, before)
