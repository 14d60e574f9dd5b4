"""Encryption at rest: what is secret in the database, under SNAGLIST_SECRET_KEY.

Comes in: bytes, and their context. Goes out: bytes that only a holder of the key can read or change, and only in that
context. AES-256-GCM, because it binds a context, which Fernet cannot; HKDF-SHA256 makes its key out of any long
string. The first of several keys encrypts and all decrypt: to change the key, put a new one before the old one.

    1 byte    the version of this form
    8 bytes   which key it was, so that a wrong key is told from a damaged text
    12 bytes  nonce, random
    the rest  ciphertext and its tag of 16 bytes, over the context and all of the above
"""

import secrets
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.accounts.secret_key import load_or_make
from app.config import Settings
from app.errors import ConfigurationError

SHORTEST_KEY: Final = 16
"""Characters that a key must have."""

_VERSION: Final = b"\x01"
_NAME_LENGTH: Final = 8
_NONCE_LENGTH: Final = 12
_HEADER_LENGTH: Final = len(_VERSION) + _NAME_LENGTH + _NONCE_LENGTH


class Encryption:
    """The keys in force; none of them can be seen from outside."""

    __slots__ = ("_ciphers", "_first")

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the keys, the one that encrypts first. ConfigurationError: there is none, or one is too short."""
        stripped = [key.strip() for key in keys]
        if not stripped:
            raise ConfigurationError("SNAGLIST_SECRET_KEY must be set where DATABASE_URL is")
        if any(len(key) < SHORTEST_KEY for key in stripped):
            raise ConfigurationError(
                f"each key in SNAGLIST_SECRET_KEY must have {SHORTEST_KEY} characters or more"
            )
        derived = [_derive(key) for key in stripped]
        self._first = derived[0][0]
        self._ciphers = dict(derived)

    def __repr__(self) -> str:
        return f"<Encryption with {len(self._ciphers)} keys>"

    def encrypt(self, secret: bytes, context: str) -> bytes:
        """The secret, encrypted; `context` says what it is, as "instance source", and is needed to read it again."""
        header = _VERSION + self._first + secrets.token_bytes(_NONCE_LENGTH)
        nonce = header[-_NONCE_LENGTH:]
        return header + self._ciphers[self._first].encrypt(nonce, secret, header + context.encode())

    def decrypt(self, encrypted: bytes, context: str) -> bytes:
        """The secret. ConfigurationError: its key is not here. ValueError: it is damaged, or of another context."""
        header = encrypted[:_HEADER_LENGTH]
        if not header.startswith(_VERSION) or len(header) < _HEADER_LENGTH:
            raise ValueError(f"{context}: these bytes are nothing that was encrypted here")
        cipher = self._ciphers.get(_key_name(header))
        if cipher is None:
            raise ConfigurationError(
                f"{context}: this was encrypted with a key that is not in SNAGLIST_SECRET_KEY;"
                " add that key after the present one"
            )
        try:
            return cipher.decrypt(
                header[-_NONCE_LENGTH:], encrypted[_HEADER_LENGTH:], header + context.encode()
            )
        except InvalidTag:
            raise ValueError(f"{context}: the encrypted bytes are damaged, or belong elsewhere") from None

    def is_outdated(self, encrypted: bytes) -> bool:
        """Whether another key than the first has encrypted it: decrypt and encrypt it anew."""
        return _key_name(encrypted) != self._first


def from_settings(settings: Settings) -> Encryption:
    """The keys of SNAGLIST_SECRET_KEY; without any, with the embedded database, those of the data folder.

    ConfigurationError: there is none, one is too short, or the data folder's cannot be read or written.
    """
    if settings.secret_keys or settings.database_url is not None:
        return Encryption(settings.secret_keys)
    return Encryption(load_or_make(settings.data_dir))


def _derive(key: str) -> tuple[bytes, AESGCM]:
    """The name by which a ciphertext calls the key, which tells nothing about it, and the cipher."""
    derived = HKDF(
        algorithm=SHA256(),
        length=32 + _NAME_LENGTH,
        salt=None,
        info=b"snaglist encryption at rest, version 1",
    ).derive(key.encode(errors="surrogatepass"))
    return derived[32:], AESGCM(derived[:32])


def _key_name(encrypted: bytes) -> bytes:
    return encrypted[len(_VERSION) :][:_NAME_LENGTH]
