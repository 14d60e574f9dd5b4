"""Payloads of events as they lie in the database: what the app sent, compressed.

Comes in: JSON in bytes. Goes out: the bytes to store, and back. Whoever reads them takes nothing in them for granted.
"""

import json
import threading
from typing import Any, Final

import msgspec
import zstandard

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of a payload before it is compressed; the doors take no more."""
_LEVEL: Final = 3
_DIGITS: Final = 1000  # Python reads no more than 4,300


class _Tools(threading.local):
    """What costs more to make than to use, one for each thread."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False)
        self.decompressor = zstandard.ZstdDecompressor()


_tools: Final = _Tools()


def pack(payload: bytes) -> bytes:
    """The bytes to store. May be called from several threads."""
    return _tools.compressor.compress(payload)


def unpack(packed: bytes) -> bytes:
    """What was stored. ValueError: these bytes are no payload."""
    try:
        size = zstandard.frame_content_size(packed)
        if not 0 <= size <= LARGEST:
            raise ValueError("this is no payload: its size is not known, or too large")
        return _tools.decompressor.decompress(packed, max_output_size=LARGEST)
    except zstandard.ZstdError as error:
        raise ValueError(f"this is no payload: {error}") from error


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
