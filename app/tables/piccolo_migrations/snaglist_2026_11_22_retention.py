"""What retention leaves of occurrences, and how far it has come."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T23:55:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "occurrences that outlive their partition"

_STATEMENTS = (
    # The first and the newest occurrence of each fingerprint, whose partitions are gone. Not a partition of its own:
    # its times lie between those of others, and rows come to it one by one.
    "create table kept_occurrence (like occurrence including defaults including storage)",
    "alter table kept_occurrence add primary key (id)",
    "create index kept_occurrence_fingerprint on kept_occurrence (fingerprint_id, occurred_at, id)",
    "create index kept_occurrence_event on kept_occurrence (event_id) where event_id is not null",
    # From an event to the occurrence that shows it, which may have been stored much later.
    "create index occurrence_event on occurrence (event_id) where event_id is not null",
    # Up to when all that a project does not keep any longer is known to be removed.
    "alter table project add column retained_from timestamptz",
)


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        for statement in _STATEMENTS:
            await fetch(statement)

    manager.add_raw(run)
    return manager
