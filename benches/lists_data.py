"""What the lists are measured on: groups, fingerprints, where they were seen, and hourly counts, made set-wise.

Comes in: how many, and the time that it is. Goes out: a full database, and the ids that questions need. Chance is
seeded, so that each run has the same data. 95 % of all is one organization's; three of five groups are resolved, most
of these not seen for days; 300 modules, 50 instances, two apps; counts, projects and instances are as uneven as they
are in life. One instance was given up 60 days ago.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from app.tables import partitions
from app.tables.database import DB, fetch, transaction

DAYS = 90
_SPACE = UUID("7f0e3c52-6d0b-4b0a-9d7e-2f6f9d1c5a10")


@dataclass(frozen=True, slots=True)
class Filled:
    """The ids that questions name."""

    organization_id: UUID
    large_project_id: UUID
    small_project_id: UUID
    busy_instance_id: UUID
    rare_instance_id: UUID
    old_instance_id: UUID
    app_id: UUID
    member_id: UUID


def made(name: str) -> UUID:
    """The same id for the same name, in every run."""
    return uuid5(_SPACE, name)


async def fill(groups: int, hours: int, now: datetime) -> Filled:
    """Fill an empty, migrated database with so many groups and hourly counts."""
    await _owners(now)
    kept = await _without_indexes()
    await long("select setseed(0.5)")
    await long(_GROUPS, groups, now, made("acme"), made("globex"))
    await long("create index bench_group_number on error_group (score)")
    await long(_TEXTS)
    await long(_FINGERPRINTS)
    await long("create index bench_fingerprint_group on fingerprint (group_id)")
    await long("alter table affected_instance disable trigger add_group_instances")
    await long(_AFFECTED)
    await long("alter table affected_instance enable trigger add_group_instances")
    await long(_ON_INSTANCES)
    await long(_TAGS)
    await long("drop index bench_group_number, bench_fingerprint_group")
    for definition in kept:
        await long(definition)
    await _hours(hours, now)
    for table in (
        "error_group", "group_text", "fingerprint", "affected_instance", "group_instance", "fingerprint_tag", "hourly_count",
    ):  # fmt: skip
        await long(f"vacuum (analyze) {table}")
    return Filled(
        made("acme"), made("project 0"), made("project 3"), made("instance 0"), made("instance 45"),
        made("instance 49"), made("app 0"), made("member 1"),
    )  # fmt: skip


async def _owners(now: datetime) -> None:
    for name in ("acme", "globex"):
        await fetch("insert into organization values ($1, $2, $2, $3)", made(name), name, now)
    await fetch(_PROJECTS, [made(f"project {n}") for n in range(5)], made("acme"), made("globex"), now)
    await fetch(_INSTANCES, [made(f"instance {n}") for n in range(50)], now)
    await fetch(_APPS, [made(f"app {n}") for n in range(2)], made("project 0"), made("acme"), now)
    people = [made(f"person {n}") for n in range(10)]
    await fetch(
        "insert into person (id, email, name, created_at) select id, id || '@acme.test', 'Ann', $2 from unnest($1::uuid[]) as id",
        people,
        now,
    )
    await fetch(
        "insert into membership select m, $3, p, 'developer', $4 from unnest($1::uuid[], $2::uuid[]) as n(m, p)",
        [made(f"member {n}") for n in range(10)],
        people,
        made("acme"),
        now,
    )


async def _without_indexes() -> list[str]:
    """Drop the indexes of the big tables that no constraint needs; goes out: how to make them again."""
    rows = await fetch(
        """
        select c.relname as name, pg_get_indexdef(i.indexrelid) as definition
        from pg_index as i join pg_class as c on c.oid = i.indexrelid
        where i.indrelid in ('error_group'::regclass, 'fingerprint'::regclass, 'group_text'::regclass,
            'affected_instance'::regclass, 'fingerprint_tag'::regclass) and not i.indisprimary
        """
    )
    for row in rows:
        await fetch(f"drop index {row['name']}")
    return [str(row["definition"]).replace(" ON ONLY ", " ON ") for row in rows]


async def _hours(number: int, now: datetime) -> None:
    """The hourly counts; the index is made at the end."""
    [[fingerprints]] = await fetch("select count(*) from fingerprint")
    hour = now.replace(minute=0, second=0, microsecond=0)
    async with transaction():
        await partitions.ensure(
            partitions.month(now - timedelta(days=days)) for days in range(0, DAYS + 1, 15)
        )
    await long("alter table hourly_count drop constraint hourly_count_pkey")
    await long(_HOURS, hour, number / fingerprints)
    await long("alter table hourly_count add primary key (fingerprint_id, hour, origin_id)")


async def long(sql: str, *values: object) -> None:
    """A statement that may take an hour."""
    assert DB.pool
    await DB.pool.execute(sql, *values, timeout=3600)


_PROJECTS = """
insert into project (id, organization_id, name, slug, created_at)
select id, case when place <= 4 then $2::uuid else $3::uuid end, 'Project ' || place, 'project-' || place, $4
from unnest($1::uuid[]) with ordinality as n(id, place)
"""
_INSTANCES = """
insert into instance (id, organization_id, project_id, name, slug, environment, source_kind, source, created_at)
select n.id, p.organization_id, p.id, 'Instance ' || place, 'instance-' || place,
    case when place <= 30 then 'PRODUCTION' when place <= 48 then 'STAGING' else 'DEVELOPMENT' end, 'file', '{}', $2
from unnest($1::uuid[]) with ordinality as n(id, place) join project as p on p.slug = 'project-' || (1 + place % 5)
"""
_APPS = """
insert into app (id, organization_id, project_id, name, slug, platform, created_at)
select id, $3, $2, 'App ' || place, 'app-' || place, 'ios', $4 from unnest($1::uuid[]) with ordinality as n(id, place)
"""
# `score` holds the group's number while the rest is made. Squares and powers of chance make the skew.
_GROUPS = """
with projects as (
    select array_agg(id order by slug) as ids from project
), apps as (
    select array_agg(id order by slug) as ids from app
), members as (
    select array_agg(id order by id) as ids from membership
), drawn as (
    select n, random() as a, random() as b, random() as c, random() as d, random() as e, random() as f,
        random() as g, random() as h, random() as m, random() as p, random() as t
    from generate_series(1, $1::integer) as n
), shaped as (
    select *, b < 0.6 as is_resolved, n % 20 = 0 as is_other, n % 7 = 0 and n % 20 <> 0 as is_event,
        $2::timestamptz - interval '90 days' * power(a, 0.8) as first_seen_at,
        (array['KeyError', 'ValueError', 'psycopg2.errors.UniqueViolation', 'odoo.exceptions.UserError',
            'AttributeError', 'TypeError', 'requests.exceptions.ConnectionError', null])[1 + floor(8 * e * e)::int] as exception_type,
        'addon_' || floor(300 * f * f)::int as module_name
    from drawn
), timed as (
    select *, greatest(first_seen_at, case when is_resolved and c < 0.97
        then $2::timestamptz - interval '3 days' - interval '87 days' * power(d, 1.5)
        else $2::timestamptz - interval '30 days' * power(d, 3) end) as last_seen_at
    from shaped
)
insert into error_group (id, organization_id, project_id, app_id, source, kind, title, exception_type, message, module,
    severity, status, is_dev, muted_at, mute_until, total_count, occurrence_count, first_seen_at, last_seen_at,
    last_stored_at, assignee_id, priority, score, odoo_version, commit_sha, merged_into_id, deleted_at, created_at)
select (lpad(to_hex((extract(epoch from first_seen_at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 19))::uuid,
    case when is_other then $4::uuid else $3::uuid end,
    case when is_other then projects.ids[5] when is_event then projects.ids[1]
        when g < 0.001 then projects.ids[4] else projects.ids[1 + floor(3 * g * g)::int] end,
    case when is_event then apps.ids[1 + n % 2] end,
    case when is_event then 'EVENT' else 'LOG' end,
    case when exception_type is not null then (case when e < 0.6 then 'TRACEBACK' else 'DATABASE' end)
        when c < 0.9 then 'MESSAGE' when c < 0.999 then 'WARNING' else 'ACCESS' end,
    coalesce(exception_type || ': ', '') || '''' || md5(n::text) || '''',
    exception_type,
    'Something of an ordinary length about partner_' || n || ' and ' || md5((n % 5000)::text) || ', as errors have it'
        || case when n % 11 = 0 then ' while rendering the template of an invoice' else '' end
        || case when n % 200000 = 7 then ' needle-in-haystack' else '' end,
    module_name,
    case when h < 0.1 then 3 when h < 0.6 then 2 else 1 end,
    case when is_resolved then 'RESOLVED' when b < 0.68 then 'NEW' when b < 0.92 then 'ACTIVE'
        when b < 0.94 then 'IN_PROGRESS' when b < 0.97 then 'REGRESSED' else 'SILENCED' end,
    m < 0.01,
    case when n % 20 = 3 then last_seen_at end,
    case when n % 60 = 3 then $2::timestamptz + interval '3 days' when n % 60 = 23 then $2::timestamptz - interval '1 day' end,
    floor(exp(14 * power(t * g, 2)))::bigint, 1 + floor(20 * d)::int, first_seen_at, last_seen_at, last_seen_at,
    case when c < 0.03 and not is_other then members.ids[1 + floor(10 * e * e)::int] end,
    case when 0.6 * h + 0.4 * p < 0.1 then 0 when 0.6 * h + 0.4 * p < 0.25 then 1 when 0.6 * h + 0.4 * p < 0.5 then 2 else 3 end,
    n, '17.0', md5(module_name),
    null, case when n % 100 = 50 then last_seen_at end, first_seen_at
from timed, projects, apps, members
order by timed.first_seen_at
"""
_TEXTS = """
insert into group_text (group_id, organization_id, text)
select id, organization_id, lower(concat_ws(E'\\n', title, exception_type, message, module,
    '/opt/odoo/addons/' || module || '/models/thing_' || score % 900 || '.py', '/opt/odoo/addons/' || module || '/controllers/main.py',
    '/opt/odoo/odoo/models.py', '/opt/odoo/odoo/http.py', '/opt/odoo/odoo/service/server.py'))
from error_group order by first_seen_at
"""
_FINGERPRINTS = """
insert into fingerprint (organization_id, scope_id, version, digest, reason, home_group_id, group_id, total_count,
    occurrence_count, first_seen_at, last_seen_at, retired_at)
select organization_id, coalesce(app_id, project_id), 1, sha256((id::text || place)::bytea), 'a bench', id, id, total_count,
    occurrence_count, first_seen_at, last_seen_at, deleted_at
from error_group, generate_series(1, case when score % 10 = 0 then 3 when score % 10 = 1 then 2 else 1 end) as place
order by first_seen_at
"""
# Instances 1 to 44 have their share, the 45th few, the 50th only what was not seen for 60 days.
_AFFECTED = """
with instances as (
    select array_agg(id order by length(slug), slug) as ids, min(created_at) as now from instance
)
insert into affected_instance
select distinct on (f.id, instance_id) f.id, instance_id, 1 + f.total_count / 3, f.first_seen_at, f.last_seen_at
from fingerprint as f join error_group as g on g.id = f.group_id, instances,
    generate_series(1, 1 + (f.id % 3)::int) as place,
    lateral (select instances.ids[case
        when f.last_seen_at < instances.now - interval '60 days' and place = 1 and f.id % 4 = 0 then 50
        when f.id % 20000 = 9 then 46
        else 1 + floor(44 * power(((f.id * 7919 + place * 104729) % 100003) / 100003.0, 2))::int end] as instance_id) as i
where g.source = 'LOG'
"""
# What the trigger does, all at once.
_ON_INSTANCES = """
insert into group_instance (instance_id, group_id, status, severity, priority, first_day, last_day)
select distinct on (a.instance_id, g.id) a.instance_id, g.id, g.status, g.severity, g.priority,
    (g.first_seen_at at time zone 'UTC')::date, (g.last_seen_at at time zone 'UTC')::date
from affected_instance as a join fingerprint as f on f.id = a.fingerprint_id
join error_group as g on g.id = f.group_id and g.organization_id = f.organization_id
"""
_TAGS = """
insert into fingerprint_tag (fingerprint_id, key, value, total_count, last_seen_at)
select f.id, tag.key, tag.value, 1, f.last_seen_at
from fingerprint as f join error_group as g on g.id = f.group_id, lateral (values
    ('release', '1.' || floor(30 * power((f.id * 7919 % 100003) / 100003.0, 2))::int),
    ('release', '1.' || 30 + f.id % 3),
    ('environment', case when f.id % 12 = 0 then 'staging' else 'production' end),
    ('browser', (array['Firefox', 'Chrome', 'Safari'])[1 + f.id % 3]),
    ('shard', case when f.id % 60000 = 7 then 'seven' else 'one' end)) as tag(key, value)
where g.source = 'EVENT'
"""
# Hours ago, ever further apart; some fingerprints have twice the usual number, some hardly any.
_HOURS = """
insert into hourly_count
select f.id, $1::timestamptz - interval '1 hour' * (place + f.id % 5
        + floor(greatest(0, 1900 - most) * least(1, place / most * place / most))), f.scope_id, 1 + (f.id * place::int) % 90
from fingerprint as f,
    lateral (select 1 + 2 * $2::double precision * ((f.id * 7919) % 1009) / 1009 as most) as m,
    generate_series(0, most::int) as place
"""
