"""What makes two messages without a traceback the same error, and what keeps them apart."""

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fingerprints import of_message


def test_a_message_is_told_apart_by_kind_logger_and_words() -> None:
    fingerprint = of_message("message", "odoo.addons.shop", "User 123 not found")
    assert fingerprint.reason.split("\n")[:2] == ["v1 message", "logger odoo.addons.shop"]
    assert fingerprint.reason.split("\n")[2].startswith("message user ")
    assert fingerprint.digest == sha256(fingerprint.reason.encode()).hexdigest()
    assert of_message("warning", "odoo.addons.shop", "User 123 not found") != fingerprint
    assert of_message("message", "odoo.addons.sale", "User 123 not found") != fingerprint
    assert of_message("message", "odoo.addons.shop", "Group 123 not found") != fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("User 123 not found", "User 4567 not found"),
        ("record 5 of sale.order(85,) is gone", "record 61 of sale.order(1417,) is gone"),
        ("<object at 0x7f3a2c1d0e40> is closed", "<object at 0x5581aa00ff10> is closed"),
        (
            "request 9f1c2e34-aaaa-4bbb-8ccc-1234567890ab failed",
            "request 0b8d7c65-1111-4222-8333-ba0987654321 failed",
        ),
        ("took 3.2 s", "took 11.87 s"),
        ("  padded\n and wrapped ", "padded and   wrapped"),
    ],
)
def test_a_message_is_the_same_whatever_its_numbers(one: str, other: str) -> None:
    assert of_message("message", "odoo.x", one) == of_message("message", "odoo.x", other)


@given(st.text(max_size=300), st.text(max_size=20))
def test_any_text_is_a_message(said: str, logger: str) -> None:
    fingerprint = of_message("message", logger, said)
    assert fingerprint == of_message(
        "message", logger, said.translate(str.maketrans("0123456789", "9876543210"))
    )
    assert re.fullmatch("[0-9a-f]{64}", fingerprint.digest)
