"""A batch of our own API. Comes in: the bytes of a body. Goes out: its entries, each as it came; one that is broken harms
none of the others.

    {"events": [{...}, {...}]}      or      [{...}, {...}]

Each entry is kept byte for byte, so that nothing is written anew. Only where the whole is not strictly JSON, as by a NaN or
half a character in one entry, it is taken apart at its brackets, and what can be read of that entry is written anew.
"""

import json
import math
import re
from typing import Any, Final

import msgspec

from app.ingest.answers import Refused, too_large

MOST: Final = 1_000
"""Events of one batch."""
LARGEST_EVENT: Final = 1024 * 1024
"""Bytes of the JSON of one event."""

_MOST_VALUES: Final = 500_000  # as many as fit into memory, whatever they are
_MOST_SIGNS: Final = 1_000_000  # that are looked at one by one
_DIGITS: Final = 1000  # Python reads no more than 4,300
_BOM: Final = b"\xef\xbb\xbf"
_SIGNS: Final = (b'"', b",", b"[", b"]", b"{", b"}")
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?>(?:\\.[^"\\]*+)*)(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class _Batch(msgspec.Struct, frozen=True):
    events: list[msgspec.Raw]


_BATCH: Final = msgspec.json.Decoder(_Batch)
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ANY: Final = msgspec.json.Decoder()


def entries(body: bytes) -> list[bytes]:
    """The entries of the batch, in order. Refused: it is none, or too long."""
    body = body.removeprefix(_BOM).strip()  # which some write before all they send
    if body.count(b",") > _MOST_VALUES:
        raise too_large(f"a batch has at most {_MOST_VALUES} values")
    try:
        raws = _LIST.decode(body) if body[:1] == b"[" else _BATCH.decode(body).events
        found = [bytes(raw) for raw in raws]
    except msgspec.ValidationError:
        raise Refused(400, 'send {"events": [...]}, or a list of events') from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        found = _parted(body)
    if len(found) > MOST:
        raise too_large(f"a batch has at most {MOST} events")
    return found


def event(entry: bytes) -> tuple[Any, bytes]:
    """What the entry holds, and its JSON. ValueError says in words why it cannot be read."""
    if len(entry) > LARGEST_EVENT:
        raise ValueError(f"an event has at most {LARGEST_EVENT} bytes")
    try:
        return _ANY.decode(entry), entry
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _mended(entry)


def _mended(entry: bytes) -> tuple[Any, bytes]:
    """The entry without what JSON has not: numbers that are none, or endless, become null, broken characters the sign for one."""
    try:
        loose = json.loads(
            entry.decode("utf-8", "replace"),
            parse_constant=lambda _: None,
            parse_float=_finite,
            parse_int=_whole,
        )
        text = _SURROGATE.sub("\ufffd", json.dumps(loose, ensure_ascii=False, separators=(",", ":")))
        return _ANY.decode(text), text.encode()
    except RecursionError:
        raise ValueError("the event is nested too deeply") from None
    except ValueError:
        raise ValueError("the event is no JSON") from None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= _DIGITS else None


def _parted(body: bytes) -> list[bytes]:
    """The entries, cut apart where the brackets say so. Refused: there is no list that begins and ends."""
    level = 1 if body[:1] == b"[" else 2
    depth, begin, name = 0, -1, b""
    cut: list[bytes] = []
    for match in _TOKEN.finditer(body) if sum(map(body.count, _SIGNS)) <= _MOST_SIGNS else ():
        token = match[0]
        if token in b"[{":
            depth += 1
            if begin < 0 and depth == level and token == b"[" and (level == 1 or name == b'"events"'):
                begin = match.end()
        elif token in b"]}":
            depth -= 1
            if begin >= 0 and depth < level:
                if body[match.end() :].strip()[-1:] != (b"" if level == 1 else b"}"):
                    break
                last = body[begin : match.start()]
                return [*cut, last] if cut or last.strip() else []
        elif begin < 0:
            name = token
        elif token == b"," and depth == level and len(cut) <= MOST:
            cut.append(body[begin : match.start()])
            begin = match.end()
    raise Refused(400, "the body is no JSON")
