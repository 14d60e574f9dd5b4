"""What is to be done on GitHub, by whom it is done, and what GitHub told us."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T23:59:30:000000"
VERSION = "1.38.0"
DESCRIPTION = "GitHub"

_STATEMENTS = (
    # Writes go out one at a time for each installation of an App, or token: GitHub limits them so.
    """
    create table github_installation (
        key text primary key,
        write_at timestamptz not null default '-infinity',
        blocked_until timestamptz,
        blocked_times smallint not null default 0,
        taken_by uuid,
        taken_until timestamptz
    )
    """,
    """
    alter table github_connection
        add column organization_id uuid not null references organization on delete cascade,
        add column kind text not null check (kind in ('app', 'token')),
        add column app_id bigint,
        add column installation_id bigint,
        add column login text not null,
        add column installation_key text not null references github_installation on delete restrict,
        add column labels text[] not null default '{}',
        add column problem text,
        add column attempts smallint not null default 0,
        add column retry_at timestamptz,
        add column checked_at timestamptz not null,
        alter column repository_id set not null,
        alter column webhook_secret set not null,
        add check ((kind = 'app') = (app_id is not null and installation_id is not null))
    """,
    "create index github_connection_organization on github_connection (organization_id)",
    "create index github_connection_installation on github_connection (installation_key)",
    "create index github_connection_repository on github_connection (repository_id)",
    """
    alter table github_issue
        add column organization_id uuid not null references organization on delete cascade,
        add column repository_id bigint,
        add column is_on_demand boolean not null default false,
        add column made_at timestamptz,
        add column told_at timestamptz,
        add column asked_state text check (asked_state in ('open', 'closed')),
        add column asked_at timestamptz,
        drop constraint github_issue_sync_status_check,
        add check (sync_status in ('waiting', 'capped', 'failed', 'synced', 'detached')),
        add check ((number is null) = (made_at is null))
    """,
    "create index github_issue_organization on github_issue (organization_id)",
    "create index github_issue_made on github_issue (project_id, made_at)",
    "create unique index github_issue_number on github_issue (project_id, repository_id, number)",
    """
    create table github_action (
        id bigint generated always as identity primary key,
        group_id uuid not null references error_group on delete cascade, -- goes with its row in github_issue, too
        kind text not null check (kind in ('create', 'comment', 'state', 'label')),
        detail jsonb not null default '{}',
        marker uuid not null unique,
        attempted_at timestamptz,
        created_at timestamptz not null
    )
    """,
    "create index github_action_group on github_action (group_id, id)",
    """
    create table github_delivery (
        project_id uuid not null references project on delete cascade,
        delivery_id text not null,
        event text not null,
        payload jsonb not null,
        received_at timestamptz not null,
        handled_at timestamptz,
        attempts smallint not null default 0,
        problem text,
        primary key (project_id, delivery_id)
    )
    """,
    "create index github_delivery_waiting on github_delivery (received_at) where handled_at is null",
    "create index github_delivery_received on github_delivery (received_at)",
)


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        for statement in _STATEMENTS:
            await fetch(statement)

    manager.add_raw(run)
    return manager
