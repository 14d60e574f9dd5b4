"""Counts are right to the last one, whatever was killed with -9 while the log grew and rotated.

`make chaos` runs 50 rounds and more; the suite a few.
"""

import json
import os
import random
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.chaos.logs import FileLog
from tests.chaos.writing import Writer
from tests.journeys.test_first_look import SCAN, make_instance
from tests.running import Running, running

ROUNDS = int(os.environ.get("SNAGLIST_CHAOS_ROUNDS", "4"))
COUNTS = """
{ errors(first: 100) { nodes { message kind totalCount affectedInstances { totalCount }
  timeline(days: 7) { buckets { count } } } } }
"""
VICTIMS = ("worker", "postgres", "api", "valkey")


class Scanning(threading.Thread):
    """Asks for a scan again and again, as an impatient person does, whether somebody answers or not."""

    def __init__(self, snaglist: Running, instance_id: str) -> None:
        super().__init__(daemon=True)
        self.answered = 0
        self.failure: BaseException | None = None
        self._snaglist = snaglist
        self._instance_id = instance_id
        self._ending = threading.Event()

    def run(self) -> None:
        """Until `stop`, or an answer that nobody could have expected."""
        try:
            while not self._ending.is_set():
                self._ask()
        except BaseException as failure:  # noqa: BLE001  raised by `stop`
            self.failure = failure

    def _ask(self) -> None:
        """Once. Nobody need answer: where things die every other second, a scan may be cut off again and again."""
        try:
            answer = self._snaglist.answer(SCAN, {"id": self._instance_id})
        except (httpx.TransportError, json.JSONDecodeError):
            time.sleep(0.1)
            return
        codes = {error.get("extensions", {}).get("code") for error in answer.get("errors", ())}
        assert codes <= {"UNAVAILABLE"}, f"{answer['errors']}: {self._snaglist.said[-5000:]}"
        if codes:
            time.sleep(0.1)
        else:
            self.answered += 1

    def wait_for_one_more(self, *, within: float = 60.0) -> None:
        """Until a scan is answered that is not answered yet."""
        before, deadline = self.answered, time.monotonic() + within
        while self.answered == before and self.is_alive():
            assert time.monotonic() < deadline, f"no scan is answered: {self._snaglist.said[-5000:]}"
            time.sleep(0.05)

    def stop(self) -> None:
        """After the present scan. Raises what went wrong."""
        self._ending.set()
        self.join()
        if self.failure:
            raise self.failure


@pytest.mark.timeout(120 + 15 * ROUNDS)
def test_nothing_is_lost_and_nothing_counted_twice(tmp_path: Path) -> None:
    chance = random.Random(ROUNDS)
    log = tmp_path / "odoo.log"
    log.touch()
    with running(tmp_path / "data") as snaglist:
        instance_id = make_instance(snaglist, log)
        snaglist.ask(SCAN, id=instance_id)
        writer = Writer(FileLog(log), seed=ROUNDS)
        writer.start()
        scanning = Scanning(snaglist, instance_id)
        scanning.start()
        killed = dict.fromkeys(VICTIMS, 0)
        for number in range(ROUNDS):
            time.sleep(chance.random())
            if number % 2:
                writer.rotate_soon()
            victim = VICTIMS[number % len(VICTIMS)]
            killed[victim] += snaglist.kill(victim) is not None
            if chance.random() < 0.7:  # otherwise the next one dies while this one is not back yet
                snaglist.wait_for(200)
                scanning.wait_for_one_more()
        truth = writer.stop()
        scanning.stop()
        snaglist.wait_for(200)
        deadline = time.monotonic() + 30
        while (counted := counts(snaglist)) != truth and time.monotonic() < deadline:
            snaglist.ask_until_answered(SCAN, id=instance_id)
        assert counted == truth
        assert sum(killed.values()) > ROUNDS * 0.7
        assert scanning.answered > 0
        assert writer.rotations > ROUNDS / 4


def counts(snaglist: Running) -> dict[str, int]:
    """How often each word was counted, on which three ways of counting must agree for each group."""
    found: dict[str, int] = {}
    for group in snaglist.ask_until_answered(COUNTS)["errors"]["nodes"]:
        by_hour = sum(bucket["count"] for bucket in group["timeline"]["buckets"])
        by_instance = sum(instance["totalCount"] for instance in group["affectedInstances"])
        assert by_hour == by_instance == group["totalCount"], group["message"]
        word = group["message"].split()[-1]
        found[word] = found.get(word, 0) + group["totalCount"]
    return found
