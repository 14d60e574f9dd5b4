"""Which errors are probably the same one: those that differ by a frame, a function or a wording, and no others."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.detections import Detector
from app.domain.fingerprints import of_message
from app.domain.similarity import Ground, Sketch, keys, likeness, sketch
from app.scanning.log_scan import detections

LOGS = Path(__file__).parent.parent / "corpus" / "logs"


def traceback(exception: str, message: str, *frames: str) -> Sketch:
    """Of a traceback with these frames, the outermost first."""
    lines = "\n".join(f"frame {frame}" for frame in frames)
    return sketch(f"v1 traceback\ntype {exception}\n{lines}\nmodule sale", message)


def record(message: str, logger: str = "odoo.addons.mail", kind: str = "message") -> Sketch:
    """Of a record without traceback."""
    return sketch(of_message(kind, logger, message).reason, message)


SALE = ("sale/models/order.py confirm", "sale/models/order.py _check", "sale/models/line.py _price")

ALIKE = {
    "another way there": (
        traceback("KeyError", "'a'", *SALE), traceback("KeyError", "'b'", "sale/wizard/mass.py run", *SALE),
        Ground.FRAMES, "KeyError in both, 3 of 4 frames in common",
    ),
    "a function more in between": (
        traceback("KeyError", "'a'", *SALE),
        traceback("KeyError", "'b'", *SALE[:2], "sale/models/order.py _more", SALE[2]),
        Ground.FRAMES, "KeyError in both, 3 of 4 frames in common",
    ),
    "the last function was renamed": (
        traceback("KeyError", "'partner_id'", *SALE),
        traceback("KeyError", "'partner_id'", *SALE[:2], "sale/models/line.py _compute_price"),
        Ground.FRAMES, "KeyError in both, 2 of 3 frames in common",
    ),
    "the only function was renamed": (
        traceback("UserError", "No price for order 17", "sale/models/line.py _price"),
        traceback("odoo.exceptions.UserError", "No price for order 23", "sale/models/line.py _compute_price"),
        Ground.PLACE, "UserError in both with the same message, in sale/models/line.py",
    ),
    "the same words, but for one": (
        record("Could not send the invoice to the customer"), record("Could not send the invoice to this customer"),
        Ground.MESSAGE, "nearly the same message from odoo.addons.mail",
    ),
    "the same words from a module that was renamed": (
        record("The printer is out of paper"), record("The printer is out of paper", "odoo.addons.printing"),
        Ground.MESSAGE, "the same message from different loggers",
    ),
}  # fmt: skip

UNLIKE = {
    "another exception": (traceback("KeyError", "'a'", *SALE), traceback("ValueError", "'a'", *SALE)),
    "the framework alone in common": (
        traceback("UserError", "No journal", "odoo/http.py dispatch", "odoo/api.py call_kw", "a/models/a.py post"),
        traceback("UserError", "Not your order", "odoo/http.py dispatch", "odoo/api.py call_kw", "b/models/b.py send"),
    ),
    "the same file, another key": (
        traceback("KeyError", "'partner_id'", "sale/models/line.py _price"),
        traceback("KeyError", "'journal_id'", "sale/models/line.py _tax"),
    ),
    "the same message from another file": (
        traceback("UserError", "Access denied", "sale/models/line.py _price"),
        traceback("UserError", "Access denied", "stock/models/move.py _assign"),
    ),
    "another model": (
        record("You are not allowed to modify records of the model sale.order"),
        record("You are not allowed to modify records of the model stock.quant"),
    ),
    "another constraint": (
        record("duplicate key value violates unique constraint x_code_uniq", "odoo.sql_db", "database"),
        record("duplicate key value violates unique constraint x_name_uniq", "odoo.sql_db", "database"),
    ),
    "another kind": (record("Access to the thing was denied"), record("Access to the thing was denied", kind="access")),
    "few words": (record("queue is full"), record("disk is full")),
    "values only": (record("17"), record("18, 19")),
    "nothing at all": (record(""), record(" ")),
    "a traceback and a record": (traceback("KeyError", "no price", *SALE), record("no price")),
}  # fmt: skip


@pytest.mark.parametrize("name", ALIKE)
def test_what_is_probably_the_same_is_alike_and_found(name: str) -> None:
    one, other, ground, words = ALIKE[name]
    found = likeness(one, other)
    assert found
    assert (found.ground, found.words) == (ground, words)
    assert 0.5 < found.score <= 1
    assert likeness(other, one) == found
    assert keys(one, "a project") & keys(other, "a project")
    assert not keys(one, "a project") & keys(other, "another project")


@pytest.mark.parametrize("name", UNLIKE)
def test_what_is_another_error_is_not_alike(name: str) -> None:
    one, other = UNLIKE[name]
    assert likeness(one, other) is None
    assert likeness(other, one) is None


def test_the_more_alike_the_higher_the_score() -> None:
    asked = traceback("KeyError", "'a'", *SALE)
    others = [
        traceback("KeyError", "'a'", *SALE),
        traceback("KeyError", "'a'", "sale/wizard/mass.py run", *SALE),
        traceback("KeyError", "'b'", *SALE),
        traceback("KeyError", "'b'", "sale/wizard/mass.py run", *SALE),
        traceback("KeyError", "'b'", "sale/wizard/mass.py run", "sale/wizard/mass.py each", *SALE),
    ]
    scores = [found.score for other in others if (found := likeness(asked, other))]
    assert len(scores) == len(others)
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1


def test_of_real_logs_few_are_alike_and_those_are_found() -> None:
    """The logs of the corpus have hundreds of errors that differ: hardly a pair in a thousand is alike."""
    found: dict[str, Sketch] = {}
    for log in sorted(LOGS.glob("*.log")):
        with log.open("rb") as stream:
            for finding in detections(stream, Detector()):
                fingerprint = finding.detection.fingerprint
                found[fingerprint.digest] = sketch(fingerprint.reason, finding.detection.message)
    pairs = list(combinations(found.values(), 2))
    alike = [(one, other) for one, other in pairs if likeness(one, other)]
    assert len(found) > 200
    assert 10 <= len(alike) < len(pairs) / 1000
    assert all(keys(one, "a project") & keys(other, "a project") for one, other in alike)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_compared(reason: str, message: str) -> None:
    one = sketch(reason, message)
    assert all(-(2**63) <= key < 2**63 for key in keys(one, "a project"))
    found = likeness(one, one)
    assert found is None or 0 < found.score <= 1


def test_a_traceback_of_any_depth_has_few_keys() -> None:
    deep = traceback("RecursionError", "deep", *(f"a.py f{n}" for n in range(5000)))
    assert len(keys(deep, "a project")) <= 25
    assert len(deep.frames) == 100
    assert len(keys(record("word " * 3 + " ".join(f"w{n}x" for n in range(900))), "a project")) <= 12
