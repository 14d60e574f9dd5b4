"""The source that is a file of this machine, read on through rotation by rename or copy, and truncation.

Comes in: the path, and the position where the last scan stopped. Goes out: the text from there on, one file of the
log at a time: first the rest of the old file, where one is found beside the new, then those that came after it.
A rotated file counts as ended once it has been quiet for a while, as its writer may still have it open.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from app.errors import SourceUnreadable
from app.scanning import positions
from app.scanning.rotation import HEAD, File, digest_of, open_file, open_rotated, unreadable
from app.scanning.source import BLOCKS, Bounds


class Position(msgspec.Struct, frozen=True):
    """How far a log was read: the file, told by inode and by its first bytes, and the offset in it.

    `since` is the newest last change, in nanoseconds, of the files that were read: what was rotated before holds
    nothing new. `size` is how large the file was. `inside` is what the scanner of blocks asks to be kept, its bytes in hexadecimal.
    """

    path: str
    device: int
    inode: int
    head_size: int
    head: str
    offset: int
    since: int
    inside: dict[str, int] = {}
    size: int = 0


def gone(known: Position) -> str:
    """What to say where the file that a position is in is not found."""
    unread = known.size - known.offset
    least = f"at least {unread:,} bytes" if unread > 0 else "if anything"
    return (
        f"the file where the last scan stopped is gone, truncated or compressed; what it held after that, {least},"
        " could not be read"
    )


class LogFile:
    """A log in a file of this machine."""

    def __init__(self, path: str, bounds: Bounds) -> None:
        self._path = Path(path)
        self._bounds = bounds

    @contextmanager
    def open(self, position: str, *, now: datetime) -> Iterator["LogStream"]:
        """The text from the position on. Raises SourceUnreadable."""
        known = positions.known(position, Position)
        if known and known.path != str(self._path):
            known = None
        with ExitStack() as opened:
            try:
                yield self._stream(known, now, opened)
            except OSError as refused:
                raise unreadable(self._path, refused) from refused

    def _stream(self, known: Position | None, now: datetime, opened: ExitStack) -> "LogStream":
        path, bounds = self._path, self._bounds
        current, problem = None, None
        try:
            current = open_file(path)
            opened.callback(current.close)
        except SourceUnreadable as refused:
            # Between the rename and the first line of the new file there is only the old one.
            if known is None or not isinstance(refused.__cause__, FileNotFoundError):
                raise
            problem = refused
        rotated: list[File] = []
        if not (known and current and _is_surely(current, known)):
            rotated = open_rotated(path, current)
            for file in rotated:
                opened.callback(file.close)
        place = _found(rotated, current, known) if known else _first(rotated, current, bounds.first)
        if place is None:
            raise problem or SourceUnreadable(f"there is no file {path}")
        file, start, inside, since, missed = place
        successor = _successor(rotated, current, file)
        if problem and successor is None and start == file.size:
            raise problem
        is_quiet = now.timestamp() * 1e9 - file.modified >= bounds.idle.total_seconds() * 1e9
        return LogStream(
            str(path), file, start, inside, max(since, file.modified), is_quiet, successor, missed
        )


class LogStream:
    """One file of the log, from `start` to the size that it had when it was opened.

    `missed` says in words what could not be read before it; empty: nothing.
    """

    def __init__(
        self,
        path: str,
        file: File,
        start: int,
        inside: Mapping[str, int],
        since: int,
        is_quiet: bool,
        successor: File | None,
        missed: str,
    ) -> None:
        self.start = self._at = start
        self.inside: Mapping[bytes, int] = {bytes.fromhex(writer): end for writer, end in inside.items()}
        self.is_final = is_quiet
        self.missed = missed
        self._path = path
        self._file = file
        self._since = since
        self._successor = successor
        first = max(0, start - BLOCKS.back)
        self.behind = file.read(first, start - first)

    def read(self, size: int) -> bytes:
        """The next bytes of the file. Raises OSError, which `LogFile.open` tells in words."""
        read = self._file.read(self._at, min(size, self._file.size - self._at))
        self._at += len(read)
        return read

    def is_intact(self) -> bool:
        """Whether the file was neither truncated nor written anew while it was read."""
        return self._file.is_intact(self._at)

    def place(self, at: int, inside: Mapping[bytes, int]) -> tuple[str, bool]:
        """The position at an offset of this file, or the begin of the next one where this one is read to its end."""
        file = self._file
        more = self._at < file.size or (self.is_final and at < file.size)
        kept = {writer.hex(): end for writer, end in inside.items()}
        if self.is_final and self._successor and at == file.size:
            file, at, kept, more = self._successor, 0, {}, True
        position = Position(
            self._path,
            file.device,
            file.inode,
            len(file.head),
            digest_of(file.head),
            at,
            self._since,
            kept,
            file.size,
        )
        return msgspec.json.encode(position).decode(), more


_Place = tuple[File, int, Mapping[str, int], int, str]
"""A file, the offset in it, what is inside, since when files are new, and what was missed."""


def _is_surely(file: File, known: Position) -> bool:
    return file.inode == known.inode and known.head_size == HEAD and _may_be(file, known)


def _may_be(file: File, known: Position) -> bool:
    return file.size >= known.offset and file.begins_with(known.head_size, known.head)


def _first(rotated: list[File], current: File | None, past: int) -> _Place | None:
    """Where a log that was never read is begun: not too far back."""
    if current is None:
        return None
    since = max((file.modified for file in rotated), default=0)
    return current, max(0, current.size - past), {}, since, ""


def _found(rotated: list[File], current: File | None, known: Position) -> _Place | None:
    """The file that the position is in, and where; or else the begin of the first one that holds what is new."""
    files = [*rotated, current] if current else rotated
    same = [file for file in files if _may_be(file, known)]
    if known.head_size == HEAD:
        same.sort(key=lambda file: file.inode != known.inode)
    else:
        # So few bytes are no proof: a copy made of the log since then comes before the log, which begins anew.
        same = [file for file in same if file.inode == known.inode or file.modified > known.since]
    if same:
        return same[0], known.offset, known.inside, known.since, ""
    unseen = [file for file in rotated if file.modified > known.since]
    following = unseen[0] if unseen else current
    return (following, 0, {}, known.since, gone(known)) if following else None


def _successor(rotated: list[File], current: File | None, file: File) -> File | None:
    """The file of the log that came after this one, if there is one."""
    if file is current:
        return None
    for other in rotated:
        if other.modified > file.modified and other.head != file.head:
            return other
    return current
