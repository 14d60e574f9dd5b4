"""What is ignored, built in or by an instance's own rules, and the addon folders an instance names."""

import pytest

from app.domain.detections import BUILT_IN_IGNORES, Detector, Rules
from tests.domain.detected_records import CAUSE, HTTP, LOUD, TRACEBACK, detect, detected, record

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
