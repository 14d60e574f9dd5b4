"""What people do with errors: who did it by name, mutes that end in time, and the versions of apps that are known."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T22:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "names in the history, mutes that end, versions of apps"

_STATEMENTS = (
    # As it was then: a member may be removed and a token revoked, and people still want to know who it was.
    "alter table group_change add column actor_name text",
    """
    create index error_group_mute_end on error_group (mute_until, id)
        where mute_until is not null and merged_into_id is null and deleted_at is null
    """,
    # The versions that events of an app came from, so that it is known which one is the newest.
    """
    create table app_version (
        app_id uuid not null references app on delete cascade,
        version text not null check (length(version) between 1 and 200),
        organization_id uuid not null references organization on delete cascade,
        first_seen_at timestamptz not null,
        primary key (app_id, version)
    )
    """,
    "create index app_version_newest on app_version (app_id, first_seen_at)",
    "create index app_version_organization on app_version (organization_id)",
)


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        for statement in _STATEMENTS:
            await fetch(statement)

    manager.add_raw(run)
    return manager
