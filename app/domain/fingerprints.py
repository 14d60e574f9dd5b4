"""Whether two detections are the same error: fingerprint version 1, with its reason.

The fingerprint is the SHA-256 of its reason, a text in lines that a person can read: what made two errors the
same, or kept them apart, is always there to see. A changed rule is a new version; version 1 stays as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from app.domain import addons, messages
from app.domain.addons import Place
from app.domain.tracebacks import Part, RawFrame, exception_type, read_frame

VERSION: Final = 1
INNERMOST: Final = 5
"""How many frames stand for a part of a chain when no frame of the traceback is a custom addon's."""
SPOTS_LIMIT: Final = 50_000

_NO_APPLICATION = re.compile(r"<(?:frozen |decorator-gen|string>)")
_DATA_FILE = re.compile(rb"while parsing ([^\n]{1,500}?):\d+")
DIGITS_TO_ZERO: Final = str.maketrans("123456789", "000000000")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`digest`: SHA-256 of `reason`, 64 hexadecimal digits. Scoped to a project by whoever stores it."""

    version: int
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A frame without its line number: equal for the same code on two servers."""

    label: str
    place: Place
    may_be_custom: bool
    application: bool


class Spots(dict[RawFrame, Spot]):
    """The spot of each frame ever asked for, by one instance's addon folders; forgets all when it grows too large."""

    def __init__(self, known_folders: tuple[str, ...]) -> None:
        super().__init__()
        self.known_folders = known_folders

    def __missing__(self, frame: RawFrame) -> Spot:
        if len(self) >= SPOTS_LIMIT:
            self.clear()
        self[frame] = spot = _spot(frame, self.known_folders)
        return spot


def of_traceback(
    parts: Sequence[Part], logger: str, known: Spots, text: bytes = b""
) -> tuple[Fingerprint, str | None]:
    """The fingerprint and the module of a traceback with at least one frame.

    Exception types and custom frames of all parts in printed order, and the module. Without a custom frame, the
    innermost application frames of each part; without those, its innermost frames. Recursion counts once. `text` is the
    straightened traceback: a file of data may be named behind the first line of the last exception.
    """
    spots = [list(map(known.__getitem__, part.frames)) for part in parts]
    custom = _custom(spots)
    module = _module(parts, spots, custom, logger, known.known_folders, text)
    chosen = custom if any(custom) else [_innermost(part) for part in spots]
    lines = [f"v{VERSION} traceback"]
    for part, frames in zip(parts, chosen, strict=True):
        lines.append(f"type {exception_type(part) or '?'}")
        lines += dict.fromkeys([spot.label for spot in frames])
    lines.append(f"module {module or '?'}")
    return _fingerprint("\n".join(lines)), module


def of_message(kind: str, logger: str, message: str) -> Fingerprint:
    """The fingerprint of a record without frames: its kind, logger and normalised message."""
    key = messages.group_key(message[: messages.LIMIT].translate(DIGITS_TO_ZERO))
    return _fingerprint(f"v{VERSION} {kind}\nlogger {logger}\nmessage {key}")


def _fingerprint(reason: str) -> Fingerprint:
    return Fingerprint(VERSION, sha256(reason.encode("utf-8", "replace")).hexdigest(), reason)


def _spot(frame: RawFrame, known_folders: tuple[str, ...]) -> Spot:
    path, _, function = read_frame(frame)
    place = addons.place(path, known_folders)
    generated = place.owner == "generated"
    name = re.sub("[0-9]+", "0", function or "?") if generated else function or "?"
    return Spot(
        f"frame {place.name} {name}",
        place,
        place.owner == "custom" or place.loose,
        place.owner != "library" and not (generated and _NO_APPLICATION.match(place.name)),
    )


def _custom(spots: list[list[Spot]]) -> list[list[Spot]]:
    custom = [[spot for spot in part if spot.may_be_custom] for part in spots]
    if all(spot.place.is_certain for part in custom for spot in part):
        return custom
    cores = frozenset(spot.place.core for part in spots for spot in part)
    return [[spot for spot in part if addons.is_custom(spot.place, cores)] for part in custom]


def _innermost(spots: list[Spot]) -> list[Spot]:
    """The innermost different frames, as they were first entered: however deep a recursion went, the same."""
    application = [spot for spot in spots if spot.application] or spots
    innermost = list(dict.fromkeys(spot.label for spot in reversed(application)))[:INNERMOST]
    return [spot for spot in application if spot.label in innermost]


def _data_file(exception: bytes, text: bytes) -> re.Match[bytes] | None:
    """Where an exception says which data file it arose in; up to Odoo 13 only a later line of its message does."""
    found = _DATA_FILE.search(exception)
    if found is None and b"ParseError" in exception:
        return _DATA_FILE.search(text, max(0, text.rfind(exception)))
    return found


def _module(
    parts: Sequence[Part],
    spots: list[list[Spot]],
    custom: list[list[Spot]],
    logger: str,
    known_folders: tuple[str, ...],
    text: bytes,
) -> str | None:
    for part in custom:
        if part:
            return part[-1].place.addon
    if found := _data_file(parts[-1].exception, text):
        place = addons.place(found[1].decode("utf-8", "replace"), known_folders)
        if place.addon:
            return place.addon
    with_addon = [spot.place.addon for spot in spots[-1] if spot.place.addon and not spot.place.loose]
    return with_addon[-1] if with_addon else addons.addon_of_logger(logger)
