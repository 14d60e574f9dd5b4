"""A page of 50 errors with sparklines through GraphQL, against the same JSON without it (`errors_list_plain`).

All answer one request after the other, in process, from the bytes of a request to the bytes of the answer; what is
counted is the processor time of this process and of its PostgreSQL backends. 10,000 groups, 1,000,000 hourly counts.
GraphQL is held against the plain way that is the cheaper one.
"""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time, time
from typing import Any, NamedTuple
from uuid import uuid4

import uvloop
from starlette.applications import Starlette
from starlette.routing import Route

from app import embedded
from app.accounts import tokens
from app.accounts.roles import Role, TokenKind
from app.config import from_environment
from app.graphql.endpoint import endpoint
from app.tables.database import close_pool, fetch, open_pool
from app.tables.migrate import migrate
from app.tables.partitions import make_partitions
from benches.errors_list_plain import by_hand, by_one_statement

GROUPS = 10_000
HOURS = 100
REQUESTS = 250
ROUNDS = 4
TICKS = os.sysconf("SC_CLK_TCK")

SCALARS = (
    "id source kind title exceptionType message module severity priority status muted muteUntil isDev totalCount"
    " occurrenceCount userCount firstSeenAt lastSeenAt odooVersion commitSha"
)
QUERY = f"query Errors($first: Int) {{ errors(first: $first) {{ nodes {{ {SCALARS} sparkline }} }} }}"
BODY = json.dumps({"query": QUERY, "variables": {"first": 50}, "operationName": "Errors"}).encode()


class Spent(NamedTuple):
    """Milliseconds of processor time for a request: of this process, and of PostgreSQL."""

    own: float
    server: float


Asgi = Callable[[Any, Any, Any], Awaitable[None]]


def run() -> None:
    """Print the ratio of the processor times, and both."""
    folder = Path(tempfile.mkdtemp(prefix="snaglist-bench-"))
    folder.chmod(0o755)
    try:
        with embedded.start(folder / "data", valkey=False) as servers:
            assert servers.postgres
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_measure(servers.postgres.url))
    finally:
        shutil.rmtree(folder)


async def _measure(url: str) -> None:
    await open_pool(url, size=1)
    try:
        await migrate()
        now = datetime.fromtimestamp(time(), UTC)
        await make_partitions(now)
        organization_id, secret = await _fill(now)
        graph = Starlette(routes=endpoint(from_environment({})))
        ways = {"graph": (graph, "/graphql", secret)}
        for name, answer in (("one statement", by_one_statement), ("by hand", by_hand)):
            plain = Starlette(routes=[Route("/", answer(organization_id), methods=["POST"])])
            ways[name] = (plain, "/", secret)
        _tell(await _measured(ways))
    finally:
        await close_pool()


async def _measured(ways: Mapping[str, tuple[Asgi, str, str]]) -> dict[str, Spent]:
    """What each way takes at its best."""
    answers = [json.loads(await _asked(*way)) for way in ways.values()]
    assert "errors" not in answers[0], answers[0]["errors"]
    assert all(answer["data"] == answers[0]["data"] for answer in answers)
    assert len(answers[0]["data"]["errors"]["nodes"]) == 50
    [backend] = await fetch("select pg_backend_pid() as pid")
    best: dict[str, Spent] = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            own, server = process_time(), _ticks(backend["pid"])
            for _ in range(REQUESTS):
                await _asked(*way)
            spent = Spent(
                (process_time() - own) * 1000 / REQUESTS,
                (_ticks(backend["pid"]) - server) * 1000 / REQUESTS,
            )
            best[name] = min(best.get(name, spent), spent, key=sum)
    return best


def _tell(best: dict[str, Spent]) -> None:
    graph = best.pop("graph")
    name, plain = min(best.items(), key=lambda way: sum(way[1]))
    told = ", ".join(
        f"{way} {sum(spent):.2f} ({spent.own:.2f}, {spent.server:.2f})" for way, spent in best.items()
    )
    print(
        f"list of 50 errors with sparklines, {GROUPS:,} groups, {GROUPS * HOURS:,} hourly counts  {sum(graph) / sum(plain):.2f} x"
        f" plain JSON {name} (goal 1.5): {sum(graph):.2f} ms of processor (server {graph.own:.2f}, PostgreSQL"
        f" {graph.server:.2f}) against {told}"
    )


def _ticks(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def _asked(app: Asgi, path: str, secret: str) -> bytes:
    parts: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
        parts.append(message.get("body", b""))

    headers = [
        (b"host", b"localhost"),
        (b"content-type", b"application/json"),
        (b"accept", b"application/json"),
        (b"authorization", f"Bearer {secret}".encode()),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    await app(scope, receive, send)
    return b"".join(parts)


async def _fill(now: datetime) -> tuple[Any, str]:
    """The organization, and the secret of a token for it."""
    organization_id, person_id, project_id = uuid4(), uuid4(), uuid4()
    await fetch("insert into organization values ($1, 'Acme', 'acme', $2)", organization_id, now)
    await fetch(
        "insert into person (id, email, name, created_at) values ($1, 'ann@acme.test', 'Ann', $2)",
        person_id,
        now,
    )
    await fetch(
        "insert into membership values ($1, $2, $3, 'owner', $4)", uuid4(), organization_id, person_id, now
    )
    await fetch(
        """
        insert into project (id, organization_id, name, slug, created_at) values ($1, $2, 'Odoo', 'odoo', $3)
        """,
        project_id,
        organization_id,
        now,
    )
    hour = now.replace(minute=0, second=0, microsecond=0)
    await fetch(_GROUPS, organization_id, project_id, now - timedelta(days=1, microseconds=1), GROUPS)
    await fetch(_FINGERPRINTS, organization_id, project_id)
    await fetch(_COUNTS, hour, HOURS, project_id)
    await fetch("analyze")
    made = await tokens.make(
        organization_id, person_id, kind=TokenKind.PERSONAL, name="bench", role=Role.OWNER, now=now
    )
    return organization_id, made.secret


_GROUPS = """
insert into error_group (id, organization_id, project_id, source, kind, title, exception_type, message, module, severity,
    status, total_count, occurrence_count, first_seen_at, last_seen_at, odoo_version, commit_sha, created_at)
select gen_random_uuid(), $1, $2, 'LOG', 'TRACEBACK', 'KeyError: ''partner_' || n || '''', 'KeyError',
    'A message of an ordinary length about partner_' || n || ', as Odoo''s errors have it', 'sale_stock',
    1 + n % 3, (array['NEW', 'ACTIVE', 'REGRESSED'])[1 + n % 3], n * 7, n, $3::timestamptz - interval '3 days' - n * interval '1 second',
    $3::timestamptz - n * interval '1 second', '17.0', md5(n::text), $3
from generate_series(1, $4::integer) as n
"""
_FINGERPRINTS = """
insert into fingerprint (organization_id, scope_id, version, digest, reason, home_group_id, group_id, first_seen_at, last_seen_at)
select $1, $2, 1, sha256(id::text::bytea), 'a bench', id, id, first_seen_at, last_seen_at from error_group
"""
_COUNTS = """
insert into hourly_count (fingerprint_id, hour, origin_id, total_count)
select f.id, $1::timestamptz - ((n * 167 / $2::integer) || ' hours')::interval, $3, 1 + (f.id * n) % 90
from fingerprint as f, generate_series(0, $2::integer - 1) as n
"""


if __name__ == "__main__":
    run()
