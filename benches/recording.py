"""How many detections a second become history, against a plain COPY of as many rows into a bare table."""

import asyncio
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from app import embedded
from app.domain.fingerprints import Fingerprint
from app.domain.lifecycle import Source
from app.recording.details import pack
from app.recording.record import record
from app.recording.sightings import Description, Detail, Origin, ShownException, ShownFrame, Sighting
from app.tables.database import DB, close_pool, fetch, open_pool, transaction
from app.tables.migrate import migrate
from app.tables.partitions import make_partitions

GROUPS = 1_000
DETECTIONS = 50_000
BATCH = 10_000
FRAMES = 12
ROUNDS = 2
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def run() -> None:
    """Print detections a second with the usual cooldown and without one; both go on to groups that are known."""
    folder = Path(tempfile.mkdtemp(prefix="snaglist-bench-"))
    folder.chmod(0o755)
    try:
        with embedded.start(folder / "data", valkey=False) as servers:
            assert servers.postgres
            asyncio.run(_measure(servers.postgres.url))
    finally:
        shutil.rmtree(folder)


async def _measure(url: str) -> None:
    await open_pool(url)
    try:
        await migrate()
        await make_partitions(NOW)
        for cooldown in (300, 0):
            await _compare(cooldown)
    finally:
        await close_pool()


async def _compare(cooldown: int) -> None:
    origin = await _project(cooldown)
    await _record(origin, 0)
    best = min([await _record(origin, number) for number in range(1, ROUNDS + 1)])
    copied = min([await _copy(origin) for _ in range(ROUNDS)])
    [counted] = await fetch(
        "select sum(total_count) from error_group where project_id = $1", origin.project_id
    )
    assert counted["sum"] == DETECTIONS * (ROUNDS + 1)
    print(
        f"recording, {GROUPS:,} groups, cooldown {cooldown:3} s  {DETECTIONS / best:,.0f} detections/s (goal 15,000),"
        f" {copied / best:.2f} of a plain COPY of as many rows"
    )


async def _record(origin: Origin, number: int) -> float:
    """Seconds to record a log of ten minutes, in batches that commit one by one."""
    log = _log(origin, NOW + timedelta(hours=2 * number - 12))
    start = perf_counter()
    for at in range(0, len(log), BATCH):
        async with transaction():
            await record(log[at : at + BATCH], now=NOW)
    return perf_counter() - start


async def _copy(origin: Origin) -> float:
    """Seconds to copy as many rows, each with its detail, into a table with no index."""
    log = _log(origin, NOW)
    await fetch("drop table if exists bare")
    await fetch("create table bare (digest bytea, seen_at timestamptz, message text, detail bytea)")
    start = perf_counter()
    rows = [
        (
            bytes.fromhex(heard.fingerprint.digest),
            heard.seen_at,
            heard.describe().message,
            pack(heard.describe().detail),
        )
        for heard in log
    ]
    assert DB.pool
    async with DB.pool.acquire() as connection:
        await connection.copy_records_to_table("bare", records=rows)
    return perf_counter() - start


def _log(origin: Origin, start: datetime) -> list[Sighting]:
    step = timedelta(minutes=10) / DETECTIONS
    errors = [_error(number) for number in range(GROUPS)]
    return [
        Sighting(
            origin,
            errors[n % GROUPS][0],
            start + n * step,
            "traceback",
            "critical",
            "sale",
            errors[n % GROUPS][1],
        )
        for n in range(DETECTIONS)
    ]


class _Told:
    """Gives a description that is ready: what redaction costs is not recording's."""

    def __init__(self, description: Description) -> None:
        self.description = description

    def __call__(self) -> Description:
        return self.description


def _error(number: int) -> tuple[Fingerprint, _Told]:
    frames = tuple(
        ShownFrame(
            f"/mnt/extra-addons/module_{number % 37}/models/thing_{n}.py", 100 + n, f"_compute_{n}",
            f"module_{number % 37}", n % 2 == 0, f"result = self.env['thing.{n}'].browse(ids)._check({number})",
        )
        for n in range(FRAMES)
    )  # fmt: skip
    line = f"2026-11-22 10:00:00,123 4711 INFO prod odoo.addons.base.models.ir_cron: Starting job `Job {number}`."
    description = Description(
        f"KeyError: 'field_{number}'",
        f"'field_{number}'",
        "KeyError",
        Detail((ShownException("KeyError", f"'field_{number}'", frames),), (line,) * 10, (line,) * 3),
    )
    reason = f"v1 traceback\ntype KeyError\nmodule module_{number}"
    return Fingerprint(1, sha256(reason.encode()).hexdigest(), reason), _Told(description)


async def _project(cooldown: int) -> Origin:
    organization, project, instance = uuid4(), uuid4(), uuid4()
    await fetch("insert into organization values ($1, 'Bench', $2, $3)", organization, organization.hex, NOW)
    await fetch(
        "insert into project (id, organization_id, name, slug, cooldown_seconds, created_at)"
        " values ($1, $2, 'Odoo', 'odoo', $3, $4)",
        *(project, organization, cooldown, NOW),
    )
    await fetch(
        "insert into instance (id, organization_id, project_id, name, slug, environment, source_kind, source, created_at)"
        " values ($1, $2, $3, 'shop', 'shop', 'PRODUCTION', 'file', '{}', $4)",
        *(instance, organization, project, NOW),
    )
    return Origin(organization, project, project, instance, Source.LOG, environment="PRODUCTION")


if __name__ == "__main__":
    run()
