"""Comments as they are shown, and what keeps priorities up to date."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T22:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rendered comments, and groups whose score can change by itself"

_STATEMENTS = (
    # What was rendered, and by which edition of the rules: what an older one rendered is rendered anew.
    "alter table comment add column body_html text, add column rendering smallint",
    "create index comment_deleted on comment (deleted_at) where deleted_at is not null",
    # Whether the score has points that time, or somebody's hand, can take away. A settled group is not looked at.
    "alter table error_group add column is_score_fleeting boolean not null default true",
    """
    create index error_group_fleeting on error_group (id)
        where is_score_fleeting and merged_into_id is null and deleted_at is null
    """,
    # Through which of its groups, by id, a project's scores have come since its weights changed; null: through all.
    "alter table project add column rescored_through uuid",
    # When the groups of a deleted project were all deleted as well.
    "alter table project add column emptied_at timestamptz",
    # By id, so that all groups of a project can be gone through in steps.
    "drop index error_group_project",
    "create index error_group_project on error_group (project_id, id)",
)


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        for statement in _STATEMENTS:
            await fetch(statement)

    manager.add_raw(run)
    return manager
