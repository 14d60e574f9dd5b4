"""How far a log was read that can only be asked for "everything since a time".

Comes in: the entries of an output, which begins at some time. Goes out: the position behind one of them: a time to
begin at, and how to tell the entries from there on that are known already.

A time alone is no position: lines share timestamps, and a later line may have an earlier one. So the next output begins
some seconds before the newest timestamp, and of what it begins with, as much is left out as is known. That is told by
a digest of all known entries; where a log was rotated since, so that only the last of them are left, by their own.
"""

from bisect import bisect_right
from hashlib import blake2b
from typing import Final

import msgspec

from app.scanning.source import BLOCKS
from app.scanning.stamped import DIGEST, SEAM, Entries

SLACK: Final = 5
"""Seconds that a line may be stamped earlier than one before it."""
LAST: Final = 512
"""Of so many entries the digests are kept."""
SPARE: Final = 8
"""So many entries that are not known may stand before those that are: ends of lines that are cut by the time."""


class Tail(msgspec.Struct, frozen=True):
    """A position. All is well with the default: nothing is known, read from the begin.

    `since`: in seconds, when the next output begins; `count` entries of it are known, whose digests have the digest
    `known`, those of the last of them are `last`. Of the next entry, stamped in second `second`, `part` bytes of text
    were read, too. `inside` is what the scanner of blocks asks to be kept: how far its blocks reach beyond the position.
    """

    since: int | None = None
    count: int = 0
    known: bytes = b""
    last: bytes = b""
    part: int = 0
    second: int | None = None
    inside: dict[str, int] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the log was read."""
        return not self.count and not self.part


def tail_at(entries: Entries, offset: int, since: int | None, *, is_lasting: bool) -> Tail:
    """The position at an offset of the text; `since` is when the output begins.

    `is_lasting`: earlier timestamps behind the first one that counts come in the output, too.
    """
    number = bisect_right(entries.ends, offset)
    part: int = offset - (entries.ends[number - 1] if number else 0)
    since, first = _begin(entries, number, offset, since)
    digests = entries.digests
    if is_lasting or since is None:
        known = bytes(digests[first * DIGEST : number * DIGEST])
    else:
        seconds = entries.seconds
        known = b"".join(
            digests[at * DIGEST : (at + 1) * DIGEST] for at in range(first, number) if seconds[at] >= since
        )
    return Tail(
        since,
        len(known) // DIGEST,
        _digest(known),
        known[-LAST * DIGEST :],
        part,
        entries.second(number) if part else None,
    )


def is_known(entries: Entries, tail: Tail) -> bool:
    """Whether an output begins with just what the position says; so many entries must have been read, if there are."""
    if len(entries) < tail.count or _digest(entries.digests[: tail.count * DIGEST]) != tail.known:
        return False
    return not tail.part or _goes_on(entries, tail, tail.count)


def aligned(entries: Entries, tail: Tail) -> Tail:
    """The same position in an output that begins otherwise: what is left of the known entries in front of it.

    Empty, where nothing is. `tail.count + SPARE` entries must have been read, if there are.
    """
    digests = bytes(entries.digests)
    count = _left(digests, tail)
    goes_on = bool(tail.part and (count or not tail.count) and _goes_on(entries, tail, count))
    return Tail(
        tail.since,
        count,
        _digest(digests[: count * DIGEST]),
        digests[max(0, count - LAST) * DIGEST : count * DIGEST],
        tail.part if goes_on else 0,
        tail.second if goes_on else None,
        tail.inside if count or goes_on else {},
    )


def _left(digests: bytes, tail: Tail) -> int:
    """How many entries, from the first on, are known; 0: nothing that is known is among them."""
    last = tail.last
    here = min(len(digests) // DIGEST, tail.count)
    further = min(len(digests) // DIGEST, tail.count + SPARE)
    counts: list[int] = [*range(here, 0, -1), *range(here + 1, further + 1)]
    # Most must be equal at first; in the end one will do, as times are told to the nanosecond.
    for width in (LAST, 64, 8, 1):
        for count in counts:
            size = min(count, width) * DIGEST
            if last and digests[count * DIGEST - min(size, len(last)) : count * DIGEST] == last[-size:]:
                return count
    return 0


def _goes_on(entries: Entries, tail: Tail, number: int) -> bool:
    """Whether this entry is the one that was read in part."""
    start: int = entries.ends[number - 1] if number else 0
    end: int = entries.ends[number] if number < len(entries) else entries.size
    return entries.second(number) == tail.second and tail.part <= end - start


def _begin(entries: Entries, number: int, offset: int, since: int | None) -> tuple[int | None, int]:
    """When the next output begins, and with which entry: so late that there is enough text before the offset."""
    seconds, ends = entries.seconds, entries.ends
    latest = max(seconds[:number], default=0) - SLACK
    highest, start, first = None, 0, 0
    is_cut = False
    for at in range(number):
        second = seconds[at]
        if highest is None or second > highest:
            highest = second
            if second > latest or offset - start < BLOCKS.back:
                break
            if not is_cut:
                since, first = second, at
        # The parts of a long line may have timestamps of their own.
        is_cut = ends[at] - start >= SEAM
        start = ends[at]
    return since, first


def _digest(digests: bytes | bytearray) -> bytes:
    return blake2b(digests, digest_size=16).digest() if digests else b""
