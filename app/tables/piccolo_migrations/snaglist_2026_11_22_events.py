"""Events of apps: what is kept of them before and after their scan, and what apps and projects ask for."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T23:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "events of apps"

_STATEMENTS = (
    # 1 own API, 2 Sentry's event, 3 Sentry's feedback of a user. What the door does not read is null until the scan.
    "alter table event add column format smallint not null default 1 check (format between 1 and 3)",
    "alter table event alter column level drop not null",
    "alter table event alter column payload set storage external",  # compressed already
    # The id begins with the time of receipt, which is in the primary key; most events have no session.
    "drop index event_id",
    "drop index event_session",
    "create index event_session on event (app_id, session_id, occurred_at, id) where session_id is not null",
    "alter table client_event add column event_id uuid",
    # What cannot be recorded waits aside with its `problem` until somebody has it tried again, or retention ends it.
    # `size`: bytes of the packed payload, so that a batch is chosen without a look at the events.
    "alter table inbox add column size integer not null default 0",
    "alter table inbox add column organization_id uuid not null",
    "drop index inbox_order",  # ids are in the order of receipt
    "create index inbox_problem on inbox (organization_id, event_id) where problem is not null",
    # Taken and left all the time: vacuumed early, so that it stays as small as it is.
    """
    alter table inbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_threshold = -1)
    """,
    # What became of what an app sent, by hour; `outcome` is one of `domain.events.event.Outcome`.
    """
    create table app_tally (
        app_id uuid not null references app on delete cascade,
        hour timestamptz not null,
        outcome text not null,
        total_count bigint not null,
        primary key (app_id, hour, outcome)
    ) with (fillfactor = 70)
    """,
    "create index app_organization on app (organization_id)",
    "alter table app add column in_app_include text[] not null default '{}'",
    "alter table app add column in_app_exclude text[] not null default '{}'",
    "alter table project add column quota_per_minute integer check (quota_per_minute > 0)",
    "alter table project add column grouping_rules jsonb not null default '[]'",
    "alter table project add column scrubbing jsonb not null default '{}'",
    # The key of an app stands in front ends, for everybody to read, and in the DSN that is shown: it is no secret.
    "alter table app_key rename column public_part to key",
    "alter table app_key drop column digest",
    "create unique index app_key_key on app_key (key)",
    "alter table error_group add column session_count bigint not null default 0",
    # Until when, by receipt, the occurrences of a storm use up their allowance: see recording.thinning.
    "alter table error_group add column thinned_until timestamptz",
    # When events last gave the group its texts and its score: see recording.freshness.
    "alter table error_group add column refreshed_at timestamptz",
    "alter table fingerprint add column tag_count integer not null default 0",
    """
    create table user_feedback (
        id uuid primary key,
        organization_id uuid not null references organization on delete cascade,
        app_id uuid not null references app on delete cascade,
        client_event_id text,
        name text,
        email text,
        message text not null,
        created_at timestamptz not null
    )
    """,
    "create index user_feedback_event on user_feedback (app_id, client_event_id)",
    "create index user_feedback_organization on user_feedback (organization_id)",
    # An expression, so that nobody but the one who asks for the time takes this index for the primary key's work.
    "create index fingerprint_user_seen on fingerprint_user ((fingerprint_id + 0), last_seen_at)",
)


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        for statement in _STATEMENTS:
            await fetch(statement)

    manager.add_raw(run)
    return manager
