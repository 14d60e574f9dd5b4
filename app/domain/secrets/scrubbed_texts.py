"""Texts of events without secrets and card numbers, asked for many at a time.

Comes in: the texts of a payload. Goes out: which of them hold something, and what they are without it. Most texts of an
event were in the events before it too, so what holds nothing is remembered, and the others are looked at together.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from typing import Final

from app.domain.secrets.card_numbers import SIGN, without
from app.domain.secrets.redaction import redact, signs
from app.domain.secrets.secret_names import kind_of

_LONGEST: Final = 1000  # characters of a text that is remembered
_ROOM: Final = 5_000_000  # characters of all that are, of each of two generations
_OPTION: Final = re.compile(r"--[A-Za-z][\w.-]{0,50}")
_OVERHEAD: Final = 60
_ROUNDS: Final = 8

# The address that a Sentry SDK sends to, with its public key alone: no secret, as it stands in every front end. A log's
# `redact` takes it out all the same.
_DSN: Final = re.compile(
    r"(?<![\w+.-])(https?://[0-9a-f]{32})@(?=[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?/(?:[\w.~-]+/)*\d{1,20}"
    r"(?![\w/?#@%&=+~-]|[.:]\S))"
)
_NOT_AT: Final = "\ue000"
"""Stands for the `@` of a DSN while the text is redacted: a character for private use, as little of a word as that is."""

_recent: set[str] = set()
_earlier: set[str] = set()
_used = 0


def holding(texts: list[str]) -> set[str]:
    """Those of the texts that hold a secret or the number of a card, or name one as `--password` does."""
    recent = _recent
    unknown = [text for text in texts if text not in recent]
    if not unknown:
        return set()
    return _look(set(unknown))


def is_harmless(text: str) -> bool:
    """Whether it is remembered that `redact` changes nothing in the text: it may do so where there is an address."""
    return (text in _recent or text in _earlier) and "://" not in text


def _look(unknown: set[str]) -> set[str]:
    fresh = list(unknown - _earlier)
    found = {text for text in _suspects(fresh) if is_option(text) or mended(text) != text} if fresh else set()
    _remember(unknown - found if found else unknown)
    return found


def _remember(texts: Iterable[str]) -> None:
    global _recent, _earlier, _used  # noqa: PLW0603  what is known belongs to the process
    for text in texts:
        if len(text) > _LONGEST:
            continue
        if _used > _ROOM:
            _recent, _earlier, _used = set(), _recent, 0
        _recent.add(text)
        _used += len(text) + _OVERHEAD


def _suspects(texts: list[str]) -> set[str]:
    """Those that may hold something: exact where it says no."""
    joined = "\n".join(texts)
    places = [*signs(joined), *(match.start() for match in SIGN.finditer(joined))]
    found = {text for text in texts if is_option(text)} if "--" in joined else set()
    if places:
        ends = list(accumulate(len(text) + 1 for text in texts))
        found |= {texts[bisect_right(ends, place)] for place in places}
    return found


def is_option(text: str) -> bool:
    """Whether it is an argument such as `--password`, which tells what the next one holds."""
    return text.startswith("--") and _OPTION.fullmatch(text) is not None and kind_of(text) != "none"


def mended(text: str) -> str:
    """The text with a placeholder for each secret and card number. Done twice it changes nothing more."""
    return _mended(text) if len(text) <= _LONGEST else _mended_long(text)


def _mend(text: str) -> str:
    for _ in range(_ROUNDS):
        redacted = _redacted(text)  # redacting that twice changes nothing more
        text = without(redacted)
        if text == redacted:
            break
    return text


def _redacted(text: str) -> str:
    """The text redacted, but for the public keys of DSNs."""
    for _ in range(_ROUNDS):
        hidden = text if _NOT_AT in text else _DSN.sub(rf"\1{_NOT_AT}", text)
        if hidden is text or hidden == text:
            return redact(text)
        shown = redact(hidden).replace(_NOT_AT, "@")
        if shown == text:  # else a secret was in it, and it may be a DSN no more
            return text
        text = shown
    return redact(text)


_mended = lru_cache(maxsize=4096)(_mend)
_mended_long = lru_cache(maxsize=8)(
    _mend
)  # one and the same is asked for up to three times while its event is read

_HEAD: Final = '  File "f", line 1, in f\n    '


def mended_source(lines: list[str]) -> list[str]:
    """Lines of source code in a row, each with a placeholder for its secrets: what is code is no secret.

    They are read as a traceback shows them, which `redact` knows; a secret over many lines leaves all but one empty.
    """
    if any("\n" in line for line in lines):
        return [mended(line) for line in lines]
    read = _mend("\n".join([_HEAD + line for line in lines])).split("\n")
    indent = len(_HEAD) - _HEAD.index("\n") - 1
    return [line[indent:] if line.startswith(" " * indent) else line for line in read[1::2]]
