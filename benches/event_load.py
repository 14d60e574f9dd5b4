"""Those who send events: eight clients of our own API, and the generator that sends what a real Sentry SDK made.

Comes in: where to, with which key, how many. Goes out: what was accepted, how fast, how long an answer took, and the CPU
time of the clients. Whatever is sent was made before the clock starts.

    python -m benches.event_load HOST PORT KEY EVENTS
"""

import asyncio
import json
import random
import resource
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import msgspec

CLIENTS, BATCH = 8, 100
MESSAGES, SESSIONS = 500, 5_000
SENTRY = Path(__file__).parents[2] / "shared" / "load_sentry.py"
_VERBS = ("load", "save", "send", "merge", "split", "check", "count", "print", "close", "open")
_WHOSE = ("new", "old", "first", "last", "open", "paid", "late", "other", "same", "whole")
_NOUNS = ("order", "invoice", "parcel", "account", "journal")


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a load. Times in milliseconds, `cpu` in seconds for all of it."""

    accepted: int
    per_second: float
    p50: float
    p99: float
    cpu: float
    seen_per_second: float = 0.0
    """From the first request until all of it was visible; 0: nobody waited for that."""
    left: int = 0
    """How many were not visible yet as the last was accepted."""


def message(number: int, chance: random.Random) -> str:
    """One of 500 messages, with numbers and ids in it that vary."""
    verb, whose = _VERBS[number % 10], _WHOSE[number // 10 % 10]
    noun = _NOUNS[number // 100 % 5]
    id_ = UUID(int=chance.getrandbits(128), version=4)
    return f"cannot {verb} the {whose} {noun} {chance.randint(1, 10**6)} of {id_}: timeout after {chance.randint(1, 9999)} ms"


def payload(number: int, chance: random.Random, session: int, *, is_full: bool = True) -> dict[str, Any]:
    """A small event of our own API, about 300 bytes of JSON; 200 with no more than an id, a session and a module."""
    told = {
        "id": UUID(int=chance.getrandbits(128), version=4).hex,
        "level": "error",
        "message": message(number, chance),
        "source_module": "Checkout",
        "session_id": f"session-{session}",
    }
    more = {
        "user_id": f"user-{session % 1000}",
        "app_version": "2.14.1",
        "attributes": {"screen": "cart", "items": chance.randint(1, 9)},
    }
    return told | more if is_full else told


def own(host: str, port: int, key: str, events: int) -> Sent:
    """Send small events in batches of 100 by eight clients, in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "benches.event_load", host, str(port), key, str(events)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return msgspec.json.decode(done.stdout, type=Sent)


def why_not_sentry() -> str | None:
    """Why the generator of SDK payloads cannot run here; None: it can."""
    if not SENTRY.is_file():
        return f"there is no {SENTRY.name} in the folder `shared` beside the checkout"
    missing = [name for name in ("aiohttp", "sentry_sdk") if find_spec(name) is None]
    return f"its packages are not here: {', '.join(missing)}" if missing else None


def sentry(dsn: str, events: int, cache: Path, *, visible: Path | None = None) -> Sent:
    """Send real SDK payloads by eight clients. `visible`: a file that says how many can be seen, to wait for all."""
    asked = ["--dsn", dsn, "--events", str(events), "-c", str(CLIENTS), "--cache", str(cache)]
    if visible:
        asked += ["--wait-cmd", f"cat {visible}", "--wait-interval", "0.1"]
    done = subprocess.run([sys.executable, str(SENTRY), *asked], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["accepted"] == events, told
    assert not visible or told["digested_all"], told
    took = told["latency_ms"]
    return Sent(
        *(told["accepted"], told["accepted_per_s"], took["p50"], took["p99"], told["gen_cpu_s"]),
        *(told.get("digested_per_s", 0.0), told.get("backlog_when_load_ended", 0)),
    )


async def _send(host: str, port: int, bodies: list[bytes]) -> tuple[int, float, list[float]]:
    """How many events were accepted, in how many seconds, and how long each answer took."""
    waiting = iter(bodies)
    took: list[float] = []
    accepted = 0

    async def client() -> None:
        nonlocal accepted
        reader, writer = await asyncio.open_connection(host, port)
        for body in waiting:
            start = perf_counter()
            writer.write(body)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            said = await reader.readexactly(int(length.split(b":")[1]))
            took.append(perf_counter() - start)
            assert head.startswith((b"HTTP/1.1 202", b"HTTP/1.1 200")), head + said
            accepted += json.loads(said)["accepted"]
        writer.close()

    start = perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return accepted, perf_counter() - start, took


def _bodies(key: str, events: int) -> list[bytes]:
    """The requests, whole."""
    chance = random.Random()  # ids that no earlier load has sent
    bodies = []
    for first in range(0, events, BATCH):
        numbers = range(first, min(first + BATCH, events))
        batch = [payload(n, chance, chance.randrange(SESSIONS)) for n in numbers]
        body = msgspec.json.encode({"events": batch})
        head = (
            f"POST /v1/ingest HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        bodies.append(head.encode() + body)
    return bodies


def _main(host: str, port: str, key: str, events: str) -> None:
    bodies = _bodies(key, int(events))
    before = resource.getrusage(resource.RUSAGE_SELF)
    accepted, seconds, took = asyncio.run(_send(host, int(port), bodies))
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    took.sort()
    middle, late = (took[ceil(share * len(took)) - 1] * 1000 for share in (0.5, 0.99))
    sent = Sent(accepted, accepted / seconds, middle, late, cpu)
    print(msgspec.json.encode(sent).decode())


if __name__ == "__main__":
    _main(*sys.argv[1:])
