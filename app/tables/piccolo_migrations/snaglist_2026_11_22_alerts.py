"""What rules have matched and not told yet, what is to be sent, and who wants no digests."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T23:59:50:000000"
VERSION = "1.38.0"
DESCRIPTION = "alerts and digests"

_STATEMENTS = (
    """
    alter table alert_rule
        add column channels_shown jsonb not null default '[]',
        add column updated_at timestamptz
    """,
    "create index alert_rule_organization on alert_rule (organization_id)",
    """
    create table alert_pending (
        rule_id uuid primary key references alert_rule on delete cascade,
        first_at timestamptz not null,
        due_at timestamptz not null,
        total bigint not null,
        sample jsonb not null
    )
    """,
    "create index alert_pending_due on alert_pending (due_at)",
    """
    create table alert_level (
        rule_id uuid not null references alert_rule on delete cascade,
        subject_id uuid not null,
        since timestamptz not null,
        primary key (rule_id, subject_id)
    )
    """,
    """
    create table alert_sample (
        group_id uuid not null references error_group on delete cascade,
        at timestamptz not null,
        total_count bigint not null,
        primary key (group_id, at)
    )
    """,
    "create index alert_sample_at on alert_sample (at)",
    """
    alter table delivery
        add column key text unique,
        add column project_id uuid references project on delete cascade,
        add column membership_id uuid references membership on delete cascade,
        add column channel bytea,
        add column taken_until timestamptz
    """,
    "create index delivery_organization on delivery (organization_id, created_at, id)",
    "create index delivery_project on delivery (project_id)",
    "create index delivery_membership on delivery (membership_id)",
    """
    create table digest_opt_out (
        membership_id uuid not null references membership on delete cascade,
        project_id uuid not null references project on delete cascade,
        created_at timestamptz not null,
        primary key (membership_id, project_id)
    )
    """,
    "create index digest_opt_out_project on digest_opt_out (project_id)",
)


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        for statement in _STATEMENTS:
            await fetch(statement)

    manager.add_raw(run)
    return manager
