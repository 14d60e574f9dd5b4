"""Passwords: what is stored of one is its Argon2id hash, with the parameters of RFC 9106 for little memory.

Comes in: a password as somebody typed it. Goes out: its hash, or whether it is the one. Each hash takes 64 MiB and a
core for a while, on purpose: `matches` and `hashed` bound how many run at once, and how many may wait.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import BadInput, Unavailable

SHORTEST: Final = 10
LONGEST: Final = 1000
"""Characters of a password."""

AT_ONCE: Final = 2
MOST_WAITING: Final = 40
"""Hashes of one process: with these, nobody waits for much longer than a second."""

_HASHER: Final = PasswordHasher()
_THREADS: Final = ThreadPoolExecutor(AT_ONCE, "passwords")


class _Line:
    """How many are being hashed, or wait for it."""

    length = 0


def password_hash(password: str) -> str:
    """What to store; takes some 50 ms and 64 MiB, on purpose."""
    return _HASHER.hash(_bytes(password))


def is_password(password: str, stored: str) -> bool:
    """Whether it is the password of which this was stored."""
    try:
        return _HASHER.verify(stored, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether this was hashed with other parameters than are used now."""
    return _HASHER.check_needs_rehash(stored)


def check_new(password: str, field: str) -> None:
    """BadInput, of this field: nobody may have such a password."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"a password has {SHORTEST} to {LONGEST:,} characters", field=field)


async def hashed(password: str) -> str:
    """What to store, without holding up the process. Unavailable: too many want that at this moment."""
    found: str = await _aside(password_hash, password)
    return found


async def matches(password: str, stored: str | None) -> bool:
    """Whether it is the password; without one it takes as long, and is not. Unavailable: see `hashed`."""
    return bool(await _aside(_matches, password[: LONGEST + 1], stored)) and len(password) <= LONGEST


def _matches(password: str, stored: str | None) -> bool:
    if stored is None:
        is_password(password, _of_nobody(_HASHER))
        return False
    return is_password(password, stored)


@cache
def _of_nobody(hasher: PasswordHasher) -> str:
    """What it takes as long to look at as at somebody's."""
    return hasher.hash("")


async def _aside(hash_it: Any, *arguments: object) -> Any:
    if _Line.length >= AT_ONCE + MOST_WAITING:
        raise Unavailable("too many people are signing in at this moment; ask again")
    _Line.length += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_THREADS, hash_it, *arguments)
    finally:
        _Line.length -= 1


def _bytes(password: str) -> bytes:
    return password.encode(errors="surrogatepass")
