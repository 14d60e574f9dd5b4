"""Sentry's envelopes: a line of headers, then items, each with a line of headers and a payload.

    {"event_id": "9ec79c33ec9942ab8353589fcb2e04dc", "dsn": "https://KEY@host/42", ...}
    {"type": "event", "length": 41}
    {"message": "...", ...}

Comes in: bytes. Goes out: the items, their payloads as they came, not looked into. What is not to the letter is read
as far as it can be: a length that is wrong, other line ends, an item that is cut off behind good ones.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import msgspec

MOST_ITEMS: Final = 1_000
"""Items of one envelope."""

_SIGN: Final = re.compile(rb"\S")
_BINARY: Final = frozenset(
    ("attachment", "replay_recording", "replay_video", "profile_chunk", "trace_metric")
)


class Unreadable(ValueError):
    """This is no envelope."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item; its payload is what the client made of it."""

    type: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """What came at once. `event_id` and `dsn` as they came, if they are texts."""

    event_id: str | None
    dsn: str | None
    items: tuple[Item, ...]


class _Headers(msgspec.Struct, frozen=True, gc=False):
    event_id: Any = None
    dsn: Any = None


class _ItemHeaders(msgspec.Struct, frozen=True, gc=False):
    type: Any = None
    length: Any = None


_HEADERS: Final = msgspec.json.Decoder(_Headers)
_ITEM_HEADERS: Final = msgspec.json.Decoder(_ItemHeaders)


def read(body: bytes) -> Envelope:
    """The envelope. Unreadable: it has no headers, more items than it may, or begins with one that is none."""
    start = len(body) - len(body.lstrip())
    headers = _decoded(_HEADERS, body, start)
    if headers is None:
        raise Unreadable("the envelope has no headers")
    return Envelope(
        _text(headers.event_id), _text(headers.dsn), tuple(_items(body, _line_end(body, start) + 1))
    )


def _items(body: bytes, place: int) -> list[Item]:
    items: list[Item] = []
    size = len(body)
    while sign := _SIGN.search(body, place):  # empty lines part items, or end the envelope
        place = sign.start()
        if len(items) == MOST_ITEMS:
            raise Unreadable(f"an envelope has at most {MOST_ITEMS} items")
        headers = _decoded(_ITEM_HEADERS, body, place)
        if headers is None or not isinstance(headers.type, str):
            if not items:
                raise Unreadable("an item has no headers")
            break  # behind something that is broken nothing can be told apart
        place = min(_line_end(body, place) + 1, size)
        end = _payload_end(body, place, headers.length, headers.type)
        items.append(Item(headers.type, body[place:end]))
        place = end + 1
    return items


def _payload_end(body: bytes, place: int, length: object, kind: str) -> int:
    """Where the payload ends. A length that leads into the middle of something is not believed, if it is text."""
    if isinstance(length, int) and length >= 0:
        end = place + length
        if end == len(body) or body[end : end + 1] in (b"\n", b"\r"):
            return end
        if kind in _BINARY:
            return min(end, len(body))
    return _line_end(body, place)


def _line_end(body: bytes, place: int) -> int:
    end = body.find(b"\n", place)
    return end if end >= 0 else len(body)


def _decoded(decoder: msgspec.json.Decoder[Any], body: bytes, place: int) -> Any:
    """The object in the line that begins at `place`; None where there is none."""
    try:
        return decoder.decode(body[place : _line_end(body, place)])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
