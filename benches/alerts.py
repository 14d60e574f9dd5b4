"""How long rules take: 1,000 of them over 10,000 changes, and a look at what 100,000 errors have come to.

The goal for changes is a second. A look has no goal but its interval, and is to be far below it: of the errors one in 50 happens again
between two looks. Each time is the middle one of three.
"""

import asyncio
import json
import random
import shutil
import statistics
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from app import embedded
from app.alerts.evaluating import levels, samples
from app.alerts.evaluating.following import match_changes
from app.domain.alerts import conditions, filters
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import EVERYTHING, AlertFilter
from app.domain.lifecycle import MoveKind
from app.tables.database import close_pool, fetch, open_pool, transaction
from app.tables.identifiers import uuids7
from app.tables.migrate import migrate
from app.tables.partitions import make_partitions
from app.timeline import Pending
from benches.lists_data import Filled, fill, long, made

RULES = 1_000
CHANGES = 10_000
AT_ONCE = 500
GROUPS = 100_000
HOURS = 1_000_000
GOAL = 1.0
"""Seconds for all changes."""
RUNS = 3
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def run() -> None:
    """Print seconds for changes, at once and in the batches of reactions, and for a look at levels."""
    folder = Path(tempfile.mkdtemp(prefix="snaglist-bench-"))
    folder.chmod(0o755)
    try:
        with embedded.start(folder / "data", valkey=False) as servers:
            assert servers.postgres
            asyncio.run(_measure(servers.postgres.url))
    finally:
        shutil.rmtree(folder)


async def _measure(url: str) -> None:
    await open_pool(url)
    try:
        await migrate()
        await make_partitions(NOW)
        filled = await fill(GROUPS, HOURS, NOW)
        await _changes(filled)
        await _looks(filled)
    finally:
        await close_pool()


async def _changes(filled: Filled) -> None:
    chance = random.Random(5)
    await _rules(filled, [(Condition(ConditionKind.OPENED), _filter(chance)) for _ in range(RULES)])
    rows = await fetch(
        "select id, organization_id from error_group where project_id = $1 order by id desc limit $2",
        filled.large_project_id,
        CHANGES,
    )
    changes = [
        Pending(n, row["organization_id"], MoveKind.OPENED, row["id"], n, {}, NOW, 0)
        for n, row in enumerate(rows)
    ]
    assert len(changes) == CHANGES

    async def all_at_once() -> None:
        await fetch("delete from alert_pending")
        async with transaction():
            await match_changes(changes, NOW)

    async def in_batches() -> None:
        await fetch("delete from alert_pending")
        for place in range(0, CHANGES, AT_ONCE):
            async with transaction():
                await match_changes(changes[place : place + AT_ONCE], NOW)

    once, batches = await _middle(all_at_once), await _middle(in_batches)
    [(rules, matches)] = await fetch("select count(*), sum(total) from alert_pending")
    print(
        f"alerts, {RULES:,} rules, {CHANGES:,} changes of {GROUPS:,} errors: {rules:,} rules matched {matches:,} times,"
        f" {once:.2f} s at once, {once / GOAL:.2f} of the {GOAL:.0f} s that are allowed; {batches:.2f} s in batches of {AT_ONCE}"
    )


async def _looks(filled: Filled) -> None:
    """Looks at rules of every kind, in projects whose errors are nearly all active."""
    chance = random.Random(6)
    kinds: list[Callable[[], Condition]] = [
        lambda: Condition(ConditionKind.FREQUENCY, count=chance.randint(5, 500), window_seconds=60 * chance.randint(1, 300)),
        lambda: Condition(ConditionKind.FREQUENCY, count=chance.randint(500, 5000), window_seconds=86_400),
        lambda: Condition(ConditionKind.USERS, count=chance.randint(2, 50), window_seconds=3600),
        lambda: Condition(ConditionKind.SPIKE),
        lambda: Condition(ConditionKind.PRIORITY, priority=chance.randint(0, 1)),
        lambda: Condition(ConditionKind.SCAN_FAILING),
        lambda: Condition(ConditionKind.OVER_QUOTA),
    ]  # fmt: skip
    await fetch("delete from alert_rule")
    await _rules(filled, [(kind(), EVERYTHING) for kind in kinds for _ in range(10)])
    await long("update error_group set last_seen_at = $1 where id > $2", NOW, UUID(int=0))
    await long("vacuum (analyze) error_group")
    start = perf_counter()
    await levels.look(now=NOW)
    first = perf_counter() - start
    number = 0

    async def again() -> None:
        nonlocal number
        number += 1
        await levels.look(now=NOW + number * samples.EVERY)

    took = []
    for _ in range(RUNS):
        at = NOW + (number + 1) * samples.EVERY
        await long(_HAPPEN, at, number)
        start = perf_counter()
        await again()
        took.append(perf_counter() - start)
    [(noted,)] = await fetch("select count(*) from alert_sample")
    print(
        f"alerts, looks at 70 rules and {GROUPS:,} errors, all of today: {statistics.median(took):.2f} s every"
        f" {samples.EVERY.seconds} s, the first {first:.2f} s, {noted:,} samples"
    )


_HAPPEN = """
with often as (
    update error_group set total_count = total_count + 7, last_seen_at = $1
    where get_byte(uuid_send(id), 15) % 50 = $2 % 50 returning id
), counted as (
    update fingerprint as f set total_count = f.total_count + 7, last_seen_at = $1 from often where f.group_id = often.id
    returning f.id, f.scope_id
)
insert into hourly_count as h select id, date_trunc('hour', $1::timestamptz, 'UTC'), scope_id, 7 from counted
on conflict (fingerprint_id, hour, origin_id) do update set total_count = h.total_count + 7
"""


async def _rules(filled: Filled, asked: list[tuple[Condition, AlertFilter]]) -> None:
    await fetch(
        """
        insert into alert_rule (id, organization_id, project_id, name, condition, filters, channels, created_at)
        select n.id, $2, $3, 'A rule', n.condition::jsonb, n.filters::jsonb, '', $6
        from unnest($1::uuid[], $4::text[], $5::text[]) as n(id, condition, filters)
        """,
        uuids7(NOW, len(asked)),
        filled.organization_id,
        filled.large_project_id,
        [json.dumps(conditions.stored(conditions.checked(condition))) for condition, _ in asked],
        [json.dumps(filters.stored(wanted)) for _, wanted in asked],
        NOW - timedelta(hours=1),
    )


def _filter(chance: random.Random) -> AlertFilter:
    """One filter of many kinds; one rule in ten asks for everything."""
    kinds: list[Callable[[], dict[str, Any]]] = [
        dict,
        lambda: {"environments": (chance.choice(["production", "staging"]),)},
        lambda: {"severities": tuple(chance.sample(["CRITICAL", "HIGH", "MEDIUM"], 2))},
        lambda: {"modules": tuple(f"addon_{chance.randrange(300)}" for _ in range(10))},
        lambda: {"instance_ids": (made(f"instance {chance.randrange(50)}"),)},
        lambda: {
            "app_ids": (made(f"app {chance.randrange(2)}"),),
            "releases": (f"1.{chance.randrange(33)}",),
        },
        lambda: {"tags": (("browser", chance.choice(["Firefox", "Chrome"])),)},
        lambda: {"assignee_ids": (made(f"member {chance.randrange(10)}"),)},
        lambda: {"environments": ("production",), "severities": ("CRITICAL",)},
        lambda: {"releases": (f"1.{chance.randrange(33)}",), "environments": ("staging", "production")},
    ]
    return AlertFilter(**chance.choice(kinds)())


async def _middle(work: Callable[[], Awaitable[None]]) -> float:
    took = []
    for _ in range(RUNS):
        start = perf_counter()
        await work()
        took.append(perf_counter() - start)
    return statistics.median(took)


if __name__ == "__main__":
    run()
