"""Who failed to sign in how often, and who somebody is at an OIDC provider."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import DB

ID = "2026-11-22T22:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "attempts to sign in, and identities at an OIDC provider"

SQL = """
-- One row for each thing that is counted; whoever attempts something takes rows away whose time is over.
create table sign_in_attempt (
    key bytea primary key check (length(key) = 32), -- SHA-256 of the e-mail address and the client's, or of that alone
    failures integer not null check (failures > 0),
    ends_at timestamptz not null
);
create index sign_in_attempt_end on sign_in_attempt (ends_at);

create table identity (
    id uuid primary key,
    person_id uuid not null references person on delete cascade,
    issuer text not null,
    subject text not null,
    created_at timestamptz not null,
    unique (issuer, subject),
    unique (person_id, issuer)
);
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
