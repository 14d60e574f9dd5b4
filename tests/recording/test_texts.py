"""Texts from outside, made fit to be stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.recording.texts import clean, name, safe, safe_lines

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain", "plain"),
        ("a\0b\0", "a\ufffdb\ufffd"),
        ("lone \ud83d", "lone \ufffd"),
        ("lone \ude00 low", "lone \ufffd low"),
        ("pair \ud83d\ude00", "pair 😀"),
        ("é 漢 😀", "é 漢 😀"),
    ],
)
def test_what_the_database_refuses_is_replaced(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(text=ANY_TEXT)
def test_any_text_can_be_stored_then(text: str) -> None:
    cleaned = clean(text)
    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned
    assert clean(cleaned) == cleaned


@given(text=ANY_TEXT, limit=st.integers(10, 60))
def test_a_safe_text_is_no_longer_than_it_may_be(text: str, limit: int) -> None:
    assert len(safe(text, limit)) <= limit


def test_a_long_text_keeps_both_ends() -> None:
    assert safe("a" * 50 + "b" * 50, 20) == "a" * 10 + "\n…\n" + "b" * 7


def test_secrets_are_gone() -> None:
    assert safe("password=hunter2horse", 100) == "password=[redacted password]"
    assert name("/srv/token=Zx81kQ09vLm2/x.py") != "/srv/token=Zx81kQ09vLm2/x.py"


@given(lines=st.lists(ANY_TEXT, max_size=5))
def test_lines_stay_as_many_as_they_were(lines: list[str]) -> None:
    assert len(safe_lines(lines)) == len(lines)


def test_a_secret_of_several_lines_is_gone_from_each() -> None:
    key = ["-----BEGIN PRIVATE KEY-----", *["MIIEaB3/" * 8] * 3, "-----END PRIVATE KEY-----"]
    lines = safe_lines(["before", *key, "after"])
    assert (lines[0], lines[-1]) == ("before", "after")
    assert not any("MIIE" in line for line in lines)
