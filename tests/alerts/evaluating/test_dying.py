"""Whoever is killed, and however many tell at once: every error is told once to every rule."""

import asyncio
import os
import random
import subprocess
import sys
from pathlib import Path
from time import time

import pytest

from app.tables.database import fetch
from tests.alerts.evaluating.stage import pended, rule, told
from tests.recording.stage import recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ROUNDS = int(os.environ.get("SNAGLIST_CHAOS_ROUNDS", "5"))


@pytest.mark.timeout(60 + 6 * ROUNDS)
async def test_whoever_is_killed_every_error_is_told_once(database: str) -> None:
    stage = await set_up()
    rules = {await rule(stage, quiet_seconds=quiet, name=str(quiet)) for quiet in (0, 0, 5)}
    began = time()
    living = [start(database, began) for _ in range(2)]
    made = 0
    try:
        for number in range(ROUNDS):
            for _ in range(4):
                made += 5
                await recorded([sighting(stage.shop, f"E{made}-{n}") for n in range(5)])
                await asyncio.sleep(random.random() * 0.15)
            living[number % 2].kill()
            living[number % 2].communicate()
            living[number % 2] = start(database, began)
        async with asyncio.timeout(20):
            while await fetch("select from outbox") or await pended():  # noqa: ASYNC110  what is awaited is in the database
                await asyncio.sleep(0.1)
    finally:
        for life in living:
            life.kill()
            life.communicate()
    sums = dict.fromkeys(rules, 0)
    messages = await told()
    for rule_id, total, _ in messages:
        sums[rule_id] += total
    assert set(sums.values()) == {made}
    assert len(messages) > ROUNDS / 3, "they got on between their deaths"


def start(database: str, began: float) -> "subprocess.Popen[bytes]":
    """A process that tells, once it does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.alerts.evaluating.endless_telling", database, str(began)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout
    assert process.stdout.readline() == b"telling\n"
    return process
