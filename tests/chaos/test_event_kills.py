"""Every event that was promised is counted once, whatever was killed with -9 while apps sent.

`make chaos` runs 60 rounds; the suite a few. A failure names its seed, which SNAGLIST_CHAOS_SEED asks for again.
"""

import asyncio
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.chaos.sending import CLIENTS, Sender, meanings
from tests.running import Running, running

ROUNDS = int(os.environ.get("SNAGLIST_CHAOS_ROUNDS", "4"))
SEED = int(os.environ.get("SNAGLIST_CHAOS_SEED", "6"))
VICTIMS = ("api", "worker", "postgres", "valkey")
LONGEST_SCAN = 60.0
CREATE_PROJECT = 'mutation { projectCreate(input: {name: "Shop"}) { project { id } } }'
CREATE_APP = """
mutation ($project: ID!) {
  appCreate(input: {projectId: $project, name: "Web shop"}) { app { dsn } userErrors { message } }
}
"""
FOUND = """
{ errors(first: 100) { nodes { message totalCount } } ingestProblems(first: 5) { nodes { problem } } }
"""


@pytest.mark.timeout(120 + 15 * ROUNDS)
def test_every_promised_event_is_counted_once(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with running(tmp_path / "data") as snaglist:
        project = snaglist.ask(CREATE_PROJECT)["projectCreate"]["project"]["id"]
        dsn = httpx.URL(snaglist.ask(CREATE_APP, project=project)["appCreate"]["app"]["dsn"])
        senders = [Sender(snaglist.url, dsn, number, SEED) for number in range(CLIENTS)]
        for sender in senders:
            sender.start()
        killed = kill(snaglist, chance, senders)
        for sender in senders:
            sender.stop()
        snaglist.wait_for(200)
        kept = ids_kept(snaglist, within=LONGEST_SCAN)
        told = f"seed {SEED}, {ROUNDS} rounds: {snaglist.said[-3000:]}"

        words = meanings(senders)
        promised = set[str]().union(*(sender.promised for sender in senders))
        assert promised <= kept <= words.keys(), told
        found = snaglist.ask_until_answered(FOUND)
        assert found["ingestProblems"]["nodes"] == [], told
        assert counted(found) == Counter(words[id_] for id_ in kept), told
        check_tallies(snaglist, kept, senders, told)
        assert sum(killed.values()) > ROUNDS * 0.7
        assert sum(sender.refused for sender in senders) > ROUNDS / 2, "clients came to closed doors"
        assert len(promised) > 100 * ROUNDS**0.5


def kill(snaglist: Running, chance: random.Random, senders: list[Sender]) -> dict[str, int]:
    """Kill one after the other, with events taken between most of the deaths; how many of each."""
    killed = dict.fromkeys(VICTIMS, 0)
    order = chance.sample(VICTIMS, len(VICTIMS))
    for number in range(ROUNDS):
        time.sleep(chance.random())
        victim = order[number % len(order)]
        killed[victim] += snaglist.kill(victim) is not None
        if chance.random() < 0.7:  # otherwise the next one dies while this one is not back yet
            snaglist.wait_for(200)
            wait_for_promises(senders)
    return killed


def wait_for_promises(senders: list[Sender], *, within: float = 60.0) -> None:
    """Until some more events are promised, or those who send them have failed."""
    enough = sum(len(sender.promised) for sender in senders) + 100
    deadline = time.monotonic() + within
    while sum(len(sender.promised) for sender in senders) < enough and all(
        sender.is_alive() for sender in senders
    ):
        assert time.monotonic() < deadline, "nothing is promised any more"
        time.sleep(0.05)


def counted(found: dict[str, Any]) -> Counter[str]:
    """How often each word was counted."""
    words = Counter[str]()
    for group in found["errors"]["nodes"]:
        words[group["message"].split()[-1]] += group["totalCount"]
    return words


def ids_kept(snaglist: Running, *, within: float) -> set[str]:
    """The clients' ids of all events that the database keeps, once none waits for its scan any more."""
    deadline = time.monotonic() + within
    while left := rows(snaglist, "select count(*) from inbox where problem is null")[0][0]:
        assert time.monotonic() < deadline, f"seed {SEED}: {left} events wait: {snaglist.said[-3000:]}"
        time.sleep(0.1)
    return {row[0] for row in rows(snaglist, "select client_event_id from client_event")}


def check_tallies(snaglist: Running, kept: set[str], senders: list[Sender], told: str) -> None:
    """The statistics of the app agree, to the last one."""
    total = Counter(
        {
            row[0]: int(row[1])
            for row in rows(snaglist, "select outcome, sum(total_count) from app_tally group by 1")
        }
    )
    assert rows(snaglist, "select count(*) from event")[0][0] == len(kept), told
    assert total["accepted"] == len(kept), told
    assert total["recorded"] == len(kept), told
    assert total["duplicate"] >= sum(sender.repeated for sender in senders), told


def rows(snaglist: Running, sql: str) -> list[asyncpg.Record]:
    """What a statement gives, asked of the embedded PostgreSQL itself."""
    _, sockets, *_ = (snaglist.data / "lock").read_text().split()

    async def ask() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(f"postgresql://snaglist@/snaglist?host={sockets}")
        try:
            return list(await connection.fetch(sql))
        finally:
            await connection.close()

    return asyncio.run(ask())
