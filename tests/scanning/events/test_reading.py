"""What a scan makes of one event, where it takes a short way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.recording.texts import name
from app.scanning.events.reading import _PLAIN


@settings(max_examples=200, deadline=None)
@given(
    st.from_regex(r"[A-Za-z0-9]{1,19}", fullmatch=True)
    | st.from_regex(r"[0-9a-f-]{1,200}", fullmatch=True)
    | st.sampled_from(
        ["AKIAABCDEFGHIJKLMNO", "4111111111111111", "eyJeyJeyJ", "-----", "password", "0" * 200]
    )
)
def test_an_id_of_a_plain_look_is_kept_as_it_is_also_by_redaction(text: str) -> None:
    assert _PLAIN(text)
    assert name(text) == text


def test_what_may_be_a_secret_has_no_plain_look() -> None:
    for text in ("AKIA" + "A1B2C3D4" * 2, "SK" + "0a" * 16, "a@b.example", "token=abc", "7\n", "", "ä"):
        assert not _PLAIN(text)
