"""Which of a log's files a position is in, and which one follows it, told from what files look like.

Comes in: the log itself and the files that it may have been rotated to, wherever they are. The rules are those of
`log_file`: a file is told by its first bytes, and by its inode where these are few.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.scanning.log_file import Position, gone
from app.scanning.rotation import HEAD, digest_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it looked once; `modified` in nanoseconds."""

    path: str
    device: int
    inode: int
    size: int
    modified: int
    head: bytes

    def may_be(self, known: Position) -> bool:
        """Whether the position can be in this file."""
        return self.size >= known.offset and digest_of(self.head[: known.head_size]) == known.head

    def is_surely(self, known: Position) -> bool:
        """Whether it is, and no other can be."""
        return self.inode == known.inode and known.head_size == HEAD and self.may_be(known)


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: in this file, at this offset. `missed`: what is gone before it, in words; empty: nothing."""

    file: Seen
    start: int
    inside: Mapping[str, int]
    since: int
    missed: str = ""


NOWHERE: Final[Mapping[str, int]] = {}


def place_of(known: Position, rotated: list[Seen], current: Seen | None) -> Place | None:
    """The file that the position is in; or else the begin of the first one that holds what is new."""
    files = [*rotated, current] if current else rotated
    same = [file for file in files if file.may_be(known)]
    if known.head_size == HEAD:
        same.sort(key=lambda file: file.inode != known.inode)
    else:
        # So few bytes are no proof: a copy made of the log since then comes before the log, which begins anew.
        same = [file for file in same if file.inode == known.inode or file.modified > known.since]
    if same:
        return Place(same[0], known.offset, known.inside, known.since)
    unseen = [file for file in rotated if file.modified > known.since]
    following = unseen[0] if unseen else current
    return Place(following, 0, NOWHERE, known.since, gone(known)) if following else None


def successor(file: Seen, rotated: list[Seen], current: Seen | None) -> Seen | None:
    """The file of the log that came after this one, if there is one."""
    if file == current:
        return None
    for other in rotated:
        if other.modified > file.modified and other.head != file.head:
            return other
    return current
