"""`snaglist job`: a job by hand, with no workers, at any time, and clear words where that cannot be."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app import embedded
from app.jobs.catalogue import JOBS
from app.tables.database import fetch
from tests.recording.stage import Stage
from tests.scanning.test_scan_instance import append, counts, watched, worded

ROOT = Path(__file__).parents[2]
SOCKET = ".s.PGSQL.5432"
NO_TABLES = "the database has no tables yet; they are made when Snaglist starts\n"
RUN = "from app.cli.job import cli; cli()"


def job(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=ROOT,
        env={"SNAGLIST_DATA_DIR": "/nowhere", **kept, **environment},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


async def start(path: Path) -> Stage:
    stage = await watched(path)
    await fetch("update project set retention_days = 3650")
    append(path, worded(1, "apple"), worded(2, "birch"), worded(3, "apple"))
    return stage


@pytest.mark.anyio
async def test_scan_scans_a_log_file(tmp_path: Path, database: str, valkey: str) -> None:
    stage = await start(tmp_path / "odoo.log")
    servers = {"DATABASE_URL": database, "REDIS_URL": valkey}

    done = await asyncio.to_thread(job, "run", "scan", "--now", "2027-01-01T00:00:00+01:00", **servers)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert await counts(stage) == {"apple": 2, "birch": 1}
    [row] = await fetch("select last_scan_at from scan_state where last_scan_status = 'OK'")
    assert (
        datetime(2026, 12, 31, 23, tzinfo=UTC)
        <= row["last_scan_at"]
        < datetime(2026, 12, 31, 23, 1, tzinfo=UTC)
    )
    assert await fetch("select from job_run") == [], "the schedule does not count it"
    assert "a log cannot be read" in done.stderr, "the other instance's"

    again = await asyncio.to_thread(job, "run", "react", **{**servers, "REDIS_URL": "unix:///nowhere"})
    assert again.returncode == 0, "Redis may be away"
    assert await fetch("select from outbox") == []
    wrong = await asyncio.to_thread(job, "run", "scan-instance", "seven", **servers)
    assert wrong.returncode == 2
    assert wrong.stderr == "snaglist: scan-instance takes one argument, the id of an instance\n"


def test_the_servers_of_a_running_snaglist_are_found(migrated: str, postgres_server: str) -> None:
    """Its Valkey is a real one; its PostgreSQL is that of all tests, whose own database has no tables."""
    sockets = parse_qs(urlsplit(postgres_server).query).get("host", [""])[0]
    folder = Path(tempfile.mkdtemp(prefix="snaglist-test-"))
    folder.chmod(0o755)
    try:
        with embedded.start(folder / "data", postgres=False) as servers:
            found = job("run", "react", SNAGLIST_DATA_DIR=str(folder / "data"), DATABASE_URL=migrated)
            assert (found.returncode, found.stderr) == (0, "")
            if sockets.startswith("/"):
                (servers.place.sockets / SOCKET).symlink_to(Path(sockets) / SOCKET)
                found = job("run", "react", SNAGLIST_DATA_DIR=str(folder / "data"))
                assert (found.returncode, found.stderr) == (1, "snaglist: " + NO_TABLES)
        stopped = job("run", "react", SNAGLIST_DATA_DIR=str(folder / "data"))
        assert stopped.returncode == 1
        assert stopped.stderr.startswith("snaglist: no Snaglist runs on the data folder")
    finally:
        shutil.rmtree(folder)


def test_without_servers_it_says_so() -> None:
    done = job("run", "sweep")
    assert done.returncode == 1
    assert done.stderr.startswith("snaglist: no Snaglist runs on the data folder /nowhere; start one")
    away = {"DATABASE_URL": "postgresql:///a?host=/nowhere", "REDIS_URL": "unix:///nowhere"}
    done = job("run", "sweep", **away)
    assert done.returncode == 1
    assert "the database cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "paint"), "there is no job 'paint', only scan,"),
        (("run", "sweep", "--now", "yesterday"), "'yesterday' is no time with a zone"),
        (("run", "sweep", "--now", "2026-11-22T10:00:00"), "it has no zone"),
        (("run", "sweep", "--now", "0001-01-01T00:00:00+14:00"), "is no time with a zone"),
        (("run",), "Missing argument"),
    ],
)
def test_mistakes_are_named(arguments: tuple[str, ...], words: str) -> None:
    done = job(*arguments, COLUMNS="300")
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_all_jobs_are_listed() -> None:
    done = job("list")
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(JOBS)
    assert "every 10 seconds" in lines[0]
    assert "Scan the instances that are due." in lines[0]
    assert done.returncode == 0
