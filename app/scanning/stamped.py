"""What `docker logs` and `kubectl logs` write with `--timestamps`, taken apart.

Comes in: their output, in pieces of any size. Goes out: the text of the log without the timestamps, and an index of its
entries. An entry is what got a timestamp of its own: a line, or of a line longer than `SEAM` one part of that size, as the
daemon cuts them so and then stamps each part, in the middle of the line. Lines without one are words of the program itself.
"""

import re
from array import array
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate, islice
from typing import Final

SEAM: Final = 16 * 1024
"""So many bytes of a line the daemons keep together."""
DIGEST: Final = 8
"""Bytes of an entry that are kept to know it again."""
_STAMP: Final = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)(?: |(?=\n))")
_LONGEST_STAMP: Final = 40
_LINES: Final = re.compile(
    rb"(?>(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z [^\n]{0,%d}\n)+)" % (SEAM - 1)
)
"""Lines as they nearly all are: stamped in UTC, and no longer than what the daemons keep together."""
_CLOCK: Final = 19
_MOST_WORDS: Final = 1000


class Entries:
    """Reads the output. The arrays hold one element for each entry that is complete.

    `seconds`: its timestamp, in whole seconds; `ends`: the offset behind it in the text; `digests`: `DIGEST` bytes each.
    `size` is the number of bytes of text so far, `said` what stood there without a timestamp, cut off after a while.
    """

    def __init__(self) -> None:
        self.seconds = array("q")
        self.ends = array("q")
        self.digests = bytearray()
        self.size = 0
        self.said = b""
        self._rest = b""
        self._open = 0
        self._second: int | None = None
        self._hash = blake2b(digest_size=DIGEST)
        self._taken = 0
        self._is_seamless = False
        self._is_talking = False

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def last_second(self) -> int | None:
        """The timestamp of the last entry, complete or not, in whole seconds; None: there is none."""
        if self._second is not None:
            return self._second
        return self.seconds[-1] if self.seconds else None

    def second(self, number: int) -> int | None:
        """The timestamp of an entry, in whole seconds; None: it has not come."""
        return self.seconds[number] if number < len(self.seconds) else self._second

    def feed(self, raw: bytes) -> bytes:
        """The text in a piece of output. Some bytes are held back that more must follow to tell what they are."""
        return self._text(self._rest + raw, is_last=False)

    def finish(self) -> bytes:
        """The text of what was held back: no more output will come."""
        return self._text(self._rest, is_last=True)

    def _text(self, data: bytes, *, is_last: bool) -> bytes:
        texts: list[bytes] = []
        at = 0
        while at < len(data):
            if self._is_talking:
                after = self._listen(data, at)
            elif self._second is None:
                at = self._take_lines(data, at, texts)
                after = self._begin(data, at, is_last=is_last) if at < len(data) else at
            else:
                after = self._go_on(data, at, texts, is_last=is_last)
            if after < 0:
                break
            at = after
        self._rest = data[at:]
        return b"".join(texts)

    def _take_lines(self, data: bytes, at: int, texts: list[bytes]) -> int:
        """Take as many lines at once as there are from an index on, where one begins; the index behind them.

        The other functions would take each of them just so, several times slower.
        """
        found = _LINES.match(data, at)
        if not found:
            return at
        lines = found[0].splitlines(keepends=True) if b"\r" not in found[0] else _split(found[0])
        clocks = [line[:_CLOCK] for line in lines]
        told = {clock: _second(clock, b"Z") for clock in set(clocks)}
        if None in told.values():  # there is no such time
            del lines[next(at for at, clock in enumerate(clocks) if told[clock] is None) :]
        taken = [line.partition(b" ")[2] for line in lines]
        self.seconds.extend([told[clock] or 0 for clock in clocks[: len(lines)]])
        self.ends.extend(islice(accumulate(map(len, taken), initial=self.size), 1, None))
        self.digests += b"".join([blake2b(line, digest_size=DIGEST).digest() for line in lines])
        self.size = self.ends[-1] if lines else self.size
        texts += taken
        return at + sum(map(len, lines))

    def _begin(self, data: bytes, at: int, *, is_last: bool) -> int:
        """Read the timestamp at an index and return the one behind it; -1: that takes more bytes."""
        stamp = _STAMP.match(data, at)
        second = _second(stamp[1], stamp[2]) if stamp else None
        if stamp is None or second is None:
            if len(data) - at < _LONGEST_STAMP and data.find(b"\n", at) < 0 and not is_last:
                return -1
            self._is_talking = True
            return at
        self._second = second
        self._hash = blake2b(stamp[0], digest_size=DIGEST)
        self._taken = 0
        self._is_seamless = False
        return stamp.end()

    def _go_on(self, data: bytes, at: int, texts: list[bytes], *, is_last: bool) -> int:
        """Take text of the entry that is open, to its end, its seam, or the end of the data."""
        if self._taken == SEAM and not self._is_seamless:
            if (
                data[at] != 10
                and len(data) - at < _LONGEST_STAMP
                and data.find(b"\n", at) < 0
                and not is_last
            ):
                return -1
            if _STAMP.match(data, at):
                self._close()
                return at
            self._is_seamless = True
        limit = len(data) if self._is_seamless else min(len(data), at + SEAM - self._taken)
        newline = data.find(b"\n", at, limit)
        end = limit if newline < 0 else newline + 1
        text = data[at:end]
        texts.append(text)
        self._hash.update(text)
        self._taken += len(text)
        self.size += len(text)
        if newline >= 0:
            self._close()
        return end

    def _close(self) -> None:
        assert self._second is not None  # noqa: S101  an entry is open
        self.seconds.append(self._second)
        self.ends.append(self.size)
        self.digests += self._hash.digest()
        self._second = None

    def _listen(self, data: bytes, at: int) -> int:
        """Take a line of the program's own."""
        newline = data.find(b"\n", at)
        end = len(data) if newline < 0 else newline + 1
        self.said = (self.said + data[at : min(end, at + _MOST_WORDS)])[:_MOST_WORDS]
        self._is_talking = newline < 0
        return end


def first_second(output: bytes) -> int | None:
    """The timestamp, in whole seconds, of the first entry that begins in a part of an output; None: none does."""
    for stamp in _STAMP.finditer(output):
        if stamp.start() and output[stamp.start() - 1] != 10:
            continue
        second = _second(stamp[1], stamp[2])
        if second is not None:
            return second
    return None


def _split(text: bytes) -> list[bytes]:
    """Lines with their ends, which are line feeds and nothing else."""
    return [line + b"\n" for line in text.split(b"\n")[:-1]]


@lru_cache(maxsize=256)
def _second(clock: bytes, zone: bytes) -> int | None:
    try:
        return int(datetime.fromisoformat((clock + zone).decode("ascii")).timestamp())
    except (ValueError, OverflowError):
        return None
