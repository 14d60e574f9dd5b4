"""The first page of lists of errors, in the database: each filter with each order, and what people choose together.

100,000 groups and 2,000,000 hourly counts; SNAGLIST_BENCH_GROUPS and SNAGLIST_BENCH_HOURS ask for others (1,000,000
and 100,000,000 is the full scale: a quarter of an hour, 20 GB). Each time is the middle one of five, from the question to
its rows in this process. The hundredth page, or the last one, is held against the first of the same list.
"""

import asyncio
import os
import shutil
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, time
from typing import NamedTuple
from uuid import UUID

from app import embedded
from app.reading.groups import Filter, Group, Order, OrderField, groups
from app.reading.pages import Page, Window
from app.reading.series import sparklines
from app.tables.database import close_pool, fetch, open_pool
from app.tables.migrate import migrate
from app.tables.partitions import make_partitions
from benches.lists_data import Filled, fill

GROUPS = int(os.environ.get("SNAGLIST_BENCH_GROUPS", "100000"))
HOURS = int(os.environ.get("SNAGLIST_BENCH_HOURS", "2000000"))
GOAL = 50.0
"""Milliseconds."""
RUNS = 5
PAGES = 100
ORDERS = [Order(field, descending) for field in OrderField for descending in (True, False)]
_OPEN = ("NEW", "ACTIVE", "IN_PROGRESS", "REGRESSED")


class Spent(NamedTuple):
    """Milliseconds from the question to the rows, and those of the processor that PostgreSQL had of them."""

    passed: float
    used: float


def run() -> None:
    """Print a table of times, the worst against the goal, and every miss by name."""
    folder = Path(tempfile.mkdtemp(prefix="snaglist-bench-", dir=os.environ.get("SNAGLIST_BENCH_FOLDER")))
    folder.chmod(0o755)
    try:
        with embedded.start(folder / "data", valkey=False) as servers:
            assert servers.postgres
            asyncio.run(_measure(servers.postgres.url))
    finally:
        shutil.rmtree(folder)


async def _measure(url: str) -> None:
    await open_pool(url, size=1)
    try:
        await migrate()
        now = datetime.fromtimestamp(time(), UTC)
        await make_partitions(now)
        await compare(await fill(GROUPS, HOURS, now), now)
    finally:
        await close_pool()


async def compare(filled: Filled, now: datetime) -> None:
    """Print what each list takes."""
    print(
        f"lists, {GROUPS:,} groups, {HOURS:,} hourly counts: milliseconds to the first page, goal {GOAL:.0f}"
    )
    print(
        f"  {'':34}" + "".join(f"{order.field[:8]:>9}{'↓' if order.descending else '↑'}" for order in ORDERS)
    )
    times: dict[str, Spent] = {}
    for name, wanted in singles(filled, now).items():
        row = {_named(name, order): await _time(_page(filled, wanted, order, now)) for order in ORDERS}
        print(f"  {name:34}" + "".join(f"{spent.passed:10.1f}" for spent in row.values()), flush=True)
        times |= row
    print("  chosen together, and all in each order: first page, hundredth or last page")
    everything = {_named("all", order): (Filter(), order) for order in ORDERS}
    for name, (wanted, order) in {**together(filled, now), **everything}.items():
        first, last = await _both_ends(filled, wanted, order, now)
        print(f"  {name:64}{first.passed:10.1f}{last.passed:10.1f}", flush=True)
        times |= {name: first, f"{name}, page {PAGES}": last}
    times |= await _sparklines(filled, now)
    _tell(times)


def _named(name: str, order: Order) -> str:
    return f"{name}, {order.field} {'descending' if order.descending else 'ascending'}"


def _tell(times: dict[str, Spent]) -> None:
    worst, used = (max(times, key=lambda name, at=at: times[name][at]) for at in (0, 1))  # type: ignore[misc]
    missed = [
        f"{name} {spent.passed:.0f} ({spent.used:.0f})"
        for name, spent in times.items()
        if spent.passed > GOAL
    ]
    print(
        f"lists, {GROUPS:,} groups, {HOURS:,} hourly counts  worst of {len(times)} {times[worst].passed / GOAL:.2f} of the"
        f" goal ({worst}), {times[used].used / GOAL:.2f} by PostgreSQL's processor time ({used}), middle"
        f" {statistics.median(spent.passed for spent in times.values()):.1f} ms; missed, with processor time:"
        f" {'; '.join(missed) or 'none'}"
    )


def _page(
    filled: Filled,
    wanted: Filter,
    order: Order,
    now: datetime,
    window: Window = Window(),  # noqa: B008  frozen
) -> Callable[[], Awaitable[Page[Group]]]:
    return lambda: groups(filled.organization_id, wanted, order, window, now=now)


async def _time(ask: Callable[[], Awaitable[object]]) -> "Spent":
    """The middle of five times, after one that warms up."""
    [row] = await fetch("select pg_backend_pid() as pid")
    spent = []
    for _ in range(RUNS + 1):
        start, processor = perf_counter(), _processor(row["pid"])
        await ask()
        spent.append(((perf_counter() - start) * 1000, _processor(row["pid"]) - processor))
    passed, used = zip(*spent[1:], strict=True)
    return Spent(statistics.median(passed), statistics.median(used))


def _processor(pid: int) -> float:
    """Milliseconds of processor time that a process has had."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


async def _both_ends(filled: Filled, wanted: Filter, order: Order, now: datetime) -> tuple[Spent, Spent]:
    first = await _time(_page(filled, wanted, order, now))
    window = Window()
    for _ in range(PAGES - 1):
        page = await groups(filled.organization_id, wanted, order, window, now=now)
        if not page.has_next:
            break
        window = Window(after=page.cursors[-1])
    return first, await _time(_page(filled, wanted, order, now, window))


async def _sparklines(filled: Filled, now: datetime) -> dict[str, Spent]:
    times = {}
    for field in (OrderField.LAST_SEEN, OrderField.TOTAL_COUNT, OrderField.FIRST_SEEN):
        page = await groups(filled.organization_id, Filter(), Order(field), now=now)
        ids = [group.id for group in page.nodes]
        for days in (7, 90):

            def ask(days: int = days, ids: Sequence[UUID] = tuple(ids)) -> Awaitable[object]:
                return sparklines(filled.organization_id, ids, days, now=now)

            name = f"sparklines of {days} days of a page by {field}"
            times[name] = await _time(ask)
            print(f"  {name:64}{times[name].passed:10.1f}")
    return times


def singles(filled: Filled, now: datetime) -> dict[str, Filter]:
    """Each filter alone: what many have, what few have, and what nobody has."""
    return {
        "nothing": Filter(),
        "muted ones too": Filter(show_muted=True),
        "severity CRITICAL": Filter(severity=("CRITICAL",)),
        "severity MEDIUM": Filter(severity=("MEDIUM",)),
        "severity CRITICAL, MEDIUM": Filter(severity=("CRITICAL", "MEDIUM")),
        "status NEW": Filter(status=("NEW",)),
        "status IN_PROGRESS": Filter(status=("IN_PROGRESS",)),
        "status RESOLVED": Filter(status=("RESOLVED",)),
        "status SILENCED": Filter(status=("SILENCED",)),
        "status NEW, ACTIVE, REGRESSED": Filter(status=("NEW", "ACTIVE", "REGRESSED")),
        "source LOG": Filter(source="LOG"),
        "source EVENT": Filter(source="EVENT"),
        "kind TRACEBACK": Filter(kind=("TRACEBACK",)),
        "kind ACCESS": Filter(kind=("ACCESS",)),
        "module, common": Filter(module="addon_1"),
        "module, rare": Filter(module="addon_299"),
        "module, none": Filter(module="no such"),
        **_texts(),
        **_places(filled),
        "app": Filter(app_id=filled.app_id),
        "project, large": Filter(project_id=filled.large_project_id),
        "project, small": Filter(project_id=filled.small_project_id),
        "dev only": Filter(is_dev=True),
        "no dev": Filter(is_dev=False),
        "assignee": Filter(assignee_id=filled.member_id),
        "priority P0": Filter(priority=("P0",)),
        "priority P2": Filter(priority=("P2",)),
        "priority P0, P3": Filter(priority=("P0", "P3")),
        "since an hour ago": Filter(since=now - timedelta(hours=1)),
        "since 30 days ago": Filter(since=now - timedelta(days=30)),
        "until 80 days ago": Filter(until=now - timedelta(days=80)),
    }


def _places(filled: Filled) -> dict[str, Filter]:
    return {
        "instance, busy": Filter(instance_id=filled.busy_instance_id),
        "instance, rare": Filter(instance_id=filled.rare_instance_id),
        "instance, given up": Filter(instance_id=filled.old_instance_id),
        "environment PRODUCTION": Filter(environment="PRODUCTION"),
        "environment DEVELOPMENT": Filter(environment="DEVELOPMENT"),
        "environment staging, of apps": Filter(environment="staging"),
        "environment, none": Filter(environment="nowhere"),
        "tag, common": Filter(tag=("browser", "Firefox")),
        "tag, rare": Filter(tag=("shard", "seven")),
    }


def _texts() -> dict[str, Filter]:
    return {
        "search, nearly all": Filter(search="something of an ordinary"),
        "search, one in 11": Filter(search="Rendering the template"),
        "search, one in 300": Filter(search="addon_277/models"),
        "search, one in 900": Filter(search="thing_511.py"),
        "search, three in a million": Filter(search="needle-in-haystack"),
        "search, none": Filter(search="zebra crossing"),
        "search, two letters": Filter(search="ke"),
        "search, two letters, none": Filter(search="§q"),
        "release, common": Filter(release="1.0"),
        "release, rare": Filter(release="1.29"),
        "release, none": Filter(release="9.9"),
    }


def together(filled: Filled, now: datetime) -> dict[str, tuple[Filter, Order]]:
    """What a person would choose together."""
    last_seen, total, first_seen = Order(), Order(OrderField.TOTAL_COUNT), Order(OrderField.FIRST_SEEN)
    severity, priority = Order(OrderField.SEVERITY), Order(OrderField.PRIORITY)
    day, week, month = (now - timedelta(days=days) for days in (1, 7, 30))
    project, small = filled.large_project_id, filled.small_project_id
    busy, member = filled.busy_instance_id, filled.member_id
    return {
        "open ones of a project, last seen": (Filter(status=_OPEN, project_id=project), last_seen),
        "open critical ones, by count": (Filter(status=_OPEN, severity=("CRITICAL",)), total),
        "open critical ones of a project, by priority": (
            Filter(status=_OPEN, severity=("CRITICAL",), project_id=project), priority),
        "new in the last day, no dev, first seen": (Filter(status=("NEW",), since=day, is_dev=False), first_seen),
        "regressed ones of a small project, last seen": (Filter(status=("REGRESSED",), project_id=small), last_seen),
        "mine, open, by priority": (Filter(assignee_id=member, status=_OPEN), priority),
        "mine in progress, last seen": (Filter(assignee_id=member, status=("IN_PROGRESS",)), last_seen),
        "open ones of a busy instance, by severity": (Filter(status=_OPEN, instance_id=busy), severity),
        "critical of an instance in the last week, last seen": (
            Filter(severity=("CRITICAL",), instance_id=busy, since=week), last_seen),
        "production, critical, open, by count": (
            Filter(environment="PRODUCTION", severity=("CRITICAL",), status=_OPEN), total),
        "development, new, last seen": (Filter(environment="DEVELOPMENT", status=("NEW",)), last_seen),
        "a module's open ones, by count": (Filter(module="addon_12", status=_OPEN), total),
        "a module in a project in the last month, last seen": (
            Filter(module="addon_12", project_id=project, since=month), last_seen),
        **_searched(filled),
    }  # fmt: skip


def _searched(filled: Filled) -> dict[str, tuple[Filter, Order]]:
    last_seen, total, first_seen = Order(), Order(OrderField.TOTAL_COUNT), Order(OrderField.FIRST_SEEN)
    project, busy = filled.large_project_id, filled.busy_instance_id
    return {
        "search in open ones, last seen": (Filter(search="KeyError", status=_OPEN), last_seen),
        "search in a project, critical, by count": (
            Filter(search="template of an invoice", project_id=project, severity=("CRITICAL",)), total),
        "search in a module, first seen": (Filter(search="valueerror", module="addon_7"), first_seen),
        "search of a path in resolved ones, last seen": (
            Filter(search="addon_55/models", status=("RESOLVED",)), last_seen),
        "an app's release, open, last seen": (
            Filter(app_id=filled.app_id, release="1.12", status=_OPEN), last_seen),
        "an app's tag in production, by count": (
            Filter(app_id=filled.app_id, environment="production", tag=("browser", "Safari")), total),
        "P0 and P1, open, of a project, first seen": (
            Filter(priority=("P0", "P1"), status=_OPEN, project_id=project), first_seen),
        "database errors of an instance, muted ones too, by count": (
            Filter(kind=("DATABASE",), instance_id=busy, show_muted=True), total),
        "resolved in a project, critical, last seen": (
            Filter(status=("RESOLVED",), project_id=project, severity=("CRITICAL",)), last_seen),
    }  # fmt: skip


if __name__ == "__main__":
    run()
