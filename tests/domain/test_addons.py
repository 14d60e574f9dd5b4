"""Whose code a path is, in the layouts in which Odoo is installed."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.addons import KNOWN_FOLDERS, PATH_LIMIT, addon_of_logger, is_custom, is_in_app, place

DEB = "/usr/lib/python3/dist-packages"

CERTAIN = {
    # the folders that are custom on any server
    "/mnt/extra-addons/shop/models/cart.py": ("custom", "shop/models/cart.py", "shop"),
    "/mnt/custom-addons/shop/models/cart.py": ("custom", "shop/models/cart.py", "shop"),
    "/home/odoo/src/user/shop/models/cart.py": ("custom", "shop/models/cart.py", "shop"),
    "/mnt/extra-addons/shop/__init__.py": ("custom", "shop/__init__.py", "shop"),
    "/mnt/extra-addons/shop/hooks.py": ("custom", "shop/hooks.py", "shop"),
    "/mnt/extra-addons/shop/models/sub/cart.py": ("custom", "shop/models/sub/cart.py", "shop"),
    "/mnt/extra-addons/shop/lib/models/x.py": ("custom", "shop/lib/models/x.py", "shop"),
    "/mnt/extra-addons/OCA/web/web_responsive/models/x.py": (
        "custom",
        "web_responsive/models/x.py",
        "web_responsive",
    ),
    "/mnt/extra-addons/addons-acme/shop/wizard/w.py": ("custom", "shop/wizard/w.py", "shop"),
    "/mnt/extra-addons/17.0/shop/__init__.py": ("custom", "shop/__init__.py", "shop"),
    "/mnt/extra-addons/report/models/x.py": ("custom", "report/models/x.py", "report"),
    "/mnt/extra-addons/loose.py": ("custom", "loose.py", None),
    # folders whose name says addons and something more
    "/opt/odoo/custom_addons/shop/models/cart.py": ("custom", "shop/models/cart.py", "shop"),
    "/opt/odoo/addons-extra/shop/models/cart.py": ("custom", "shop/models/cart.py", "shop"),
    "/home/ada/acme.addons/shop/cart.py": ("custom", "shop/cart.py", "shop"),
    "/srv/Extra-Addons2/shop/cart.py": ("custom", "shop/cart.py", "shop"),
    "/var/lib/odoo/addons/17.0/shop/models/cart.py": ("custom", "shop/models/cart.py", "shop"),
    # Odoo's own: packages, images, odoo.sh, enterprise
    f"{DEB}/odoo/http.py": ("odoo", "odoo/http.py", None),
    f"{DEB}/odoo/models.py": ("odoo", "odoo/models.py", None),
    f"{DEB}/odoo/tools/safe_eval.py": ("odoo", "odoo/tools/safe_eval.py", None),
    f"{DEB}/odoo/service/server.py": ("odoo", "odoo/service/server.py", None),
    f"{DEB}/odoo/addons/base/models/ir_http.py": ("odoo", "base/models/ir_http.py", "base"),
    f"{DEB}/odoo/addons/sale/models/sale_order.py": ("odoo", "sale/models/sale_order.py", "sale"),
    f"{DEB}/openerp/addons/sale/sale.py": ("odoo", "sale/sale.py", "sale"),
    f"{DEB}/openerp/service/model.py": ("odoo", "openerp/service/model.py", None),
    "/usr/local/lib/python3.10/site-packages/odoo/addons/sale/models/x.py": (
        "odoo",
        "sale/models/x.py",
        "sale",
    ),
    "/home/odoo/src/odoo/odoo/orm/models.py": ("odoo", "odoo/orm/models.py", None),
    "/home/odoo/src/odoo/odoo/__init__.py": ("odoo", "odoo/__init__.py", None),
    "/home/odoo/src/enterprise/sale_subscription/models/x.py": (
        "odoo",
        "sale_subscription/models/x.py",
        "sale_subscription",
    ),
    "/mnt/enterprise-17.0/account_accountant/models/x.py": (
        "odoo",
        "account_accountant/models/x.py",
        "account_accountant",
    ),
    "/opt/odoo/odoo-bin": ("odoo", "odoo-bin", None),
    "/usr/bin/odoo": ("odoo", "odoo", None),
    # libraries
    f"{DEB}/werkzeug/serving.py": ("library", "werkzeug/serving.py", None),
    "/opt/odoo/venv/lib/python3.12/site-packages/requests/api.py": ("library", "requests/api.py", None),
    "/usr/lib/python3.11/threading.py": ("library", "threading.py", None),
    "/home/ada/python/3.10.13/lib/python3.10/json/decoder.py": ("library", "json/decoder.py", None),
    "C:\\Python310\\Lib\\json\\decoder.py": ("library", "json/decoder.py", None),
    "src/lxml/etree.pyx": ("library", "lxml/etree.pyx", None),
    "src/lxml/parser.pxi": ("library", "lxml/parser.pxi", None),
    "src/gevent/greenlet.py": ("library", "gevent/greenlet.py", None),
    # code that stands in no file
    "<225>": ("generated", "<0>", None),
    "<decorator-gen-134>": ("generated", "<decorator-gen-0>", None),
    "<frozen importlib._bootstrap>": ("generated", "<frozen importlib._bootstrap>", None),
    "<string>": ("generated", "<string>", None),
    "<console>": ("generated", "<console>", None),
    "</t/div>": ("generated", "</t/div>", None),
    "ir.actions.server(85,)": ("generated", "ir.actions.server(0,)", None),
    # the user's own programs
    "/srv/shop/cart.py": ("app", "shop/cart.py", None),
    "/srv/shop/main": ("app", "shop/main", None),
    "cart.py": ("app", "cart.py", None),
}


@pytest.mark.parametrize("path", CERTAIN)
def test_a_path_says_whose_code_it_is(path: str) -> None:
    found = place(path)
    assert (found.owner, found.name, found.addon) == CERTAIN[path]
    assert found.is_certain
    for cores in (frozenset[str | None](), frozenset({None, DEB})):
        assert is_custom(found, cores) == (found.owner == "custom")
        assert is_in_app(found, cores) == (found.owner in ("custom", "app"))


# A path in a folder that is just called addons, with the folders around Odoo's package in the same traceback.
BY_TRACEBACK = {
    "Odoo's own tree": ("/opt/odoo/odoo-server/addons/sale/models/x.py", {"/opt/odoo/odoo-server"}, False),
    "Odoo's package": ("/opt/odoo/odoo/addons/test_http/models/x.py", {"/opt/odoo"}, False),
    "Odoo 9's package": ("/opt/odoo/openerp/addons/sale/sale.py", {"/opt/odoo"}, False),
    "beside Odoo": ("/opt/odoo/custom/addons/shop/models/cart.py", {"/opt/odoo"}, True),
    "around Odoo": ("/srv/erp/addons/shop/models/cart.py", {"/srv/erp/odoo-17.0"}, True),
    "Odoo is a package": ("/srv/erp/addons/shop/models/cart.py", {DEB}, True),
    "no frame of Odoo": ("/srv/erp/addons/shop/models/cart.py", set(), True),
    "a checkout, no frame of Odoo": ("/opt/odoo-17.0/addons/sale/models/x.py", set(), False),
    "a checkout of OCB": ("/opt/OCB/addons/sale/models/x.py", set(), False),
    "a server folder with a version": ("/opt/odoo_server-v17ce/addons/sale/models/x.py", set(), False),
    "Windows, Odoo's own": (
        "C:\\Program Files\\Odoo 17.0\\server\\odoo\\addons\\sale\\models\\x.py",
        {"C:/Program Files/Odoo 17.0/server"},
        False,
    ),
    "Windows, custom": (
        "D:\\erp\\addons\\shop\\models\\cart.py",
        {"C:/Program Files/Odoo 17.0/server"},
        True,
    ),
    "no addons folder, Odoo runs": ("/home/ada/project/shop/models/cart.py", {DEB}, True),
    "no addons folder, no Odoo": ("/home/ada/project/shop/models/cart.py", set(), False),
}


@pytest.mark.parametrize("name", BY_TRACEBACK)
def test_a_folder_called_addons_is_judged_by_the_traceback(name: str) -> None:
    path, cores, custom = BY_TRACEBACK[name]
    found = place(path)
    assert not found.is_certain
    assert found.addon in ("sale", "shop", "test_http")
    assert is_custom(found, frozenset({None, *cores})) is custom


def test_odoos_files_tell_where_odoo_is() -> None:
    assert place("/opt/odoo/odoo-server/odoo/http.py").core == "/opt/odoo/odoo-server"
    assert place("/opt/odoo/odoo/service/model.py").core == "/opt/odoo"
    assert place("/opt/odoo/odoo-bin").core == "/opt/odoo"
    assert place("C:\\Odoo\\server\\odoo\\http.py").core == "C:/Odoo/server"
    assert place("/opt/odoo/custom/addons/shop/cart.py").core is None


def test_an_app_is_in_app_with_and_without_odoo() -> None:
    loose = place("/home/ada/project/shop/models/cart.py")
    assert is_in_app(loose, frozenset())
    assert is_in_app(loose, frozenset({DEB}))


@pytest.mark.parametrize(
    ("folder", "path", "name"),
    [
        ("/srv/acme/modules", "/srv/acme/modules/shop/models/cart.py", "shop/models/cart.py"),
        ("/srv/acme/modules", "/srv/acme/modules/repo/shop/models/cart.py", "shop/models/cart.py"),
        (f"{DEB}/odoo/addons/acme", f"{DEB}/odoo/addons/acme/shop/cart.py", "shop/cart.py"),
        ("D:/acme", "D:\\acme\\shop\\cart.py", "shop/cart.py"),
    ],
)
def test_an_instance_names_its_own_folders(folder: str, path: str, name: str) -> None:
    found = place(path, (folder, *KNOWN_FOLDERS))
    assert (found.owner, found.addon, found.name, found.is_certain) == ("custom", "shop", name, True)
    assert place(path).owner != "custom"


def test_a_known_folder_is_no_prefix_of_another() -> None:
    assert place("/srv/acme-old/shop/cart.py", ("/srv/acme",)).owner == "app"


@pytest.mark.parametrize(
    ("logger", "addon"),
    [
        ("odoo.addons.sale.models.sale_order", "sale"),
        ("odoo.addons.sale", "sale"),
        ("openerp.addons.sale.sale", "sale"),
        ("odoo.addons.", None),
        ("odoo.addons", None),
        ("odoo.http", None),
        ("other.addons.sale", None),
        ("odoo.tools.addons.sale", None),
        ("", None),
    ],
)
def test_a_logger_names_its_addon(logger: str, addon: str | None) -> None:
    assert addon_of_logger(logger) == addon


ROOTS = st.sampled_from(
    [
        "/mnt/extra-addons",
        "/mnt/custom-addons",
        "/opt/odoo/custom/addons",
        "/home/ada/addons-extra",
        "/srv/x_addons",
    ]
)
WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)


@given(ROOTS, ROOTS, WORDS, st.sampled_from(["models", "controllers", "wizard", "report"]), WORDS)
def test_an_addon_has_the_same_name_below_any_root(
    one: str, other: str, addon: str, part: str, file: str
) -> None:
    path = f"{addon}/{part}/{file}.py"
    places = [place(f"{root}/{path}") for root in (one, other)]
    assert [(found.name, found.addon) for found in places] == [(path, addon)] * 2
    assert all(is_custom(found, frozenset({DEB})) for found in places)


@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(st.sampled_from(["/", "addons", "odoo", "models", "a", "\\", ".py", "<"])).map("".join),
    )
)
def test_any_text_is_a_path(path: str) -> None:
    found = place(path)
    assert found.owner in ("custom", "odoo", "library", "generated", "app")
    if is_custom(found, frozenset({found.core})):
        assert is_in_app(found, frozenset({found.core}))


@pytest.mark.parametrize(
    "path",
    [
        piece * (100_000 // len(piece)) + end
        for piece in (
            "/odoo/api",
            "/odoo/http",
            "/a",
            "/models",
            "/addons",
            "/lib/python3",
            "a.",
            "/themes",
            "1",
            "<1>",
        )
        for end in ("", "/x.py", "/addons/x/y.py")
    ]
    + [
        f"/opt/odoo{'1' * 60}!/addons/sale/x.py",
        f"/opt/odoo{'-server' * 500}!/addons/sale/x.py",
        f"/{'addons-' * 500}!/a/b.py",
    ],
    ids=lambda path: f"{path[:12]}...{path[-8:]}",
)
def test_no_path_takes_long(path: str) -> None:
    began = process_time()
    is_custom(place(path), frozenset())
    assert process_time() - began < 0.5
    assert len(place(path).name) <= PATH_LIMIT
