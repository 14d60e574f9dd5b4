"""Revoke a token: one's own, or any of the organization's for whoever manages tokens.

Comes in: a caller, and which token. Goes out: nothing. Who comes with the token from then on is refused, everywhere.
Those of owners, and agents' that are owner, are for owners to revoke.
"""

from datetime import datetime
from uuid import UUID

import asyncpg

from app.accounts import audit
from app.accounts.actors import actor
from app.accounts.audit import Kind
from app.accounts.members import demand_reach, under_lock, withdraw_invitations
from app.accounts.roles import Caller, Permission, Role, TokenKind, allowed, is_whole
from app.accounts.tokens import role_in_force
from app.errors import NotFound
from app.tables.database import fetch, fetch_one, transaction


async def revoke_token(caller: Caller, token_id: UUID, *, now: datetime) -> None:
    """Revoke the token, session or not; done twice, the first time stands. The invitations of an agent end with it.

    A token that was narrowed can revoke only itself. NotFound: there is none, or not for the caller to revoke.
    Forbidden: it is an owner's, and the caller is none.
    """
    async with transaction():
        present = await under_lock(caller, None, now=now)
        row = await fetch_one(
            """
            select t.id, t.person_id, t.kind, t.name, t.role, t.revoked_at, m.role as membership_role
            from access_token as t left join membership as m
                on m.person_id = coalesce(t.person_id, t.maker_id) and m.organization_id = t.organization_id
            where t.id = $1 and t.organization_id = $2
            for update of t
            """,
            token_id,
            present.organization_id,
        )
        if row is None or not _may_revoke(present, row):
            raise NotFound("there is no such token", field="id")
        if not _is_own(present, row):
            demand_reach(present, _owned_by(row))
        if row["revoked_at"] is not None:
            return
        await fetch("update access_token set revoked_at = $2 where id = $1", token_id, now)
        if row["kind"] == TokenKind.AGENT:
            await withdraw_invitations([token_id], None, now=now)
        if row["kind"] != TokenKind.SESSION:  # signing out is nothing that anybody else needs to know
            await audit.note(
                present.organization_id,
                actor(present),
                Kind.TOKEN_REVOKED,
                subject_type="AccessToken",
                subject_id=token_id,
                subject_name=row["name"],
                now=now,
            )


def _may_revoke(caller: Caller, row: asyncpg.Record) -> bool:
    return _is_own(caller, row) or allowed(caller, Permission.MANAGE_TOKENS)


def _is_own(caller: Caller, row: asyncpg.Record) -> bool:
    is_persons = caller.person_id is not None and row["person_id"] == caller.person_id and is_whole(caller)
    return row["id"] == caller.token_id or is_persons


def _owned_by(row: asyncpg.Record) -> Role:
    """The role that it takes to revoke it: that of whose it is, or what an agent may do with it."""
    if row["kind"] == TokenKind.AGENT:
        return role_in_force(row["role"], row["membership_role"])
    return Role(row["membership_role"] or Role.VIEWER)
