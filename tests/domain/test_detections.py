"""From a record to a detection: what is one, how bad it is, and whose."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.detections import CACHED_TEXT_LIMIT, Detection, Detector, Frame
from app.domain.log_lines import header
from app.domain.severity import Kind
from tests.domain.detected_records import (
    CAUSE,
    DEB,
    GROUP,
    HTTP,
    LOUD,
    QUIET,
    TRACEBACK,
    detect,
    detected,
    record,
)


def test_a_traceback_under_a_header_is_told_whole() -> None:
    found = detected(record(f"{HTTP}\n{TRACEBACK}"))
    assert (found.kind, found.severity, found.module) == ("traceback", "critical", "shop")
    assert found.header == header(record(HTTP))
    assert found.timestamp == datetime(2026, 3, 5, 21, 10, 0, 139000, UTC)
    assert found.exception_type == "ValueError"
    assert found.chain == ["ValueError"]
    assert found.message == "invalid literal for int() with base 10: '12 pcs'"
    assert found.frames == [
        Frame(f"{DEB}/http.py", 2207, "__call__", None, False, "response = request._serve_db()"),
        Frame("<decorator-gen-12>", 2, "checkout", None, False, None),
        Frame("/mnt/extra-addons/shop/models/cart.py", 25, "total", "shop", True, "return int(raw)"),
    ]


def test_a_chain_is_one_detection_told_from_its_end() -> None:
    first = TRACEBACK.replace("ValueError: invalid", "psycopg2.errors.UniqueViolation: invalid")
    found = detected(record(f"{HTTP}\n{first}{CAUSE}{TRACEBACK}\nDETAIL: x\n\n"))
    assert found.chain == ["psycopg2.errors.UniqueViolation", "ValueError"]
    assert [part.type for part in found.exceptions] == found.chain
    assert [len(part.frames) for part in found.exceptions] == [3, 3]
    assert len(found.frames) == 6
    assert found.exception_type == "ValueError"
    assert found.message == "invalid literal for int() with base 10: '12 pcs'\nDETAIL: x"


def test_a_group_counts_once() -> None:
    found = detected(record(f"{HTTP}\n{GROUP}"))
    assert found.chain == ["ExceptionGroup"]
    assert found.message == "import failed (1 sub-exception)"
    assert [frame.line for frame in found.frames] == [91]


@pytest.mark.parametrize("cut", [30, 60, 95, 140, 200, 290, len(TRACEBACK) - 60])
def test_a_cut_traceback_is_one_all_the_same(cut: int) -> None:
    text = record(f"{HTTP}\n{TRACEBACK[:cut]}")
    found = detect(text)
    if cut < len("Traceback (most recent call last):"):
        assert found is not None
        assert found.kind == "message"
    else:
        assert found is not None
        assert (found.kind, found.exception_type, found.chain, found.message) == ("traceback", None, [], "")
        assert found.severity == ("critical" if found.frames else "medium")


def test_a_traceback_without_frames_is_one_of_medium_severity() -> None:
    found = detected(
        record("odoo.addons.shop.cart: failed\nTraceback (most recent call last):\nKeyError: 12")
    )
    assert (found.kind, found.severity, found.module) == ("traceback", "medium", "shop")
    assert found.exception_type == "KeyError"
    other = detected(record("odoo.addons.shop.cart: failed\nTraceback (most recent call last):\nKeyError: 7"))
    assert found.fingerprint == other.fingerprint


RECORDS: dict[str, tuple[str, str, Kind, str, str | None]] = {
    "a bad query": (
        "ERROR",
        "odoo.sql_db: bad query: SELECT 1 FROM a\nERROR: deadlock detected\nDETAIL:  x\n ",
        "database",
        "high",
        None,
    ),
    "no connection": (
        "CRITICAL",
        "odoo.service.server: connection to server at x failed",
        "database",
        "high",
        None,
    ),
    "no access": ("ERROR", "odoo.addons.shop.cart: AccessError: no", "access", "high", "shop"),
    "no access, warned of": ("WARNING", "odoo.http: Access Denied", "access", "high", None),
    "an addon's warning": (
        "WARNING",
        "odoo.addons.shop.cart: stock of A1 is below 5",
        "warning",
        "medium",
        "shop",
    ),
    "an addon's error": (
        "ERROR",
        "odoo.addons.shop.cart: provider answered 503",
        "message",
        "medium",
        "shop",
    ),
    "a framework's error": ("CRITICAL", "odoo.service.server: thread died", "message", "medium", None),
}


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("tail", ["", " ", " - - -", " 12 0.003 0.021", " 12 0.003 0.021 rw"])
def test_a_record_without_traceback_is_of_its_kind(name: str, tail: str) -> None:
    level, said, kind, bad, module = RECORDS[name]
    found = detected(record(said + tail, level))
    assert (found.kind, found.severity, found.module) == (kind, bad, module)
    assert found.message == said.partition(": ")[2].strip()
    assert (found.exception_type, found.chain, found.frames, found.exceptions) == (None, [], [], ())


@pytest.mark.parametrize("tail", [" - - -", " 12 0.003 0.021", " 999 1.503 22.021 -"])
def test_what_the_request_cost_is_no_part_of_the_error(tail: str) -> None:
    said = "odoo.addons.shop.cart: provider answered 503"
    assert detected(record(said + tail)).fingerprint == detected(record(said)).fingerprint


@pytest.mark.parametrize(
    "said", ["odoo.http: Please fill in the customer first.", "odoo.modules.loading: x", "py.warnings: x"]
)
def test_a_frameworks_warning_is_none(said: str) -> None:
    assert detect(record(said, "WARNING")) is None
    assert detect(record(f"{said}\n{TRACEBACK}", "WARNING")) is not None


@pytest.mark.parametrize("level", LOUD)
@pytest.mark.parametrize("logger", ["odoo.http", "odoo.addons.base.models.ir_cron", "werkzeug", "shop"])
@pytest.mark.parametrize("shape", ["{}", "{}\n", "\n{}", "text\n\n  text\n{}", "Error: {}", "<pre>\n{}"])
def test_a_traceback_is_found_wherever_it_stands_in_a_record(level: str, logger: str, shape: str) -> None:
    found = detected(record(f"{logger}: {shape.format(TRACEBACK)}", level))
    assert (found.kind, found.module, found.chain) == ("traceback", "shop", ["ValueError"])


@pytest.mark.parametrize("level", QUIET)
@pytest.mark.parametrize(
    "said", ["odoo.addons.base.models.ir_attachment: _read_file x", "odoo.addons.shop: x"]
)
def test_what_was_logged_as_handled_is_none(level: str, said: str) -> None:
    for text in (said, f"{said}\n{TRACEBACK}", f"{said}: {TRACEBACK}", f"{said} ERROR Exception CRITICAL"):
        assert detect(record(text, level)) is None


def test_a_warning_is_an_access_error_where_the_log_denied() -> None:
    asked: list[str] = []

    def denied(message: str) -> bool:
        asked.append(message.strip())
        return "faulty.thing" in message

    text = record("odoo.http: Vous n'avez pas accès (faulty.thing)\nvraiment ", "WARNING")
    found = detect(text, denied=denied)
    assert found is not None
    assert (found.kind, found.severity) == ("access", "high")
    assert found.message == "Vous n'avez pas accès (faulty.thing)\nvraiment"
    assert detect(record("odoo.http: Please fill in", "WARNING"), denied=denied) is None
    assert asked == ["Vous n'avez pas accès (faulty.thing)\nvraiment", "Please fill in"]


@pytest.mark.parametrize("level", ["ERROR", "CRITICAL", "INFO", "DEBUG"])
def test_only_of_a_warning_is_it_asked_whether_the_log_denied(level: str) -> None:
    def denied(_: str) -> bool:
        raise AssertionError("asked")

    for said in ("odoo.http: x", f"odoo.http: x\n{TRACEBACK}"):
        found = detect(record(said, level), denied=denied)
        assert (found is None) == (level in QUIET)


def told(found: Detection | None) -> object:
    if found is None:
        return None
    return (
        (found.kind, found.severity, found.fingerprint, found.module, found.header, found.message),
        (found.exceptions, found.chain, found.exception_type, found.frames, found.timestamp),
    )


STORIES = [
    record(f"{HTTP}\n{TRACEBACK}"),
    record(f"{HTTP}\n{TRACEBACK}{CAUSE}{TRACEBACK}"),
    record(f"{HTTP}\n{GROUP}"),
    record(f"odoo.addons.sale.x: failed\n{TRACEBACK}", database="other"),
    record(f"odoo.addons.sale.x: failed: {TRACEBACK.replace('shop', 'stock')}"),
    record(f"odoo.addons.sale.x: DeprecationWarning: x\n{TRACEBACK}"),
    record(f"odoo.addons.sale.x: long\n{TRACEBACK}{'x' * CACHED_TEXT_LIMIT}"),
    *[record(said, level) for level, said, *_ in RECORDS.values()],
    record("odoo.http: nothing", "WARNING"),
]


@given(st.lists(st.sampled_from(STORIES), min_size=1, max_size=30))
def test_a_repeat_is_told_as_if_it_were_the_first(stories: list[bytes]) -> None:
    one = Detector()
    assert [told(one.detect(text, header(text))) for text in stories] == [
        told(detect(text)) for text in stories
    ]


def test_two_tracebacks_of_one_length_and_one_end_are_never_taken_for_each_other() -> None:
    tail = "\n    return int(raw)" * 40 + "\nValueError: 12 pcs"
    one, other = (
        record(
            f'{HTTP}\nTraceback (most recent call last):\n  File "/mnt/extra-addons/shop/cart.py", line 1, in {name}{tail}'
        )
        for name in ("total", "share")
    )
    detector = Detector()
    digests = []
    for text in (one, other, one, other, one):
        found = detector.detect(text, header(text))
        assert found is not None
        digests.append(found.fingerprint.digest)
    assert len(one) == len(other)
    assert digests == [detected(text).fingerprint.digest for text in (one, other, one, other, one)]
    assert len(set(digests)) == 2
