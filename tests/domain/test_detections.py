"""From a record to a detection: what is one, how bad it is, and whose."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.detections import BUILT_IN_IGNORES, CACHED_TEXT_LIMIT, Detection, Detector, Frame, Rules
from app.domain.log_lines import header
from app.domain.severity import Kind

DEB = "/usr/lib/python3/dist-packages/odoo"
HTTP = "odoo.http: Exception during request handling. "
LOUD = ["WARNING", "ERROR", "CRITICAL"]
QUIET = ["INFO", "DEBUG"]
NO_RULES = Rules()

TRACEBACK = f"""Traceback (most recent call last):
  File "{DEB}/http.py", line 2207, in __call__
    response = request._serve_db()
               ^^^^^^^^^^^^^^^^^^^
  File "<decorator-gen-12>", line 2, in checkout
  File "/mnt/extra-addons/shop/models/cart.py", line 25, in total
    return int(raw)
           ^^^^^^^^
ValueError: invalid literal for int() with base 10: '12 pcs'"""
GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/mnt/extra-addons/shop/models/cart.py", line 91, in load
  |     raise ExceptionGroup('import failed', errors)
  | ExceptionGroup: import failed (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/mnt/extra-addons/shop/models/cart.py", line 88, in load
    | ValueError: x
    +------------------------------------"""
CAUSE = "\n\nThe above exception was the direct cause of the following exception:\n\n"


def record(said: str, level: str = "ERROR", database: str = "live") -> bytes:
    return f"2026-03-05 21:10:00,139 814 {level} {database} {said}".encode()


def detect(
    text: bytes, rules: Rules = NO_RULES, denied: Callable[[str], bool] = lambda _: False
) -> Detection | None:
    return Detector(rules).detect(text, header(text), denied=denied)


def detected(text: bytes, rules: Rules = NO_RULES) -> Detection:
    found = detect(text, rules)
    assert found is not None
    return found


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


IGNORED = {
    "odoo.modules.loading: Modules loaded": "odoo.modules.loading: Modules loaded.",
    "odoo.service.server: HTTP service": "odoo.service.server: HTTP service (werkzeug) running on db:8069",
    "DeprecationWarning:": "odoo.addons.shop: /srv/x.py:3: DeprecationWarning: use y",
    "PendingDeprecationWarning:": "odoo.addons.shop: PendingDeprecationWarning: soon",
    "ResourceWarning: unclosed": "odoo.addons.shop: ResourceWarning: unclosed <socket.socket fd=12>",
    "UserWarning: Fields": "odoo.addons.shop: UserWarning: Fields in 'shop.cart' are not used",
    "odoo.tools.translate: unable to find translation": "odoo.tools.translate: unable to find translation of x",
}


def test_seven_patterns_are_built_in() -> None:
    assert tuple(IGNORED) == BUILT_IN_IGNORES


@pytest.mark.parametrize("pattern", IGNORED)
@pytest.mark.parametrize("level", LOUD)
def test_a_record_is_ignored_by_its_first_line(pattern: str, level: str) -> None:
    for text in (IGNORED[pattern], f"{IGNORED[pattern]}\nmore", f"{IGNORED[pattern]}\n{TRACEBACK}"):
        assert detect(record(text, level)) is None
        assert detect(record(text, level), Rules(ignore=("own",))) is None


ELSEWHERE = {
    "a later line": "odoo.addons.shop: a\n{}",
    "a frame's source": f"odoo.addons.shop: a\n{TRACEBACK.replace('return int(raw)', 'return {}')}",
    "a frame's path": f"odoo.addons.shop: a\n{TRACEBACK.replace('cart.py', '{}')}",
    "an earlier part of the chain": f"odoo.addons.shop: a\n{TRACEBACK}: {{}}{CAUSE}{TRACEBACK}",
    "a later line of the exception": f"odoo.addons.shop: a\n{TRACEBACK}\n{{}}",
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_pattern_elsewhere_ignores_nothing(where: str) -> None:
    for said in IGNORED.values():
        assert detect(record(ELSEWHERE[where].replace("{}", said))) is not None


def test_a_traceback_is_ignored_by_its_final_line() -> None:
    final = TRACEBACK.replace("ValueError: invalid", "DeprecationWarning: invalid")
    assert detect(record(f"{HTTP}\n{final}")) is None
    assert detect(record(f"{HTTP}\n{TRACEBACK}{CAUSE}{final}")) is None
    assert Detector().detect(final.encode(), None) is None


def test_an_instance_adds_its_own_patterns() -> None:
    rules = Rules(ignore=("answered 503", "", "UserError: stock"))
    assert rules.ignored == (*BUILT_IN_IGNORES, "answered 503", "UserError: stock")
    assert detect(record("odoo.addons.shop: provider answered 503"), rules) is None
    assert detect(record("odoo.addons.shop: provider answered 504"), rules) is not None
    text = record(f"{HTTP}\n{TRACEBACK.replace('ValueError: invalid', 'odoo.UserError: stock')}")
    assert detect(text, rules) is None
    assert detect(text) is not None


def test_a_pattern_is_a_plain_substring_of_logger_and_message() -> None:
    text = record("odoo.addons.shop: provider answered 503 (x.y)")
    assert detect(text, Rules(ignore=("odoo.addons.shop: provider",))) is None
    assert detect(text, Rules(ignore=("answered 503 (x.y)",))) is None
    for pattern in ("answered 50.", "Provider", "live odoo", "ERROR"):
        assert detect(text, Rules(ignore=(pattern,))) is not None


def test_an_instance_names_its_own_folders() -> None:
    text = record(f"{HTTP}\n{TRACEBACK.replace('/mnt/extra-addons', '/srv/acme/modules')}")
    elsewhere = text.replace(b"shop/models/", b"shop/")
    rules = Rules(addon_folders=("/srv/acme/modules/", "", "/"))
    assert rules.known_folders[0] == "/srv/acme/modules"
    assert "" not in rules.known_folders
    assert detected(elsewhere).module is None
    assert detected(elsewhere, rules).module == "shop"
    assert detected(text).module == "shop"
    windows = Rules(addon_folders=("D:\\acme\\",))
    assert detected(elsewhere.replace(b"/srv/acme/modules/", b"D:\\acme\\"), windows).module == "shop"


UNDER = {
    "nothing": (b"", True),
    "a finished request": (
        record('werkzeug: 10.0.0.7 - - [x] "GET /web HTTP/1.1" 200 - 3 0.005 0.021', "INFO"),
        True,
    ),
    "the database server": (b"2026-03-05 21:10:00 UTC [88] LOG:  checkpoint complete", True),
    "no header": (b"just text", True),
    "an INFO record": (record("odoo.addons.shop: read", "INFO"), False),
    "a DEBUG record": (record("odoo.sql_db: x", "DEBUG"), False),
    "an INFO record of werkzeug that is no request": (record("werkzeug: running", "INFO"), False),
    "a thread's end": (record("odoo.x: y", "INFO") + b"\nException in thread odoo.bus.Loop:", True),
    "a thread's end, one blank line": (
        record("odoo.x: y", "INFO") + b"\nException in thread a (run):\n",
        True,
    ),
    "an ignored exception": (
        record("odoo.x: y", "INFO") + b"\nException ignored in: <function f at 0x7f>",
        True,
    ),
    "a thread further up": (record("odoo.x: y", "INFO") + b"\nException in thread a:\nmore", False),
}


@pytest.mark.parametrize("name", UNDER)
def test_a_traceback_without_header_is_judged_by_the_record_above(name: str) -> None:
    under, expected = UNDER[name]
    found = Detector().detect(TRACEBACK.encode(), None, under)
    assert (found is not None) == expected
    if found:
        assert (found.kind, found.severity, found.module) == ("traceback", "critical", "shop")
        assert (found.header, found.timestamp) == (None, None)


OUTERMOST = {
    '"/usr/bin/odoo", line 8, in <module>': True,
    '"/opt/odoo/odoo-bin", line 5, in <module>': True,
    '"/srv/shop/main.py", line 5, in <module>': True,
    '"main.py", line 5, in <module>': True,
    '"<stdin>", line 1, in <module>': True,
    '"<console>", line 1, in <module>': True,
    '"/usr/lib/python3.11/threading.py", line 1038, in _bootstrap_inner': True,
    '"/usr/lib/python3.11/threading.py", line 1038, in _bootstrap': True,
    '"<frozen runpy>", line 198, in _run_module_as_main': True,
    '"src/gevent/greenlet.py", line 908, in gevent._gevent_cgreenlet.Greenlet.run': True,
    '"/mnt/extra-addons/shop/models/cart.py", line 3, in total': False,
    '"/mnt/extra-addons/shop/__init__.py", line 3, in <module>': False,
    f'"{DEB}/http.py", line 3, in _serve_db': False,
    f'"{DEB}/addons/base/models/ir_model.py", line 3, in <module>': False,
    '"/usr/lib/python3/dist-packages/docutils/x.py", line 3, in <module>': False,
    '"ir.actions.server(85,)", line 3, in <module>': False,
    '"/srv/shop/main.py", line 5, in main': False,
}


@pytest.mark.parametrize("frame", OUTERMOST)
def test_below_an_info_record_the_outermost_frame_tells_what_nobody_caught(frame: str) -> None:
    uncaught = f"Traceback (most recent call last):\n  File {frame}\nKeyError: 1"
    below = f'{uncaught}\n  File "/mnt/extra-addons/shop/a.py", line 1, in b'
    for text in (uncaught, f"{TRACEBACK}{CAUSE}{uncaught}"):
        found = Detector().detect(text.encode(), None, record("odoo.addons.shop: x", "INFO"))
        assert (found is not None) == OUTERMOST[frame]
    assert (Detector().detect(below.encode(), None, record("odoo.x: y", "INFO")) is not None) == OUTERMOST[
        frame
    ]


def test_text_without_header_and_traceback_is_none() -> None:
    assert Detector().detect(b"", None) is None
    assert Detector().detect(b"Segmentation fault", None, b"") is None
    assert Detector().detect(b"ValueError: x", None, record(HTTP)) is None


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


ANY = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [
                record(HTTP),
                record("odoo.addons.shop: ", "WARNING"),
                record("odoo.sql_db: bad query: "),
                b"Traceback (most recent call last):",
                b"  + Exception Group Traceback (most recent call last):\n  | ",
                b'\n  File "/srv/a.py", line 1, in f',
                b"\nException in thread ",
                b"\nERROR: ",
                CAUSE.encode(),
                b"\n",
                b" ",
                b"\xff",
                b"\x00",
                b"KeyError: 1",
                b" - - -",
            ]
        ),
        max_size=12,
    ).map(b"".join),
)


@given(ANY, ANY)
def test_any_bytes_are_a_record(text: bytes, under: bytes) -> None:
    head = header(text)
    for found in (Detector().detect(text, head, under), Detector().detect(text, None, under)):
        if found is not None:
            assert found.frames == [frame for part in found.exceptions for frame in part.frames]
            assert (found.kind == "traceback") == bool(found.exceptions)
            assert (found.severity == "critical") == bool(
                found.analysis and any(p.frames for p in found.analysis.parts)
            )
            assert found.message == found.message.strip()


NASTY = {
    "newlines": "\n",
    "tracebacks": "Traceback (most recent call last):\n",
    "frames": '  File "x", line 1, in f\n',
    "different frames": None,
    "connectors": CAUSE,
    "one long line": "x",
    "dotted": "a.",
    "spaces": " ",
    "quotes": '"',
    "parentheses": "(",
    "bad queries": "bad query: ",
    "tails": " - - -",
    "groups": "  + Exception Group Traceback (most recent call last):\n",
}


def filled(filling: str, size: int) -> str:
    piece = NASTY[filling]
    if piece is not None:
        return piece * (size // len(piece))
    return "".join(f'  File "/srv/{n}/a.py", line {n}, in f{n}\n' for n in range(size // 40))


@pytest.mark.parametrize("filling", NASTY)
@pytest.mark.parametrize(
    "start", [HTTP, "odoo.sql_db: bad query: ", f"{HTTP}\n{TRACEBACK}\n", f"{HTTP}\n{TRACEBACK[:35]}"]
)
def test_no_record_takes_long(start: str, filling: str) -> None:
    times: list[float] = []
    for size in (100_000, 200_000):
        text = record(start + filled(filling, size))
        head = header(text)
        limit = 3.5 * max(0.05, *times) if times else 1.5
        took = limit + 1
        for _ in range(3):
            detector = Detector()
            began = perf_counter()
            found = detector.detect(text, head)
            assert found is not None
            assert found.message is not None
            took = min(took, perf_counter() - began)
            if took <= limit:
                break
        assert took <= limit
        times.append(took)
