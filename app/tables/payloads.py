"""Payloads of events as they lie in the database: what the app sent, compressed, most of them against a reference.

Comes in: JSON in bytes. Goes out: the bytes to store, and back. Whoever reads them takes nothing in them for granted.

Measured on what a Sentry SDK sends, 32 KiB each (microseconds, bytes): alone at level 3 56, 4,092; against a payload of
the same app at level 1 36, 2,460, at level 3 48, 2,383; against a dictionary that was trained with 100 of them 42, 2,235.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec
import zstandard

from app.tables.references import Reference

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of a payload before it is compressed; the doors take no more."""
_LEVEL: Final = 3
_REFERRING_LEVEL: Final = 1
MOST_TOOLS: Final = 128
_SMALL: Final = 4 * 1024
_DIGITS: Final = 1000  # Python reads no more than 4,300


class _Tools(threading.local):
    """What costs more to make than to use, one for each thread."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False)
        self.decompressor = zstandard.ZstdDecompressor()
        self.by_reference: OrderedDict[
            Reference, tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor]
        ] = OrderedDict()

    def of(self, reference: Reference) -> tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor]:
        """Those that know the reference."""
        found = self.by_reference.get(reference)
        if found is not None:
            self.by_reference.move_to_end(reference)
        else:
            known = zstandard.ZstdCompressionDict(reference.content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
            known.precompute_compress(level=_REFERRING_LEVEL)
            found = (
                # Without its sum a payload would come out as something else where its reference is not at hand.
                zstandard.ZstdCompressor(dict_data=known, write_checksum=True, write_dict_id=False),
                zstandard.ZstdDecompressor(dict_data=known),
            )
            self.by_reference[reference] = found
            if len(self.by_reference) > MOST_TOOLS:
                self.by_reference.popitem(last=False)
        return found


_tools: Final = _Tools()


def pack(payload: bytes, reference: Reference | None = None) -> bytes:
    """The bytes to store. May be called from several threads."""
    compressor = _tools.compressor if reference is None else _tools.of(reference)[0]
    return compressor.compress(payload)


def unpack(packed: bytes, reference: Reference | None = None) -> bytes:
    """What was stored, with the reference that it was packed with. ValueError: these bytes are no payload."""
    try:
        size = zstandard.frame_content_size(packed)
        if not 0 <= size <= LARGEST:
            raise ValueError("this is no payload: its size is not known, or too large")
        decompressor = _tools.decompressor if reference is None else _tools.of(reference)[1]
        return decompressor.decompress(packed, max_output_size=LARGEST)
    except zstandard.ZstdError as error:
        raise ValueError(f"this is no payload: {error}") from error


def unpack_all(packed: Sequence[tuple[bytes, Reference | None]]) -> list[bytes | ValueError]:
    """What was stored of each, or why it is no payload.

    The small ones by one call for all, as each call gives the interpreter away, for which the next one has to wait. All
    of it is held at once: the caller sees to it, by `size`, that it is not too much.
    """
    found: dict[int, bytes | ValueError] = {}
    together: dict[Reference | None, list[int]] = {}
    for place, (each, reference) in enumerate(packed):
        if 0 < size(each) <= _SMALL:
            together.setdefault(reference, []).append(place)
    for reference, places in together.items():
        decompressor = _tools.decompressor if reference is None else _tools.of(reference)[1]
        with suppress(zstandard.ZstdError):  # one of them is no payload
            whole = decompressor.multi_decompress_to_buffer([packed[place][0] for place in places])
            found |= {place: whole[at].tobytes() for at, place in enumerate(places)}
    return [found[place] if place in found else _alone(*each) for place, each in enumerate(packed)]


def size(packed: bytes) -> int:
    """The bytes of a payload when it is unpacked, as it says itself; 0 where it does not."""
    try:
        return max(0, zstandard.frame_content_size(packed))
    except zstandard.ZstdError:
        return 0


def _alone(packed: bytes, reference: Reference | None) -> bytes | ValueError:
    try:
        return unpack(packed, reference)
    except ValueError as error:
        return error


def tree(payload: bytes) -> Any:
    """The JSON of a payload, decoded; NaN and infinities, which Python's SDKs may send, and endless numbers are null.

    ValueError: it is no JSON, or nested too deeply.
    """
    try:
        return msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:  # more patient: it takes lone surrogates, and numbers of any size
        text = payload.decode("utf-8", "replace")
        return json.loads(text, parse_constant=lambda _: None, parse_int=_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is no JSON: {error}") from None


def _number(digits: str) -> int | None:
    return int(digits) if len(digits) <= _DIGITS else None
