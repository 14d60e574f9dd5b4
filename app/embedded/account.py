"""The account that runs the servers: ourselves or, as root, an account without rights.

PostgreSQL refuses to run as root, and Valkey should not. Nobody's permissions are widened for that: whatever
lies out of an account's reach is copied (programs) or handed over as a working folder (data).
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.embedded.errors import UnusableFolderError

# The first that exists; none is ever created. Data stays with the account that has it already.
UNPRIVILEGED: Final = ("snaglist", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who runs a server; `dropped` says that we are root, and that it is not us."""

    uid: int
    gid: int
    name: str
    dropped: bool

    def own(self, path: Path) -> None:
        """Give a new file or folder to the account."""
        if self.dropped:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_run(self, program: Path) -> bool:
        """Whether owners and modes on the way let the account read and run the program; of us it is believed."""
        program = program.resolve()
        return not self.dropped or all(
            self._may(step, 0o5 if step == program else 0o1) for step in (program, *program.parents)
        )

    def can_use(self, folder: Path) -> bool:
        """Whether owners and modes on the way let the account reach what is in the folder; of us it is believed."""
        folder = folder.resolve()
        return not self.dropped or all(self._may(step, 0o1) for step in (folder, *folder.parents))

    def _may(self, path: Path, wanted: int) -> bool:
        status = path.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return (status.st_mode >> shift) & wanted == wanted


def account_for(data_folder: Path) -> Account:
    """The account for the servers of a data folder: the running one or, as root, one without rights.

    Root takes the owner of what is there already, so that later starts, by whomever, find their data.
    UnusableFolderError: this machine has no such account.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), _name(os.geteuid()), dropped=False)
    for there in (data_folder / "postgres", data_folder / "valkey", data_folder):
        if there.exists() and (status := there.stat()).st_uid != 0:
            return Account(status.st_uid, status.st_gid, _name(status.st_uid), dropped=True)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name, dropped=True)
    raise UnusableFolderError(
        f"As root, Snaglist runs its servers as one of the accounts {', '.join(UNPRIVILEGED)}, and this machine"
        " has none of them. Add one (useradd --system snaglist), or start Snaglist as an ordinary user."
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
