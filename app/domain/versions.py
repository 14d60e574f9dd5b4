"""Versions of apps, compared as versions: 1.10 comes after 1.9, and 2.0-rc1 before 2.0.

Comes in: what an app or a person calls a version. Goes out: which one is newer, or that nobody can tell. Nothing raises.

A Sentry release counts from behind its last `@`, and a name in front of the number is passed over: `shop@1.2.3`,
`shop-v1.2.3` and `1.2.3` are the same. What is behind a `+` orders versions that are otherwise equal, as builds do.
Python's own rules (PEP 440, `packaging.version`) come first; they know `1.2.3-beta.4`. What they do not know is read as

    a number with dots        1.2.3            by its parts; zeros at the end mean nothing
    a word of what is early   -SNAPSHOT, -rc   dev, snapshot, nightly, canary, next, unstable, experimental, insider < alpha
                                               < beta, milestone, M1, ea < pre, rc, CR1 < the number itself
    anything behind that      -hotfix.2        piece by piece, after what has less; numbers as numbers, after words

The hash of a commit has no order, and is passed over where something else has one: `1.2.3+a1b2c3d` is `1.2.3`, and of
`main-a1b2c3d` nobody can tell. A text without a digit, or of more than `LONGEST` characters, has no order either.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from packaging.version import InvalidVersion, Version

LONGEST: Final = 200
"""Characters of a version; Sentry's releases have no more."""

_Pieces: TypeAlias = tuple[tuple[bool, int, str], ...]


class Place(NamedTuple):
    """Where a version stands among all that have an order."""

    version: Version
    rest: _Pieces
    build: _Pieces


def is_newer(one: str, other: str) -> bool | None:
    """Whether `one` comes after `other`; None: nobody can tell. What is equal, letter by letter too, is not newer."""
    if one.strip() == other.strip():
        return False
    left, right = place(one), place(other)
    return None if left is None or right is None else left > right


def newest(versions: Iterable[str]) -> str | None:
    """The newest of those that have an order; None where none has."""
    placed = [(found, text) for text in versions if (found := place(text)) is not None]
    return max(placed)[1] if placed else None


def is_commit(text: str) -> bool:
    """Whether it looks like the hash of a commit, or has one in it."""
    return _COMMIT.search(text) is not None


def place(text: str) -> Place | None:
    """Where a version stands; None where it has no order."""
    text = text.strip()
    return _place(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=4096)  # a few versions of an app send all of its events
def _place(text: str) -> Place | None:
    text = text.rpartition("@")[2]
    public, _, build = text.partition("+")
    public, build = _COMMIT.sub("", public), _COMMIT_OF_BUILD.sub("", build)
    number = _IN_FRONT.search(public) or _ANYWHERE.search(public)
    if number is None:
        return None
    version, rest = _read(public[number.start(1) :], number[1])
    return Place(version, _pieces(rest), _pieces(build))


# A hash has a letter, or is as long as only hashes are: a number of seven digits is a build. `git describe` writes a g
# before it. In `2.0.0b20261122` it is no hash that is behind the last dot.
_HASH: Final = (
    r"(?<![0-9A-Za-z])g?(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID, as good as one
    r"|(?=[0-9]*[a-f])[0-9a-f]{7,64}|[0-9]{40}|[0-9]{64})(?![0-9A-Za-z])"
)
_COMMIT: Final = re.compile(rf"(?<![0-9]\.){_HASH}", re.IGNORECASE)
_COMMIT_OF_BUILD: Final = re.compile(_HASH, re.IGNORECASE)
_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)*)"
_IN_FRONT: Final = re.compile(rf"(?:^|[^0-9A-Za-z])[vV]?{_NUMBER}")
_ANYWHERE: Final = re.compile(_NUMBER)
_EARLY: Final = re.compile(
    r"[-_.~ ]?(?:(?P<dev>dev|snapshot|nightly|canary|next|unstable|experimental|insiders?)|(?P<a>alpha|a)"
    r"|(?P<b>beta|b|milestone|m(?=[-_.]?[12]?[0-9](?![0-9A-Za-z]))|eap?(?![0-9]*[A-Za-z]))|(?P<rc>rc|cr|c|preview|pre))"
    r"(?![A-Za-z])[-_.]?(?P<number>[0-9]*)",
    re.IGNORECASE,
)
_PIECE: Final = re.compile(r"([0-9]+)|([^\W\d_]+)")
_LETTERS: Final = {"dev": ".dev", "a": "a", "b": "b", "rc": "rc"}


def _read(text: str, number: str) -> tuple[Version, str]:
    """The version that the text begins with, and what is left of it."""
    try:
        return Version(text), ""
    except InvalidVersion:
        rest = text[len(number) :]
    early = _EARLY.match(rest)
    if early is None:
        return Version(number), rest
    letter = next(letter for name, letter in _LETTERS.items() if early[name])
    return Version(f"{number}{letter}{early['number'] or 0}"), rest[early.end() :]


def _pieces(text: str) -> _Pieces:
    """The numbers and words of a text, numbers after words."""
    return tuple(
        (True, int(digits), "") if digits else (False, 0, word.lower())
        for digits, word in _PIECE.findall(text)
    )
