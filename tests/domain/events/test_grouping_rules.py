"""What people say is the same error: which events a rule takes, and which rules there can be."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.events import grouping_rules, ignore_rules
from app.domain.events.event import EventException
from app.domain.events.grouping_rules import Rule, decided, matches, plain, problems, restored
from tests.domain.events.app_events import event, frame, raised

CAUSE = raised(frame(r"C:\shop\rates.py", "rate", "shop.rates"), kind="LookupError", message="no rate")
LAST = EventException(
    "NoTotal", "cannot sum up 17 lines", "shop.errors", (frame("/srv/shop/cart.py", "total"),)
)
TOLD = event(
    CAUSE, LAST, message="checkout failed", module="checkout", tags=(("Shop", "EU-7"), ("plan", "free"))
)

F = ("same",)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(F, type="NoTotal"),
        Rule(F, type="lookup*"),
        Rule(F, type="shop.errors.NoTotal"),
        Rule(F, type="shop.*"),
        Rule(F, message="sum up"),
        Rule(F, message="no rate"),
        Rule(F, message="Checkout*"),
        Rule(F, path="shop/cart.py"),
        Rule(F, path="*/cart.py"),
        Rule(F, path="shop/rates.py"),
        Rule(F, path=r"C:\shop\*"),
        Rule(F, module="checkout"),
        Rule(F, module="shop.*"),
        Rule(F, tags=(("shop", "eu-*"),)),
        Rule(F, "NoTotal", "*lines", "cart", "check*", (("shop", "*"), ("plan", "free"))),
    ],
    ids=str,
)
def test_what_a_rule_takes(rule: Rule) -> None:
    assert matches(rule, TOLD)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(F, type="Total"),
        Rule(F, message="lost"),
        Rule(F, message="failed*"),
        Rule(F, path="*/order.py"),
        Rule(F, module="shop"),
        Rule(F, tags=(("shop", "US-*"),)),
        Rule(F, tags=(("region", "*"),)),
        Rule(F, type="NoTotal", message="lost"),
        Rule(F, type="NoTotal", tags=(("shop", "*"), ("plan", "paid"))),
    ],
    ids=str,
)
def test_what_a_rule_leaves(rule: Rule) -> None:
    assert not matches(rule, TOLD)


def test_a_shorter_type_is_enough() -> None:
    assert matches(Rule(F, type="ConnectionError"), event(raised(kind="requests.exceptions.ConnectionError")))
    assert not matches(Rule(F, type="*"), event(message="no exception"))


def test_the_first_rule_that_matches_decides() -> None:
    rules = (Rule(("a",), type="Never"), Rule(("b",), type="NoTotal"), Rule(("c",), message="*"))
    assert decided(rules, TOLD) == ("b",)
    assert decided(rules, replace(TOLD, exceptions=())) == ("c",)
    assert decided(rules[:1], TOLD) is None


def test_rules_are_stored_and_restored() -> None:
    rules = (
        Rule(("{{ default }}", "EU"), type="A*", tags=(("shop", "EU"),)),
        Rule(("b",), message="x", path="y", module="z"),
    )
    assert plain(rules)[0] == {
        "type": "A*",
        "tags": [{"name": "shop", "value": "EU"}],
        "fingerprint": ["{{ default }}", "EU"],
    }
    assert restored(plain(rules)) == rules
    assert problems(plain(rules)) == []


GOOD: dict[str, Any] = {"type": "A", "fingerprint": ["a"]}
BAD: list[tuple[Any, list[str]]] = [
    ({}, [""]),
    ([GOOD] * 101, [""]),
    ([GOOD, "x"], ["1"]),
    ([{"fingerprint": ["a"]}], ["0"]),
    ([{"type": None, "tags": [], "fingerprint": ["a"]}], ["0"]),
    ([{"type": "", "fingerprint": ["a"]}], ["0.type"]),
    ([{"type": 7, "fingerprint": ["a"]}], ["0.type"]),
    ([{"message": "x" * 501, "fingerprint": ["a"]}], ["0.message"]),
    ([{"path": "a\0", "fingerprint": ["a"]}], ["0.path"]),
    ([{"module": "\ud800", "fingerprint": ["a"]}], ["0.module"]),
    ([{"type": "A"}], ["0.fingerprint"]),
    ([{"type": "A", "fingerprint": []}], ["0.fingerprint"]),
    ([{"type": "A", "fingerprint": "a"}], ["0.fingerprint"]),
    ([{"type": "A", "fingerprint": ["a"] * 11}], ["0.fingerprint"]),
    ([{"type": "A", "fingerprint": ["a", " ", "x" * 201]}], ["0.fingerprint.1", "0.fingerprint.2"]),
    ([{"tags": {"a": "b"}, "fingerprint": ["a"]}], ["0.tags"]),
    ([{"tags": ["a"], "fingerprint": ["a"]}], ["0.tags.0"]),
    ([{"tags": [{"name": "a"}], "fingerprint": ["a"]}], ["0.tags.0.value"]),
    ([GOOD, {"type": 1, "fingerprint": 1}], ["1.type", "1.fingerprint"]),
]


@pytest.mark.parametrize(("rules", "fields"), BAD)
def test_rules_that_cannot_be(rules: Any, fields: list[str]) -> None:
    assert [field for field, _ in problems(rules)] == fields
    assert all(why for _, why in problems(rules))
    assert len(restored(rules)) == (sum(one == GOOD for one in rules[:100]) if isinstance(rules, list) else 0)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "message", "tags", "name", "value", "fingerprint", "exception_type"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=100)
@given(_JSON)
def test_whatever_is_stored_can_be_read(told: Any) -> None:
    for module in (grouping_rules, ignore_rules):
        rules = module.restored(told)
        assert module.problems(module.plain(rules)) == []
        if not module.problems(told):
            assert len(rules) == len(told)


def test_of_a_hundred_rules_for_paths_the_one_that_matches_is_found() -> None:
    frames = [frame(f"/srv/shop/{place}.py", "run") for place in range(25)]
    rules = tuple(Rule(F, path=f"*/none?{place}.py") for place in range(100))
    assert decided(rules, event(raised(*frames))) is None
    assert decided((*rules, Rule(F, path="*/24.py")), event(raised(*frames))) == F
