"""What was gone from a log before it could be read, as far as that is known."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "text that was lost before it was read"


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        await fetch(
            "alter table scan_state add column last_missed_at timestamptz, add column last_missed text"
        )

    manager.add_raw(run)
    return manager
