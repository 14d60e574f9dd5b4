"""Bodies of requests. Comes in: what a client sends, bit by bit. Goes out: the whole, uncompressed, within its limits.

No more is held of all large bodies together than `ROOM`; who comes when that is used up is asked to come again. A client that
ends or stalls half-way leaves nothing behind. What is large is worked on in a thread, two at a time, so that the others
need not wait.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Final, ParamSpec, TypeVar

from starlette.types import Message, Receive

from app.ingest import encodings
from app.ingest.answers import Refused, too_large

MEBIBYTE: Final = 1024 * 1024
ROOM: Final = 64 * MEBIBYTE
"""Bytes of bodies that are held at once: as they come where they come in parts, and unpacked where they are large."""
LARGE: Final = 512 * 1024
"""Bytes from which on work is done aside."""
LONGEST_SILENCE: Final = 30.0
"""Seconds that a client may take for the next part of a body."""
SLOWEST: Final = 16 * 1024
"""Bytes in a second that a client has to send on the whole, once it has been at it for longer than that."""

_AT_ONCE: Final = 2

P = ParamSpec("P")
T = TypeVar("T")


class Bodies:
    """Reads the bodies of all doors."""

    def __init__(self) -> None:
        self.held = 0
        """Bytes of bodies that are held at this moment."""
        self._aside = asyncio.Semaphore(_AT_ONCE)

    async def read(self, receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes | None:
        """The body, of at most `limit` bytes both as it comes and unpacked; None: the client has gone.

        Refused: it is too large, comes too slowly, is not what it is called, or there is no room at this moment.
        """
        encoded = headers.get(b"content-encoding")
        try:
            coded = encodings.names(encoded.decode("latin-1")) if encoded else ()
        except encodings.Unknown as unknown:
            raise Refused(415, str(unknown), {"Accept-Encoding": "gzip, deflate, br, zstd"}) from None
        announced = headers.get(b"content-length", b"")
        if announced.isdigit() and (len(announced) > 18 or int(announced) > limit):
            raise _over(limit)
        message = await receive()
        if not message.get("more_body", False):  # as nearly always
            is_here = message["type"] == "http.request"
            return await self.unpacked(message.get("body", b""), coded, limit) if is_here else None
        return await self._in_parts(message, receive, coded, limit)

    async def unpacked(self, body: bytes, coded: tuple[str, ...], limit: int) -> bytes:
        """The body without its encodings. Refused: it is too large, or not what it is called."""
        if len(body) > limit:
            raise _over(limit)
        if not coded:
            return body
        try:
            unpacked = _unpack_small(body, coded)
            if unpacked is None:
                unpacked = await self.aside(encodings.unpack, body, coded, limit)
            return unpacked
        except encodings.TooLarge:
            raise _over(limit) from None
        except ValueError as wrong:
            raise Refused(400, f"the body is not what its Content-Encoding says: {wrong}") from None

    async def aside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` gives, done in a thread."""
        async with self._aside:
            return await asyncio.to_thread(work, *args, **kwargs)

    @contextmanager
    def holding(self, body: bytes) -> Iterator[None]:
        """While a large body is worked on. Refused: there is no room for it at this moment."""
        size = len(body)
        self.held += size
        try:
            self._check_room()
            yield
        finally:
            self.held -= size

    def _check_room(self) -> None:
        if self.held > ROOM:
            raise Refused(429, "too much is being sent at this moment", {"Retry-After": "1"})

    async def _in_parts(
        self, message: Message, receive: Receive, coded: tuple[str, ...], limit: int
    ) -> bytes | None:
        parts: list[bytes] = []
        size = 0
        began = monotonic()
        try:
            while True:
                if message["type"] == "http.disconnect":
                    return None
                part = message.get("body", b"")
                parts.append(part)
                size += len(part)
                self.held += len(part)
                if size > limit:
                    raise _over(limit)
                self._check_room()
                if not message.get("more_body", False):
                    return await self.unpacked(b"".join(parts), coded, limit)
                message = await _next(receive, began + LONGEST_SILENCE + size / SLOWEST - monotonic())
        finally:
            self.held -= size


def _unpack_small(body: bytes, coded: tuple[str, ...]) -> bytes | None:
    """The body, where unpacking it takes no time; None where it is large."""
    if len(body) > LARGE:
        return None
    try:
        return encodings.unpack(body, coded, LARGE)
    except encodings.TooLarge:
        return None


async def _next(receive: Receive, left: float) -> Message:
    try:
        async with asyncio.timeout(min(left, LONGEST_SILENCE)):
            return await receive()
    except TimeoutError:
        raise Refused(408, "the body did not come", {"Connection": "close"}) from None


def _over(limit: int) -> Refused:
    return too_large(f"a body has at most {limit} bytes, compressed or not")
