"""The names in an event that hold what must not be kept: `password`, `Authorization`, and those that a project adds.

Comes in: a name, and what it holds. Goes out: the label of the secret, or that there is none.
"""

import re
from functools import lru_cache
from typing import Final

from app.domain.events.event import EventFrame
from app.domain.secrets.scrubbed_texts import mended
from app.domain.secrets.secret_names import HARMLESS, NO_KEY, PART_OF_NAME, kind_of, looks_random

_LONGEST: Final = 200  # characters of a name that are looked at
_MOST: Final = 20_000  # names that are remembered
_MOST_READ: Final = 10_000  # frames of each generation
_LONGEST_WORD: Final = 500
PLACEHOLDER: Final = re.compile(r"\[redacted [^\[\]]*\]")

# What counts as a secret where it is the name in an object, and in a running text would be too common a word.
_USUAL: Final = re.compile(
    r"""(?P<credentials>(?:.*[ ])?(?:o?auth|bearer|jwt)) | (?P<cookie>.*cookies)
    | (?P<CSRF_token>.*\b[cx]srf(?:[ ]?(?:middleware)?token)?) | (?P<session>(?:.*[ ])?(?:session|sid))
    | (?P<password>(?:.*[ ])?pw|.*password(?:[ ](?:confirm(?:ation)?|repeat|again))?) | (?P<code>(?:.*[ ])?t?otp)
    | (?P<card_number>(?:.*[ ])?(?:card|cc|pan)[ ]?(?:number|num|no)) | (?P<card_code>(?:.*[ ])?(?:cvv|cvc))
    | (?P<social_security_number>(?:.*[ ])?ssn|social[ ]security[ ](?:number|no))""",
    re.VERBOSE,
)


def words(name: str) -> str:
    """The words of a name, in small letters: `X-Api-Key`, `xApiKey` and `x_api_key` are one."""
    name = name[:_LONGEST]
    return " ".join(PART_OF_NAME.findall(name)).lower() or name.lower()


class Names:
    """What is known of names by the rules of one project. `harmless`: names that hold no secret, and are none;
    `frames`: the marks of frames without any; `read`: those of which it is known besides what they tell, in two
    generations."""

    __slots__ = ("_earlier", "_extra", "_labels", "_read", "_safe", "frames", "harmless")

    def __init__(self, extra: tuple[str, ...], safe: tuple[str, ...]) -> None:
        self.harmless: set[str] = set()
        self.frames: set[int] = set()
        self._read: dict[int, EventFrame] = {}
        self._earlier: dict[int, EventFrame] = {}
        self._labels: dict[str, str | None] = {}
        self._extra = tuple(f" {words(name)} " for name in extra)
        self._safe = frozenset(map(words, safe))

    def label(self, name: str) -> str | None:
        """What the name holds; with a `_` at the end only what looks random is a secret. None: nothing of the kind."""
        if name in self.harmless:
            return None
        try:
            return self._labels[name]
        except KeyError:
            return self._learn(name)

    def remember(self, frames: list[int]) -> None:
        """From now on these frames are known to hold nothing."""
        if len(self.frames) > _MOST:
            self.frames.clear()
        self.frames.update(frames)

    def read(self, mark: int) -> EventFrame | None:
        """What a frame without secrets tells, where it has been seen before."""
        found = self._read.get(mark)
        if found is None and (found := self._earlier.get(mark)) is not None:
            self._read[mark] = found
        return found

    def remember_read(self, mark: int, frame: EventFrame) -> None:
        """From now on this frame is known to hold nothing."""
        if len(self._read) > _MOST_READ:
            self._read, self._earlier = {}, self._read
        self._read[mark] = frame

    def is_safe(self, name: str) -> bool:
        """Whether the project says that what the name holds may be kept."""
        return bool(self._safe) and words(name) in self._safe

    def _learn(self, name: str) -> str | None:
        label = None if "[redacted " in name else self._found(name)
        if len(self.harmless) + len(self._labels) > _MOST:
            self.harmless.clear()
            self._labels.clear()
        if len(name) > _LONGEST:
            return label
        if label is None and mended(name) == name:
            self.harmless.add(name)
        else:
            self._labels[name] = label
        return label

    def _found(self, name: str) -> str | None:
        spoken = words(name)
        if spoken in self._safe:
            return None
        if any(extra in f" {spoken} " for extra in self._extra):
            return "value"
        kind = kind_of(name[:_LONGEST])
        if kind == "none" or kind.endswith("_"):
            usual = _USUAL.fullmatch(spoken)
            kind = (usual and usual.lastgroup) or kind
        return None if kind == "none" else kind


@lru_cache(maxsize=16)
def names(extra: tuple[str, ...], safe: tuple[str, ...]) -> Names:
    """What is known of names by these rules; the same as long as they are in use."""
    return Names(extra, safe)


def is_secret(label: str, value: object) -> bool:
    """Whether what a name of this label holds has to go: no word such as `None`, no placeholder, no single digit."""
    if type(value) is int or type(value) is float:
        return not label.endswith("_") and not -10 < value < 10
    if type(value) is not str:
        return False
    if PLACEHOLDER.fullmatch(value):
        return False
    told = value.strip("'\"")
    if len(told) <= _LONGEST_WORD and not told.startswith("[redacted ") and HARMLESS.fullmatch(told):
        return False
    if label.endswith("_"):
        return len(told) <= _LONGEST_WORD and looks_random(told)
    return not (label == "key" and NO_KEY.fullmatch(told))


def placeholder(label: str) -> str:
    """What stands in the place of the secret."""
    return f"[redacted {label.rstrip('_').replace('_', ' ')}]"
