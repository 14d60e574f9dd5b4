"""What a process does before it works, with real databases, and with none."""

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

import asyncpg
import pytest

from app import startup
from app.accounts import tokens
from app.config import Settings, from_environment
from app.errors import ConfigurationError, Unavailable
from app.live import connection
from app.startup import finish, prepare, prepare_patiently
from app.tables.database import DB, fetch_one
from tests.database import NOW

SNAGLIST = Path(sys.executable).parent / "snaglist"
pytestmark = pytest.mark.anyio


@pytest.fixture
async def address(bare_database: str) -> AsyncIterator[str]:
    """The URL of a database with nothing in it, from which this process is disconnected afterwards."""
    yield bare_database
    await finish()


def settings(database_url: str, **more: str) -> Settings:
    """A Redis is named where none is: nothing is sent to it."""
    return from_environment(
        {"DATABASE_URL": database_url, "REDIS_URL": "unix:///nowhere/valkey.sock", **more}
    )


async def tables(url: str) -> int:
    held = await asyncpg.connect(url)
    try:
        count: int = await held.fetchval(
            "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
        )
        return count
    finally:
        await held.close()


async def test_an_empty_database_becomes_one_with_an_owner(
    address: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    first = await prepare(settings(address), now=NOW)
    assert first.made
    assert first.token is not None
    assert capsys.readouterr().out == (
        f"\nOwner: owner@localhost\nToken: {first.token}\n"
        f"Open:  http://127.0.0.1:8000/#token={first.token}\nKeep the token: it is not shown again.\n\n"
    )
    assert first.token not in caplog.text
    assert (await tokens.find(first.token, now=NOW)).organization_id == first.organization_id


async def test_twice_in_one_process_changes_nothing(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    first = await prepare(settings(address), now=NOW)
    pool = DB.pool
    capsys.readouterr()
    again = await prepare(settings(address), now=NOW)
    assert (again.made, again.token, again.organization_id) == (False, None, first.organization_id)
    assert DB.pool is pool
    assert capsys.readouterr().out == ""


async def test_another_database_takes_the_place_of_the_first(address: str) -> None:
    await prepare(settings(address), now=NOW)
    pool = DB.pool
    other = f"{address}{'&' if '?' in address else '?'}application_name=other"
    await prepare(settings(other), now=NOW)
    assert DB.pool is not pool
    row = await fetch_one("select current_setting('application_name') as name")
    assert row
    assert row["name"] == "other"


async def test_of_several_processes_one_makes_the_owner_and_tells(address: str) -> None:
    environment = {**os.environ, "DATABASE_URL": address, "REDIS_URL": "unix:///nowhere/valkey.sock"}
    processes = [
        await asyncio.create_subprocess_exec(
            SNAGLIST, "migrate", env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    outputs = [await process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert [error for _, error in outputs] == [b"", b"", b""]
    said = b"".join(output for output, _ in outputs).decode()
    assert said.count("The database is ready.\n") == 3
    assert said.count("Token: snag_") == 1


async def test_a_database_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="the database is away: "):
        await prepare(settings("postgresql:///snaglist?host=/nowhere"), now=NOW)
    assert DB.pool is None
    await finish()


@pytest.fixture
def away(address: str) -> Iterator[tuple[str, Path, str]]:
    """The URL of a database that is there as soon as the path is a link to the folder."""
    parts = urlsplit(address)
    if "host" not in parse_qs(parts.query):
        pytest.skip("the database is not reached over a Unix socket")
    folder = parse_qs(parts.query)["host"][0]
    with tempfile.TemporaryDirectory(prefix="snaglist-") as scratch:
        path = Path(scratch) / "sockets"
        yield urlunsplit(parts._replace(query=parts.query.replace(folder, str(path)))), path, folder


async def test_the_patient_wait_until_the_database_is_there_and_say_so_once(
    away: tuple[str, Path, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    url, path, folder = away
    waiting = asyncio.create_task(prepare_patiently(settings(url)))
    await asyncio.sleep(0.6)
    assert not waiting.done()
    path.symlink_to(folder)
    first = await asyncio.wait_for(waiting, 10)
    assert first.made
    told = [record.message for record in caplog.records if record.name == startup.__name__]
    assert told == ["waiting for the database", "the database is there"]


@pytest.mark.parametrize("part", ["role", "database", "password"])
async def test_what_is_wrong_for_good_is_told_apart(address: str, part: str) -> None:
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    url = urlunsplit(parts._replace(netloc=f"no_such_role@{host}"))
    if part == "database":
        url = urlunsplit(parts._replace(path="/no_such_database"))
    if part == "password":
        url = "postgresql://snaglist:hunter22/hunter23@localhost/snaglist"
    with pytest.raises(ConfigurationError, match=r"^DATABASE_URL cannot be ") as wrong:
        await prepare_patiently(settings(url))
    assert "hunter" not in wrong.value.message
    assert wrong.value.__cause__ is None or "hunter" not in str(wrong.value.__cause__)


async def test_a_database_in_another_encoding_is_refused_and_nothing_made_in_it(
    postgres_server: str,
) -> None:
    name = "snaglist_test_ascii"
    server = await asyncpg.connect(postgres_server)
    await server.execute(f"drop database if exists {name} with (force)")
    await server.execute(
        f"create database {name} encoding 'SQL_ASCII' locale_provider libc locale 'C' template template0"
    )
    url = urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
    try:
        with pytest.raises(ConfigurationError, match=r"a database in SQL_ASCII; Snaglist needs one in UTF8"):
            await prepare(settings(url), now=NOW)
        assert await tables(url) == 0
    finally:
        await server.execute(f"drop database {name} with (force)")
        await server.close()


async def test_a_postgres_that_is_too_old_is_refused_and_nothing_made_in_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "OLDEST_POSTGRES", 99)
    with pytest.raises(ConfigurationError, match=r"names PostgreSQL \d+; Snaglist needs 99 or newer"):
        await prepare(settings(address), now=NOW)
    assert await tables(address) == 0


@pytest.mark.parametrize("missing", ["DATABASE_URL", "REDIS_URL"])
async def test_both_servers_must_be_named(address: str, missing: str) -> None:
    urls = {"DATABASE_URL": address, "REDIS_URL": "redis://nowhere", missing: ""}
    with pytest.raises(ConfigurationError, match=f"^{missing} is not set"):
        await prepare(from_environment(urls), now=NOW)
    assert await tables(address) == 0


async def test_a_start_that_is_given_up_half_way_holds_nobody_up(address: str) -> None:
    holding = await asyncpg.connect(address)
    await holding.execute("select pg_advisory_lock($1)", startup.LOCK)
    waiting = asyncio.create_task(prepare(settings(address), now=NOW))
    await asyncio.sleep(0.2)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    await holding.close()
    assert (await asyncio.wait_for(prepare(settings(address), now=NOW), 10)).made


async def test_finishing_disconnects_and_may_be_done_twice(address: str) -> None:
    await prepare(settings(address), now=NOW)
    await finish()
    await finish()
    assert DB.pool is None
    with pytest.raises(Unavailable, match="not connected to Redis"):
        await connection.ping()


def test_a_process_whose_supervisor_died_ends_where_the_kernel_does_not_see_to_it() -> None:
    child = """
import sys, time
from app import startup
startup._watch_supervisor()
print("watching", flush=True)
time.sleep(60)
"""
    supervisor = f"""
import os, subprocess, sys
subprocess.Popen([sys.executable, "-c", {child!r}], env={{**os.environ, "SNAGLIST_SUPERVISOR": str(os.getpid())}})
sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", supervisor], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "watching\n"
    process.kill()
    output, _ = process.communicate(timeout=10)  # it ends when nobody holds the pipe any more
    assert output == ""


def test_the_tables_alone_need_a_database_to_be_there() -> None:
    environment = {"DATABASE_URL": "postgresql:///snaglist?host=/nowhere", "REDIS_URL": "redis://nowhere"}
    done = subprocess.run([SNAGLIST, "migrate"], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("snaglist: the database is away: ")
    assert done.stderr.count("\n") == 1
