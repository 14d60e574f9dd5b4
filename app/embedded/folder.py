"""The data folder: made, checked, and claimed by one Snaglist at a time.

    DATA_FOLDER/lock                    whoever holds it runs the servers; inside: its pid, the folder of sockets, and
                                        the address at which Snaglist is reached
    DATA_FOLDER/postgres/  valkey/      the data, mode 0700, of the account that runs the servers
    DATA_FOLDER/postgres.log  valkey.log, and the same with .1: what they had to say

Sockets have a fresh folder for each start, as their paths must be short, and what a crash left there must not be
in the way of the next start.
"""

import fcntl
import os
import re
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.embedded.account import Account, account_for
from app.embedded.errors import FolderInUseError, UnusableFolderError

_SOCKETS: Final = "snaglist-"
# macOS takes 103 bytes, Linux 107; the name that follows is `.s.PGSQL.5432`.
_LONGEST_SOCKET_FOLDER: Final = 103 - 14


@dataclass
class Place:
    """A data folder that is ours until `release`, and what the servers on it share."""

    folder: Path
    account: Account
    sockets: Path
    lock: int | None

    def tag(self, name: str) -> str:
        """A word that no other server of this machine has in its command line."""
        status = self.folder.stat()
        return f"snaglist.{status.st_dev:x}.{status.st_ino:x}.{name}"

    def note(self, address: str) -> None:
        """Write where Snaglist is reached into the lock, for its commands to read; on a full disk they do without."""
        if self.lock is not None:
            with suppress(OSError):
                os.pwrite(self.lock, f"{address}\n".encode(), os.fstat(self.lock).st_size)

    def release(self) -> None:
        """Let others have the data folder, once the servers have ended; done twice it does nothing."""
        if self.lock is not None:
            shutil.rmtree(self.sockets, ignore_errors=True)
            os.close(self.lock)
            self.lock = None


def claim(data_folder: Path) -> Place:
    """Make the data folder where there is none, and hold it until `release` or the end of this process.

    FolderInUseError: another process holds it. UnusableFolderError: it is a file, not ours, or not writable, or the
    disk is full.
    """
    try:
        folder = data_folder.expanduser().resolve()
        _make(folder)
        _check_owner(folder)
        lock = _take_lock(folder)
        try:
            before = os.pread(lock, 4096, 0).decode(errors="replace").splitlines()
            os.truncate(lock, 0)
            account = account_for(folder)
            _remove_sockets(before, account)
            sockets = _make_sockets(account)
            os.pwrite(lock, f"{os.getpid()}\n{sockets}\n".encode(), 0)
        except BaseException:
            os.close(lock)
            raise
    # RuntimeError: a loop of symbolic links, in Python 3.11 and 3.12
    except (OSError, RuntimeError) as error:
        raise UnusableFolderError(
            f"The data folder {data_folder} cannot be used: {reason(error)}."
        ) from error
    return Place(folder, account, sockets, lock)


def reason(error: BaseException) -> str:
    """What the system had against it, and where, in a few words."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({error.filename})" if error.filename else error.strerror
    return str(error)


def open_file(folder: Path, name: str, flags: int) -> int:
    """Open a file in the data folder, for its owner alone; a link that somebody put in its place is not followed."""
    file = os.open(folder / name, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:  # a later start by the folder's owner must be able to write to it
        status = folder.stat()
        os.fchown(file, status.st_uid, status.st_gid)
    return file


def check_is_accounts(folder: Path, account: Account) -> None:
    """UnusableFolderError: there is something that is no folder, or not the account's."""
    try:
        status = folder.stat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(status.st_mode):
        raise UnusableFolderError(f"{folder} must be a folder, and is not.")
    if status.st_uid != account.uid:
        raise UnusableFolderError(
            f"{folder} belongs to uid {status.st_uid}; {account.name} (uid {account.uid}) must own it."
            " Start Snaglist as its owner, or name another data folder."
        )


def _make(folder: Path) -> None:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise UnusableFolderError(
            f"The data folder {folder} cannot be used: {there} is not a folder. Name another one in SNAGLIST_DATA_DIR."
        )
    if there != folder:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def _check_owner(folder: Path) -> None:
    status = folder.stat()
    if os.geteuid() not in (0, status.st_uid):
        raise UnusableFolderError(
            f"The data folder {folder} belongs to uid {status.st_uid}, and we are uid {os.geteuid()}."
            " Start Snaglist as its owner, or name another folder in SNAGLIST_DATA_DIR."
        )
    if status.st_mode & 0o022:
        raise UnusableFolderError(
            f"Others may write to the data folder {folder}. Forbid it (chmod go-w), or name a new folder inside it."
        )


def _take_lock(folder: Path) -> int:
    lock = open_file(folder, "lock", os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _holder(lock)
        os.close(lock)
        raise FolderInUseError(
            f"Snaglist runs already on the data folder {folder}, as process {holder}."
            " Stop that one first, or name another folder in SNAGLIST_DATA_DIR."
        ) from None
    except BaseException:
        os.close(lock)
        raise
    return lock


def _holder(lock: int) -> str:
    """The pid in the lock, which its holder writes an instant after taking it."""
    for _ in range(20):
        if written := os.pread(lock, 20, 0).partition(b"\n")[0]:
            return written.decode(errors="replace")
        time.sleep(0.01)
    return "unknown"


def _make_sockets(account: Account) -> Path:
    tried = {}
    for parent in _socket_parents():
        if not _is_fit_for_sockets(parent) or not account.can_use(parent):
            tried[parent] = "no folder, too long, or closed"
            continue
        try:
            sockets = Path(tempfile.mkdtemp(prefix=_SOCKETS, dir=parent))
            try:
                account.own(sockets)
            except OSError:
                sockets.rmdir()
                raise
            return sockets
        except OSError as error:
            tried[parent] = reason(error)
    reasons = ", ".join(f"{parent} ({why})" for parent, why in tried.items())
    raise UnusableFolderError(
        f"The servers' sockets need a folder with a short path, and none will do: {reasons}."
    )


def _is_fit_for_sockets(parent: Path) -> bool:
    """Whether it has a short path, and one that means nothing else in a URL or a list."""
    longest = _LONGEST_SOCKET_FOLDER - len(f"/{_SOCKETS}12345678")
    return parent.is_dir() and re.fullmatch(rf"[\w/.-]{{1,{longest}}}", str(parent), re.ASCII) is not None


def _socket_parents() -> list[Path]:
    """Not XDG_RUNTIME_DIR, which is emptied when its user signs out."""
    return [*([Path("/run")] if os.geteuid() == 0 else []), Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108


def _remove_sockets(lock: list[str], account: Account) -> None:
    """Remove what a Snaglist that was killed has left; a path that could not have been its own is not touched."""
    sockets = Path(lock[1]) if len(lock) > 1 else None
    if sockets and sockets.name.startswith(_SOCKETS) and sockets.parent in _socket_parents():
        with suppress(OSError):
            if sockets.lstat().st_uid == account.uid:
                shutil.rmtree(sockets)
