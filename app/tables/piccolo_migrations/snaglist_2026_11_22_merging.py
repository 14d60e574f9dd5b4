"""What merging and its suggestions need: a fingerprint's own severity, and the keys by which alike ones are found."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import DB

ID = "2026-11-22T22:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "merging, and suggestions of what to merge"

SQL = """
-- A group's severity is that of its fingerprints, so that it is known again when a merge is taken apart.
alter table fingerprint add column severity smallint not null default 1 check (severity between 1 and 3);
update fingerprint as f set severity = g.severity from error_group as g where g.id = f.home_group_id;

-- Fingerprints that share a key may be the same error (docs/decisions/0009). Those from before have none: they are not
-- suggested, but others are suggested for them. No reference, as in other tables of fingerprints with many rows: each row
-- would be checked by itself. A key is of one project, so that nobody asks for what is left of a deleted one.
create table fingerprint_likeness (
    key bigint not null,
    fingerprint_id bigint not null,
    primary key (key, fingerprint_id)
);
-- Most keys have few fingerprints and some have thousands. The planner is to expect many, so that it reads the newest
-- from the index and stops, and does not collect and sort them all.
alter table fingerprint_likeness alter column key set (n_distinct = 20);
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
