"""What is kept of what Sentry's SDKs send. Comes in: an envelope, or a body of the older door. Goes out: events to keep.

    event                     kept, whatever its level
    user_report, feedback     kept: what a user wrote
    everything else           taken and dropped, as the SDKs expect: transactions, sessions, attachments, replays ...

The JSON of an event is not decoded here; that is for its scan. Only an event whose envelope does not name it is looked
into for its id.
"""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import msgspec

from app.domain.events.event import Format
from app.ingest import encodings
from app.ingest.answers import Refused, too_large
from app.ingest.envelopes import Envelope, Item
from app.ingest.inbox import NewEvent
from app.tables.payloads import pack
from app.tables.references import Reference

LARGEST_EVENT: Final = 1024 * 1024
"""Bytes of the JSON of one event."""

_KEPT: Final = frozenset(("event", "user_report", "feedback"))
_ID: Final = re.compile(r"[0-9a-f]{32}")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_=\s-]+")


@dataclass(frozen=True, slots=True)
class Taken:
    """What came. `event_id`: what is answered; `dropped`: items of other kinds; `broken`: kept items that are no JSON."""

    event_id: str | None
    events: tuple[NewEvent, ...]
    dropped: int
    broken: int


class _Named(msgspec.Struct, frozen=True, gc=False):
    event_id: Any = None
    type: Any = None


_NAMED: Final = msgspec.json.Decoder(_Named)


def of_envelope(envelope: Envelope, reference: Reference | None) -> Taken:
    """The events of an envelope, packed with the reference. Refused: one is too large."""
    named = event_id(envelope.event_id)
    events: list[NewEvent] = []
    dropped = broken = 0
    for item in envelope.items:
        if item.type not in _KEPT:
            dropped += 1
        elif not _is_object(item.payload):
            broken += 1
        else:
            is_named = bool(named) and not events
            events.append(_event(item, named if is_named else None, reference))
            if item.type != "user_report":
                named = named or events[-1].client_event_id
    return Taken(named, tuple(events), dropped, broken)


def count(envelope: Envelope) -> int:
    """How many events there are to keep."""
    return sum(item.type in _KEPT for item in envelope.items)


def envelope_of_store(body: bytes) -> Envelope:
    """What came by the older door, as if it were an envelope. Refused: it is too large, or no JSON object."""
    body = _without_armour(body)
    _check_size(body)
    named = _named(body) if _is_object(body) else None
    if named is None:
        raise Refused(400, "invalid JSON data")
    kind = "transaction" if named.type == "transaction" else "event"
    return Envelope(event_id(named.event_id), None, (Item(kind, body),))


def event_id(text: object) -> str | None:
    """Sentry's id of an event as we write it, 32 digits; None: it is none."""
    plain = text.replace("-", "").strip().lower() if isinstance(text, str) and len(text) < 50 else ""
    return plain if _ID.fullmatch(plain) else None


def _event(item: Item, named: str | None, reference: Reference | None) -> NewEvent:
    """The item as it is kept. A report has no id of its own, only that of its event: it is known by what it says."""
    _check_size(item.payload)
    if item.type == "user_report":
        named = f"user_report:{hashlib.sha256(item.payload).hexdigest()}"
    elif named is None:
        looked_up = _named(item.payload)
        named = (event_id(looked_up.event_id) if looked_up else None) or uuid4().hex
    kind = Format.SENTRY if item.type == "event" else Format.FEEDBACK
    packed = pack(item.payload, reference)
    return NewEvent(named, kind, packed, None, None, None, reference.id if reference else None)


def _check_size(payload: bytes) -> None:
    """Refused: an event is too large. Before anything in it is read, as that takes many times its size."""
    if len(payload) > LARGEST_EVENT:
        raise too_large(f"an event has at most {LARGEST_EVENT} bytes")


def _named(payload: bytes) -> _Named | None:
    """What the event says of itself, though it may hold what is not strictly JSON; None: it is none at all."""
    try:
        return _NAMED.decode(payload)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    try:
        loose = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return _Named(loose.get("event_id"), loose.get("type")) if isinstance(loose, dict) else None


def _is_object(payload: bytes) -> bool:
    if payload[:1] == b"{" and payload[-1:] == b"}":
        return True
    payload = payload.strip()
    return payload[:1] == b"{" and payload[-1:] == b"}"


def _without_armour(body: bytes) -> bytes:
    """The JSON of SDKs of old, which came in zlib, in Base64, or in both."""
    body = body.strip()
    if body.startswith(b"{"):
        return body
    try:
        if _BASE64.fullmatch(body):
            body = base64.b64decode(body)
        return body if body.startswith(b"{") else encodings.unpack(body, ("deflate",), LARGEST_EVENT)
    except encodings.TooLarge:
        raise too_large(f"an event has at most {LARGEST_EVENT} bytes") from None
    except (ValueError, binascii.Error):
        raise Refused(400, "invalid JSON data") from None
