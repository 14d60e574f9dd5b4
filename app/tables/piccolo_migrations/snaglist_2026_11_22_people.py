"""Who was invited, and who changed what."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import DB

ID = "2026-11-22T22:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "invitations, and the audit"

SQL = """
create table invitation (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    email text not null check (length(email) between 3 and 320),
    role text not null check (role in ('owner', 'admin', 'developer', 'viewer')),
    digest bytea not null unique check (length(digest) = 32),
    invited_by uuid, -- the membership or token; whoever is removed takes the open ones along
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    revoked_at timestamptz
);
create unique index invitation_open on invitation (organization_id, lower(email))
    where accepted_at is null and revoked_at is null;
create index invitation_organization on invitation (organization_id, id);

-- Who changed settings, members, tokens, projects and instances; names as they were then.
create table audit_entry (
    id bigint generated always as identity primary key,
    organization_id uuid not null references organization on delete cascade,
    at timestamptz not null,
    actor_kind text not null check (actor_kind in ('system', 'person', 'agent', 'github')),
    actor_id uuid, -- the membership or token
    actor_name text not null,
    kind text not null,
    subject_type text not null,
    subject_id uuid,
    subject_name text not null,
    detail jsonb not null default '{}' -- of each field [before, after]
);
create index audit_entry_organization on audit_entry (organization_id, id);
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
