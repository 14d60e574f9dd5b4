"""A text without a mark holds no secret: what tells that in no time must never be wrong."""

import pytest
from hypothesis import given, settings

from app.domain.secrets.redaction import redact, signs
from app.domain.secrets.secret_marks import has_mark
from tests.domain.secrets.test_redaction import PIECES, SECRETS, as_logged


@pytest.mark.parametrize("marked", SECRETS)
def test_every_text_with_a_secret_has_a_mark_be_it_short_or_long(marked: str) -> None:
    text = as_logged(marked)
    for beside in ("", "\n" + "no more. " * 100):
        assert has_mark(text + beside)


@settings(max_examples=50, deadline=None)
@given(PIECES)
def test_whatever_is_redacted_has_a_mark(text: str) -> None:
    if redact(text) != text:
        assert has_mark(text)


@pytest.mark.parametrize(
    "text", ["", "User 12345 failed in 0fc31f23-c3db-445b-8b19-3c44d44e16b6", "ΔΟΚΙΜΗ İ"]
)
def test_most_texts_have_none_and_stay(text: str) -> None:
    for told in (text, text * 100):
        assert not has_mark(told)
        assert (redact(told), list(signs(told))) == (told, [])


def test_names_count_in_capitals_too() -> None:
    assert has_mark("DB_PASSWORD=x")
    assert has_mark("\u212aEY: x")  # the sign of Kelvin is a k in small letters
