"""Who scans an instance at this moment, and until when that is to be believed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T20:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the lease of a scan"


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        await fetch("alter table scan_state add column scanner uuid, add column scanning_until timestamptz")

    manager.add_raw(run)
    return manager
