"""The module that a traceback is of, and where it is found."""

import pytest

from app.domain.addons import KNOWN_FOLDERS
from app.domain.fingerprints import Spots
from tests.domain.fingerprinted_tracebacks import CAUSE, DEB, DURING, STACK, TOTAL, made, printed

BASE = (f"{DEB}/addons/base/models/ir_http.py", "_dispatch")
SALE = (f"{DEB}/addons/sale/models/sale_order.py", "confirm")
STOCK = ("/mnt/extra-addons/stock_x/models/m.py", "move")

PARSED = (
    "odoo.tools.convert.ParseError: while parsing /mnt/extra-addons/shop/views/cart.xml:3, somewhere inside"
)

MODULES = {
    "the innermost custom frame": (printed([*TOTAL, STOCK, SALE]), "odoo.addons.mail.x", "stock_x"),
    "of the earliest part that has one": (
        printed([SALE], "KeyError: 1") + CAUSE + printed([STOCK]) + DURING + printed(TOTAL),
        "odoo.http",
        "stock_x",
    ),
    "rather than an addon frame deeper in": (printed([STOCK, SALE]), "odoo.http", "stock_x"),
    "without: the file of data that was parsed": (printed([BASE], PARSED), "odoo.http", "shop"),
    "parsed in a nested repository": (
        printed(
            [BASE], PARSED.replace("extra-addons/", "extra-addons/OCA/web/").replace("cart.xml", "cart.csv")
        ),
        "odoo.http",
        "shop",
    ),
    "a custom frame rather than the parsed file": (printed([STOCK], PARSED), "odoo.http", "stock_x"),
    "without: the last addon frame of the final part": (
        printed([SALE], "KeyError: 1") + CAUSE + printed([SALE, BASE]),
        "odoo.addons.mail.x",
        "base",
    ),
    "not of an earlier part": (
        printed([SALE], "KeyError: 1") + CAUSE + printed(STACK),
        "odoo.addons.mail.models.mail",
        "mail",
    ),
    "without: the logger's addon": (printed(STACK), "odoo.addons.mail.models.mail", "mail"),
    "without: nothing": (printed(STACK), "odoo.http", None),
}


@pytest.mark.parametrize("name", MODULES)
def test_the_module_is_found_in_order(name: str) -> None:
    traceback, logger, module = MODULES[name]
    fingerprint, found = made(traceback, logger)
    assert found == module
    assert fingerprint.reason.endswith(f"\nmodule {module or '?'}")


def test_the_loggers_module_counts() -> None:
    one, other = made(printed(STACK), "odoo.addons.mail.x")[0], made(printed(STACK), "odoo.addons.sale.x")[0]
    assert one != other


def test_an_instances_own_folder_makes_its_frames_custom() -> None:
    traceback = printed([(f"{DEB}/http.py", "dispatch"), ("/srv/acme/shop/cart.py", "total")])
    own = Spots(("/srv/acme", *KNOWN_FOLDERS))
    assert made(traceback)[1] is None
    assert made(traceback, known=own)[1] == "shop"
    assert made(traceback, known=own)[0].reason.split("\n")[2:] == ["frame shop/cart.py total", "module shop"]
