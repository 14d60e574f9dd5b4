"""Whether two errors that have fingerprints of their own are probably the same error. Pure.

Comes in: the reason of a fingerprint, and a message of it. Goes out: keys, of which alike errors share at least one, so
that an index finds them among many; and of two errors how alike they are, with the reason. The rules and the numbers in
them are explained in docs/decisions/0009.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from app.domain import messages

FRAMES: Final = 10
"""How many of the innermost frames make keys."""
COMPARED: Final = 100
"""How many of the innermost frames are compared."""
WORDS: Final = 64
"""How many words of a message count."""
BANDS: Final = 12
ENOUGH: Final = 0.75
"""How alike two messages are, at least, to be called near-equal."""
TELLING: Final = 3
"""Words that a normalised message needs to say anything: of `'<s>'` all key errors have the same."""

_MARKS: Final = ".,:;!?()[]{}'\""
_MASK: Final = (1 << 64) - 1


class Ground(StrEnum):
    """What makes two errors alike."""

    FRAMES = "FRAMES"
    PLACE = "PLACE"
    MESSAGE = "MESSAGE"


@dataclass(frozen=True, slots=True)
class Sketch:
    """What an error is compared by: of a traceback its last type and its frames as its fingerprint names them."""

    kind: str
    exception_type: str | None
    frames: tuple[str, ...]
    logger: str
    message: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two errors are, above 0 and up to 1; `words` says why, for people."""

    score: float
    ground: Ground
    words: str


def sketch(reason: str, message: str) -> Sketch:
    """What a fingerprint's reason says; `message` is what people read, and counts where the reason has none."""
    head, *lines = reason.split("\n")
    types = [line[5:] for line in lines if line.startswith("type ")]
    frames = [line[6:] for line in lines if line.startswith("frame ")]
    told = [line for line in lines if line.startswith("message ")]
    last = types[-1].rpartition(".")[2] if types else "?"
    return Sketch(
        head.partition(" ")[2],
        None if last == "?" else last,
        tuple(dict.fromkeys(reversed(frames)))[:COMPARED],
        next((line[7:] for line in lines if line.startswith("logger ")), ""),
        told[0][8:] if told and not frames else message[: messages.LIMIT],
    )


def keys(of: Sketch, scope: str) -> set[int]:
    """Numbers of 64 bits with sign. Two errors of the same scope that are alike share one of them, almost surely."""
    if not of.frames:
        return {_number(scope, of.kind, *band) for band in _bands(_words(of.message))}
    frames = of.frames[:FRAMES]
    start = (scope, of.exception_type or "?")
    found = {_number(*start, "frame", frame) for frame in frames}
    found.add(_number(*start, "file", _file(frames[0])))
    # All frames but one: what differs by a frame is found even where each frame is in thousands of errors.
    some = [frames, *(frames[:place] + frames[place + 1 :] for place in range(len(frames)))]
    found.update(_number(*start, "most", *sorted(chosen)) for chosen in some if chosen)
    if told := _normalised(of.message):
        found.add(_number(*start, "message", told))
    return found


def likeness(one: Sketch, other: Sketch) -> Likeness | None:
    """How alike two errors are; None: they are not."""
    if one.frames and other.frames:
        return _of_tracebacks(one, other)
    if one.frames or other.frames or one.kind != other.kind:
        return None
    return _of_messages(one, other)


def _of_tracebacks(one: Sketch, other: Sketch) -> Likeness | None:
    if one.exception_type != other.exception_type:
        return None
    shared = len(set(one.frames) & set(other.frames))
    most = max(len(one.frames), len(other.frames))
    frames = shared / most
    is_same_end = one.frames[0] == other.frames[0]
    told = _message_likeness(one.message, other.message)
    what = one.exception_type or "an exception that was cut off"
    if frames > 0.5 and (is_same_end or told >= ENOUGH):
        words = f"{what} in both, {shared} of {most} frames in common"
        return Likeness(round(0.2 + 0.6 * frames + 0.2 * told, 3), Ground.FRAMES, words)
    if told >= ENOUGH and (file := _file(one.frames[0])) == _file(other.frames[0]):
        words = f"{what} in both with {_as_messages(told)}, in {file}"
        return Likeness(round(0.2 + 0.6 * max(frames, 0.5) + 0.2 * told, 3), Ground.PLACE, words)
    return None


def _of_messages(one: Sketch, other: Sketch) -> Likeness | None:
    told = _overlap(one.message, other.message)
    is_same_logger = one.logger == other.logger
    common = {word for word in _words(one.message) if _is_telling(word)} & set(_words(other.message))
    if told < (ENOUGH if is_same_logger else 0.9) or len(common) < TELLING:
        return None
    where = f"from {one.logger}" if is_same_logger else "from different loggers"
    return Likeness(
        round(0.8 * told + 0.2 * is_same_logger, 3), Ground.MESSAGE, f"{_as_messages(told)} {where}"
    )


def _message_likeness(one: str, other: str) -> float:
    """Of what exceptions say; where that is hardly more than a value, the values must be the same."""
    if one.strip() and one.strip() == other.strip():
        return 1.0
    ours, theirs = _normalised(one), _normalised(other)
    if min(sum(map(_is_telling, _words(text))) for text in (ours, theirs)) < TELLING:
        return 0.0
    return _overlap(ours, theirs)


def _overlap(one: str, other: str) -> float:
    """What share of their words two messages have in common; none where they are about different things by name."""
    ours, theirs = _words(one), _words(other)
    if not ours or not theirs or set(filter(_is_name, ours)) != set(filter(_is_name, theirs)):
        return 0.0
    return 2 * (Counter(ours) & Counter(theirs)).total() / (len(ours) + len(theirs))


def _as_messages(told: float) -> str:
    return "the same message" if told == 1 else "nearly the same message"


def _is_telling(word: str) -> bool:
    return "*" not in word and "<" not in word and any(map(str.isalpha, word))


def _is_name(word: str) -> bool:
    """Of a model, a table, a constraint, a function ..."""
    return any(mark in word.strip(_MARKS) for mark in "._")


def _file(frame: str) -> str:
    """The file of a frame as a fingerprint names it: the function comes behind the last space."""
    return frame.rpartition(" ")[0]


@lru_cache(maxsize=1024)
def _normalised(message: str) -> str:
    return messages.group_key(message)


def _words(message: str) -> tuple[str, ...]:
    return tuple(message.split()[:WORDS])


def _bands(words: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Pairs of the least of the words in as many random orders: sets that overlap share a pair (MinHash)."""
    numbers = [_number(word) & _MASK for word in dict.fromkeys(words)]
    if not numbers:
        return
    for band in range(BANDS):
        pair = [
            min(number * factor & _MASK for number in numbers) for factor in _FACTORS[2 * band : 2 * band + 2]
        ]
        yield str(band), *map(str, pair)


@lru_cache(maxsize=8192)
def _number(*texts: str) -> int:
    packed = blake2b("\0".join(texts).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(packed, "big", signed=True)


_FACTORS: Final = tuple(_number("order", str(place)) & _MASK | 1 for place in range(2 * BANDS))
