"""Who made an agent's token: it never may more than they may."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.tables.database import fetch

ID = "2026-11-22T23:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "who made agents' tokens"

_STATEMENTS = (
    # Null: nobody knows; then `accounts.tokens` has it manage nothing. An own token is made by its person.
    "alter table access_token add column maker_id uuid references person on delete cascade",
    "alter table access_token add constraint access_token_maker_check check (maker_id is null or person_id is null)",
    "create index access_token_maker on access_token (maker_id)",
    # The audit knows who made a token; where that was an agent, who made that one's counts. Whoever has been removed
    # since may know the secret: what they made ends, as it does from now on when somebody is removed.
    """
    with recursive made as (
        select organization_id, subject_id as token_id, actor_kind, actor_id
        from audit_entry where kind = 'TOKEN_CREATED'
    ), origin as (
        select * from made
        union
        select origin.organization_id, origin.token_id, made.actor_kind, made.actor_id
        from origin join made on made.token_id = origin.actor_id and made.organization_id = origin.organization_id
        where origin.actor_kind = 'agent'
    ), known as (
        update access_token as t
        set maker_id = m.person_id,
            revoked_at = case when m.id is null then coalesce(t.revoked_at, now()) else t.revoked_at end
        from origin left join membership as m
            on m.id = origin.actor_id and m.organization_id = origin.organization_id
        where origin.actor_kind = 'person' and t.id = origin.token_id and t.organization_id = origin.organization_id
            and t.kind = 'agent' and t.person_id is null
        returning t.id, t.organization_id, t.name, t.revoked_at
    )
    insert into audit_entry (organization_id, at, actor_kind, actor_name, kind, subject_type, subject_id, subject_name)
    select organization_id, now(), 'system', 'Snaglist', 'TOKEN_REVOKED', 'AccessToken', id, name
    from known where revoked_at = now() order by id
    """,
    """
    update invitation as i set revoked_at = now() from access_token as t
    where t.id = i.invited_by and t.revoked_at = now() and i.accepted_at is null and i.revoked_at is null
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
