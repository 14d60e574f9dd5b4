"""A batch: as much of a log as is recorded in one transaction.

Comes in: a source and a position. Goes out: what was found from there on, and the position behind it. Nothing is
kept from one batch to the next but the position, so that any process can go on at any time.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import Final

from app.domain.detections import Detection, Detector
from app.domain.neighbourhood import Neighbourhood
from app.errors import SourceUnreadable
from app.recording.sightings import Description, Origin, Sighting, described
from app.scanning.block import Block
from app.scanning.blocks import BlockScanner
from app.scanning.log_scan import detected
from app.scanning.share import PARSING, Share
from app.scanning.source import BLOCKS, Bounds, Source, Stream

_PIECE: Final = 128 * 1024
_ATTEMPTS: Final = 5
_LONGEST: Final = 20.0
"""Seconds after which a batch ends with what a slow host has given so far."""
_DETECTION: Final = 4096
"""Bytes that a detection takes on average, beyond the text that it is found in."""
_START_UP: Final = b" odoo: Odoo version "
_VERSION: Final = re.compile(rb"INFO \S+ odoo: Odoo version ([0-9A-Za-z.~+-]{1,40})")


@dataclass(frozen=True, slots=True)
class Batch:
    """What was found, the position behind it, how many bytes it went on, and whether there is more at once.

    `odoo_version` is that of the last start-up line, None where there is none. `missed` says in words what was gone
    before it could be read; empty: nothing, as far as the source knows.
    """

    sightings: list[Sighting]
    position: str
    bytes_read: int
    is_behind: bool
    odoo_version: str | None
    missed: str = ""


def read_batch(
    source: Source,
    position: str,
    origin: Origin,
    detector: Detector,
    bounds: Bounds,
    *,
    now: datetime,
    share: Share | None = None,
) -> Batch:
    """The next batch, to be recorded before its `share` of memory ends.

    Raises SourceUnreadable, also where the log is truncated all the time.
    """
    for _ in range(_ATTEMPTS):
        with source.open(position, now=now) as stream:
            with closing(_Reading(stream, detector, bounds, share)) as reading:
                batch = reading.batch(origin, now)
            if stream.is_intact():
                return batch
    raise SourceUnreadable("the log is truncated again and again while it is read")


@dataclass(frozen=True, slots=True)
class _Found:
    """A detection, and where it stands; the block itself would hold on to copies of its neighbourhood."""

    detection: Detection
    start: int
    text: bytes
    around: Callable[[], Neighbourhood]

    def sighting(self, origin: Origin, now: datetime) -> Sighting:
        found = self.detection
        return Sighting(
            origin,
            found.fingerprint,
            found.timestamp or now,
            found.kind,
            found.severity,
            found.module,
            self._describe,
        )

    def _describe(self) -> Description:
        return described(self.detection, self.text, self.around())


class _Reading:
    """One pass over a stream, until there is enough for a batch."""

    def __init__(self, stream: Stream, detector: Detector, bounds: Bounds, share: Share | None) -> None:
        self._stream = stream
        self._detector = detector
        self._bounds = bounds
        self._share = share
        self._text = _Text(stream.start - len(stream.behind), stream.behind)
        self._found: list[_Found] = []
        self._scanner: BlockScanner | None = None
        self._at, self._inside = stream.start, dict(stream.inside)
        self._size = 0
        self._deadline = 0.0

    def batch(self, origin: Origin, now: datetime) -> Batch:
        """Read, and tell what was found."""
        stream = self._stream
        self._deadline = monotonic() + _LONGEST
        size = min(_PIECE, self._bounds.batch)
        piece, is_cut = stream.read(size), False
        while piece and not is_cut:
            # Read before the scanner is made, so that it is gone again at once where this is all, as it mostly is.
            following = stream.read(size)
            with PARSING:
                is_cut = self._parse(piece, is_last=not following)
            piece = following
        at = self._at
        position, is_behind = stream.place(at, self._inside)
        starts = self._text.start_ups(stream.start, at)
        sightings = [found.sighting(_as_of(origin, starts, found.start), now) for found in self._found]
        version = starts[-1][1] if starts else None
        return Batch(sightings, position, at - stream.start, is_behind or is_cut, version, stream.missed)

    def _parse(self, piece: bytes, *, is_last: bool) -> bool:
        """Go on by a piece of text; whether the batch ends before all was read.

        The blocks at such an end, whose neighbours are yet to come, are left to the next batch, which sees these.
        """
        stream = self._stream
        scanner = self._scanner = self._scanner or _scanner(stream)
        is_enough = self._add(scanner, piece, is_last=is_last)
        if is_last:
            self._take(scanner.finish() if stream.is_final else scanner.pause())
        elif self._size >= self._bounds.record and scanner.resume_at == stream.start:
            self._take(scanner.finish())
            is_enough = True
        self._at, self._inside = scanner.resume_at, scanner.resume_inside
        is_cut = is_enough and not is_last and self._at > stream.start
        if is_cut or is_last:
            self.close()
        return is_cut

    def close(self) -> None:
        """Let go of what takes most of the memory."""
        if self._scanner:
            self._scanner.close()
            self._scanner = None

    def _add(self, scanner: BlockScanner, piece: bytes, *, is_last: bool) -> bool:
        """Find the blocks; whether it is enough, in text, in detections, in time or in memory."""
        known, kept = len(self._found), 0 if self._size or is_last else BLOCKS.capacity
        self._size += len(piece)
        self._text.add(piece, can_forget=not known)
        self._take(scanner.feed(piece))
        found = len(self._found)
        kept += len(piece) + (found - known) * _DETECTION
        return (
            (self._share is not None and not self._share.take(kept))
            or self._size >= self._bounds.batch
            or found >= self._bounds.sightings
            or monotonic() > self._deadline
        )

    def _take(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            detection = detected(block, self._detector)
            if detection is not None:
                self._found.append(_Found(detection, block.start, block.text, self._text.around(block)))


def _scanner(stream: Stream) -> BlockScanner:
    return BlockScanner(
        count_lines=False,
        offset=stream.start,
        behind=stream.behind,
        inside=stream.inside,
        limits=BLOCKS,
    )


class _Text:
    """The text of a batch, from which the lines around a record are cut when somebody asks."""

    def __init__(self, start: int, text: bytes) -> None:
        self._start = start
        self._text = bytearray(text)

    def add(self, piece: bytes, *, can_forget: bool) -> None:
        """Go on; of a record that is longer than any batch no more is kept than the scanner keeps."""
        if can_forget and len(self._text) > BLOCKS.capacity:
            size = len(self._text) - BLOCKS.back
            del self._text[:size]
            self._start += size
        self._text += piece

    def around(self, block: Block) -> Callable[[], Neighbourhood]:
        """The lines around a block, to be asked for once the batch has been read."""
        start, end, writer = block.start - self._start, block.end - self._start, block.writer
        if start < 0:
            near = Neighbourhood(block.before, block.after, writer)
            return lambda: near
        text = self._text
        return lambda: Neighbourhood(
            bytes(text[max(0, start - BLOCKS.before) : start]),
            bytes(text[end : end + BLOCKS.after]),
            writer,
        )

    def start_ups(self, first: int, end: int) -> list[tuple[int, str]]:
        """Where Odoo said its version between these offsets, and the version."""
        found, text = [], self._text
        at = text.find(_START_UP, max(0, first - self._start))
        while 0 <= at < end - self._start:
            if match := _VERSION.search(text, max(0, at - 100), at + 100):
                found.append((at + self._start, match[1].decode()))
            at = text.find(_START_UP, at + 1)
        return found


def _as_of(origin: Origin, starts: list[tuple[int, str]], at: int) -> Origin:
    """The origin with the version that had been said when this offset was written."""
    said = [version for place, version in starts if place < at]
    return replace(origin, odoo_version=said[-1]) if said else origin
