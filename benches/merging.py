"""How long a merge of 50 errors takes, and how long it takes to find similar ones among 100,000."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from app import embedded
from app.accounts.actors import SYSTEM
from app.domain import similarity
from app.reading import similar as reading
from app.recording.likeness import scope
from app.tables.database import DB, close_pool, fetch, open_pool
from app.tables.identifiers import uuid7
from app.tables.migrate import migrate
from app.tables.partitions import make_partitions
from app.triage.merge import merge
from app.triage.unmerge import unmerge

MERGED = 50
OCCURRENCES = 100_000
USERS = 50_000
GROUPS = 100_000
ASKED = 60
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def run() -> None:
    """Print milliseconds of a merge, of its end, and of the search for similar errors, the slowest of many."""
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
        await make_partitions(NOW, days_back=8)
        organization_id, project_id, app_id = await _tenant()
        await _merge(organization_id, project_id, app_id)
        await _search(organization_id, project_id)
    finally:
        await close_pool()


async def _merge(organization_id: UUID, project_id: UUID, app_id: UUID) -> None:
    groups = [uuid7(NOW) for _ in range(MERGED + 1)]
    await fetch(_APP_GROUPS, groups, organization_id, project_id, app_id, NOW)
    for statement in _HISTORY:
        await fetch(statement, NOW, OCCURRENCES, app_id, organization_id, project_id)
    await fetch(_ADD_USERS, NOW, USERS, app_id)
    await fetch("analyze")
    start = perf_counter()
    done = await merge(organization_id, groups[0], groups[1:], SYSTEM, now=NOW)
    merged = perf_counter() - start
    assert len(done.changes) == MERGED + 1
    [row] = await fetch("select total_count, user_count from error_group where id = $1", groups[0])
    start = perf_counter()
    await unmerge(organization_id, groups[0], None, SYSTEM, now=NOW)
    parted = perf_counter() - start
    print(
        f"merge of {MERGED} errors with {row['total_count']:,} occurrences and {row['user_count']:,} users"
        f"  {merged * 1000:,.0f} ms (goal 2,000), taken apart again in {parted * 1000:,.0f} ms"
    )


async def _search(organization_id: UUID, project_id: UUID) -> None:
    """Tracebacks of a hundred addons on a few frames that all have in common, and records with their words."""
    groups = [uuid7(NOW) for _ in range(GROUPS)]
    reasons = list(_reasons())
    await fetch(
        _LOG_GROUPS, groups, organization_id, project_id, NOW,
        [f"No price for order {n} of partner_{n % 977}" for n in range(GROUPS)], reasons,
    )  # fmt: skip
    rows = await fetch("select id, reason, home_group_id from fingerprint where scope_id = $1", project_id)
    start = perf_counter()
    sketches = [similarity.sketch(row["reason"], "No price for order 7") for row in rows]
    keyed = [
        (row["id"], similarity.keys(each, scope(project_id, False)))
        for row, each in zip(rows, sketches, strict=True)
    ]
    made = (perf_counter() - start) / GROUPS
    assert DB.pool
    async with DB.pool.acquire() as connection:
        await connection.copy_records_to_table(
            "fingerprint_likeness", records=[(key, each) for each, keys in keyed for key in keys]
        )
    await fetch("analyze")
    taken, in_database, found = [], [], 0
    for group_id in groups[:: GROUPS // ASKED]:
        spent: list[float] = []
        reading.fetch = _timed(spent)  # type: ignore[attr-defined]
        start = perf_counter()
        found += bool((await reading.similar(organization_id, [group_id], 5)).get(group_id))
        taken.append(perf_counter() - start)
        in_database.append(sum(spent))
    reading.fetch = fetch  # type: ignore[attr-defined]
    print(
        f"similar errors among {GROUPS:,}, {sum(len(keys) for _, keys in keyed):,} keys  median {_middle(in_database):.1f} ms,"
        f" slowest {max(in_database) * 1000:.1f} ms in the database (goal 20); {_middle(taken):.1f} and {max(taken) * 1000:.1f} ms"
        f" with the comparison; {found} of {len(taken)} have some; {made * 1e6:.0f} us to make the keys of an error"
    )


def _timed(spent: list[float]) -> Any:
    async def timed(sql: str, *values: object) -> Any:
        start = perf_counter()
        rows = await fetch(sql, *values)
        spent.append(perf_counter() - start)
        return rows

    return timed


def _middle(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) // 2] * 1000


def _reasons() -> Iterator[str]:
    """Half tracebacks of four frames, two of them in thousands of errors; half records of eight words."""
    words = [
        "order",
        "invoice",
        "partner",
        "stock",
        "journal",
        "picking",
        "account",
        "payment",
        "product",
        "lot",
        "move",
        "batch",
        "line",
        "tax",
        "rate",
        "day",
    ]
    for n in range(GROUPS):
        addon = f"addon_{n % 100}"
        if n % 2:
            frames = f"frame {addon}/models/base.py write\nframe {addon}/models/base.py _check\nframe {addon}/models/m_{n % 2000}.py f_{n % 11}"
            yield f"v1 traceback\ntype {('KeyError', 'ValueError', 'UserError')[n % 3]}\n{frames}\nframe {addon}/models/x.py g_{n}\nmodule {addon}"
        else:
            said = " ".join(words[(n * prime + n // 16) % 16] for prime in (1, 3, 5, 7, 11))
            yield f"v1 message\nlogger odoo.addons.{addon}\nmessage cannot process {said} w{n % 5000}"


async def _tenant() -> tuple[UUID, UUID, UUID]:
    organization_id, project_id, app_id = uuid4(), uuid4(), uuid4()
    await fetch("insert into organization values ($1, 'Bench', 'bench', $2)", organization_id, NOW)
    await fetch(
        "insert into project (id, organization_id, name, slug, created_at) values ($1, $2, 'Odoo', 'odoo', $3)",
        *(project_id, organization_id, NOW),
    )
    await fetch(
        "insert into app (id, organization_id, project_id, name, slug, platform, created_at)"
        " values ($1, $2, $3, 'Shop', 'shop', 'ios', $4)",
        *(app_id, organization_id, project_id, NOW),
    )
    return organization_id, project_id, app_id


_GROUP_COLUMNS = """id, organization_id, project_id, app_id, source, kind, title, message, severity, status, total_count,
    first_seen_at, last_seen_at, created_at"""
_PRINT_COLUMNS = """organization_id, scope_id, version, digest, reason, home_group_id, group_id, total_count,
    first_seen_at, last_seen_at, severity"""
_APP_GROUPS = f"""
with made as (
    insert into error_group ({_GROUP_COLUMNS})
    select id, $2, $3, $4, 'EVENT', 'TRACEBACK', 'KeyError', 'a message', 3, 'ACTIVE', 0, $5, $5, $5
    from unnest($1::uuid[]) as id
    returning id
)
insert into fingerprint ({_PRINT_COLUMNS})
select $2, $4, 1, sha256(id::text::bytea), 'made up', id, id, 0, $5, $5, 3 from made
"""  # noqa: S608  our own words
_MINE = "(select array_agg(id order by id) as ids, count(*)::int as number from fingerprint where scope_id = $3) as mine"
_HISTORY = (
    f"""
    insert into occurrence (id, received_at, organization_id, project_id, fingerprint_id, app_id, occurred_at, message,
        user_id, detail)
    select gen_random_uuid(), $1::timestamptz - n % 7 * interval '1 day', $4, $5, ids[1 + n % number], $3,
        $1::timestamptz - n * interval '1 second', 'it happened', n::text, ''
    from generate_series(1, $2::int) as n, {_MINE}
    """,  # noqa: S608
    f"""
    insert into hourly_count
    select ids[1 + n % number], date_trunc('hour', $1::timestamptz) - n % 168 * interval '1 hour', $3, 1
    from generate_series(1, $2::int / 10) as n, {_MINE}
    where $4::uuid is not null and $5::uuid is not null
    on conflict do nothing
    """,  # noqa: S608
    f"""
    insert into fingerprint_tag
    select ids[1 + n % number], 'key ' || n % 10, n::text, 1, $1 from generate_series(1, $2::int / 2) as n, {_MINE}
    where $4::uuid is not null and $5::uuid is not null
    """,  # noqa: S608
    f"""
    update fingerprint set total_count = $2::int / number, occurrence_count = $2::int / number, last_stored_at = $1
    from {_MINE} where scope_id = $3 and $4::uuid is not null and $5::uuid is not null
    """,  # noqa: S608
)
_ADD_USERS = f"""
insert into fingerprint_user
select ids[1 + (n * 7) % number], 'user ' || n % 20000, $1::timestamptz, $1::timestamptz
from generate_series(1, $2::int) as n, {_MINE} group by 1, 2
"""  # noqa: S608
_LOG_GROUPS = f"""
with given as (
    select * from unnest($1::uuid[], $5::text[], $6::text[]) as n(id, message, reason)
), made as (
    insert into error_group ({_GROUP_COLUMNS})
    select id, $2, $3, null, 'LOG', 'TRACEBACK', message, message, 3, 'ACTIVE', 1, $4, $4, $4 from given
    returning id
)
insert into fingerprint ({_PRINT_COLUMNS})
select $2, $3, 1, sha256(id::text::bytea), reason, id, id, 1, $4, $4, 3 from made join given using (id)
"""  # noqa: S608

if __name__ == "__main__":
    run()
