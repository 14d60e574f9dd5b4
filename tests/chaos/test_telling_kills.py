"""Each alert and each digest once, as far as its receiver can tell, and nothing left out: whoever is killed.

`make chaos` has 60 kills; the suite a few.
"""

import asyncio
import json
import os
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.accounts import keys_in_force
from app.accounts.actors import SYSTEM
from app.alerts.channels.channel import WebhookChannel, sealed
from app.domain.alerts.conditions import ConditionKind
from app.tables.database import DB, fetch
from app.tables.identifiers import uuid7
from app.triage.resolve import resolve
from tests.alerts.digests.stage import member
from tests.chaos.forked import Workers, workers
from tests.chaos.telling_worker import KEY, clock
from tests.recording.stage import Stage, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ROUNDS = int(os.environ.get("SNAGLIST_CHAOS_ROUNDS", "5"))
ERRORS = 12
"""New ones in each round."""
NEW = re.compile(r"^New: ([\d,]+)   Regressed: ([\d,]+)", re.MULTILINE)


class Receiver:
    """What webhooks brought: by rule and delivery, how much it was about. Some are taken, and not answered."""

    def __init__(self, chance: random.Random) -> None:
        self.told: dict[str, dict[str, int]] = {}
        self.repeated = 0
        self.chance = chance
        self.lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not receiver.takes(self.headers["X-Snaglist-Delivery"], body):
                    self.close_connection = True  # nobody hears whether it was taken
                    return
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  as the library calls it
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def takes(self, delivery_id: str, body: bytes) -> bool:
        """Note it; whether it is answered."""
        told = json.loads(body)
        with self.lock:
            rule = self.told.setdefault(told["rule"], {})
            self.repeated += delivery_id in rule
            assert rule.setdefault(delivery_id, told["total"]) == told["total"]
            return self.chance.random() > 0.1

    def total(self, rule: str) -> int:
        """How much a rule has told in all."""
        with self.lock:
            return sum(self.told.get(rule, {}).values())


@contextmanager
def receiving(chance: random.Random) -> Iterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver(chance)
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


@pytest.mark.timeout(120 + 6 * ROUNDS)
async def test_what_is_to_be_told_is_told_once(tmp_path: Path) -> None:
    chance, began = random.Random(ROUNDS), time.time()
    keys_in_force.use_keys(KEY)
    stage = await set_up(cooldown_seconds=0)
    await fetch(
        "update project set alert_frequency = 'HOURLY', time_zone = 'UTC', created_at = $1", clock(began)
    )
    members = [await member(stage.organization_id, name) for name in ("ann", "bob")]
    with receiving(chance) as receiver:
        for kind in (ConditionKind.OPENED, ConditionKind.REGRESSED):
            await rule(stage, kind, receiver.url, began)
        arguments = (DB.config["dsn"], str(tmp_path), str(began))
        with workers("tests.chaos.telling_worker", *arguments, chance=chance) as working:
            errors = await lived(stage, working, chance, began)
            regressed = await regressions()
            await settled(began)
        assert receiver.total("OPENED") == errors
        assert receiver.total("REGRESSED") == regressed
        alerts = await fetch("select id, status from delivery where kind = 'alert'")
        assert {row["status"] for row in alerts} == {"sent"}
        assert {str(row["id"]) for row in alerts} == {
            each for told in receiver.told.values() for each in told
        }
    assert working.killed >= ROUNDS
    mails = {path.name: path.read_text() for path in tmp_path.glob("*.eml")}  # noqa: ASYNC240  all is over
    await digests_agree(mails, errors, regressed, members)


async def rule(stage: Stage, kind: ConditionKind, url: str, began: float) -> None:
    """A rule that tells of all of a kind, every hour at most, and is called what it is."""
    await fetch(
        """
        insert into alert_rule (id, organization_id, project_id, name, condition, channels, quiet_seconds, created_at)
        values ($1, $2, $3, $4, $5, $6, 3600, $7)
        """,
        uuid7(clock(began)),
        stage.organization_id,
        stage.project_id,
        kind.value,
        json.dumps({"kind": kind.value}),
        sealed(stage.organization_id, [WebhookChannel(url, "the secret of the receiver")]),
        clock(began),
    )


async def lived(stage: Stage, working: Workers, chance: random.Random, began: float) -> int:
    """New errors and old ones that come back, and a kill in each round; how many there are then."""
    names: list[str] = []
    for number in range(ROUNDS):
        fresh = [f"Error{number}x{each}" for each in range(ERRORS)]
        old = chance.sample(names, min(3, len(names)))
        if old:
            groups = {row["title"].partition(":")[0]: row["id"] for row in await stage.groups("id, title")}
            await resolve(stage.organization_id, [groups[name] for name in old], SYSTEM, now=clock(began))
            await asyncio.sleep(0.05)
        now = clock(began)
        await recorded([sighting(stage.shop, name, now) for name in (*fresh, *old)], now=now)
        names += fresh
        await asyncio.sleep(chance.random() * 0.6)
        working.kill_one()
    return len(names)


async def regressions() -> int:
    """How often an error came back."""
    [[count]] = await fetch("select count(*) from group_change where kind = 'REGRESSED'")
    return int(count)


async def settled(began: float) -> None:
    """Until all is told, and an hour more is."""
    ends, deadline = clock(began), time.monotonic() + 60
    while True:
        [left] = await fetch(
            """
            select (select count(*) from outbox) + (select count(*) from alert_pending)
                + (select count(*) from delivery where status = 'waiting')
                + (select count(*) from project where not exists (select from digest where sent_through > $1)) as number
            """,
            ends,
        )
        if not left["number"]:
            return
        assert time.monotonic() < deadline, [
            dict(row) for row in await fetch("select * from delivery where status = 'waiting'")
        ]
        await asyncio.sleep(0.1)


async def digests_agree(mails: dict[str, str], errors: int, regressed: int, members: list[UUID]) -> None:
    """Each member was told of each error in one digest, and no digest was sent as two."""
    rows = await fetch("select id, membership_id, status from delivery where kind = 'digest'")
    assert {row["status"] for row in rows} == {"sent"}
    for membership_id in members:
        new = back = 0
        for row in rows:
            if row["membership_id"] == membership_id:
                texts = {NEW.findall(text)[0] for name, text in mails.items() if str(row["id"]) in name}
                [[its_new, its_back]] = texts
                new += int(its_new.replace(",", ""))
                back += int(its_back.replace(",", ""))
        assert new == errors
        assert (
            0 < back <= regressed
        )  # what is new, or came back twice, within an hour is told once in its digest
    assert len({name for name in mails if any(str(row["id"]) in name for row in rows)}) == len(mails)
