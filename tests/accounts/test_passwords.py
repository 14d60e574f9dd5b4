"""Passwords: hashed, salted, and known again."""

import pytest

from app.accounts.passwords import is_password, password_hash


@pytest.mark.parametrize("password", ["correct horse", "", "é漢😀", "a\0b", "lone \ud83d", "x" * 10_000])
def test_any_text_can_be_a_password(password: str) -> None:
    stored = password_hash(password)
    assert is_password(password, stored)
    assert not is_password(password + "x", stored)
    assert not password or password not in stored


def test_the_hash_is_salted_and_says_how_it_was_made() -> None:
    one, other = password_hash("same"), password_hash("same")
    assert one != other
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize(
    "stored", ["", "plain", "$argon2id$", "$2b$12$abc", "$argon2id$v=19$m=65536,t=3,p=4$a$b"]
)
def test_what_is_no_hash_is_nobodys_password(stored: str) -> None:
    assert not is_password("plain", stored)
