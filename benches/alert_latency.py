"""How long it takes from a new error to the webhook that tells of it: on a whole Snaglist with one worker, on embedded servers.

From the acceptance of the event at the door, and from the change in the database. Two seconds of it are waited on purpose:
what else opens meanwhile is told with it. Goal, from the change: five seconds for 95 of a hundred.
"""

import asyncio
import random
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import time
from urllib.parse import urlsplit

import asyncpg
import httpx
from aiohttp import web

from app import embedded
from benches.event_load import payload
from tests.alerts.channels.stage import receiver
from tests.running import Running

EVENTS = 40
PAUSE = 0.7
"""Seconds between two, on average."""
GOAL = 5.0
LONGEST = 20.0
_SYLLABLES = ("lo", "mi", "ru", "ta", "ne", "so", "vi", "pu", "ka", "ro")
_PROJECT = 'mutation { projectCreate(input: {name: "Shop"}) { project { id } userErrors { message } } }'
_APP = """
mutation ($project: ID!) {
  appCreate(input: {projectId: $project, name: "Web shop", platform: "python"}) { app { dsn } userErrors { message } }
}
"""
_RULE = """
mutation ($project: ID!, $url: String!) {
  alertRuleCreate(input: {
    projectId: $project, name: "New errors", condition: {kind: OPENED}, quietSeconds: 0, channels: [{webhook: {url: $url}}]
  }) { alertRule { id } userErrors { message } }
}
"""


def run() -> None:
    """Print what half of the messages, and all but a twentieth, take."""
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
                SNAGLIST_PRIVATE_TARGETS="1",
                SNAGLIST_WORKERS="1",
                SNAGLIST_LOG_LEVEL="WARNING",
            )
            try:
                snaglist.wait_until_ready()
                asyncio.run(_measure(snaglist, servers.postgres.url))
            finally:
                snaglist.stop()
    finally:
        shutil.rmtree(folder)


async def _measure(snaglist: Running, database: str) -> None:
    heard: dict[str, float] = {}
    sent: dict[str, float] = {}
    all_heard = asyncio.Event()

    async def hear(request: web.Request) -> web.Response:
        text = await request.text()
        for word in sent:
            if word in text:
                heard.setdefault(word, time())
        if len(heard) > EVENTS:
            all_heard.set()
        return web.Response()

    project = snaglist.ask(_PROJECT)["projectCreate"]["project"]["id"]
    key = urlsplit(snaglist.ask(_APP, project=project)["appCreate"]["app"]["dsn"]).username
    async with (
        receiver(hear) as hooks,
        httpx.AsyncClient(base_url=snaglist.url, headers={"Authorization": f"Bearer {key}"}) as client,
    ):
        made = snaglist.ask(_RULE, project=project, url=f"{hooks.url}/hook")["alertRuleCreate"]
        assert made["alertRule"], made
        for number in range(EVENTS + 1):
            word = "".join(random.choice(_SYLLABLES) for _ in range(10))
            said = payload(0, random.Random(), 1, is_full=False) | {"message": f"cannot sell {word}"}
            answer = await client.post("/v1/ingest", json={"events": [said]})
            assert answer.is_success, answer.text
            sent[word] = time()
            await asyncio.sleep(3 if number == 0 else random.random() * 2 * PAUSE)
        async with asyncio.timeout(LONGEST):
            await all_heard.wait()
        told = list(sent)[1:]  # with the first one modules are imported
        changed = await _changed(database, told)
        _tell("a new error, from its event", [heard[word] - sent[word] for word in told])
        _tell("a new error, from its change", [heard[word] - changed[word] for word in told])
        print(f"alerts, {len(hooks.got):,} messages told of {len(sent):,} errors", flush=True)


async def _changed(database: str, words: list[str]) -> dict[str, float]:
    """When the change of each error was written."""
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch(
            "select g.title, c.at from group_change as c join error_group as g on g.id = c.group_id where c.kind = 'OPENED'"
        )
    finally:
        await connection.close()
    times: dict[str, datetime] = {row["title"]: row["at"] for row in rows}
    return {
        word: next(at for title, at in times.items() if word in title).astimezone(UTC).timestamp()
        for word in words
    }


def _tell(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p50, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    print(
        f"{what}, until a webhook has told of it: half within {p50:.2f} s, all but a twentieth within {p95:.2f} s"
        f" = {p95 / GOAL:.2f} of the goal ({GOAL:.0f} s), the last {ordered[-1]:.2f} s",
        flush=True,
    )


if __name__ == "__main__":
    run()
