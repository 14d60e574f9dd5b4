"""Somebody who scans a log again and again, and keeps what it read and found."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

from app.domain.detections import Detector
from app.domain.lifecycle import Source as Origins
from app.recording.sightings import Origin, Sighting
from app.scanning.batch import Batch, read_batch
from app.scanning.log_scan import detections
from app.scanning.source import BLOCKS, Bounds, Source

SOMEWHERE = Origin(UUID(int=1), UUID(int=2), UUID(int=2), UUID(int=3), Origins.LOG)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def error(number: int, words: str = "it failed") -> bytes:
    """A record that is a detection, and no other is the same."""
    at = f"2026-03-01 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02},{number % 1000:03}"
    return f"{at} 7 ERROR shop odoo.addons.sale: {words} ({number})\n".encode()


class Reader:
    """Scans a source; `missed` is what the batches said that was gone before it could be read."""

    def __init__(self, source: Callable[[Bounds], Source], bounds: Bounds) -> None:
        self.source = source
        self.bounds = bounds
        self.position = "{}"
        self.detector = Detector()
        self.found: list[Sighting] = []
        self.missed: list[str] = []
        self.bytes_read = 0
        self.now = NOW

    def batch(self) -> Batch:
        done = read_batch(
            self.source(self.bounds), self.position, SOMEWHERE, self.detector, self.bounds, now=self.now
        )
        self.position = done.position
        self.found += done.sightings
        self.missed += [done.missed] if done.missed else []
        self.bytes_read += done.bytes_read
        return done

    def scan(self, most: int = 10_000) -> "Reader":
        """Read until there is no more."""
        for _ in range(most):
            if not self.batch().is_behind:
                return self
        raise AssertionError("there is always more to read")

    @property
    def numbers(self) -> list[int]:
        """The numbers of the errors that were found."""
        return [int(sighting.describe().message.rpartition("(")[2][:-1]) for sighting in self.found]

    @property
    def fingerprints(self) -> list[str]:
        return sorted(sighting.fingerprint.reason for sighting in self.found)


class Copyist:
    """Copies a log instead of understanding it: the text that the positions have passed, and what was said of it.

    `whose` names the part of the log that a position has come from, if it has several; `texts` are theirs.
    """

    def __init__(
        self, source: Callable[[Bounds], Source], bounds: Bounds, whose: Callable[[str], str] | None = None
    ) -> None:
        self.source = source
        self.bounds = bounds
        self.position = "{}"
        self.text = b""
        self.texts: dict[str, bytes] = {}
        self._whose = whose
        self.missed: list[str] = []

    def batch(self, limit: int, piece: int, at: Callable[[int, int], int] | None = None) -> bool:
        """Copy a batch of at most so many bytes, and go on at any place of it; whether there is more."""
        with self.source(self.bounds).open(self.position, now=NOW) as stream:
            text = b""
            while len(text) < limit and (more := stream.read(min(piece, limit - len(text)))):
                text += more
            if not stream.is_intact():
                assert self._whose, "only of a container in a pod it is told at the end whose log it was"
                return True
            assert min(stream.start, BLOCKS.back) >= len(stream.behind)
            if self.text and not self._whose:
                assert self.text.endswith(stream.behind) or self.missed
            end = len(text) if at is None else at(0, len(text))
            self.position, has_more = stream.place(stream.start + end, {})
            if missed := getattr(stream, "missed", ""):
                self.missed.append(missed)
            self.text += text[:end]
            if self._whose:
                name = self._whose(self.position)
                self.texts[name] = self.texts.get(name, b"") + text[:end]
            return has_more or end < len(text)


def once(data: bytes) -> list[str]:
    """What one scan of all of the log finds."""
    return sorted(found.detection.fingerprint.reason for found in detections(BytesIO(data), Detector()))
