"""Which errors of an app make no group, because people say so."""

from typing import Any

import pytest

from app.domain.events.ignore_rules import Rule, ignored, plain, problems, restored
from tests.domain.events.app_events import event, raised

TOLD = event(
    raised(kind="KeyError", message="no such shop"),
    raised(kind="shop.errors.NoTotal", message="cannot sum up 17 lines"),
    message="checkout failed",
)


@pytest.mark.parametrize(
    ("rule", "is_ignored"),
    [
        (Rule("NoTotal"), True),
        (Rule("shop.errors.*"), True),
        (Rule("nototal"), True),
        (Rule("KeyError"), False),
        (Rule("Total"), False),
        (Rule(None, "sum up"), True),
        (Rule(None, "checkout*"), True),
        (Rule(None, "no such shop"), False),
        (Rule(None, "sum*"), False),
        (Rule("NoTotal", "sum up"), True),
        (Rule("NoTotal", "lost"), False),
        (Rule("KeyError", "sum up"), False),
        (Rule(), False),
    ],
    ids=str,
)
def test_what_a_rule_ignores(rule: Rule, is_ignored: bool) -> None:
    assert ignored(TOLD, (Rule("Never"), rule)) is is_ignored


def test_a_message_without_an_exception() -> None:
    told = event(message="ResizeObserver loop limit exceeded")
    assert ignored(told, (Rule(None, "resizeobserver loop"),))
    assert not ignored(told, (Rule("*Error"),))
    assert not ignored(told, ())


def test_rules_are_stored_and_restored() -> None:
    rules = (Rule("A*"), Rule(None, "x"), Rule("A", "x"))
    assert plain(rules) == [
        {"exception_type": "A*"},
        {"message": "x"},
        {"exception_type": "A", "message": "x"},
    ]
    assert restored(plain(rules)) == rules
    assert problems(plain(rules)) == []


BAD: list[tuple[Any, list[str]]] = [
    (None, [""]),
    ([{"message": "x"}] * 101, [""]),
    (["x"], ["0"]),
    ([{}], ["0"]),
    ([{"exception_type": None}], ["0"]),
    ([{"exception_type": 7}], ["0.exception_type"]),
    ([{"message": "x" * 501}], ["0.message"]),
    ([{"message": "a\0"}], ["0.message"]),
    ([{"message": "x"}, {"message": "*", "exception_type": "?*"}], ["1.exception_type", "1.message"]),
]


@pytest.mark.parametrize(("rules", "fields"), BAD)
def test_rules_that_cannot_be(rules: Any, fields: list[str]) -> None:
    assert [field for field, _ in problems(rules)] == fields
    kept = restored(rules)
    assert all(rule == Rule(None, "x") for rule in kept)
