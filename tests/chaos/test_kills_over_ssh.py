"""Counts of logs on another machine are right to the last one, whatever was killed with -9 while they grew and rotated.

On that machine is a real sshd, a stand-in of docker whose container is created anew now and then, and two files, which
logrotate itself rotates, each by one of its methods. Workers and API scan all of them, as often as they can.
"""

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.errors import Unavailable
from app.graphql import ids
from app.live import connection
from app.live.queue import Queue, enqueue
from tests.chaos.logs import LOGROTATE, ContainerLog, Log, RotatedLog
from tests.chaos.test_kills import ROUNDS, Scanning
from tests.chaos.writing import Writer
from tests.journeys.test_first_look import CREATE_PROJECT, SCAN
from tests.running import Running, running
from tests.scanning.ssh.stage import Server, key, public, sshd
from tests.scanning.stand_ins.hosts import install

CREATE = """
mutation ($input: InstanceCreateInput!) {
  instanceCreate(input: $input) { instance { id } userErrors { field code message } }
}
"""
COUNTS = """
{ errors(first: 100) { nodes { message totalCount affectedInstances { instance { id } totalCount }
  timeline(days: 7) { buckets { count } } } } }
"""
VICTIMS = ("worker", "postgres", "sshd", "valkey", "api")

Counts = dict[str, dict[str, int]]
"""How often each word was counted, for each instance."""


class Workers(threading.Thread):
    """Asks the workers to scan, again and again, as the minute does; `answered`: how often that was taken down."""

    def __init__(self, data: Path, instance_ids: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self.answered = 0
        self._url = f"unix://{(data / 'lock').read_text().splitlines()[1]}/valkey.sock"
        self._instances = [ids.decode("Instance", instance_id) for instance_id in instance_ids]
        self._ending = threading.Event()

    def run(self) -> None:
        asyncio.run(self._ask())

    def stop(self) -> None:
        self._ending.set()
        self.join()

    async def _ask(self) -> None:
        connection.connect(self._url)
        try:
            while not self._ending.is_set():
                for instance_id in self._instances:
                    with suppress(Unavailable):
                        await self._ask_for(instance_id)
                await asyncio.sleep(0.3)
        finally:
            await connection.close()

    async def _ask_for(self, instance_id: UUID | None) -> None:
        # With an id of its own, as one that was begun by a dead worker keeps its id for a while.
        job_id = f"scan-instance:{instance_id}:{self.answered}"
        await enqueue("scan-instance", None, str(instance_id), job_id=job_id, queue=Queue.SCAN)
        self.answered += 1


@pytest.mark.skipif(LOGROTATE is None, reason="the program logrotate is not installed")
@pytest.mark.timeout(240 + 30 * ROUNDS)
def test_nothing_of_another_machine_is_lost_or_counted_twice(tmp_path: Path) -> None:
    container = ContainerLog(tmp_path / "docker-state")
    files = [RotatedLog(tmp_path / method, method) for method in ("create", "copytruncate")]
    install("docker", tmp_path / "programs", container.folder)
    with sshd(tmp_path / "programs") as server, running(tmp_path / "data") as snaglist:
        logs = [{"docker": {"container": "odoo"}}, *({"file": {"path": str(file.path)}} for file in files)]
        instances = make_instances(snaglist, server, logs)
        places: list[Log] = [container, *files]
        writers = {
            instance_id: Writer(log, seed=ROUNDS + number, most=12, pause=0.04, turns=0)
            for number, (instance_id, log) in enumerate(zip(instances, places, strict=True))
        }
        container.is_read = lambda: is_read(snaglist, instances[0], writers[instances[0]])
        for instance_id in instances:
            snaglist.ask(SCAN, id=instance_id)
        workers = Workers(tmp_path / "data", instances)
        scanning = [Scanning(snaglist, instance_id) for instance_id in instances]
        for thread in (*writers.values(), workers, *scanning):
            thread.start()

        killed = kill(snaglist, server, list(writers.values()))

        truth = {instance_id: writer.stop() for instance_id, writer in writers.items()}
        wait_until(lambda: counts(snaglist) == truth)
        workers.stop()
        for thread in scanning:
            thread.stop()
        states = [snaglist.ask_until_answered(SCAN, id=instance_id) for instance_id in instances]
        assert [state["instanceScan"]["userErrors"] for state in states] == [[]] * len(instances)
        assert counts(snaglist) == truth, "nothing comes again later"
        demand_agreement(snaglist)
        assert sum(killed.values()) > ROUNDS * 0.7
        assert workers.answered > ROUNDS
        assert sum(truth[instances[0]].values()) > ROUNDS
        assert container.created > 1
        assert all(writer.rotations for writer in writers.values())


def kill(snaglist: Running, server: Server, writers: list[Writer]) -> dict[str, int]:
    """Rounds of deaths, in the first of which the logs are rotated, too, the container's less often; how often whom it was."""
    chance = random.Random(ROUNDS)
    killed = dict.fromkeys(VICTIMS, 0)
    for number in range(ROUNDS):
        # A container waits until all was read, and does not write meanwhile.
        for writer in writers[number % 5 != 0 :]:
            if number == 0 or (number < ROUNDS - 4 and chance.random() < 0.7):
                writer.rotate_soon()
        time.sleep(chance.random())
        victim = VICTIMS[number % len(VICTIMS)]
        if victim == "sshd":
            server.restart() if chance.random() < 0.3 else server.kill_sessions()
            killed[victim] += 1
        else:
            killed[victim] += snaglist.kill(victim) is not None
        if chance.random() < 0.7:  # otherwise the next one dies while this one is not back yet
            snaglist.wait_for(200)
            wait_for_more(snaglist, writers)
    snaglist.wait_for(200)
    return killed


def wait_for_more(snaglist: Running, writers: list[Writer], *, within: float = 60.0) -> None:
    """Until each log has some more errors: a container's goes on only when all of it was read."""
    enough = [sum(writer.truth.values()) + 5 for writer in writers]
    deadline = time.monotonic() + within
    while any(
        sum(w.truth.values()) < least for w, least in zip(writers, enough, strict=True) if w.is_alive()
    ):
        assert time.monotonic() < deadline, f"nobody reads on: {snaglist.said[-3000:]}"
        time.sleep(0.05)


def make_instances(snaglist: Running, server: Server, logs: Sequence[Mapping[str, Any]]) -> list[str]:
    """An instance of each of these logs of the server, in one project."""
    project = snaglist.ask(CREATE_PROJECT)["projectCreate"]["project"]["id"]
    login = {
        "host": "127.0.0.1",
        "port": server.port,
        "user": server.user,
        "privateKey": key(server.key).text,
        "hostKey": public(server.host_key),
    }
    made = []
    for number, log in enumerate(logs):
        given = {"projectId": project, "name": f"Shop {number}", "source": {"ssh": {**login, "log": log}}}
        answer = snaglist.ask(CREATE, input=given)["instanceCreate"]
        assert answer["userErrors"] == []
        made.append(answer["instance"]["id"])
    return made


def counts(snaglist: Running) -> Counts:
    """What was counted until now."""
    return counted(snaglist.ask_until_answered(COUNTS)["errors"]["nodes"])


def counted(groups: Sequence[Mapping[str, Any]]) -> Counts:
    found: Counts = {}
    for group in groups:
        word = group["message"].split()[-1]
        for affected in group["affectedInstances"]:
            words = found.setdefault(affected["instance"]["id"], {})
            words[word] = words.get(word, 0) + affected["totalCount"]
    return found


def demand_agreement(snaglist: Running) -> None:
    """Three ways of counting must agree for each group, once nobody counts any more."""
    for group in snaglist.ask_until_answered(COUNTS)["errors"]["nodes"]:
        by_hour = sum(bucket["count"] for bucket in group["timeline"]["buckets"])
        by_instance = sum(affected["totalCount"] for affected in group["affectedInstances"])
        assert by_hour == by_instance == group["totalCount"], group["message"]


def is_read(snaglist: Running, instance_id: str, writer: Writer) -> bool:
    """Whether all that was written is counted, as far as somebody answers."""
    with suppress(httpx.TransportError, json.JSONDecodeError):
        answer = snaglist.answer(COUNTS)
        if not answer.get("errors"):
            return counted(answer["data"]["errors"]["nodes"]).get(instance_id, {}) == writer.written
    return False


def wait_until(is_so: Callable[[], bool]) -> None:
    """For some time: the last file before a rotation counts as whole once it was quiet for a while."""
    deadline = time.monotonic() + 60
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.2)
