"""From the bytes of a log to detections, one pass.

Comes in: a binary stream. Goes out: `Finding`s in the order of the log, each with its place in the stream. What
needs the neighbouring lines is computed when `Finding.around` is asked, which is possible only until the next
finding is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from app.domain import enrichment
from app.domain.detections import Detection, Detector
from app.domain.neighbourhood import Neighbourhood
from app.scanning.blocks import Block, Readable, scan_stream


@dataclass(slots=True)
class Finding:
    """A detection and the block of the log that it was made from."""

    detection: Detection
    block: Block

    @property
    def around(self) -> Neighbourhood:
        """The lines around the record. Raises `BlockGoneError` once a later finding was taken."""
        return Neighbourhood(self.block.before, self.block.after, self.block.writer)


def detections(stream: Readable, detector: Detector, *, count_lines: bool = True) -> Iterator[Finding]:
    """Every detection of a log. `count_lines=False` is faster and leaves line numbers 0.

    Raises what reading the stream raises; what was found before that has been given out.
    """
    for block in scan_stream(stream, count_lines=count_lines):
        detection = detected(block, detector)
        if detection is not None:
            yield Finding(detection, block)


def detected(block: Block, detector: Detector) -> Detection | None:
    """The detection that a block is, if it is one; asked before the scanner moves on."""
    return detector.detect(block.text, block.header, block.under, partial(_denied, block))


def _denied(block: Block, message: str) -> bool:
    return block.header is not None and enrichment.denied(
        block.header, message, block.just_before(enrichment.DENIAL_WINDOW), block.writer
    )
