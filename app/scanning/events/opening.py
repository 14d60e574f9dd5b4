"""Payloads of a batch, opened: unpacked, decoded, and looked at for secrets, many at a time.

Comes in: events out of the inbox, and the rules of their projects. Goes out: of each what it says, and whether there is
anything to scrub; or why it cannot be read. Nothing raises.

Nearly all of an event by a Sentry SDK are its frames, and most of those were in the events before it. So they are cut out
before they are decoded, and those that are known, byte by byte, are taken for what they were read as.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct

from app.domain.events.event import Format, Tree
from app.domain.events.event_exceptions import usual_frame
from app.domain.secrets import scrubbing
from app.domain.secrets.scrubbed_names import Names, names
from app.scanning.events.taking import Taken
from app.tables import payloads

TOGETHER: Final = 256 * 1024
"""Bytes of payloads that are opened at once, or one event."""
MOST_TOGETHER: Final = 200
_SHORTEST: Final = 2 * 1024
"""Bytes below which there are too few frames to be worth it."""
_packed: Final = msgspec.msgpack.Encoder().encode  # twice as fast as the standard library


@dataclass(slots=True)
class Opened:
    """A payload, and what it says: in `tree` there may be frames that were read before. `is_mended`: it was no proper JSON."""

    payload: bytes
    tree: Tree
    is_mended: bool
    look: scrubbing.Look
    fresh: dict[int, Any]
    """Frames and the like that nobody has seen, by their marks."""

    def scrubbed(self) -> tuple[Tree, bool]:
        """What it says without secrets, and whether that is something else."""
        if not self.look.is_suspect:
            return self.tree, False
        whole = payloads.tree(self.payload)
        return scrubbing.scrubbed(whole, self.look)


def together(sizes: Sequence[int]) -> Iterator[slice]:
    """Cut events, of which the sizes of their payloads are given, into what is opened at once."""
    start = held = 0
    for place, size in enumerate(sizes):
        if place > start and (held + size > TOGETHER or place - start >= MOST_TOGETHER):
            yield slice(start, place)
            start, held = place, 0
        held += size
    if start < len(sizes):
        yield slice(start, len(sizes))


def opened(events: Sequence[tuple[Taken, scrubbing.Scrubbing]]) -> list[Opened | Exception]:
    """Each of the events, or why it cannot be read."""
    unpacked = payloads.unpack_all([(taken.packed, taken.reference) for taken, _ in events])
    found: list[Opened | Exception] = []
    for (taken, rules), payload in zip(events, unpacked, strict=True):
        if isinstance(payload, bytes):
            try:
                found.append(_opened(payload, taken.format, rules))
            except Exception as error:  # noqa: BLE001  whatever it is, it must not stop the others
                found.append(error)
        else:
            found.append(payload)
    scrubbing.settle([one.look for one in found if isinstance(one, Opened)])
    for one in found:
        if isinstance(one, Opened) and one.fresh and one.look.is_harmless():
            _remember(one.fresh, one.look.known)
    return found


def _opened(payload: bytes, format_: Format, rules: scrubbing.Scrubbing) -> Opened:
    fresh: dict[int, Any] = {}
    is_mended = not _is_utf8(payload)
    tree: Any = None
    if format_ is Format.SENTRY and len(payload) >= _SHORTEST and not is_mended:
        tree = _cut(payload, names(rules.sensitive, rules.safe), fresh)
    if tree is None:
        fresh = {}
        tree = payloads.tree(payload)
    if not isinstance(tree, dict):
        raise ValueError("it is no JSON object")
    return Opened(payload, tree, is_mended, scrubbing.Look(tree, rules, _packed), fresh)


def _is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def _remember(fresh: dict[int, Any], known: Names) -> None:
    for mark, part in fresh.items():
        if type(part) is not dict:
            known.remember([mark])
        elif (read := usual_frame(part)) is not None:
            known.remember_read(mark, read)


# --- What most SDKs send: everything else is decoded as a whole ---------------------------------------


class _Stack(Struct, forbid_unknown_fields=True):
    frames: list[Raw]


class _Exception(Struct, forbid_unknown_fields=True):
    stacktrace: _Stack | msgspec.UnsetType | None = UNSET
    type: Any = UNSET
    value: Any = UNSET
    module: Any = UNSET
    mechanism: Any = UNSET
    thread_id: Any = UNSET


class _Exceptions(Struct, forbid_unknown_fields=True):
    values: list[_Exception]


class _Event(Struct, forbid_unknown_fields=True):
    exception: _Exceptions
    event_id: Any = UNSET
    timestamp: Any = UNSET
    start_timestamp: Any = UNSET
    platform: Any = UNSET
    level: Any = UNSET
    logger: Any = UNSET
    logentry: Any = UNSET
    message: Any = UNSET
    fingerprint: Any = UNSET
    transaction: Any = UNSET
    transaction_info: Any = UNSET
    release: Any = UNSET
    dist: Any = UNSET
    environment: Any = UNSET
    server_name: Any = UNSET
    user: Any = UNSET
    request: Any = UNSET
    contexts: Any = UNSET
    tags: Any = UNSET
    extra: Any = UNSET
    breadcrumbs: Any = UNSET
    threads: Any = UNSET
    modules: Raw | msgspec.UnsetType = UNSET
    debug_meta: Any = UNSET
    sdk: Raw | msgspec.UnsetType = UNSET
    type: Any = UNSET


_REPEATED: Final = ("modules", "sdk")
"""What an app sends with each event, and nobody looks at here, but for secrets."""
_cutter: Final = msgspec.json.Decoder(_Event)


def _cut(payload: bytes, known: Names, fresh: dict[int, Any]) -> dict[str, Any] | None:
    """What the payload says, with the frames that are known as they were read; None where it is to be read as a whole."""
    try:
        event = _cutter.decode(payload)
        tree = _plain(event)
        for name in _REPEATED:
            if name in tree and not _is_known(name, tree, known, fresh):
                tree[name] = msgspec.json.decode(tree[name])
        tree["exception"] = {"values": [_exception(each, known, fresh) for each in event.exception.values]}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return tree


def _is_known(name: str, tree: dict[str, Any], known: Names, fresh: dict[int, Any]) -> bool:
    """Whether this part of an event held nothing before; then it is left out."""
    mark = hash((name, bytes(tree[name])))
    if mark in known.frames:
        del tree[name]
        return True
    fresh[mark] = name
    return False


def _exception(exception: _Exception, known: Names, fresh: dict[int, Any]) -> dict[str, Any]:
    plain = _plain(exception)
    if stack := exception.stacktrace:
        frames: list[Any] = []
        for cut in stack.frames:
            told = bytes(cut)
            mark = hash(told)
            frame: Any = known.read(mark)
            if frame is None:
                frame = msgspec.json.decode(told)
                if type(frame) is dict:
                    fresh[mark] = frame
            frames.append(frame)
        plain["stacktrace"] = {"frames": frames}
    return plain


def _plain(struct: Struct) -> dict[str, Any]:
    """The fields that were told."""
    told = ((name, getattr(struct, name)) for name in struct.__struct_fields__)
    return {name: value for name, value in told if value is not UNSET}
