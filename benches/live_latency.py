"""How long it takes until those who watch know: on a whole Snaglist with one worker, on embedded servers.

From the acceptance of an event at the door, with nothing else to do and while others come all the time; and from a line
written to a log in a file, whose scan is due at that moment. Until a watch of this process hears of the group, and the
group can be read from the database. Goal: two seconds for 95 of a hundred. Without the minute that passes between two
scans of an instance. The log goes on behind the line: the last line of a log is left for ten seconds, as a traceback may
follow it.
"""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, time
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import msgspec

from app import embedded
from app.jobs.starting import queued
from app.live import connection
from app.live.watching import Hub, Watch
from app.tables.database import close_pool, fetch, fetch_one, open_pool
from benches.event_load import payload
from tests.running import Running

EVENTS, LINES = 30, 15
LOAD = 100
"""Events a second that come meanwhile, in batches of a tenth of that."""
GOAL = 2.0
LONGEST = 15.0
_SYLLABLES = ("lo", "mi", "ru", "ta", "ne", "so", "vi", "pu", "ka", "ro")
_PROJECT = 'mutation { projectCreate(input: {name: "Shop"}) { project { id } userErrors { message } } }'
_APP = """
mutation ($project: ID!) {
  appCreate(input: {projectId: $project, name: "Web shop", platform: "python"}) { app { dsn } userErrors { message } }
}
"""
_ERROR = "{at} 7 ERROR shop odoo.addons.sale.models.sale: the order of {word} could not be sent\n"
_QUIET = "{at} 7 INFO shop odoo.addons.sale.models.sale: the next order\n"


def run() -> None:
    """Print what half of the news, and all but a twentieth, take."""
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
                log = folder / "odoo.log"
                log.touch()
                asyncio.run(_measure(snaglist, log, servers.postgres.url, servers.valkey.url))
            finally:
                snaglist.stop()
    finally:
        shutil.rmtree(folder)


async def _measure(snaglist: Running, log: Path, database: str, redis: str) -> None:
    project = snaglist.ask(_PROJECT)["projectCreate"]["project"]["id"]
    key = urlsplit(snaglist.ask(_APP, project=project)["appCreate"]["app"]["dsn"]).username
    await open_pool(database)
    connection.connect(redis)
    hub = Hub()
    await hub.start()
    try:
        row = await fetch_one("select id, organization_id from project limit 1")
        assert row
        async with (
            hub.watch(row["organization_id"], None) as watch,
            httpx.AsyncClient(base_url=snaglist.url, headers={"Authorization": f"Bearer {key}"}) as client,
        ):
            await watch.next()
            ear = _Ear()
            listening = asyncio.create_task(ear.listen(watch))
            await _events(ear, client)
            await _lines(ear, log, row["organization_id"], row["id"])
            listening.cancel()
            await asyncio.wait([listening])
    finally:
        await hub.stop()
        await connection.close()
        await close_pool()


class _Ear:
    """Hears of groups, and when of which."""

    def __init__(self) -> None:
        self._heard: dict[str, asyncio.Future[float]] = {}
        self._chance = random.Random()

    async def listen(self, watch: Watch) -> None:
        """Note when each group can be read."""
        while True:
            news = await watch.next()
            rows = await fetch("select title from error_group where id = any($1)", list(news.touched))
            at = perf_counter()
            titles = " ".join(row["title"] for row in rows)
            for word, heard in self._heard.items():
                if word in titles and not heard.done():
                    heard.set_result(at)

    async def seconds(self, make: Callable[[str], Awaitable[float]]) -> float:
        """How long it takes until an error is heard of; `make` makes it, of a word, and says when that was."""
        word = "".join(self._chance.choice(_SYLLABLES) for _ in range(10))
        heard = self._heard[word] = asyncio.get_running_loop().create_future()
        began = await make(word)
        async with asyncio.timeout(LONGEST):
            at: float = await heard
        del self._heard[word]
        return at - began


async def _events(ear: _Ear, client: httpx.AsyncClient) -> None:
    async def send(word: str) -> float:
        said = payload(0, random.Random(), 1, is_full=False)
        answer = await client.post("/v1/ingest", json={"events": [said | {"message": f"cannot sell {word}"}]})
        assert answer.is_success, answer.text
        return perf_counter()

    await ear.seconds(send)  # the first one, for which statements are prepared and modules imported
    _tell("an event, with nothing else to do", await _spread(EVENTS, 0.25, lambda: ear.seconds(send)))
    loading = asyncio.create_task(_load(client))
    _tell(f"an event among {LOAD} a second", await _spread(EVENTS, 0.25, lambda: ear.seconds(send)))
    loading.cancel()
    with suppress(asyncio.CancelledError):
        await loading


async def _load(client: httpx.AsyncClient) -> None:
    chance = random.Random()
    while True:
        events = [payload(chance.randrange(500), chance, chance.randrange(5_000)) for _ in range(LOAD // 10)]
        answer = await client.post("/v1/ingest", json={"events": events})
        assert answer.is_success, answer.text
        await asyncio.sleep(0.1)


async def _lines(ear: _Ear, log: Path, organization_id: UUID, project_id: UUID) -> None:
    instance_id = await _instance(log, organization_id, project_id)

    async def write(word: str) -> float:
        now = datetime.fromtimestamp(time(), UTC)
        with log.open("a") as file:
            file.write((_ERROR + _QUIET).format(at=f"{now:%Y-%m-%d %H:%M:%S},000", word=word))
        began = perf_counter()
        await fetch("update scan_state set due_at = $2 where instance_id = $1", instance_id, now)
        await queued("scan")
        return began

    await ear.seconds(write)
    taken = []
    for _ in range(LINES):
        taken.append(await ear.seconds(write))
        await asyncio.sleep(random.random() * 0.5)
    _tell("a line in a file, from when its scan is due", taken)


async def _instance(log: Path, organization_id: UUID, project_id: UUID) -> UUID:
    """An instance whose log this is."""
    instance_id = uuid4()
    await fetch(
        """
        insert into instance (id, organization_id, project_id, name, slug, environment, source_kind, source, created_at,
            error_detection_enabled)
        values ($1, $2, $3, 'Shop', 'shop-log', 'PRODUCTION', 'file', $4::jsonb, $5, true)
        """,
        instance_id,
        organization_id,
        project_id,
        msgspec.json.encode({"path": str(log)}).decode(),
        datetime.fromtimestamp(time(), UTC),
    )
    return instance_id


async def _spread(count: int, pause: float, measure: Callable[[], Awaitable[float]]) -> list[float]:
    """So many measurements, begun at moments that nothing else knows of, `pause` seconds apart on average."""

    async def later(seconds: float) -> float:
        await asyncio.sleep(seconds)
        return await measure()

    return await asyncio.gather(*(later(random.random() * count * pause) for _ in range(count)))


def _tell(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p50, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    print(
        f"{what}, until those who watch can read it: half within {p50:.2f} s, all but a twentieth within {p95:.2f} s"
        f" = {p95 / GOAL:.2f} of the goal ({GOAL:.0f} s), the last {ordered[-1]:.2f} s",
        flush=True,
    )


if __name__ == "__main__":
    run()
