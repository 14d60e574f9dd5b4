"""The labels of issues."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.github.labels import MARK, NAME_LIMIT, REGRESSION, labels


def test_an_issue_has_four_labels_in_the_agreed_colours() -> None:
    found = {each.name: each.color for each in labels("critical", "sale_custom")}
    assert found == {
        "bug": "d73a4a",
        "snaglist-error": "7057ff",
        "severity:critical": "b60205",
        "module:sale_custom": "cfd3d7",
    }
    assert labels("high", None)[-1].color == "f28b82"
    assert labels("medium", "")[-1].color == "fbca04"
    assert labels("unheard", " \n")[-1].name == "severity:medium"
    assert (REGRESSION.name, REGRESSION.color) == ("regression", "d93f0b")
    assert labels("high", None)[1] is MARK


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("src/Cart.tsx", "module:src/Cart.tsx"),
        ("a,b @ada #12", "module:a_b_ada_12"),
        ("com.acme." + "x" * 80, "module:com.acme." + "x" * 34),
    ],
)
def test_a_module_makes_a_name_that_github_takes(module: str, name: str) -> None:
    assert labels("high", module)[-1].name == name
    assert len(name) <= NAME_LIMIT


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_any_module_makes_plain_labels(module: str) -> None:
    for each in labels("high", module):
        assert re.fullmatch(r"[A-Za-z0-9._/:-]{1,50}", each.name)
        assert re.fullmatch("[0-9a-f]{6}", each.color)
        assert len(each.description) <= 100
