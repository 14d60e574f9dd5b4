"""A thousand subscribers on one server while a hundred errors a second change, on embedded servers.

All want the same, as the list of errors does. Told is how long it takes until a subscriber has heard of a change, how
much memory and CPU the server needs, and whether anybody knows less than is so without having been told to fetch all
anew. Goals: nobody, and 300 MiB. Ten seconds; SNAGLIST_BENCH_SECONDS asks for more (60 is the full scale).
"""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from time import monotonic, time
from urllib.parse import urlsplit

import msgspec

from app import embedded
from app.live import connection
from app.tables.database import close_pool, fetch, open_pool
from benches.costs import cpu, pss
from benches.live_ears import Heard
from tests.graphql.live.stage import happen, secret_of
from tests.recording.stage import Stage, set_up
from tests.running import Running

SUBSCRIBERS = int(os.environ.get("SNAGLIST_BENCH_SUBSCRIBERS", "1000"))
SECONDS = int(os.environ.get("SNAGLIST_BENCH_SECONDS", "10"))
AT_ONCE, TIMES = 10, 10
"""Errors that change at once, and how often in a second."""
ERRORS = 50
LATE_GOAL, MEMORY_GOAL = 2.0, 300.0
"""Seconds; MiB."""

Made = dict[str, list[float]]
"""When each error was counted once more, by its title."""


def run() -> None:
    """Print what the subscribers heard, when, and what that cost."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    folder = Path(tempfile.mkdtemp(prefix="snaglist-bench-"))
    folder.chmod(0o755)
    try:
        with embedded.start(folder / "data") as servers:
            assert servers.postgres
            assert servers.valkey
            snaglist = Running(
                folder / "snaglist",
                DATABASE_URL=servers.postgres.url,
                REDIS_URL=servers.valkey.url,
                SNAGLIST_SECRET_KEY="only for this bench",  # noqa: S106
                SNAGLIST_WORKERS="1",
                SNAGLIST_LOG_LEVEL="WARNING",
            )
            try:
                snaglist.wait_until_ready()
                asyncio.run(_measure(snaglist, servers.postgres.url, servers.valkey.url))
            finally:
                snaglist.stop()
    finally:
        shutil.rmtree(folder)


async def _measure(snaglist: Running, database: str, redis: str) -> None:
    await open_pool(database)
    connection.connect(redis)
    try:
        stage = await set_up()
        names = [f"Error{number}" for number in range(ERRORS)]
        await happen(stage.shop, *names, at=_now())
        told = snaglist.data.with_name("heard.json")
        ears = _ears(snaglist, await secret_of(stage.organization_id), told)
        quiet, began = pss(snaglist.process.pid)["server"], cpu(snaglist.process.pid)["server"]
        made = await _change(stage, names)
        busy = pss(snaglist.process.pid)["server"]
        await asyncio.to_thread(ears.communicate, b"end\n")
        assert ears.returncode == 0
        heard = msgspec.json.decode(told.read_bytes(), type=list[Heard])
        spent = cpu(snaglist.process.pid)["server"] - began
        rows = await fetch(
            "select title, total_count from error_group where project_id = $1", stage.project_id
        )
    finally:
        await connection.close()
        await close_pool()
    _report(heard, made, {row[0]: row[1] for row in rows})
    print(
        f"  server: {max(quiet, busy):.0f} MiB (goal {MEMORY_GOAL:.0f}), {spent:.1f} s of CPU; {quiet:.0f} MiB before the first change"
    )


def _ears(snaglist: Running, secret: str, told: Path) -> subprocess.Popen[bytes]:
    """The subscribers, when all of them listen."""
    where = urlsplit(snaglist.url)
    began = monotonic()
    arguments = [str(where.hostname), str(where.port), secret, str(SUBSCRIBERS), str(told)]
    ears = subprocess.Popen(
        [sys.executable, "-m", "benches.live_ears", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert ears.stdout
    assert ears.stdout.readline() == b"listening\n"
    print(f"{SUBSCRIBERS} subscribers began in {monotonic() - began:.1f} s")
    return ears


async def _change(stage: Stage, names: list[str]) -> Made:
    made: Made = {}
    began = monotonic()
    for step in range(SECONDS * TIMES):
        chosen = [names[(step * AT_ONCE + number) % len(names)] for number in range(AT_ONCE)]
        await happen(stage.shop, *chosen, at=_now())
        for name in chosen:
            made.setdefault(f"{name}: 'partner_id'", []).append(monotonic())
        await asyncio.sleep(max(0.0, began + (step + 1) / TIMES - monotonic()))
    print(f"{SECONDS * TIMES * AT_ONCE} changes in {monotonic() - began:.1f} s")
    return made


def _report(heard: list[Heard], made: Made, counts: dict[str, int]) -> None:
    lost = sum(
        not one.refetches and one.counts.get(title, 1) != count
        for one in heard
        for title, count in counts.items()
    ) + sum(
        one.counts.get(title, count) != count
        for one in heard
        if one.refetches
        for title, count in counts.items()
    )
    took: list[float] = []
    for one in heard:
        done = dict.fromkeys(made, 0)
        for title, count, at in one.at:
            while title in done and done[title] < count - 1:
                took.append(at - made[title][done[title]])
                done[title] += 1
    half, most = (quantiles(took, n=20)[place] for place in (9, 18))
    print(
        f"  heard after {half:.2f} s (half), {most:.2f} s (95 of 100; goal {LATE_GOAL:.0f}), {max(took):.2f} s (all);"
        f" {sum(one.messages for one in heard) / SECONDS:,.0f} messages a second\n"
        f"  {lost} lost without notice; {sum(one.refetches for one in heard)} times somebody had to fetch all anew"
    )


def _now() -> datetime:
    return datetime.fromtimestamp(time(), UTC)


if __name__ == "__main__":
    run()
