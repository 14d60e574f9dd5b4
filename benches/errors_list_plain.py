"""The same list of errors without GraphQL: what `errors_list` compares with.

Comes in: an organization. Goes out: two ASGI endpoints that give the very same JSON, written as somebody would write them
who serves nothing but this page: one statement that makes all of it, and two statements whose rows are put together by
hand. Nobody is asked who they are, and nothing is limited.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.tables.database import DB

Answer = Callable[[Request], Awaitable[Response]]
_HOURS = 168


def by_one_statement(organization_id: UUID) -> Answer:
    """PostgreSQL makes the JSON."""

    async def answer(request: Request) -> Response:
        asked = json.loads(await request.body())
        assert DB.pool
        text = await DB.pool.fetchval(_SQL, organization_id, asked["variables"]["first"])
        return Response(text, media_type="application/json")

    return answer


def by_hand(organization_id: UUID) -> Answer:
    """Python makes it, of rows."""

    async def answer(request: Request) -> Response:
        asked = msgspec.json.decode(await request.body())
        assert DB.pool
        now = datetime.fromtimestamp(time(), UTC)
        groups = await DB.pool.fetch(_GROUPS, organization_id, asked["variables"]["first"], now)
        end = now.replace(minute=0, second=0, microsecond=0)
        start = end - timedelta(hours=_HOURS - 1)
        ids = [group["key"] for group in groups]
        rows = await DB.pool.fetch(_COUNTS, organization_id, ids, start, int(start.timestamp()))
        lines = {id_: [0] * _HOURS for id_ in ids}
        for row in rows:
            line = lines[row["group_id"]]
            for place, count in zip(row["places"], row["counts"], strict=True):
                line[place] += count
        nodes = [_node(group, lines[group["key"]]) for group in groups]
        text = msgspec.json.encode({"data": {"errors": {"nodes": nodes}}})
        return Response(text, media_type="application/json")

    return answer


def _node(group: Any, line: list[int]) -> dict[str, Any]:
    node = dict(group)
    key = node.pop("key")
    node["id"] = urlsafe_b64encode(f"ErrorGroup:{key}".encode()).decode().rstrip("=")
    node["sparkline"] = line
    return node


_STATUSES = ("NEW", "ACTIVE", "IN_PROGRESS", "RESOLVED", "REGRESSED")
_ORDER = "order by last_seen_at desc, id desc limit $2"
_ALIVE = "organization_id = $1 and merged_into_id is null and deleted_at is null"
_LANES = " union all ".join(  # the index of this order begins with the status
    f"(select * from error_group where {_ALIVE} and status = '{status}' and (muted_at is null or mute_until <= now()) {_ORDER})"  # noqa: S608  our own words
    for status in _STATUSES
)
_PAGE = f"select * from ({_LANES}) as each {_ORDER}"  # noqa: S608  our own words

_GROUPS = f"""
select id as key, source, kind, title, exception_type as "exceptionType", message, module,
    (array['MEDIUM', 'HIGH', 'CRITICAL'])[severity] as severity, 'P' || priority as priority, status,
    muted_at is not null and (mute_until is null or mute_until > $3) as muted, mute_until as "muteUntil",
    is_dev as "isDev", total_count as "totalCount", occurrence_count as "occurrenceCount",
    user_count as "userCount", first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt",
    odoo_version as "odooVersion", commit_sha as "commitSha"
from ({_PAGE}) as page {_ORDER}
"""  # noqa: S608  our own words
_COUNTS = """
select f.group_id, counted.places, counted.counts
from fingerprint as f cross join lateral (
    select array_agg((date_part('epoch', h.hour)::bigint - $4::bigint) / 3600) as places,
        array_agg(h.total_count) as counts
    from hourly_count as h where h.fingerprint_id = f.id and h.hour >= $3
) as counted
where f.organization_id = $1 and f.group_id = any($2::uuid[]) and f.retired_at is null and counted.places is not null
"""

_SQL = f"""
with page as materialized ({_PAGE}), lines as (
    select page.id, array(
        select coalesce(counted.total, 0)
        from generate_series(0, 167) as place left join (
            select (extract(epoch from h.hour - date_trunc('hour', now())) / 3600)::integer + 167 as place,
                sum(h.total_count) as total
            from fingerprint as f join hourly_count as h on h.fingerprint_id = f.id
            where f.group_id = page.id and f.retired_at is null
                and h.hour > date_trunc('hour', now()) - interval '168 hours'
            group by 1
        ) as counted using (place)
        order by place
    ) as sparkline
    from page
)
select json_build_object('data', json_build_object('errors', json_build_object('nodes', json_agg(json_build_object(
    'id', rtrim(translate(encode(convert_to('ErrorGroup:' || page.id, 'UTF8'), 'base64'), '+/', '-_'), '='),
    'source', source, 'kind', kind, 'title', title, 'exceptionType', exception_type, 'message', message,
    'module', module, 'severity', (array['MEDIUM', 'HIGH', 'CRITICAL'])[severity],
    'priority', 'P' || priority, 'status', status,
    'muted', muted_at is not null and (mute_until is null or mute_until > now()), 'muteUntil', mute_until,
    'isDev', is_dev, 'totalCount', total_count, 'occurrenceCount', occurrence_count, 'userCount', user_count,
    'firstSeenAt', to_char(first_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'lastSeenAt', to_char(last_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'odooVersion', odoo_version, 'commitSha', commit_sha, 'sparkline', sparkline
) order by last_seen_at desc, page.id desc))))::text
from page join lines on lines.id = page.id
"""  # noqa: S608  our own words
