"""The lines around a record: for people as context, for `enrichment` as evidence."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from app.domain import log_lines

CONTEXT_BEFORE: Final = 10
CONTEXT_AFTER: Final = 3
LINE_LIMIT: Final = 2000
"""Characters kept of a context line."""
_STEPS: Final = 500


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The raw bytes just before and behind a record, and who wrote it, as `log_lines.unwrap` names the writer."""

    before: bytes
    after: bytes
    writer: bytes = b""

    def context_before(self) -> list[str]:
        """The last lines before the record, oldest first, of its writer alone where lines name theirs."""
        lines = islice(self._own(lines_back(self.before, b"\n", len(self.before))), CONTEXT_BEFORE)
        return [_shown(line) for line in lines][::-1]

    def context_after(self) -> list[str]:
        """The first lines behind the record, of its writer alone where lines name theirs."""
        return [_shown(line) for line in islice(self._own(lines_on(self.after, b"\n")), CONTEXT_AFTER)]

    def _own(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        for line in lines:
            writer, text = log_lines.unwrap(line)
            if not self.writer:
                yield log_lines.uncoloured(line)
            elif writer == self.writer:
                yield text


def lines_back(before: bytes, needle: bytes, window: int) -> Iterator[bytes]:
    """The lines in the last `window` bytes that hold `needle`, the nearest first."""
    least, end = max(0, len(before) - window), len(before)
    if end and needle == b"\n" and not before.endswith(b"\n"):
        before, end = before + b"\n", end + 1
    for _ in range(_STEPS):
        at = before.rfind(needle, least, end)
        if at < 0:
            return
        begin = before.rfind(b"\n", 0, at) + 1
        stop = before.find(b"\n", at)
        yield before[begin : stop if stop >= 0 else len(before)]
        end = begin


def lines_on(after: bytes, needle: bytes) -> Iterator[bytes]:
    """The lines of `after` that hold `needle`, the nearest first; its last line needs no line end."""
    if after and not after.endswith(b"\n"):
        after += b"\n"
    at = after.find(needle)
    for _ in range(_STEPS):
        if at < 0:
            return
        begin, stop = after.rfind(b"\n", 0, at) + 1, after.find(b"\n", at)
        yield after[begin:stop]
        at = after.find(needle, stop + 1)


def _shown(line: bytes) -> str:
    return line[: 4 * LINE_LIMIT].decode("utf-8", "replace")[:LINE_LIMIT]
