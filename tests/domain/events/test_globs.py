"""Patterns as people write them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.events.globs import TEXT_LIMIT, found, matches

MATCHING = [
    ("ValueError", "valueerror"),
    ("Value*", "ValueError"),
    ("*Error", "ValueError"),
    ("*lue*rr*", "ValueError"),
    ("*", ""),
    ("**", "a"),
    ("V?lue*", "ValueError"),
    ("*?", "a"),
    ("?*?", "ab"),
    ("a*b*c", "abbbcbc"),
    ("*ab", "aab"),
    (r"App\Errors\*", r"App\Errors\NoRate"),
    ("[a-z].*", "[a-z].x"),
    ("user * not*", "User 17 not\nfound"),
    ("STRASSE", "strasse"),
]
NOT_MATCHING = [
    ("Value", "ValueError"),
    ("Error", "ValueError"),
    ("*?", ""),
    ("??", "a"),
    ("ab*ba", "aba"),
    ("a*b*c", "acb"),
    ("*a?b*", "ab"),
    ("", "a"),
]


@pytest.mark.parametrize(("pattern", "text"), MATCHING)
def test_what_matches(pattern: str, text: str) -> None:
    assert matches(pattern, text)
    assert found(pattern, text)


@pytest.mark.parametrize(("pattern", "text"), NOT_MATCHING)
def test_what_does_not(pattern: str, text: str) -> None:
    assert not matches(pattern, text)


def test_without_a_star_it_may_be_found_anywhere() -> None:
    assert found("not found", "User 17 NOT found in orders")
    assert not found("not found*", "User 17 not found in orders")
    assert not found("not lost", "User 17 not found in orders")


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    assert found("end", "x" * (TEXT_LIMIT - 3) + "end")
    assert not found("end", "x" * TEXT_LIMIT + "end")


@settings(max_examples=300)
@given(st.text("ab*?", max_size=8), st.text("ab\n", max_size=12))
def test_the_same_as_the_plain_meaning(pattern: str, text: str) -> None:
    plain = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    assert matches(pattern, text) is (re.fullmatch(plain, text, re.DOTALL) is not None)
