"""Which passwords whoever had an invitation's link has chosen."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T23:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "passwords that came with an invitation"

_STATEMENTS = (
    # Nobody has shown that the address is theirs: see `accounts.invited_password`.
    "alter table person add column has_invited_password boolean not null default false",
    # Who was made by accepting an invitation was made at the very moment in which it was accepted.
    """
    update person as p set has_invited_password = true from invitation as i
    where p.password_hash is not null and lower(i.email) = lower(p.email) and i.accepted_at = p.created_at
    """,
)


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="snaglist", description=DESCRIPTION)

    async def run() -> None:
        for statement in _STATEMENTS:
            await fetch(statement)

    manager.add_raw(run)
    return manager
