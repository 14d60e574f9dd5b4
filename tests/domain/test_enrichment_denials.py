"""The denial that the log tells just before an access error: whose it is, and of what."""

import pytest

from app.domain.enrichment import DENIAL_WINDOW, denied
from app.domain.log_lines import header
from tests.domain.enriched_records import (
    ACL,
    ACL_LINE,
    DENIALS,
    NAMED,
    TRACEBACK,
    enriched,
    error,
    line,
    request,
)

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
