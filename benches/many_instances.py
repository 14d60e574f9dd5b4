"""A thousand instances with a little new text each, one round of scans by two workers; and what a storm in many takes.

Against the goal, and against a plain loop that only reads the same new bytes. Memory is the most that a worker had, in
resident pages, its program included.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, time
from uuid import uuid4

import msgspec

from app import embedded
from app.jobs.starting import queued
from app.live import connection
from app.tables.database import close_pool, fetch, open_pool
from app.tables.migrate import migrate
from app.tables.partitions import make_partitions
from benches.logs import write_log
from benches.ripgrep import MIB

INSTANCES, ROUNDS, WORKERS = 1_000, 3, 2
SECONDS_GOAL, MIB_GOAL = 60.0, 150.0
STORMS, STORM = 64, 8 * MIB
OLD, NEW = 64 * 1024, 3_000
_QUIET = '{at} 7 INFO shop werkzeug: 127.0.0.1 - - [22/Nov/2026 10:00:00] "GET /web HTTP/1.1" 200 - 4 0.003 0.011\n'
_ERROR = "{at} 7 ERROR shop odoo.addons.sale.models.sale: the order {word} could not be sent\n"


def run() -> None:
    """Print seconds for a round, and MiB of a worker after the rounds and after the storm."""
    folder = Path(tempfile.mkdtemp(prefix="snaglist-bench-"))
    folder.chmod(0o755)
    (folder / "logs").mkdir()
    try:
        with embedded.start(folder / "data") as servers:
            assert servers.postgres
            assert servers.valkey
            asyncio.run(_measure(folder / "logs", servers.postgres.url, servers.valkey.url))
    finally:
        shutil.rmtree(folder)


async def _measure(logs: Path, database: str, valkey: str) -> None:
    await open_pool(database)
    connection.connect(valkey)
    try:
        await migrate()
        await make_partitions(_now())
        with _workers(database, valkey) as pids:
            await _rounds(logs, pids)
        with _workers(database, valkey) as pids:
            await _storm(logs, pids)
    finally:
        await connection.close()
        await close_pool()


async def _rounds(logs: Path, pids: list[int]) -> None:
    paths = [logs / f"{number}.log" for number in range(INSTANCES)]
    for path in paths:
        _write(path, OLD)
    await _instances(paths)
    await _round()  # the first one, which reads the old text
    ours, plain = [], []
    for number in range(ROUNDS):
        places = [(path, path.stat().st_size) for path in paths]
        for path in paths:
            _write(path, NEW, f"of{'abcdefgh'[number]}")
        ours.append(await _round())
        plain.append(_read(places))
    [row] = await fetch("select sum(total_count) as total from error_group")
    assert row["total"] == INSTANCES * (ROUNDS + 1), row["total"]
    seconds = median(ours)
    print(
        f"{INSTANCES:,} instances with {NEW / 1000:.0f} kB of new text each, {WORKERS} workers: {seconds:.1f} s"
        f" = {seconds / SECONDS_GOAL:.2f} of the goal ({SECONDS_GOAL:.0f} s), {seconds / median(plain):.0f} times a"
        f" loop that only reads it; {_told(pids)}"
    )


async def _storm(logs: Path, pids: list[int]) -> None:
    first = logs / "storm.log"
    write_log(first, "storm", STORM)
    paths = [logs / f"storm{number}.log" for number in range(STORMS)]
    for path in paths:
        shutil.copyfile(first, path)
    await _instances(paths)
    seconds = await _round()
    [row] = await fetch("select sum(total_count) as total from error_group")
    print(
        f"a storm of errors in {STORMS} instances at once, {STORM / MIB:.0f} MiB each: {seconds:.1f} s"
        f" ({STORMS * STORM / MIB / seconds:.0f} MiB/s, {row['total']:,} detections); {_told(pids)}"
    )


async def _instances(paths: list[Path]) -> None:
    """A project whose instances these are, in the place of those that there were."""
    organization_id, project_id, ids = uuid4(), uuid4(), [uuid4() for _ in paths]
    await fetch("delete from organization")
    await fetch("insert into organization values ($1, 'Acme', 'acme', $2)", organization_id, _now())
    await fetch(
        "insert into project (id, organization_id, name, slug, created_at) values ($1, $2, 'Odoo', 'odoo', $3)",
        project_id,
        organization_id,
        _now(),
    )
    await fetch(
        """
        insert into instance (id, organization_id, project_id, name, slug, environment, source_kind, source, created_at,
            error_detection_enabled)
        select id, $1, $2, 'Shop', 's' || n, 'PRODUCTION', 'file', source, $3, false
        from unnest($4::uuid[], $5::jsonb[]) with ordinality as new (id, source, n)
        """,
        organization_id,
        project_id,
        _now(),
        ids,
        [msgspec.json.encode({"path": str(path)}).decode() for path in paths],
    )


async def _round() -> float:
    """Seconds from when all instances are due to when all have been scanned to the end of their logs."""
    await fetch("update scan_state set due_at = $1, last_scan_status = null", _now())
    await fetch("update instance set error_detection_enabled = true")
    start = perf_counter()
    await queued("scan")
    while True:
        [row] = await fetch(_LEFT)
        if not row["count"]:
            break
        await asyncio.sleep(0.1)
    seconds = perf_counter() - start
    await fetch("update instance set error_detection_enabled = false")
    failed = await fetch("select last_scan_error from scan_state where last_scan_status = 'FAILED' limit 1")
    assert not failed, failed
    return seconds


_LEFT = """
select count(*) from instance as i where not exists (
    select from scan_state where instance_id = i.id and last_scan_status in ('OK', 'FAILED'))
"""


def _read(places: list[tuple[Path, int]]) -> float:
    """Seconds in which a plain loop reads what is new in the logs."""
    start = perf_counter()
    for path, size in places:
        with path.open("rb") as file:
            file.seek(size)
            assert file.read()
    return perf_counter() - start


def _write(path: Path, size: int, word: str = "") -> None:
    """Add an error, and quiet lines around it."""
    at = f"{_now():%Y-%m-%d %H:%M:%S},000"
    quiet = _QUIET.format(at=at) * (size // 2 // len(_QUIET))
    with path.open("a") as file:
        file.write(quiet + _ERROR.format(at=at, word=word) + quiet)


@contextmanager
def _workers(database: str, valkey: str) -> Iterator[list[int]]:
    """Workers that serve, by their process ids."""
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": valkey,
        "SNAGLIST_SECRET_KEY": "s" * 43,
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "workers"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(WORKERS)
    ]
    try:
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def _told(pids: list[int]) -> str:
    most = max(map(_most, pids))
    return f"a worker had at most {most:.0f} MiB = {most / MIB_GOAL:.2f} of the goal ({MIB_GOAL:.0f} MiB)"


def _most(pid: int) -> float:
    """The most resident memory that a process has had, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def _now() -> datetime:
    return datetime.fromtimestamp(time(), UTC)


if __name__ == "__main__":
    run()
