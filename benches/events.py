"""Events of apps through a whole Snaglist: taken by an API server, scanned by a worker, on embedded servers.

First what real Sentry SDKs send, 31.8 KiB an event: accepted while nobody scans, and while a worker does, by an app of
which some events have been scanned before; then small events of our own API in batches. Against the goals, and against a server that takes the same requests from the same
clients and only answers. Generators, servers and databases share the processors. Each part says what an event cost
whom. SNAGLIST_BENCH_EVENTS asks for more events than the 2,000 by which each is measured (20,000 is the full scale).
"""

import os
import shutil
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app import embedded
from benches import event_load, issue_scan
from benches.answering import answering
from benches.costs import Watch, cpu, size
from benches.event_load import Sent
from tests.running import Running

EVENTS = int(os.environ.get("SNAGLIST_BENCH_EVENTS", "2000"))
WARM = 300
OWN = 10
"""So many times as many small events."""
ACCEPTED_GOAL, SCANNING_GOAL = 15 * 177, 8 * 177
"""Sentry events a second: so many times what Bugsink 2 accepts on the same machine, with nobody scanning and meanwhile."""
SEEN_GOAL = 30 * 41
"""Events a second from the first request until all can be seen: so many times Bugsink's."""
LATE_GOAL, MEMORY_GOAL, DISK_GOAL, OWN_GOAL = 80.0, 400.0, 50.0, 20_000
"""Milliseconds; MiB of all processes; MiB for 10,000 events; small events a second."""
_PROJECT = 'mutation { projectCreate(input: {name: "Shop"}) { project { id } userErrors { message } } }'
_APP = """
mutation ($project: ID!) {
  appCreate(input: {projectId: $project, name: "Web shop", platform: "python"}) { app { dsn } userErrors { message } }
}
"""
_TOTALS = "{ errors(first: 100) { nodes { totalCount } pageInfo { hasNextPage endCursor } } }"


@dataclass(frozen=True, slots=True)
class Place:
    """The folder and the servers of a bench; `cache` keeps what the SDK made."""

    folder: Path
    database: str
    redis: str

    @property
    def cache(self) -> Path:
        """What the SDK made, for the next load."""
        return self.folder / "events.json.gz"


def run() -> None:
    """Print what is accepted, seen, held and used; then how fast a scan is."""
    folder = Path(tempfile.mkdtemp(prefix="snaglist-bench-", dir=os.environ.get("SNAGLIST_BENCH_FOLDER")))
    folder.chmod(0o755)
    try:
        with embedded.start(folder / "data") as servers:
            assert servers.postgres
            assert servers.valkey
            place = Place(folder, servers.postgres.url, servers.valkey.url)
            if why := event_load.why_not_sentry():
                print(f"Sentry events: left out, as {why}")
            else:
                _sentry(place)
            _own(place)
            issue_scan.measure(place.database, place.redis)
    finally:
        shutil.rmtree(folder)


def _sentry(place: Place) -> None:
    with _floor() as port:
        floor = event_load.sentry(f"http://{'0' * 32}@127.0.0.1:{port}/1", EVENTS, place.cache)
    watch = Watch(place.database, os.getpid(), place.folder / "visible")
    with _snaglist(place, workers=1) as snaglist:
        dsn = _make_app(snaglist)
        watch.start()
        start = size(place.database)
        event_load.sentry(dsn, WARM, place.cache, visible=watch.visible)
        dsn = dsn.replace(str(snaglist.port), "PORT")
    with _snaglist(place, workers=0) as snaglist:
        dsn = dsn.replace("PORT", str(snaglist.port))
        event_load.sentry(dsn, WARM, place.cache)
        before = cpu(os.getpid())
        idle = event_load.sentry(dsn, EVENTS, place.cache)
        _tell_accepted("while nobody scans", idle, ACCEPTED_GOAL, floor)
        print(_costs(before, idle), flush=True)
        dsn = dsn.replace(str(snaglist.port), "PORT")
    with _snaglist(place, workers=1) as snaglist:
        before, waiting, began = cpu(os.getpid()), 2 * WARM + EVENTS - watch.count(), time.monotonic()
        while watch.count() < 2 * WARM + EVENTS:
            time.sleep(0.02)
        seconds = time.monotonic() - began
        print(f"Sentry events, scanned alone: {waiting / seconds:,.0f}/s (about {waiting:,} of them)")
        print(_costs(before, Sent(waiting, 0, 0, 0, 0)), flush=True)
        before = cpu(os.getpid())
        both = event_load.sentry(
            dsn.replace("PORT", str(snaglist.port)), EVENTS, place.cache, visible=watch.visible
        )
        _tell_accepted("while a worker scans", both, SCANNING_GOAL, floor)
        print(_costs(before, both), flush=True)
        _check(snaglist, 2 * WARM + 2 * EVENTS)
    watch.stop()
    print(
        f"Sentry events, from the first request until all are seen: {both.seen_per_second:,.0f}/s ="
        f" {both.seen_per_second / SEEN_GOAL:.2f} of the goal ({SEEN_GOAL:,});"
        f" {both.left:,} were left when the last was accepted"
    )
    _tell_held(place, watch, start, 2 * WARM + 2 * EVENTS)


def _own(place: Place) -> None:
    with _floor() as port:
        floor = event_load.own("127.0.0.1", port, "0" * 32, EVENTS * OWN)
    with _snaglist(place, workers=0) as snaglist:
        key = urlsplit(_make_app(snaglist)).username
        assert key
        event_load.own("127.0.0.1", snaglist.port, key, WARM * OWN)
        before = cpu(os.getpid())
        sent = event_load.own("127.0.0.1", snaglist.port, key, EVENTS * OWN)
        assert sent.accepted == EVENTS * OWN, sent
        used = _costs(before, sent)
    print(
        f"own API, batches of {event_load.BATCH}: {sent.per_second:,.0f} events/s accepted ="
        f" {sent.per_second / OWN_GOAL:.2f} of the goal ({OWN_GOAL:,}),"
        f" {sent.per_second / floor.per_second:.2f} of a server that only answers;"
        f" half of the answers within {sent.p50:.1f} ms, all but a hundredth within {sent.p99:.1f}"
    )
    print(used, flush=True)


def _tell_accepted(when: str, sent: Sent, goal: float, floor: Sent) -> None:
    print(
        f"Sentry events, {when}: {sent.per_second:,.0f}/s accepted = {sent.per_second / goal:.2f} of the goal"
        f" ({goal:,}), {sent.per_second / floor.per_second:.2f} of a server that only answers;"
        f" half of the answers within {sent.p50:.1f} ms, all but a hundredth within {sent.p99:.1f}"
        f" = {sent.p99 / LATE_GOAL:.2f} of the goal ({LATE_GOAL:.0f} ms)"
    )


def _costs(before: Counter[str], sent: Sent) -> str:
    """Microseconds of a processor that each event cost whom, in words."""
    used = cpu(os.getpid())
    parts = {kind: used[kind] - before[kind] for kind in used} | {"clients": sent.cpu}
    told = (f"{kind} {1e6 * spent / sent.accepted:,.0f}" for kind, spent in parts.items() if spent > 0.005)
    return f"  microseconds of CPU for each: {', '.join(told)}"


def _tell_held(place: Place, watch: Watch, start: float, events: int) -> None:
    memory = watch.peak.total()
    parts = ", ".join(f"{kind} {held:.0f}" for kind, held in watch.peak.items())
    disk = (size(place.database) - start) / events * 10_000
    print(
        f"Sentry events: {memory:.0f} MiB PSS at most = {memory / MEMORY_GOAL:.2f} of the goal ({MEMORY_GOAL:.0f}):"
        f" {parts}; on the disk {disk:.1f} MiB for 10,000 = {disk / DISK_GOAL:.2f} of the goal ({DISK_GOAL:.0f})"
    )


def _check(snaglist: Running, events: int) -> None:
    """What people see is what was sent."""
    total, after = 0, ""
    while True:
        page = snaglist.ask(_TOTALS.replace("first: 100", f"first: 100{after}"))["errors"]
        total += sum(node["totalCount"] for node in page["nodes"])
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
    assert total == events, total


def _make_app(snaglist: Running) -> str:
    """The DSN of a new app in a new project."""
    project = snaglist.ask(_PROJECT)["projectCreate"]["project"]["id"]
    dsn: str = snaglist.ask(_APP, project=project)["appCreate"]["app"]["dsn"]
    return dsn


@contextmanager
def _snaglist(place: Place, *, workers: int) -> Iterator[Running]:
    """A Snaglist on the servers of the bench."""
    snaglist = Running(
        place.folder / "snaglist",
        DATABASE_URL=place.database,
        REDIS_URL=place.redis,
        SNAGLIST_SECRET_KEY="only for this bench",  # noqa: S106
        SNAGLIST_WORKERS=str(workers),
        SNAGLIST_LOG_LEVEL="WARNING",
    )
    try:
        snaglist.wait_for(200)
        yield snaglist
    finally:
        snaglist.stop()


@contextmanager
def _floor() -> Iterator[int]:
    """The port of a server that only answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with answering(port):
        yield port


if __name__ == "__main__":
    run()
