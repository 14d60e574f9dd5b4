"""The secret key of the embedded mode: a file in the data folder, made at the first start.

Comes in: the data folder. Goes out: the keys in its file `secret_key`, as SNAGLIST_SECRET_KEY would have them. Who loses
the file loses the secrets in the database, so it is never written over.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from app.errors import ConfigurationError

FILE: Final = "secret_key"


def load_or_make(data_dir: Path) -> tuple[str, ...]:
    """The keys in the data folder; where there is no file yet, a new one with one key, the same for all who ask at once.

    ConfigurationError: the file cannot be read or written, is empty, or is open to others.
    """
    file = data_dir.expanduser() / FILE
    try:
        with suppress(FileNotFoundError):
            return _load(file)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(file)
        return _load(file)
    except OSError as error:
        raise ConfigurationError(
            f"The secret key {file} cannot be used: {error.strerror or error}"
        ) from error


def _load(file: Path) -> tuple[str, ...]:
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
        if os.fstat(opened.fileno()).st_mode & 0o077:
            raise ConfigurationError(f"The secret key {file} is open to others than its owner: chmod 600 it")
        content = opened.read(64 * 1024)
    try:
        keys = tuple(key.strip() for key in content.decode().split(",") if key.strip())
    except UnicodeDecodeError:
        keys = ()
    if not keys:
        raise ConfigurationError(f"The secret key {file} is empty or damaged: put it back from a backup")
    return keys


def _make(file: Path) -> None:
    """Write the file elsewhere and link it into its place, which only the first of several can do."""
    draft = file.with_name(f"{FILE}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as opened:
            if os.geteuid() == 0:  # a later start by the folder's owner must be able to read it
                status = file.parent.stat()
                os.fchown(opened.fileno(), status.st_uid, status.st_gid)
            opened.write(secrets.token_urlsafe(32).encode() + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
    _sync(file.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
