"""One occurrence for a session, also where two errors had stored one each before they were merged."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import DB

ID = "2026-11-22T23:58:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "sessions whose occurrence is stored"

SQL = """
alter table fingerprint_session add column is_stored boolean not null default false;
update fingerprint_session as s set is_stored = true
from (
    select fingerprint_id, session_id from kept_occurrence where session_id is not null
    union
    select fingerprint_id, session_id from occurrence where session_id is not null
) as o
where o.fingerprint_id = s.fingerprint_id and o.session_id = s.session_id;

alter table occurrence add column is_repeat boolean not null default false;
alter table kept_occurrence add column is_repeat boolean not null default false;

update error_group as g set occurrence_count = g.occurrence_count - n.twice
from (
    select group_id, sum(stored - 1)::bigint as twice
    from (
        select f.group_id, count(*) as stored
        from fingerprint as f join fingerprint_session as s on s.fingerprint_id = f.id
        where f.retired_at is null and s.is_stored
        group by f.group_id, s.session_id
    ) as e
    group by group_id having sum(stored - 1) > 0
) as n
where g.id = n.group_id;

create temporary table repeat on commit drop as
select id, received_at from (
    select o.id, o.received_at, row_number() over (
        partition by f.group_id, o.session_id order by o.occurred_at desc, o.id desc
    ) as place
    from fingerprint as f join (
        select id, received_at, fingerprint_id, session_id, occurred_at from kept_occurrence
        union all select id, received_at, fingerprint_id, session_id, occurred_at from occurrence
    ) as o on o.fingerprint_id = f.id
    where f.retired_at is null and o.session_id is not null
) as o
where place > 1;
update occurrence as o set is_repeat = true from repeat as r where o.id = r.id and o.received_at = r.received_at;
update kept_occurrence as o set is_repeat = true from repeat as r where o.id = r.id;
"""


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        current = DB.current_transaction.get()
        if current is None:
            raise RuntimeError("a migration runs in a transaction")
        await current.connection.execute(SQL)

    manager.add_raw(run)
    return manager
