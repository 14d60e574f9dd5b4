"""What the next digest tells; and what was opened or came back is found by its time, for what a rule would have said."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T23:59:55:000000"
VERSION = "1.38.0"
DESCRIPTION = "what digests tell"


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        await fetch(
            """
            create table digest_item (
                change_id bigint primary key references group_change on delete cascade,
                project_id uuid not null references project on delete cascade,
                at timestamptz not null
            )
            """
        )
        await fetch("create index digest_item_project on digest_item (project_id, at)")
        await fetch(
            "create index group_change_told on group_change (organization_id, at) where kind in ('OPENED', 'REGRESSED')"
        )

    manager.add_raw(run)
    return manager
