"""What the text of a record and its neighbours tell beside the error: database, address, model."""

import pytest

from app.domain.detections import Detector
from app.domain.enrichment import Enrichment, enrich
from app.domain.neighbourhood import Neighbourhood
from tests.domain.enriched_records import CUSTOM, TRACEBACK, enriched, error, line, request


def test_where_nothing_tells_everything_is_none() -> None:
    bare = f"Traceback (most recent call last):{TRACEBACK[36:]}"
    found = Detector().detect(bare.encode(), None)
    assert found is not None
    assert enrich(found, bare.encode(), Neighbourhood(b"", b"")) == Enrichment()
    assert enriched(error(f"{CUSTOM}: provider answered 503")) == Enrichment(database_name="live")


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
