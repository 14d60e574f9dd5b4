"""How far an issue has followed what happened to its group."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T23:59:40:000000"
VERSION = "1.38.0"
DESCRIPTION = "how far issues have followed their groups"


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        await fetch("alter table github_issue add column followed_change_id bigint")
        # What happened before the issue was asked for is no news on it.
        await fetch(
            """
            update github_issue as i set followed_change_id =
                coalesce((select max(c.id) from group_change as c where c.group_id = i.group_id), 0)
            """
        )

    manager.add_raw(run)
    return manager
