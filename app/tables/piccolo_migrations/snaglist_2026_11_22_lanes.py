"""What keeps lists fast when what is asked for hangs together with the order of the list."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import DB

ID = "2026-11-22T23:57:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "lists in lanes, and the groups of an instance"

SQL = """
-- Resolved errors are old ones, and critical ones are P0: a walk for the oldest new errors would pass all resolved ones.
-- So each order's index has a lane for each status, or for each value of the other of severity and priority; a list is put
-- together from the lanes that are asked for.
drop index error_group_last_seen, error_group_first_seen, error_group_total, error_group_severity, error_group_priority;
create index error_group_last_seen on error_group (organization_id, status, last_seen_at, id)
    include (FILTERED, first_seen_at, severity, priority) where merged_into_id is null and deleted_at is null;
create index error_group_first_seen on error_group (organization_id, status, first_seen_at, id)
    include (FILTERED, last_seen_at, severity, priority) where merged_into_id is null and deleted_at is null;
create index error_group_total on error_group (organization_id, status, total_count, id)
    include (FILTERED, first_seen_at, last_seen_at, severity, priority) where merged_into_id is null and deleted_at is null;
create index error_group_severity on error_group (organization_id, priority, severity, id)
    include (status, FILTERED, first_seen_at, last_seen_at) where merged_into_id is null and deleted_at is null;
create index error_group_priority on error_group (organization_id, severity, priority, id)
    include (status, FILTERED, first_seen_at, last_seen_at) where merged_into_id is null and deleted_at is null;

-- The lanes do what it did. In its place: what filters and orders look at, for thousands of groups found elsewhere.
drop index error_group_status;
create index error_group_found on error_group (id)
    include (organization_id, status, FILTERED, first_seen_at, last_seen_at, total_count, severity, priority)
    where merged_into_id is null and deleted_at is null;

-- The groups that were seen on an instance, with what their lists go by, as far as it rarely changes: of times the day.
-- An instance may have very many groups of which none is near the beginning of a list; from this table the few are read
-- that may be. The triggers below keep it, whoever writes.
create table group_instance (
    instance_id uuid not null references instance on delete cascade,
    group_id uuid not null references error_group on delete cascade,
    status text not null,
    severity smallint not null,
    priority smallint not null,
    first_day date not null,
    last_day date not null
);
insert into group_instance
select distinct on (a.instance_id, g.id) a.instance_id, g.id, KEPT
from affected_instance as a join fingerprint as f on f.id = a.fingerprint_id
join error_group as g on g.id = f.group_id and g.organization_id = f.organization_id;
alter table group_instance add primary key (instance_id, group_id)
    include (status, severity, priority, first_day, last_day);
create index group_instance_group on group_instance (group_id, instance_id);
analyze group_instance;

-- Whoever writes what is kept here has locked the group, so that no change of it is missed.
create function add_group_instances() returns trigger language plpgsql as $$
begin
    if exists (select from added) then
        perform from error_group as g
        where g.id in (select f.group_id from added as a join fingerprint as f on f.id = a.fingerprint_id)
        order by g.id for no key update;
        insert into group_instance
        select distinct on (a.instance_id, g.id) a.instance_id, g.id, KEPT
        from added as a join fingerprint as f on f.id = a.fingerprint_id
        join error_group as g on g.id = f.group_id and g.organization_id = f.organization_id
        on conflict do nothing;
    end if;
    return null;
end $$;
create trigger add_group_instances after insert on affected_instance referencing new table as added
    for each statement execute function add_group_instances();

create function move_group_instances() returns trigger language plpgsql as $$
begin
    delete from group_instance as i
    where i.group_id = old.group_id and not exists (
        select from fingerprint as f join affected_instance as a on a.fingerprint_id = f.id
        where f.group_id = old.group_id and a.instance_id = i.instance_id);
    insert into group_instance
    select a.instance_id, g.id, KEPT
    from affected_instance as a join error_group as g on g.id = new.group_id and g.organization_id = new.organization_id
    where a.fingerprint_id = new.id
    on conflict do nothing;
    return null;
end $$;
create trigger move_group_instances after update of group_id on fingerprint
    for each row when (old.group_id <> new.group_id) execute function move_group_instances();

create function change_group_instances() returns trigger language plpgsql as $$
begin
    update group_instance
    set status = new.status, severity = new.severity, priority = new.priority,
        first_day = (new.first_seen_at at time zone 'UTC')::date, last_day = (new.last_seen_at at time zone 'UTC')::date
    where group_id = new.id;
    return null;
end $$;
create trigger change_group_instances after update on error_group
    for each row when (
        old.status <> new.status or old.severity <> new.severity or old.priority <> new.priority
        or (old.first_seen_at at time zone 'UTC')::date <> (new.first_seen_at at time zone 'UTC')::date
        or (old.last_seen_at at time zone 'UTC')::date <> (new.last_seen_at at time zone 'UTC')::date
    ) execute function change_group_instances();
""".replace(
    "FILTERED",
    "source, kind, project_id, app_id, assignee_id, module, is_dev, muted_at, mute_until",
).replace(
    "KEPT",
    "g.status, g.severity, g.priority, (g.first_seen_at at time zone 'UTC')::date, (g.last_seen_at at time zone 'UTC')::date",
)


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
