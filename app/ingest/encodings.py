"""Compressed bodies. Comes in: bytes and what `Content-Encoding` says. Goes out: what they were before, up to a limit.

gzip (in any number of members), deflate (with zlib's header or bare), br and zstd; no more is unpacked than the limit,
whatever the bytes promise.
"""

from collections.abc import Callable
from typing import Final

import brotli
import zstandard
from zlib_ng import zlib_ng as zlib

MOST: Final = 2
"""Encodings of one body, one inside of the other."""

_MOST_PARTS: Final = 256  # one behind the other in one body; each costs time, even where nothing is in it
_GZIP: Final = 16 + zlib.MAX_WBITS
_WINDOW: Final = 8 * 1024 * 1024  # what RFC 9659 allows a client
_SLICE: Final = 64  # bytes of zstd, of which each four may become 128 KiB


class TooLarge(Exception):
    """There is more in it than the limit."""


class Unknown(ValueError):
    """An encoding that is not taken, or too many."""


def names(header: str) -> tuple[str, ...]:
    """The encodings in the order in which they are undone. Unknown: one is not taken here."""
    named = [name for part in header.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if len(named) > MOST:
        raise Unknown(f"a body has at most {MOST} encodings")
    for name in named:
        if name not in _UNPACK:
            raise Unknown("send the body as it is, or as gzip, deflate, br or zstd")
    return tuple(reversed(named))


def unpack(body: bytes, encodings: tuple[str, ...], limit: int) -> bytes:
    """The body without its encodings. TooLarge: more than `limit` bytes; ValueError: it is not what it is called."""
    for name in encodings:
        body = _UNPACK[name](body, limit)
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    return _inflate(body, limit, _GZIP)


def _inflate_either(body: bytes, limit: int) -> bytes:
    """deflate with zlib's header, as HTTP has it, or without, as some send it."""
    is_headed = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _inflate(body, limit, zlib.MAX_WBITS if is_headed else -zlib.MAX_WBITS)


def _inflate(body: bytes, limit: int, window: int) -> bytes:
    parts: list[bytes] = []
    room = limit + 1
    while body:
        if len(parts) == _MOST_PARTS:
            raise TooLarge
        stream = zlib.decompressobj(window)
        try:
            part = stream.decompress(body, room)
        except zlib.error as error:  # type: ignore[misc]  # its stub tells a class for an exception
            raise ValueError(str(error)) from error
        room -= len(part)
        if not room:
            raise TooLarge
        parts.append(part)
        if not stream.eof:
            raise ValueError("the end is missing")
        body = stream.unused_data.lstrip(b"\0")  # tar pads so
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _unbrotli(body: bytes, limit: int) -> bytes:
    if not body:
        return b""
    stream = brotli.Decompressor()
    parts: list[bytes] = []
    room = limit + 1
    feed = body
    while True:
        try:
            part = stream.process(feed, output_buffer_limit=room)
        except brotli.error as error:
            raise ValueError(str(error)) from error
        feed = b""
        parts.append(part)
        room -= len(part)
        if room <= 0:
            raise TooLarge
        if stream.is_finished():
            return b"".join(parts)
        if stream.can_accept_more_data() and not part:
            raise ValueError("the end is missing")


def _unzstd(body: bytes, limit: int) -> bytes:
    """One frame that says how large it is, as most are, at once; whatever else it may be, bit by bit."""
    if not body:
        return b""
    try:
        said = zstandard.get_frame_parameters(body).content_size
        if said == zstandard.CONTENTSIZE_UNKNOWN or not said:
            return _unzstd_by_slices(body, limit)
        if said > limit:
            raise TooLarge
        try:
            return zstandard.ZstdDecompressor().decompress(body, allow_extra_data=False)
        except zstandard.ZstdError:  # several frames, or none
            return _unzstd_by_slices(body, limit)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


def _unzstd_by_slices(body: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    size = frames = 0
    unpacking = None
    feed = memoryview(body)
    while feed:
        unpacking = unpacking or zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
        parts.append(unpacking.decompress(feed[:_SLICE]))
        size += len(parts[-1])
        frames += unpacking.eof
        if size > limit or frames > _MOST_PARTS:
            raise TooLarge
        rest = len(unpacking.unused_data) if unpacking.eof else 0
        feed = feed[min(_SLICE, len(feed)) - rest :]
        if unpacking.eof:
            unpacking = None
    if unpacking is not None:
        raise ValueError("the end is missing")
    return b"".join(parts)


_UNPACK: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate_either,
    "br": _unbrotli,
    "zstd": _unzstd,
}
