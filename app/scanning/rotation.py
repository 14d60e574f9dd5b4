"""A file that grows and is rotated: opening it without ever waiting, and finding what it was renamed or copied to."""

import os
import re
import stat
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Final

from app.errors import SourceUnreadable

HEAD: Final = 256
"""So many of a file's first bytes tell it from others."""
_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_ROTATED: Final = re.compile(r"[.-](?:\d[\dT_.:-]*|old)")
_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class File:
    """An open regular file; `size`, `modified` (nanoseconds) and `head` are as they were when it was opened."""

    def __init__(self, path: Path) -> None:
        """Raises SourceUnreadable where it is no regular file, OSError where it cannot be opened."""
        _demand_regular(path, path.stat())  # opening a pipe is felt at its other end
        self.fd = os.open(path, _FLAGS)
        try:
            found = os.fstat(self.fd)
            _demand_regular(path, found)
            self.device, self.inode = found.st_dev, found.st_ino
            self.size, self.modified = found.st_size, found.st_mtime_ns
            self.head = self.read(0, min(HEAD, self.size))
        except BaseException:
            self.close()
            raise

    def read(self, offset: int, size: int) -> bytes:
        """The bytes there, fewer only at the end of the file. Raises OSError."""
        read = os.pread(self.fd, size, offset)
        while 0 < len(read) < size and (more := os.pread(self.fd, size - len(read), offset + len(read))):
            read += more
        return read

    def is_intact(self, end: int) -> bool:
        """Whether the file still reaches to `end` and begins as it did."""
        return os.fstat(self.fd).st_size >= end and self.read(0, len(self.head)) == self.head

    def begins_with(self, head_size: int, digest: str) -> bool:
        """Whether the file's first bytes have this digest."""
        return self.size >= head_size and digest_of(self.head[:head_size]) == digest

    def close(self) -> None:
        """Give the file back."""
        os.close(self.fd)


def digest_of(head: bytes) -> str:
    """What is kept of a file's first bytes."""
    return sha256(head).hexdigest()


def open_file(path: Path) -> File:
    """The log itself. Raises SourceUnreadable, with the reason in words."""
    try:
        return File(path)
    except (OSError, ValueError) as refused:
        raise unreadable(path, refused) from refused


def open_rotated(path: Path, current: File | None) -> list[File]:
    """The files beside it that it may have been rotated to and that can be read, by their last change, oldest first.

    Compressed and empty ones are not among them, nor is the log itself by another name.
    """
    files = []
    try:
        names = [name for name in os.listdir(path.parent) if is_rotated(name, path)]  # noqa: PTH208  names, not paths
    except OSError:
        return []
    for name in names:
        try:
            file = File(path.parent / name)
        except (OSError, SourceUnreadable):
            continue
        if not file.size or (current and file.inode == current.inode):
            file.close()
        else:
            files.append(file)
    return sorted(files, key=lambda file: file.modified)


def unreadable(path: Path, why: OSError | ValueError) -> SourceUnreadable:
    """The error in words for people."""
    shown = str(path).encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    match why:
        case FileNotFoundError():
            return SourceUnreadable(f"there is no file {shown}")
        case PermissionError():
            return SourceUnreadable(f"there is no permission to read {shown}")
        case OSError():
            return SourceUnreadable(f"{shown} cannot be read: {why.strerror or why}")
    return SourceUnreadable(f"{shown} is no name of a file: {why}")


def _demand_regular(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        raise SourceUnreadable(f"{path} is {kind}, not a file")


def is_rotated(name: str, path: PurePath) -> bool:
    """Whether a file beside the log of this path is named as a rotated one: `odoo.log.1`, `odoo.log-20261122`, `odoo.log.2026-11-22` or `odoo-20261122.log`."""
    if name.startswith(path.name):
        return _ROTATED.fullmatch(name, len(path.name)) is not None
    if not path.suffix or not name.startswith(path.stem) or not name.endswith(path.suffix):
        return False
    return _ROTATED.fullmatch(name, len(path.stem), len(name) - len(path.suffix)) is not None
