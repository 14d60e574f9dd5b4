"""What makes lists and searches fast: the texts that are searched, and an index for each order and each rare choice."""

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import DB

ID = "2026-11-22T22:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "search, and lists that stay fast"

SQL = """
create table group_text (
    group_id uuid primary key references error_group on delete cascade,
    organization_id uuid not null references organization on delete cascade,
    text text not null -- small letters: what `recording.searched` makes of a group
);
insert into group_text (group_id, organization_id, text)
select id, organization_id, left(lower(concat_ws(e'\\n', exception_type, title, message, module)), 1000) from error_group;

-- A list is walked in its order; with what filters look at beside the key, only the rows of the page are fetched.
drop index error_group_last_seen, error_group_first_seen, error_group_total, error_group_severity, error_group_priority;
create index error_group_last_seen on error_group (organization_id, last_seen_at, id)
    include (FILTERED, first_seen_at, severity, priority) where merged_into_id is null and deleted_at is null;
create index error_group_first_seen on error_group (organization_id, first_seen_at, id)
    include (FILTERED, last_seen_at, severity, priority) where merged_into_id is null and deleted_at is null;
create index error_group_total on error_group (organization_id, total_count, id)
    include (FILTERED, first_seen_at, last_seen_at, severity, priority) where merged_into_id is null and deleted_at is null;
create index error_group_severity on error_group (organization_id, severity, id)
    include (FILTERED, first_seen_at, last_seen_at, priority) where merged_into_id is null and deleted_at is null;
create index error_group_priority on error_group (organization_id, priority, id)
    include (FILTERED, first_seen_at, last_seen_at, severity) where merged_into_id is null and deleted_at is null;

-- Where few groups are what is asked for, a walk would not meet them: these find them. Few keys each, so they are small.
create index error_group_status on error_group (organization_id, status)
    where status <> 'RESOLVED' and merged_into_id is null and deleted_at is null;
create index error_group_kind on error_group (organization_id, kind) where merged_into_id is null and deleted_at is null;
create index error_group_module on error_group (organization_id, module)
    where merged_into_id is null and deleted_at is null;
create index error_group_dev on error_group (organization_id)
    where is_dev and merged_into_id is null and deleted_at is null;
drop index error_group_assignee;
create index error_group_assignee on error_group (assignee_id) where assignee_id is not null;
create index fingerprint_tag_value on fingerprint_tag (key, value, fingerprint_id);
""".replace(
    "FILTERED",
    "source, kind, status, project_id, app_id, assignee_id, module, is_dev, muted_at, mute_until",
)

TRIGRAMS = """
do $$
begin
    execute format('create index group_text_trigrams on group_text using gin (text %I.gin_trgm_ops)', (
        select n.nspname from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace
        where e.extname = 'pg_trgm'));
end $$
"""


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        current = DB.current_transaction.get()
        if current is None:
            raise RuntimeError("a migration runs in a transaction")
        try:
            await current.connection.execute("create extension if not exists pg_trgm")
        except asyncpg.PostgresError as error:
            raise RuntimeError(
                f"PostgreSQL's extension pg_trgm cannot be made here ({' '.join(str(error).split())}); it comes with PostgreSQL (Debian,"
                " Ubuntu: the package postgresql-contrib), and whoever owns the database may run"
                " `create extension pg_trgm` in it once; then start again"
            ) from error
        await current.connection.execute(SQL)
        await current.connection.execute(TRIGRAMS)

    manager.add_raw(run)
    return manager
