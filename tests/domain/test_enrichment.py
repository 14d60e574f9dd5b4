"""What the text of a record and its neighbours tell beside the error, in the words of Odoo 13 to 19."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.detections import Detection, Detector
from app.domain.enrichment import DENIAL_WINDOW, Enrichment, denied, enrich
from app.domain.log_lines import header
from app.domain.neighbourhood import Neighbourhood

CRON = "odoo.addons.base.models.ir_cron"
CUSTOM = "odoo.addons.shop.models.cart"
ACL = "odoo.addons.base.models.ir_model"
RULE = "odoo.addons.base.models.ir_rule"
TRACEBACK = """
Traceback (most recent call last):
  File "/mnt/extra-addons/shop/models/cart.py", line 25, in total
    return int(raw)
ValueError: 12 pcs"""


def line(said: str, level: str = "INFO", pid: int = 814, database: str = "live", second: int = 10) -> str:
    return f"2026-03-05 21:10:{second:02},139 {pid} {level} {database} {said} \n"


def request(url: str, pid: int = 814, second: int = 10, status: int = 200) -> str:
    said = f'werkzeug: 203.0.113.7 - - [05/Mar/2026 21:10:{second:02}] "POST {url} HTTP/1.1" {status} - 3 0.004 0.021'
    return line(said, pid=pid, second=second)


def enriched(text: str, before: str = "", after: str = "", writer: bytes = b"") -> Enrichment:
    raw = text.removesuffix("\n").encode()
    around = Neighbourhood(before.encode(), after.encode(), writer)
    head = header(raw)
    found = Detector().detect(
        raw, head, denied=lambda said: head is not None and denied(head, said, around.before, writer)
    )
    assert found is not None
    return enrich(found, raw, around)


def error(said: str, **where: object) -> str:
    return line(said, "ERROR", **where)  # type: ignore[arg-type]


def test_where_nothing_tells_everything_is_none() -> None:
    bare = f"Traceback (most recent call last):{TRACEBACK[36:]}"
    found = Detector().detect(bare.encode(), None)
    assert found is not None
    assert enrich(found, bare.encode(), Neighbourhood(b"", b"")) == Enrichment()
    assert enriched(error(f"{CUSTOM}: provider answered 503")) == Enrichment(database_name="live")


FAILED = {
    "13 to 17": (
        "Call from cron Currency: rate update for server action #289 failed in Job #20",
        "Currency: rate update",
        289,
    ),
    "a name like the words behind it": (
        "Call from cron Wait for server action #1 for server action #2 failed in Job #3",
        "Wait for server action #1",
        2,
    ),
    "a name with ( and :": (
        "Call from cron Shop: nightly import (v2) for server action #87 failed in Job #4",
        "Shop: nightly import (v2)",
        87,
    ),
    "18 and 19": ("Job 'sync stock' (3) server action #87 failed", "sync stock", 87),
    "19, quoted": ('Job "Ada\'s import" (3) server action #87 failed', "Ada's import", 87),
    "another script": ("Call from cron 在庫を同期 for server action #5 failed in Job #9", "在庫を同期", 5),
}


@pytest.mark.parametrize("name", FAILED)
def test_a_failed_job_names_itself_and_its_action(name: str) -> None:
    said, job, action = FAILED[name]
    found = enriched(error(f"{CRON}: {said}{TRACEBACK}"), after=request("/web"))
    assert (found.cron_job_name, found.server_action_id) == (job, action)
    assert found.http_url is None


def test_words_like_a_failed_jobs_elsewhere_name_none() -> None:
    said = "could not lock Job 'sync stock' (3) of server action #5"
    assert enriched(error(f"{CUSTOM}: {said}")) == Enrichment(database_name="live")


STARTS = {
    "13 to 17": "Starting job `Shop: nightly (v2)`.",
    "18 and 19": "Job 'Shop: nightly (v2)' (3) starting",
    "19, quoted": 'Job "Shop: nightly (v2)" (3) starting',
}
ENDS = {
    "12 to 15": "Job `Shop: nightly (v2)` done.",
    "16 and 17": "Job done: `Shop: nightly (v2)` (0.257s).",
    "13 to 17, failed": "Call from cron Shop: nightly (v2) for server action #86 failed in Job #3",
    "18": "Job 'Shop: nightly (v2)' (3) done in 0.257s",
    "19": "Job 'Shop: nightly (v2)' (3) fully done (#loop 1; done 4; remaining 0; duration 0.26s)",
    "19, half": "Job 'Shop: nightly (v2)' (3) partially done (#loop 10; done 4; remaining 9; duration 9.26s)",
    "19, failed": "Job 'Shop: nightly (v2)' (3) failed (#loop 1; done 0; remaining 0; duration 0.26s)",
    "19, timed out": "Job 'Shop: nightly (v2)' (3) timed out",
}


@pytest.mark.parametrize("name", STARTS)
def test_an_error_within_a_job_is_of_that_job(name: str) -> None:
    before = line(f"{CRON}: {STARTS[name]}") + line(f"{CUSTOM}: syncing A1") + line("odoo.x: y", pid=9) * 20
    found = enriched(error(f"{CUSTOM}: provider answered 503"), before, request("/web"))
    assert found == Enrichment(cron_job_name="Shop: nightly (v2)", database_name="live")


@pytest.mark.parametrize("end", ENDS)
def test_an_error_behind_a_job_is_not_of_it(end: str) -> None:
    before = line(f"{CRON}: {STARTS['13 to 17']}") + line(f"{CRON}: {ENDS[end]}")
    assert enriched(error(f"{CUSTOM}: provider answered 503"), before).cron_job_name is None


def test_the_job_of_another_process_or_writer_is_none_of_the_errors() -> None:
    starts = line(f"{CRON}: {STARTS['13 to 17']}", pid=9)
    assert enriched(error(f"{CUSTOM}: x"), starts).cron_job_name is None
    assert enriched(error(f"{CUSTOM}: x", pid=9), starts).cron_job_name == "Shop: nightly (v2)"
    assert (
        enriched(error(f"{CUSTOM}: x", pid=9), f"odoo-2  | {starts}", writer=b"odoo-1").cron_job_name is None
    )
    assert (
        enriched(error(f"{CUSTOM}: x", pid=9), f"odoo-1  | {starts}", writer=b"odoo-1").cron_job_name
        == "Shop: nightly (v2)"
    )


@pytest.mark.parametrize("logger", ["odoo.http", "werkzeug", "odoo.http.session"])
def test_an_error_of_a_request_is_of_no_job(logger: str) -> None:
    found = enriched(error(f"{logger}: x"), line(f"{CRON}: {STARTS['13 to 17']}"), request("/shop"))
    assert (found.cron_job_name, found.http_url) == (None, "/shop")


@pytest.mark.parametrize(
    ("frame", "action"),
    [
        ('File "ir.actions.server(85,)", line 1, in <module>', 85),
        ('File "ir.actions.server(1417,)", line 2', 1417),
        ('File "<ir.actions.server()>", line 2', None),
    ],
)
def test_a_server_action_is_named_by_its_frame(frame: str, action: int | None) -> None:
    text = error(f"odoo.http: x{TRACEBACK.replace('ValueError', f'  {frame}{chr(10)}ValueError')}")
    assert enriched(text).server_action_id == action


@pytest.mark.parametrize(
    ("text", "database"),
    [
        (error(f"{CUSTOM}: x", database="acme-prod-17.0"), "acme-prod-17.0"),
        (error("odoo.modules.registry: Failed to initialize database `live18`.", database="?"), "live18"),
        (
            error('odoo.sql_db: connection failed: FATAL:  database "live19" does not exist', database="?"),
            "live19",
        ),
        (error(f"{CUSTOM}: x", database="?"), None),
    ],
)
def test_the_database_is_in_the_header_or_in_the_text(text: str, database: str | None) -> None:
    assert enriched(text).database_name == database


def test_otherwise_the_process_tells_its_database() -> None:
    text = error(f"{CUSTOM}: x", database="?")
    here, there = line("odoo.x: y", database="here"), line("odoo.x: y", database="there")
    foreign = line("odoo.x: y", pid=9, database="foreign")
    nameless = line("odoo.x: y", database="?")
    assert enriched(text, here + foreign + nameless).database_name == "here"
    assert enriched(text, foreign, nameless + foreign + there).database_name == "there"
    assert enriched(text, here, there).database_name == "here"
    assert enriched(text, foreign, foreign).database_name is None
    assert enriched("ERROR:shop:x\n", here).database_name is None


def test_the_url_is_in_the_processs_next_access_line() -> None:
    after = line("odoo.x: y") + request("/other", pid=9) + request("/shop?a=1#b") + request("/later")
    assert enriched(error(f"odoo.http: x{TRACEBACK}"), request("/before"), after).http_url == "/shop?a=1#b"
    assert enriched(error("odoo.http: x"), request("/before")).http_url is None


def test_an_access_line_much_later_is_of_another_request() -> None:
    text = error("odoo.http: x", second=0)
    assert enriched(text, after=request("/shop", second=59)).http_url == "/shop"
    late = request("/shop").replace("21:10:10,139", "21:11:00,140")
    assert enriched(text, after=late).http_url is None


def test_werkzeugs_own_error_stands_behind_its_access_line() -> None:
    text = error(f"werkzeug: Error on request:{TRACEBACK} - - -")
    before = request("/earlier") + request("/shop") + request("/other", pid=9)
    assert enriched(text, before, request("/after")).http_url == "/shop"


@pytest.mark.parametrize(
    ("text", "model"),
    [
        (error(f"{CUSTOM}: cannot price sale.order(85,)"), "sale.order"),
        (error(f"{CUSTOM}: cannot price sale.order.line(85, 86)"), "sale.order.line"),
        (error(f"{CUSTOM}: cannot price sale.order(<NewId 0x7f3a>,)"), "sale.order"),
        (error(f"{CUSTOM}: no 'Cart' (shop.cart) here"), "shop.cart"),
        (error(f"{CUSTOM}: at (acme.example.com) of (shop.cart)"), "shop.cart"),
        (error(f"{CUSTOM}: bad view\nModel: shop.cart\nView: x"), "shop.cart"),
        (error(f"{CUSTOM}: bad view\n    Model: shop.cart\nView: x"), "shop.cart"),
        (error(f"{CUSTOM}: context {{'view.model': 'shop.cart', 'x': 1}}"), "shop.cart"),
        (error('odoo.sql_db: bad query: INSERT INTO "shop_cart" VALUES (1)\nERROR: x'), "shop.cart"),
        (error("odoo.sql_db: bad query: SELECT a FROM res_partner WHERE b\nERROR: x"), "res.partner"),
        (error("odoo.sql_db: bad query: SELECT a FROM cart WHERE b\nERROR: x"), None),
        (error('odoo.sql_db: bad query: INSERT INTO "cart_tag_rel" VALUES (1)\nERROR: x'), None),
        (error(f"{CUSTOM}: at cart.py(12, in www.example(1,) by odoo.http(1,) for (main.js)"), None),
        (error(f"{CUSTOM}: provider answered 503"), None),
        (error(f"{CUSTOM}: ir.actions.server(85,) failed"), None),
    ],
)
def test_the_model_is_in_the_message(text: str, model: str | None) -> None:
    assert enriched(text).odoo_model == model


@pytest.mark.parametrize(
    ("url", "model"),
    [
        ("/web/dataset/call_kw/sale.order/action_confirm", "sale.order"),
        ("/web/dataset/call_button/sale.order/action_confirm", "sale.order"),
        ("/web/dataset/call_kw/sale.order.line/write?x=1", "sale.order.line"),
        ("/web/dataset/call_kw", None),
        ("/shop/cart.order/x", None),
    ],
)
def test_otherwise_the_model_is_in_the_url(url: str, model: str | None) -> None:
    found = enriched(error(f"odoo.http: x{TRACEBACK}"), after=request(url))
    assert (found.http_url, found.odoo_model) == (url, model)
    told = enriched(error(f"odoo.http: x{TRACEBACK} of (shop.cart)"), after=request(url))
    assert told.odoo_model == "shop.cart"


DENIALS = {
    "by ACL": ("Access Denied by ACLs for operation: read, uid: 8, model: shop.cart", "read", 8),
    "by ACL, unlink": (
        "Access Denied by ACLs for operation: unlink, uid: 12, model: shop.cart",
        "unlink",
        12,
    ),
    "by rules": (
        "Access Denied by record rules for operation: write on record ids: [1, 2, 3], uid: 8, model: shop.cart",
        "write",
        8,
    ),
    "by rules, no ids": (
        "Access Denied by record rules for operation: create on record ids: [], uid: 8, model: shop.cart",
        "create",
        8,
    ),
}
NAMED = "odoo.http: You are not allowed to access 'Cart' (shop.cart) records.\n\nContact your administrator "
UNNAMED = "odoo.http: Désolé, accès refusé "


@pytest.mark.parametrize("name", DENIALS)
@pytest.mark.parametrize("said", [NAMED, UNNAMED, "odoo.http: 您无权访问“购物车”(shop.cart)记录。 "])
def test_a_denial_just_before_tells_operation_user_and_model(name: str, said: str) -> None:
    denial, operation, uid = DENIALS[name]
    found = enriched(line(said, "WARNING"), line("odoo.x: y") + line(f"{ACL}: {denial}"), request("/web"))
    assert (found.acl_operation, found.acl_uid, found.odoo_model) == (operation, uid, "shop.cart")
    assert found.http_url == "/web"


def is_denied(said: str, before: str, writer: bytes = b"", pid: int = 814) -> bool:
    head = header(line(said, "WARNING", pid=pid).encode())
    assert head is not None
    return denied(head, said.partition(": ")[2], before.encode(), writer)


ACL_LINE = line(f"{ACL}: {DENIALS['by ACL'][0]}")


def test_a_warning_is_of_the_denial_that_its_process_logged_last() -> None:
    assert is_denied(UNNAMED, ACL_LINE)
    assert is_denied(UNNAMED, ACL_LINE + line("odoo.x: y", pid=9) * 5)
    assert is_denied(UNNAMED, ACL_LINE + "a line without header\n")
    assert not is_denied(UNNAMED, ACL_LINE + line("odoo.x: y"))
    assert not is_denied(UNNAMED, ACL_LINE, pid=9)
    assert not is_denied(UNNAMED, "")
    assert not is_denied(UNNAMED, f"odoo-2  | {ACL_LINE}", b"odoo-1")
    assert is_denied(UNNAMED, f"odoo-1  | {ACL_LINE}", b"odoo-1")


def test_a_text_that_names_the_model_is_of_an_earlier_denial_too() -> None:
    assert is_denied(NAMED, ACL_LINE + line("odoo.x: y") * 5)
    assert is_denied("odoo.http: no rights on shop.cart.", ACL_LINE + line("odoo.x: y"))
    assert not is_denied(NAMED.replace("shop.cart", "shop.cart.line"), ACL_LINE + line("odoo.x: y"))
    assert not is_denied(NAMED.replace("shop.cart", "my.shop.cart"), ACL_LINE + line("odoo.x: y"))
    assert not is_denied(NAMED, ACL_LINE + line("odoo.x: y") * 5, pid=9)
    assert not is_denied(NAMED, ACL_LINE + line("odoo.x: y" * 20) * (DENIAL_WINDOW // 180))


def test_two_denials_crosswise_each_find_their_warning() -> None:
    other = line(f"{ACL}: Access Denied by ACLs for operation: unlink, uid: 7, model: crm.team")
    cart = enriched(line(NAMED, "WARNING"), ACL_LINE + other)
    team = enriched(
        line(NAMED.replace("shop.cart", "crm.team"), "WARNING"), ACL_LINE + other + line(NAMED, "WARNING")
    )
    assert (cart.odoo_model, cart.acl_operation, cart.acl_uid) == ("shop.cart", "read", 8)
    assert (team.odoo_model, team.acl_operation, team.acl_uid) == ("crm.team", "unlink", 7)


def test_a_traceback_of_an_access_error_has_its_denial_too() -> None:
    text = error(
        f"odoo.http: x{TRACEBACK.replace('ValueError: 12 pcs', 'odoo.exceptions.AccessError: no (shop.cart)')}"
    )
    found = enriched(text, ACL_LINE)
    assert (found.acl_operation, found.acl_uid, found.odoo_model) == ("read", 8, "shop.cart")
    assert enriched(error(f"odoo.http: x{TRACEBACK}"), ACL_LINE).acl_operation is None


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
    began = perf_counter()
    enrich(*arguments)
    assert perf_counter() - began < 3


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
