"""Starting, stopping, and what is there in between."""

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from piccolo.engine.postgres import PostgresEngine

from app.embedded import folder, start
from app.embedded.errors import UnusableFolderError
from app.embedded.process import spawn
from tests.embedded.stage import (
    IS_ROOT,
    Who,
    remember,
    remembered,
    runners_of,
    running_on,
    somebody,
    sql,
    supervised,
    urls,
)


def test_a_first_start_makes_what_a_second_one_finds(who: Who, open_folder: Path) -> None:
    who.own(open_folder)
    folder = open_folder / "new" / "data"
    with supervised(folder, who) as (supervisor, answer):
        remember(answer["postgresql"], answer["valkey"])
        runners = runners_of(folder)
        sockets = Path(answer["valkey"].removeprefix("unix://")).parent
        assert sockets.stat().st_mode & 0o777 == 0o700
        supervisor.stop()
    assert running_on(folder) == {}
    assert not sockets.exists()
    assert 0 not in runners
    assert len(runners) == 1
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path for path in folder.rglob("*") if path.stat().st_mode & 0o077] == []
    assert {(folder / part).stat().st_uid for part in ("postgres", "valkey")} == runners
    with supervised(folder, who) as (supervisor, answer):
        assert remembered(answer["postgresql"], answer["valkey"]) == ("a row", "a key")
        supervisor.stop()


def test_servers_run_below_a_closed_folder_and_open_nothing(closed_folder: Path) -> None:
    """Its parents may be as closed as root's home is; as root, the servers' account cannot reach it at all."""
    above = (closed_folder, *closed_folder.parents)
    before = [(path.stat().st_mode, path.stat().st_uid) for path in above]
    with start(closed_folder / "data") as embedded:
        sql(urls(embedded)[0], "CREATE TABLE tried ()", "CHECKPOINT")
        assert embedded.servers[0].folder == closed_folder / "data" / "postgres"
        assert 0 not in runners_of(closed_folder / "data")
        for pid in running_on(closed_folder / "data"):
            rights = Path(f"/proc/{pid}/status").read_text()
            assert not IS_ROOT or ("\nGroups:\t \n" in rights and "\nGid:\t0\t" not in rights)
            assert "\nCapEff:\t0000000000000000\n" in rights
    assert [(path.stat().st_mode, path.stat().st_uid) for path in above] == before
    assert closed_folder.stat().st_mode & 0o777 == 0o700
    start(closed_folder / "data").stop()


def test_root_starts_what_is_an_ordinary_users_as_that_user(data_of: Callable[[Who], Path]) -> None:
    user = somebody()
    if not user:
        pytest.skip("we are an ordinary user, or no other one can reach this checkout")
    folder = data_of(user)
    for file in ("lock", "postgres.log", "valkey.log"):
        (folder / file).unlink()
    with start(folder) as embedded:
        remember(*urls(embedded))
        assert runners_of(folder) == {user.uid}
    with supervised(folder, user) as (supervisor, answer):
        assert remembered(answer["postgresql"], answer["valkey"]) == ("a row", "a key")
        supervisor.stop()


def test_the_database_is_safe_and_speaks_every_language(data: Path) -> None:
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "max_connections": "100",
        "server_encoding": "UTF8",
        "timezone": "UTC",
    }
    with start(data, valkey=False) as embedded:
        assert embedded.valkey is None
        assert embedded.postgres
        url = embedded.postgres.url
        assert {name: sql(url, f"SHOW {name}") for name in wanted} == wanted
        assert sql(
            url, "SELECT upper('straße äöé ж') || current_database()"
        ) == "STRASSE ÄÖÉ Жsnaglist".replace("STRASSE", sql(url, "SELECT upper('straße')"))
        assert sql(url, "SELECT upper('äöé ж')") == "ÄÖÉ Ж"
        assert sql(url, "CREATE EXTENSION pg_trgm", "SELECT similarity('error', 'errors') > 0.5") is True


def test_piccolo_takes_the_url(data: Path) -> None:
    async def ask(url: str) -> int:
        engine = PostgresEngine(config={"dsn": url}, log_queries=False)
        await engine.start_connection_pool()
        try:
            rows = await engine._run_in_pool("SELECT 1 AS one")
            return int(rows[0]["one"])
        finally:
            await engine.close_connection_pool()

    with start(data, valkey=False) as embedded:
        assert embedded.postgres
        assert asyncio.run(ask(embedded.postgres.url)) == 1


def test_valkey_alone_keeps_what_it_acknowledged(closed_folder: Path) -> None:
    with start(closed_folder / "data", postgres=False) as embedded:
        assert embedded.postgres is None
        assert [server.name for server in embedded.servers] == ["Valkey"]
    assert sorted(path.name for path in (closed_folder / "data").iterdir()) == [
        "lock",
        "valkey",
        "valkey.log",
    ]


def test_a_data_folder_may_have_a_long_path_and_odd_characters(data: Path) -> None:
    folder = data.parent / ("long " * 30) / ("né?&%20=" * 10)
    folder.parent.mkdir()
    data.rename(folder)
    with start(folder) as embedded:
        remember(*urls(embedded))
        assert remembered(*urls(embedded)) == ("a row", "a key")


def test_sockets_have_a_short_path(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unfit = [data.parent / ("deep/" * 20), data.parent / "a,b", data.parent / "missing"]
    for parent in unfit[:2]:
        parent.mkdir(parents=True)
    usual = folder._socket_parents()
    monkeypatch.setattr(folder, "_socket_parents", lambda: [*unfit, *usual])
    with start(data) as embedded:
        assert embedded.place.sockets.parent in usual
        remember(*urls(embedded))
    monkeypatch.setattr(folder, "_socket_parents", lambda: unfit)
    with pytest.raises(UnusableFolderError, match=r"none will do: .*a,b \(no folder, too long, or closed\)"):
        start(data)


def test_the_environment_of_whoever_starts_it_does_not_matter(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS", "LC_ALL", "TZ"):
        monkeypatch.setenv(name, "7")
    monkeypatch.setenv("SNAGLIST_SECRET_KEY", "never to be seen")
    with start(data) as embedded:
        monkeypatch.delenv("PGOPTIONS")
        remember(*urls(embedded))
        server = embedded.servers[0]
        output = subprocess.PIPE
        shown = spawn(("/usr/bin/env",), data / "postgres", server.account, server.ask, output=output)
        names = {line.partition(b"=")[0] for line in shown.communicate()[0].splitlines()}
    assert names - {b"LD_LIBRARY_PATH"} == {b"PATH", b"LC_ALL", b"TZ"}


def test_logs_stay_short(data: Path) -> None:
    log = data / "postgres.log"
    with start(data, valkey=False) as embedded:
        assert embedded.postgres
        with log.open("a") as file:
            file.write("x" * 6_000_000 + "\n")
        embedded.trim_logs()
        assert log.stat().st_size == 0
        assert (data / "postgres.log.1").stat().st_size > 6_000_000
        sql(embedded.postgres.url, "SELECT pg_rotate_logfile()")
        embedded.postgres.restart()
        assert "ready to accept connections" in log.read_text()
    with log.open("a") as file:
        file.write("y" * 6_000_000 + "\n")
    with start(data, valkey=False):
        assert log.stat().st_size < 10_000
        assert (data / "postgres.log.1").stat().st_size > 6_000_000
    assert {path.stat().st_mode & 0o777 for path in data.glob("*.log*")} == {0o600}
