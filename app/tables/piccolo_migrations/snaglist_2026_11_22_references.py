"""What the payloads of an app are compressed against."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T23:59:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "references of payloads"

_STATEMENTS = (
    """
    create table payload_reference (
        id bigint generated always as identity primary key,
        app_id uuid not null references app on delete cascade,
        made_at timestamptz not null,
        content bytea not null
    )
    """,
    "create index payload_reference_app on payload_reference (app_id, id)",
    # No foreign key: it would be looked up for each event, and references outlive the events that name them.
    "alter table event add column reference_id bigint",
)


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        for statement in _STATEMENTS:
            await fetch(statement)

    manager.add_raw(run)
    return manager
