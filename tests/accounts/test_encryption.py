"""Encryption at rest: what goes in comes out, for those who have the key, in its own context."""

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.encryption import Encryption, from_settings
from app.config import from_environment
from app.errors import ConfigurationError

KEY, OTHER, THIRD = "a key of some length", "some other long key", "the third of the keys"
CONTEXT = "instance source"
ONE = Encryption([KEY])

KEYS = st.text(min_size=16, max_size=40).filter(lambda key: len(key.strip()) >= 16)
CONTEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


@given(key=KEYS, secret=st.binary(max_size=300), context=CONTEXTS)
def test_what_goes_in_comes_out(key: str, secret: bytes, context: str) -> None:
    encryption = Encryption([key])
    assert encryption.decrypt(encryption.encrypt(secret, context), context) == secret


@given(secret=st.binary(min_size=4, max_size=300))
def test_it_cannot_be_seen_and_no_two_are_equal(secret: bytes) -> None:
    encrypted = ONE.encrypt(secret, CONTEXT)
    assert secret not in encrypted
    assert encrypted != ONE.encrypt(secret, CONTEXT)


@given(secret=st.binary(max_size=50), context=CONTEXTS, other=CONTEXTS)
def test_it_cannot_be_read_in_another_context(secret: bytes, context: str, other: str) -> None:
    encrypted = ONE.encrypt(secret, context)
    if context != other:
        with pytest.raises(ValueError, match="damaged, or belong elsewhere"):
            ONE.decrypt(encrypted, other)


@given(secret=st.binary(max_size=50), data=st.data())
def test_a_changed_bit_anywhere_is_noticed(secret: bytes, data: st.DataObject) -> None:
    encrypted = bytearray(ONE.encrypt(secret, CONTEXT))
    place = data.draw(st.integers(0, len(encrypted) * 8 - 1))
    encrypted[place // 8] ^= 1 << place % 8
    with pytest.raises((ValueError, ConfigurationError)):
        ONE.decrypt(bytes(encrypted), CONTEXT)


@given(secret=st.binary(max_size=50), data=st.data())
def test_a_part_of_it_is_nothing(secret: bytes, data: st.DataObject) -> None:
    encrypted = ONE.encrypt(secret, CONTEXT)
    with pytest.raises(ValueError, match=CONTEXT):
        ONE.decrypt(encrypted[: data.draw(st.integers(0, len(encrypted) - 1))], CONTEXT)
    with pytest.raises(ValueError, match=CONTEXT):
        ONE.decrypt(encrypted + b"\0", CONTEXT)


@given(anything=st.binary(max_size=100))
def test_any_other_bytes_are_refused(anything: bytes) -> None:
    with pytest.raises((ValueError, ConfigurationError)):
        ONE.decrypt(anything, CONTEXT)


@given(key=KEYS, other=KEYS, secret=st.binary(max_size=50))
def test_a_wrong_key_says_so(key: str, other: str, secret: bytes) -> None:
    encrypted = Encryption([key]).encrypt(secret, CONTEXT)
    if key.strip() != other.strip():
        with pytest.raises(ConfigurationError, match=f"{CONTEXT}: .* not in SNAGLIST_SECRET_KEY"):
            Encryption([other]).decrypt(encrypted, CONTEXT)


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    old = Encryption([OTHER]).encrypt(b"old", CONTEXT)
    both = Encryption([KEY, OTHER, THIRD])
    new = both.encrypt(b"new", CONTEXT)
    assert both.decrypt(old, CONTEXT) == b"old"
    assert ONE.decrypt(new, CONTEXT) == both.decrypt(new, CONTEXT) == b"new"
    assert (both.is_outdated(old), both.is_outdated(new)) == (True, False)
    with pytest.raises(ConfigurationError):
        Encryption([OTHER]).decrypt(new, CONTEXT)


def test_space_around_a_key_does_not_count() -> None:
    encrypted = Encryption([f" {KEY}\n"]).encrypt(b"secret", CONTEXT)
    assert ONE.decrypt(encrypted, CONTEXT) == b"secret"


def test_what_is_stored_today_can_be_read_for_ever() -> None:
    stored = bytes.fromhex(
        "014e6fafd9a880870d75ffc46ccffc857a50315d5f0f86c3757709db043bee144ee8c13d26ef76a5eaa3272630af2c"
    )
    assert ONE.decrypt(stored, CONTEXT) == b"a password"


@pytest.mark.parametrize("keys", [["short"], [KEY, "short"], ["x" * 15], ["  " + "x" * 14 + "  "]])
def test_a_short_key_is_refused(keys: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="16 characters or more") as refusal:
        Encryption(keys)
    assert keys[-1] not in str(refusal.value)


def test_no_key_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="SNAGLIST_SECRET_KEY must be set"):
        Encryption([])


def test_a_key_can_be_seen_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    encryption = Encryption([KEY, OTHER])
    encrypted = encryption.encrypt(b"the secret itself", CONTEXT)
    with pytest.raises(ValueError, match=CONTEXT) as damaged:
        encryption.decrypt(encrypted[:-1], CONTEXT)
    with pytest.raises(ConfigurationError) as foreign:
        Encryption([THIRD]).decrypt(encrypted, CONTEXT)
    shown = [repr(encryption), str(encryption), repr(damaged.value), repr(foreign.value), caplog.text]
    for secret in (KEY, OTHER, THIRD, "the secret itself"):
        assert not [text for text in shown if secret in text]


def test_the_environments_keys_come_first(tmp_path: Path) -> None:
    settings = from_environment({"SNAGLIST_SECRET_KEY": f"{KEY},{OTHER}", "SNAGLIST_DATA_DIR": str(tmp_path)})
    encrypted = from_settings(settings).encrypt(b"secret", CONTEXT)
    assert ONE.decrypt(encrypted, CONTEXT) == b"secret"
    assert list(tmp_path.iterdir()) == []


def test_the_embedded_mode_makes_a_key_and_keeps_it(tmp_path: Path) -> None:
    settings = from_environment({"SNAGLIST_DATA_DIR": str(tmp_path / "data")})
    encrypted = from_settings(settings).encrypt(b"secret", CONTEXT)
    assert from_settings(settings).decrypt(encrypted, CONTEXT) == b"secret"
    moved = (tmp_path / "data" / "secret_key").read_text()
    assert Encryption(moved.split(",")).decrypt(encrypted, CONTEXT) == b"secret"


def test_a_database_of_ones_own_needs_a_key_of_ones_own(tmp_path: Path) -> None:
    settings = from_environment({"DATABASE_URL": "postgresql://db/x", "SNAGLIST_DATA_DIR": str(tmp_path)})
    with pytest.raises(ConfigurationError, match="SNAGLIST_SECRET_KEY must be set where DATABASE_URL is"):
        from_settings(settings)
    assert list(tmp_path.iterdir()) == []
