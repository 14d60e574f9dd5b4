"""Every table, written by hand: partitions, partial indexes and checks are beyond Piccolo's own migrations."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import DB

ID = "2026-11-22T00:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "every table"


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        sql = (Path(__file__).parent / "first.sql").read_text()
        current = DB.current_transaction.get()
        if current is None:
            raise RuntimeError("a migration runs in a transaction")
        await current.connection.execute(sql)

    manager.add_raw(run)
    return manager
