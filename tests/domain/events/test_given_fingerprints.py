"""Fingerprints that people give: an app its events, or a project by its rules."""

from dataclasses import replace

import pytest

from app.domain.events.event import Event
from app.domain.events.event_fingerprints import fingerprint, message
from app.domain.events.event_frames import Rules
from app.domain.events.grouping_rules import Rule
from app.domain.similarity import Sketch, likeness, sketch
from tests.domain.events.app_events import event, frame, raised, reason

NONE = Rules()
TOTAL = (frame("shop/views.py", "checkout", "shop.views"), frame("shop/cart.py", "total", "shop.cart"))


def test_a_fingerprint_of_the_app_decides_alone() -> None:
    one, other = (
        event(raised(*TOTAL), fingerprint=("rates", "EUR")),
        event(message="x", fingerprint=("rates", "EUR")),
    )
    assert reason(one) == reason(other) == ['v1 event ["rates", "EUR"]']
    assert reason(one) != reason(event(fingerprint=("rates", "USD")))
    assert reason(event(fingerprint=("rates EUR",))) != reason(event(fingerprint=("rates", "EUR")))


@pytest.mark.parametrize("default", ["{{ default }}", "{{default}}", " {{  Default }} "])
def test_default_stands_for_what_would_be_without(default: str) -> None:
    told = event(raised(*TOTAL))
    assert reason(replace(told, fingerprint=(default,))) == reason(told)
    assert reason(replace(told, fingerprint=(default, "EUR"))) == [
        'v1 event ["{{ default }}", "EUR"]',
        "default type ValueError",
        "default frame shop.views checkout",
        "default frame shop.cart total",
    ]
    assert reason(event(message="x", fingerprint=(default, "EUR")))[1:] == [
        "default logger ",
        "default message x",
    ]


def test_variables_stand_for_what_the_event_says() -> None:
    told = event(
        raised(*TOTAL, message="no rate"),
        tags=(("shop", "EU"),),
        logger="shop",
        transaction="/pay",
        version="1.2",
        environment="live",
        fingerprint=(
            "{{ error.type }}|{{ error.value }}|{{ function }}|{{ module }}|{{tags.shop}}|{{ tags.none }}",
            "{{ logger }} {{ transaction }} {{ level }} {{ release }} {{ environment }}",
            "{{ unheard.of }}",
        ),
    )
    assert reason(told) == [
        'v1 event ["ValueError|no rate|total|shop.cart|EU|", "shop /pay error 1.2 live", "{{ unheard.of }}"]'
    ]


def test_long_parts_are_told_apart_to_their_ends() -> None:
    one, other = (event(fingerprint=("x" * 900 + end,)) for end in "ab")
    assert reason(one) != reason(other)
    assert len(reason(one)[0]) < 250


def test_a_rule_of_the_project_decides_before_the_event() -> None:
    told = event(raised(*TOTAL), fingerprint=("mine",))
    miss, hit = Rule(("never",), type="KeyError"), Rule(("values",), type="Value*")
    assert fingerprint(told, NONE, (miss, hit)).reason == 'v1 event ["values"]'
    assert fingerprint(told, NONE, (miss,)).reason == 'v1 event ["mine"]'
    back = Rule(("{{ default }}",), type="ValueError")
    assert fingerprint(told, NONE, (back, hit)).reason == "\n".join(reason(replace(told, fingerprint=())))


def _sketch(told: Event) -> Sketch:
    return sketch("\n".join(reason(told)), message(told))


def test_what_people_told_apart_is_not_called_similar() -> None:
    sketches = [
        _sketch(event(raised(*TOTAL), fingerprint=("{{ default }}", shop))) for shop in ("Ada", "Bob")
    ] + [_sketch(event(message="cannot send the order", fingerprint=(shop,))) for shop in ("Ada", "Bob")]
    assert all(
        likeness(one, other) is None
        for one in sketches
        for other in [*sketches, _sketch(event(raised(*TOTAL)))]
        if one is not other
    )
