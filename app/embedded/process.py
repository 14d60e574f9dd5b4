"""Processes: started as another account and bound to our life, and found by what their command line says."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from signal import Signals
from typing import IO, Final

from app.embedded.account import Account

WORKING_FOLDER: Final = "/proc/self/fd/3"  # as long as a process and its children live, opened by `launch`
_LAUNCH: Final = Path(__file__).with_name("launch.py")
_SCARCE: Final = 64_000_000


def spawn(
    command: Iterable[str],
    folder: Path,
    account: Account,
    death_signal: Signals,
    *,
    output: int,
    environment: Mapping[str, str] | None = None,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Run a command as the account in a folder, which it need not reach by itself, and until we die.

    It gets a session of its own, so that Ctrl-C reaches only us, and an environment without our secrets.
    """
    who = (account.uid, account.gid) if account.dropped else (-1, -1)
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    launch = [sys.executable, "-I", "-S", str(_LAUNCH), *map(str, (os.getpid(), int(death_signal), *who))]
    return subprocess.Popen(  # noqa: S603  the programs are those that `binaries` found
        [*launch, *command],
        cwd=folder,
        env={**kept, "LC_ALL": "C", "TZ": "UTC", **(environment or {})},
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def processes(tag: str, uid: int) -> dict[int, str]:
    """The account's processes with `tag` in their command line, by pid; a zombie has no command line."""
    if not Path("/proc/self/cmdline").exists():
        return _processes_by_ps(tag, uid)
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):  # it has just ended
                command = (entry / "cmdline").read_bytes()
                if tag.encode() in command and entry.stat().st_uid == uid:
                    found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def scarce(folder: Path) -> str:
    """A sentence about the disk, if there is little room on it."""
    free = shutil.disk_usage(folder).free
    if free > _SCARCE:
        return ""
    return f" The disk is {'nearly ' * (free > 0)}full: {free // 1_000_000} MB are free for {folder}."


def _processes_by_ps(tag: str, uid: int) -> dict[int, str]:
    listed = subprocess.run(
        ["ps", "-axww", "-o", "pid=,uid=,command="],  # noqa: S607  its folder differs between systems
        capture_output=True,
        check=True,
    )
    rows = [line.split(None, 2) for line in listed.stdout.decode(errors="replace").splitlines()]
    return {int(row[0]): row[2] for row in rows if len(row) == 3 and row[1] == str(uid) and tag in row[2]}
