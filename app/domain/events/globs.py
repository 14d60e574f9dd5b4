"""Patterns as people write them: `*` is any text, `?` any character, capitals and small letters are the same.

Comes in: a pattern and a text. Goes out: whether they match. The time is linear in the text, whatever pattern and text are:
a pattern with `*` alone is found piece by piece; one with `?` is walked through with all its places at once, as bits.
There is no way to write a `*` that means itself: `?` does for it. A backslash is a backslash, as paths have.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from operator import eq
from typing import Final

PATTERN_LIMIT: Final = 500
"""Characters of a pattern."""
TEXT_LIMIT: Final = 2_000
"""Characters of a text that are looked at, as for grouping."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern says."""
    return compiled(pattern)(text[:TEXT_LIMIT].lower())


def found(pattern: str, text: str) -> bool:
    """The same, but a pattern with neither `*` nor `?` matches wherever it stands in the text."""
    return compiled(anywhere(pattern))(text[:TEXT_LIMIT].lower())


def anywhere(pattern: str) -> str:
    """The pattern that `found` uses."""
    return pattern if "*" in pattern or "?" in pattern else f"*{pattern}*"


@lru_cache(maxsize=2048)
def compiled(pattern: str) -> Callable[[str], bool]:
    """What says whether a text in small letters, of at most `TEXT_LIMIT` characters, is as the pattern says."""
    lowered = pattern.lower()
    if "?" in lowered:
        return partial(_walk, _automaton(lowered))
    pieces = _pieces(lowered)
    return partial(_in_turn, pieces) if len(pieces) > 1 else partial(eq, lowered)


@lru_cache(maxsize=2048)
def needed(pattern: str) -> str:
    """What every text that matches has in it, in small letters: the longest run without `*` and `?`."""
    return max(pattern.lower().replace("?", "*").split("*"), key=len)


def _pieces(pattern: str) -> tuple[str, ...]:
    first, *rest = pattern.split("*")
    if not rest:
        return (first,)
    return (first, *(piece for piece in rest[:-1] if piece), rest[-1])


def _in_turn(pieces: tuple[str, ...], text: str) -> bool:
    """The first piece at the beginning, the last at the end, and the others between in the order given."""
    first, *between, last = pieces
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    place, end = len(first), len(text) - len(last)
    for piece in between:
        place = text.find(piece, place, end)
        if place < 0:
            return False
        place += len(piece)
    return True


def _automaton(pattern: str) -> tuple[dict[str, int], int, int, int]:
    """Of each letter the places where it may stand, the places of `?`, those before which is a `*`, and the end."""
    letters: dict[str, int] = {}
    anything = stars = 0
    place = 0
    for letter in pattern:
        bit = 1 << place
        if letter == "*":
            stars |= bit
            continue
        if letter == "?":
            anything |= bit
        else:
            letters[letter] = letters.get(letter, 0) | bit
        place += 1
    return letters, anything, stars, 1 << place


def _walk(automaton: tuple[dict[str, int], int, int, int], text: str) -> bool:
    letters, anything, stars, end = automaton
    at = 1
    for letter in text:
        at = ((at & (letters.get(letter, 0) | anything)) << 1) | (at & stars)
        if not at:
            return False
    return bool(at & end)
