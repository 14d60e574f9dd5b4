"""The source that is a file of another machine, read on through rotation by rename or copy, and truncation.

Comes in: the path, and the position where the last scan stopped. Goes out: the text from there on, one file of the log
at a time, by the rules of `log_file`. As a rule one command does it all. What was compressed cannot be read: that is said.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Final

import msgspec

from app.errors import SourceUnreadable
from app.scanning import positions
from app.scanning.host import Host
from app.scanning.log_file import Position
from app.scanning.log_place import NOWHERE, Place, Seen, place_of, successor
from app.scanning.remote_files import Chunk, chunk, rotated_files
from app.scanning.rotation import digest_of
from app.scanning.source import BLOCKS, Bounds

_ATTEMPTS: Final = 5
_SPARE: Final = 128 * 1024
_LONGEST_PATH: Final = 4096


class RemoteFile:
    """A log in a file of a host."""

    def __init__(self, host: Host, path: str, bounds: Bounds) -> None:
        """Raises SourceUnreadable where it is no path from the root."""
        if (
            not path.startswith("/")
            or len(path) > _LONGEST_PATH
            or not path.isprintable()
            or path.endswith("/")
        ):
            raise SourceUnreadable(
                f"{path[:100].encode('unicode_escape').decode()!r} is no path of a file from the root"
            )
        self._host = host
        self._path = path
        self._bounds = bounds

    @contextmanager
    def open(self, position: str, *, now: datetime) -> Iterator["RemoteStream"]:
        """The text from the position on. Raises SourceUnreadable."""
        known = positions.known(position, Position)
        if known and known.path != self._path:
            known = None
        for _ in range(_ATTEMPTS):
            with ExitStack() as opened:
                stream = self._stream(known, opened)
                if stream:
                    yield stream
                    return
        raise SourceUnreadable(f"{self._path} is rotated again and again while it is read")

    def _stream(self, known: Position | None, opened: ExitStack) -> "RemoteStream | None":
        """The stream; None: the file was rotated while it was looked for."""
        current, problem = None, None
        at = (known.device, known.inode, known.offset) if known else None
        try:
            part = self._chunk(self._path, at, opened)
        except SourceUnreadable as refused:
            # Between the rename and the first line of the new file there is only the old one.
            if known is None or not isinstance(refused.__cause__, FileNotFoundError):
                raise
            problem = refused
        else:
            current = part.file
            if known is None:
                start = max(0, current.size - self._bounds.first)
                place = Place(current, start, NOWHERE, current.modified)
                return self._reading(part, place, None, opened)
            if current.is_surely(known):
                place = Place(current, known.offset, known.inside, known.since)
                return self._reading(part, place, None, opened)
        opened.close()
        place, following = self._found(known, current, problem)
        file = place.file
        try:
            part = self._chunk(file.path, (file.device, file.inode, place.start), opened)
        except SourceUnreadable as refused:
            if isinstance(refused.__cause__, FileNotFoundError):
                return None
            raise
        if part.file.inode != file.inode or not part.file.head.startswith(file.head):
            return None
        return self._reading(part, place, following, opened)

    def _found(
        self, known: Position, current: Seen | None, problem: SourceUnreadable | None
    ) -> tuple[Place, Seen | None]:
        """Where to go on, and the file that comes after that one. Raises SourceUnreadable where there is nothing to read."""
        rotated = rotated_files(self._host, self._path, current)
        place = place_of(known, rotated, current)
        if place is None:
            raise problem or SourceUnreadable(f"there is no file {self._path}")
        following = successor(place.file, rotated, current)
        if problem and following is None and place.start == place.file.size:
            raise problem
        return place, following

    def _reading(
        self, part: Chunk, place: Place, following: Seen | None, opened: ExitStack
    ) -> "RemoteStream":
        file = part.file

        def further(offset: int) -> Chunk:
            opened.close()
            return self._chunk(file.path, (file.device, file.inode, offset), opened)

        return RemoteStream(self._path, part, place, following, self._bounds, further)

    def _chunk(self, path: str, at: tuple[int, int, int] | None, opened: ExitStack) -> Chunk:
        limit = self._bounds.batch + _SPARE
        return opened.enter_context(chunk(self._host, path, at, BLOCKS.back, limit, self._bounds.first))


class RemoteStream:
    """One file of the log, from `start` to the size that it had when it was opened.

    `missed` says in words what could not be read before it; empty: nothing.
    """

    def __init__(
        self,
        path: str,
        part: Chunk,
        place: Place,
        following: Seen | None,
        bounds: Bounds,
        further: Callable[[int], Chunk],
    ) -> None:
        self.start = self._at = place.start
        self.inside: Mapping[bytes, int] = {
            bytes.fromhex(writer): end for writer, end in place.inside.items()
        }
        self.is_final = False
        self.missed = place.missed
        self._path = path
        self._part = part
        self._file = part.file
        self._since = max(place.since, part.file.modified)
        self._following = following
        self._is_quiet = part.clock - part.file.modified / 1e9 >= bounds.idle.total_seconds()
        self._further = further
        self._is_broken = False
        self.behind = self._before()

    def read(self, size: int) -> bytes:
        """The next bytes of the file; none, too, where it was truncated meanwhile. Raises SourceUnreadable."""
        text = self._part.read(size)
        if not text and self._at < self._file.size and self._go_on():
            text = self._part.read(size)
        self._at += len(text)
        if not text:
            self.is_final = self._is_quiet and not self._is_broken
        return text

    def is_intact(self) -> bool:
        """Whether the file was neither truncated nor written anew while it was read. Raises SourceUnreadable."""
        return not self._is_broken and self._part.is_intact()

    def place(self, at: int, inside: Mapping[bytes, int]) -> tuple[str, bool]:
        """The position at an offset of this file, or the begin of the next one where this one is read to its end."""
        file = self._file
        has_more = self._at < file.size or (self.is_final and at < file.size)
        kept = {writer.hex(): end for writer, end in inside.items()}
        if self.is_final and self._following and at == file.size:
            file, at, kept, has_more = self._following, 0, {}, True
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
        return msgspec.json.encode(position).decode(), has_more

    def _before(self) -> bytes:
        """What stands before the position, which comes first."""
        before, size = b"", self.start - self._part.start
        while self._part.end and len(before) < size:
            read = self._part.read(size - len(before))
            if not read:
                self._is_broken = True
                break
            before += read
        return before[-BLOCKS.back :]

    def _go_on(self) -> bool:
        """Ask for the next part of the file; whether it is there."""
        self._is_broken = self._is_broken or not self._part.is_intact()
        if not self._is_broken:
            self._part = self._further(self._at)
            seen = self._part.file
            is_same = seen.inode == self._file.inode and seen.head.startswith(self._file.head)
            self._is_broken = not is_same or self._part.start > self._at or self._part.end <= self._at
        if not self._is_broken:
            self._skip(self._at - self._part.start)
        return not self._is_broken

    def _skip(self, size: int) -> None:
        while size > 0 and (read := self._part.read(size)):
            size -= len(read)
