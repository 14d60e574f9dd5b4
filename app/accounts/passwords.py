"""Passwords: what is stored of one is its Argon2id hash, with the parameters of RFC 9106 for little memory."""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER: Final = PasswordHasher()


def password_hash(password: str) -> str:
    """What to store; takes some 50 ms and 64 MiB, on purpose."""
    return _HASHER.hash(_bytes(password))


def is_password(password: str, stored: str) -> bool:
    """Whether it is the password of which this was stored."""
    try:
        return _HASHER.verify(stored, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    return password.encode(errors="surrogatepass")
