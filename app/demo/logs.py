"""The log of a demo's Odoo server: requests and jobs that go well, and at times a mishap.

Comes in: chance, and times. Goes out: pieces of log text, each a few whole records of one process, and which mishap
each holds. Nothing here knows the clock or a file: the same chance gives the same text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from random import Random
from typing import Final

from app.demo.mishaps import SHOP, WAREHOUSE, Mishap, Record, request

DAYS: Final = 7
"""Days of the past that a log begins with."""
NEW_FOR: Final = timedelta(hours=2)
SPIKE_AGO: Final = timedelta(days=2, hours=20)
SPIKE_LENGTH: Final = timedelta(minutes=50)
SPIKE_SIZE: Final = 30
REQUESTS_A_DAY: Final = 260
JOBS_A_DAY: Final = 40
MISHAPS_LIVE: Final = 0.08
"""The share of mishaps in what happens now: more than in the past, so that something is to be seen within a minute."""

_CALLS: Final = (
    "GET /web", "GET /shop", "GET /shop/cart", "GET /my/orders", "POST /web/dataset/call_kw/sale.order/web_search_read",
    "POST /web/dataset/call_kw/product.product/web_read", "POST /web/action/load", "POST /mail/data",
    "GET /web/image/product.template/311/image_512", "POST /longpolling/poll",
)  # fmt: skip
_JOBS: Final = (
    "Base: Auto-vacuum internal data", "Mail: Email Queue Manager", "Procurement: run scheduler",
    "Account: Post draft entries", "Notification: Delete Notifications",
)  # fmt: skip
_CRON: Final = "odoo.addons.base.models.ir_cron"


@dataclass(frozen=True, slots=True)
class Server:
    """One Odoo server: the mishaps it knows, its databases and its processes, the last of which runs the jobs."""

    name: str
    mishaps: tuple[Mishap, ...]
    databases: tuple[str, str]
    pids: tuple[int, ...]


SERVERS: Final = (
    Server("shop", SHOP, ("shop", "shop_b2b"), (4711, 4712, 4713, 4720)),
    Server("warehouse", WAREHOUSE, ("warehouse", "warehouse_test"), (813, 814, 822)),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole records that one process writes at a time; with a mishap they hold one detection, otherwise none."""

    at: datetime
    text: bytes
    mishap: Mishap | None = None


def past(server: Server, now: datetime, chance: Random) -> list[Piece]:
    """The last days of the server until `now`, in order, from its start on."""
    start = now - timedelta(days=DAYS)
    told = [
        Record("INFO", "odoo", "Odoo version 17.0 "),
        Record("INFO", "odoo", "database: odoo@default:default "),
    ]
    begin = Piece(start, _text(told, start, server.pids[0], "?"))
    happened: list[tuple[datetime, Mishap | None]] = []
    for hour in range(DAYS * 24):
        at = start + timedelta(hours=hour)
        happened += _ordinary(at, chance)
        for mishap in server.mishaps:
            happened += ((time, mishap) for time in _times(mishap, at, now, chance))
    happened.sort(key=lambda one: one[0])
    return [begin, *(piece(server, at, mishap, chance) for at, mishap in happened)]


def live(server: Server, now: datetime, chance: Random) -> Piece:
    """What happens next: something ordinary, and now and then a mishap."""
    if chance.random() >= MISHAPS_LIVE:
        return piece(server, now, None, chance)
    weights = [min(mishap.per_day, 30) for mishap in server.mishaps]
    [mishap] = chance.choices(server.mishaps, weights)
    return piece(server, now, mishap, chance)


def piece(server: Server, at: datetime, mishap: Mishap | None, chance: Random) -> Piece:
    """A mishap, or something ordinary, as one of the server's processes writes it."""
    records = mishap.write(chance, at) if mishap else _fine(chance, at)
    is_job = any(record.logger == _CRON for record in records)
    pid = server.pids[-1] if is_job else chance.choice(server.pids[:-1])
    [database] = chance.choices(server.databases, (9, 1))
    return Piece(at, _text(records, at, pid, database, chance), mishap)


def _fine(chance: Random, at: datetime) -> list[Record]:
    if chance.random() < JOBS_A_DAY / (JOBS_A_DAY + REQUESTS_A_DAY):
        job, took = chance.choice(_JOBS), chance.uniform(0.01, 4)
        return [
            Record("INFO", _CRON, f"Starting job `{job}`. "),
            Record("INFO", _CRON, f"Job done: `{job}` ({took:.3f}s). "),
        ]
    return [request(chance, at, chance.choice(_CALLS))]


def _text(
    records: Sequence[Record], at: datetime, pid: int, database: str, chance: Random | None = None
) -> bytes:
    lines = []
    for record in records:
        stamp = f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03}"
        lines.append(f"{stamp} {pid} {record.level} {database} {record.logger}: {record.message}\n")
        at += timedelta(milliseconds=chance.randrange(1, 30) if chance else 1)
    return "".join(lines).encode()


def _ordinary(hour: datetime, chance: Random) -> Iterator[tuple[datetime, None]]:
    for _ in range(_many((REQUESTS_A_DAY + JOBS_A_DAY) / 24 * _bustle(hour), chance)):
        yield hour + timedelta(hours=chance.random()), None


def _times(mishap: Mishap, hour: datetime, now: datetime, chance: Random) -> Iterator[datetime]:
    """When the mishap happens in the hour that begins there."""
    if mishap.only_live:
        return
    is_usual = not mishap.only_new or hour >= now - NEW_FOR
    expected = mishap.per_day / 24 * (1 if mishap.at_night else _bustle(hour)) * is_usual
    for _ in range(_many(expected, chance)):
        yield hour + timedelta(hours=chance.random())
    if mishap.spike and hour <= now - SPIKE_AGO < hour + timedelta(hours=1):
        for _ in range(SPIKE_SIZE):
            yield hour + SPIKE_LENGTH * chance.random()


def _bustle(at: datetime) -> float:
    """How much is going on, about 1 on average of a working day: a morning, an afternoon, little at night."""
    hour = at.hour + at.minute / 60
    waves = 2.6 * exp(-(((hour - 10) / 2.4) ** 2)) + 2.2 * exp(-(((hour - 15.5) / 2.6) ** 2))
    return (0.12 + waves) * (0.35 if at.weekday() >= 5 else 1)


def _many(expected: float, chance: Random) -> int:
    """How often something happens that is expected so often (Poisson's distribution, by Knuth's method)."""
    count, left, least = 0, chance.random(), exp(-expected)
    while left > least:
        count += 1
        left *= chance.random()
    return count
