"""A batch: as much of a log as is recorded in one transaction.

Comes in: a source and a position. Goes out: what was found from there on, and the position behind it. Nothing is
kept from one batch to the next but the position, so that any process can go on at any time.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.domain.detections import Detection, Detector
from app.domain.neighbourhood import Neighbourhood
from app.errors import SourceUnreadable
from app.recording.sightings import Description, Origin, Sighting, described
from app.scanning.block import Block
from app.scanning.blocks import BlockScanner
from app.scanning.log_scan import detected
from app.scanning.source import BLOCKS, Bounds, Source, Stream

_PIECE: Final = 128 * 1024
_ATTEMPTS: Final = 5
_START_UP: Final = b" odoo: Odoo version "
_VERSION: Final = re.compile(rb"INFO \S+ odoo: Odoo version ([0-9A-Za-z.~+-]{1,40})")


@dataclass(frozen=True, slots=True)
class Batch:
    """What was found, the position behind it, how many bytes it went on, and whether there is more at once.

    `odoo_version` is that of the last start-up line, None where there is none.
    """

    sightings: list[Sighting]
    position: str
    bytes_read: int
    is_behind: bool
    odoo_version: str | None


def read_batch(
    source: Source, position: str, origin: Origin, detector: Detector, bounds: Bounds, *, now: datetime
) -> Batch:
    """The next batch. Raises SourceUnreadable, also where the log is truncated all the time."""
    for _ in range(_ATTEMPTS):
        with source.open(position, now=now) as stream:
            batch = _Reading(stream, detector, bounds).batch(origin, now)
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

    def __init__(self, stream: Stream, detector: Detector, bounds: Bounds) -> None:
        self._stream = stream
        self._detector = detector
        self._bounds = bounds
        self._scanner = BlockScanner(
            count_lines=False,
            offset=stream.start,
            behind=stream.behind,
            inside=stream.inside,
            limits=BLOCKS,
        )
        self._text = _Text(stream.start - len(stream.behind), stream.behind)
        self._found: list[_Found] = []

    def batch(self, origin: Origin, now: datetime) -> Batch:
        """Read, and tell what was found."""
        stream, scanner = self._stream, self._scanner
        is_complete = self._read()
        for block in scanner.finish() if is_complete else scanner.pause():
            self._take(block)
        at = scanner.resume_at
        position, is_behind = stream.place(at, scanner.resume_inside)
        starts = self._text.start_ups(stream.start, at)
        sightings = [found.sighting(_as_of(origin, starts, found.start), now) for found in self._found]
        version = starts[-1][1] if starts else None
        return Batch(sightings, position, at - stream.start, is_behind, version)

    def _read(self) -> bool:
        """Give the scanner text until it is enough; whether the last record is complete."""
        stream, scanner, bounds = self._stream, self._scanner, self._bounds
        size = 0
        while piece := stream.read(_PIECE):
            size += len(piece)
            self._text.add(piece, can_forget=not self._found)
            for block in scanner.feed(piece):
                self._take(block)
            is_enough = size >= bounds.batch or len(self._found) >= bounds.sightings
            if is_enough and scanner.resume_at > stream.start:
                return False
            if size >= bounds.record:
                return True
        return stream.is_final

    def _take(self, block: Block) -> None:
        detection = detected(block, self._detector)
        if detection is not None:
            self._found.append(_Found(detection, block.start, block.text, self._text.around(block)))


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
