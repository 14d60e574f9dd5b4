"""The detail of an occurrence as it lies in the database: JSON, compressed.

PostgreSQL never looks into it; as `jsonb` it took five times the room and twice the time to store.
"""

from typing import Final

import msgspec
import zstandard

from app.recording.sightings import Detail

LARGEST: Final = 64 * 1024 * 1024
"""Bytes that a detail may have; ours are far smaller, and what else lies there is not taken."""

_compressor: Final = zstandard.ZstdCompressor(level=1)
_decompressor: Final = zstandard.ZstdDecompressor()


def pack(detail: Detail) -> bytes:
    """The bytes to store."""
    return _compressor.compress(msgspec.json.encode(detail))


def unpack(packed: bytes) -> Detail:
    """The detail that was stored. ValueError: these bytes are none."""
    try:
        # What a frame claims is believed by the decompressor, whatever `max_output_size` says.
        if zstandard.frame_content_size(packed) > LARGEST:
            raise ValueError("this is no detail of an occurrence: too large")
        return msgspec.json.decode(_decompressor.decompress(packed, max_output_size=LARGEST), type=Detail)
    except (zstandard.ZstdError, msgspec.MsgspecError) as error:
        raise ValueError(f"this is no detail of an occurrence: {error}") from error
