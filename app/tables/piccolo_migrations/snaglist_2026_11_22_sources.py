"""Logs of four kinds, each on this machine or on another one: `source_kind` is the kind of log, where it was `local_file`."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import DB

ID = "2026-11-22T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "logs of four kinds, on any machine"

SQL = """
alter table instance drop constraint instance_source_kind_check;
update instance set source_kind = 'file' where source_kind = 'local_file';
alter table instance add constraint instance_source_kind_check
    check (source_kind in ('file', 'docker', 'journal', 'kubernetes'));
"""


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
