"""Comments that name somebody who is not told yet."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T23:59:52:000000"
VERSION = "1.38.0"
DESCRIPTION = "mentions in comments"

_STATEMENTS = (
    # Written with the comment, in the same statement: who is named in it is told from here, whatever dies in between.
    "alter table comment add column mentions_untold boolean not null default false",
    "create index comment_mentions_untold on comment (created_at) where mentions_untold",
)


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        for statement in _STATEMENTS:
            await fetch(statement)

    manager.add_raw(run)
    return manager
