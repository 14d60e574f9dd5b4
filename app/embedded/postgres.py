"""PostgreSQL on a data folder: made at the first start, reached over a Unix socket, by nobody but its account and root.

There is no password and no TCP port: the socket's folder is closed to others. The settings below are given with
each start; all others can be changed in postgres/postgresql.conf.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from app.embedded.account import Account
from app.embedded.binaries import POSTGRES, find, reachable
from app.embedded.errors import StartError, UnusableFolderError, WrongVersionError
from app.embedded.folder import Place, check_is_accounts, reason
from app.embedded.logs import Log, last_lines
from app.embedded.process import WORKING_FOLDER, scarce, spawn
from app.embedded.running import Server

NAME: Final = "snaglist"  # of the database, and of its owner
_OLDEST: Final = 15
_PORT: Final = 5432  # in the socket's name; nothing listens there
_SETTINGS: Final = {
    "listen_addresses": "",
    "port": f"{_PORT}",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "wal_compression": "on",
    "jit": "off",
    "logging_collector": "off",
    "log_checkpoints": "off",
}
_CLUSTER: Final = (
    f"--username={NAME}",
    "--auth-local=trust",
    "--auth-host=reject",
    "--encoding=UTF8",
    "--data-checksums",
)
_LOCALE: Final = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
_OLDER_LOCALE: Final = ("--locale=C.UTF-8",)
_ALONE: Final = ("-c", "exit_on_error=on", "-c", "log_checkpoints=off", "postgres")
_BEGUN: Final = "postgres.new-"
# Details of errors quote values, which may be secret; those of the server's own errors are of use.
_FIRST: Final = f"CREATE DATABASE {NAME}\nALTER ROLE {NAME} SET log_error_verbosity = terse\n".encode()
_LONGEST_STEP: Final = 300.0


def server(place: Place) -> Server:
    """PostgreSQL on a claimed data folder, yet to be started; the database is made if there is none.

    MissingProgramError, UnusableFolderError, WrongVersionError, StartError: it cannot be had.
    """
    programs = reachable(find(POSTGRES), place.account)
    major = _major(programs)
    cluster = place.folder / "postgres"
    try:
        for begun in place.folder.glob(f"{_BEGUN}*"):  # by a start that was killed
            _clear_away(begun)
        if not (cluster / "PG_VERSION").exists():
            _make_cluster(place, cluster, programs, major)
        check_is_accounts(cluster, place.account)
        _check_version(cluster, major)
        return _server(place, cluster, programs)
    except OSError as error:
        raise UnusableFolderError(
            f"{cluster} cannot be used: {reason(error)}.{scarce(place.folder)}"
        ) from error


def _clear_away(begun: Path) -> None:
    """Remove a cluster that was never finished; what is dying there may still write for a moment."""
    for _ in range(60):
        shutil.rmtree(begun, ignore_errors=True)
        if not begun.exists():
            return
        time.sleep(0.05)


def _server(place: Place, cluster: Path, programs: Path) -> Server:
    tag = place.tag("postgres")
    settings = {**_SETTINGS, "unix_socket_directories": str(place.sockets), "cluster_name": tag}
    given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def prepare() -> dict[str, str]:
        for socket in place.sockets.glob(".s.PGSQL.*"):
            socket.unlink()
        return _past_stale_pid(cluster / "postmaster.pid")

    return Server(
        name="PostgreSQL",
        url=f"postgresql://{NAME}@/{NAME}?host={place.sockets}&port={_PORT}",
        command=(str(programs / "postgres"), "-D", _as_seen_by(place.account, cluster), *given),
        folder=cluster,
        account=place.account,
        log=Log(place.folder, "postgres.log"),
        tag=tag,
        ask=signal.SIGINT,
        insist=signal.SIGQUIT,
        prepare=prepare,
        is_ready=lambda pid: _is_ready(cluster / "postmaster.pid", pid),
        forked="postgres: ",
    )


def _as_seen_by(account: Account, folder: Path) -> str:
    """A path to the working folder `folder`: for an account that may not reach it, one without closed parents."""
    return WORKING_FOLDER if account.dropped and Path("/proc/self/fd").exists() else str(folder)


def _make_cluster(place: Place, cluster: Path, programs: Path, major: int) -> None:
    """Make the cluster and its database under another name, so that it is there as a whole or not at all."""
    if cluster.exists() and any(cluster.iterdir()):
        raise UnusableFolderError(
            f"{cluster} is not empty, and is no PostgreSQL data either (no PG_VERSION)."
        )
    new = Path(tempfile.mkdtemp(prefix=_BEGUN, dir=place.folder))
    try:
        place.account.own(new)
        path = _as_seen_by(place.account, new)
        locale = _LOCALE if major >= 17 else _OLDER_LOCALE
        _run([str(programs / "initdb"), "-D", path, *_CLUSTER, *locale], new, place.account)
        _run([str(programs / "postgres"), "--single", "-D", path, *_ALONE], new, place.account, _FIRST)
        new.rename(cluster)
        _sync(place.folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _run(command: list[str], folder: Path, account: Account, text: bytes = b"") -> None:
    """Run a program to its end. StartError: it failed."""
    process = spawn(command, folder, account, signal.SIGTERM, output=subprocess.PIPE, stdin=subprocess.PIPE)
    try:
        output, _ = process.communicate(text, timeout=_LONGEST_STEP)
    except BaseException as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise StartError(f"{Path(command[0]).name} did not end within {_LONGEST_STEP:.0f} s.") from error
        raise
    if process.returncode != 0:
        raise StartError(
            f"The database could not be made: {Path(command[0]).name} ended with status {process.returncode}."
            f"{scarce(folder)} Its last words:{last_lines(output)}"
        )


def _major(programs: Path) -> int:
    try:
        done = subprocess.run(  # noqa: S603  the program that `binaries` found
            [programs / "postgres", "--version"], capture_output=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartError(f"{programs / 'postgres'} cannot be run: {reason(error)}.") from error
    version = re.search(rb"\) (\d+)", done.stdout)
    if not version:
        raise StartError(
            f"{programs / 'postgres'} does not tell its version:{last_lines(done.stdout + done.stderr)}"
        )
    if int(version[1]) < _OLDEST:
        raise WrongVersionError(
            f"{programs} has PostgreSQL {int(version[1])}; Snaglist needs {_OLDEST} or newer."
        )
    return int(version[1])


def _check_version(cluster: Path, major: int) -> None:
    written = (cluster / "PG_VERSION").read_text(errors="replace").strip()
    if written != str(major):
        raise WrongVersionError(
            f"{cluster} was written by PostgreSQL {written}, and this is PostgreSQL {major}. Name the folder of"
            f" PostgreSQL {written}'s programs in SNAGLIST_POSTGRES_BIN, dump the database with it (pg_dump), and load"
            " the dump into a new data folder."
        )


def _past_stale_pid(pid_file: Path) -> dict[str, str]:
    """What makes PostgreSQL start in spite of a pid file that a crash has left.

    It refuses to start where the pid in it lives, though after a crash or a container's restart that is most likely
    another program: ours have been ended by now. A pid that is named as its grandparent does not count. Removing
    the file instead would also take away the shared memory's key in it, by which PostgreSQL sees that a server
    which somebody started by hand still uses the folder.
    """
    try:
        pid = abs(int(pid_file.read_text().partition("\n")[0]))
    except FileNotFoundError:
        return {}
    except ValueError:  # a crash or a full disk left it empty; PostgreSQL would ask for its removal
        pid_file.unlink()
        return {}
    return {"PG_GRANDPARENT_PID": str(pid)}


def _is_ready(pid_file: Path, pid: int) -> bool:
    try:
        lines = pid_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
