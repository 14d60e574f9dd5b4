"""Agents' tokens from before it was noted who made them: the audit knows."""

from uuid import UUID, uuid4

import pytest

from app.accounts.create_token import NewToken, create_token
from app.accounts.invitations import invite_member
from app.accounts.roles import ALL_SCOPES, Caller, Role, TokenKind
from app.accounts.tokens import find, found_again
from app.tables.database import fetch
from app.tables.migrate import migrate
from tests.accounts.people import agent, gets_in, joined, noted
from tests.database import NOW, pool
from tests.recording.stage import set_up

pytestmark = pytest.mark.anyio

ROBOT = NewToken(TokenKind.AGENT, "robot", role=Role.ADMIN, scopes=ALL_SCOPES)


async def makes(who: Caller) -> Caller:
    return await find((await create_token(who, ROBOT, now=NOW)).secret, now=NOW)


async def test_who_made_them_is_looked_up_and_who_has_gone_takes_them_along(bare_database: str) -> None:
    async with pool(bare_database):
        await migrate()
        organization_id: UUID = (await set_up()).organization_id
        maker, gone = await joined(organization_id), await joined(organization_id, Role.ADMIN)
        robots = [await makes(maker)]
        robots.append(await makes(robots[0]))
        robots.append(await makes(robots[1]))
        goners = [await makes(gone)]
        goners.append(await makes(goners[0]))
        nobodys = await agent(organization_id, Role.OWNER, scopes=ALL_SCOPES)
        await invite_member(goners[1], "back@x.test", Role.ADMIN, now=NOW)
        await invite_member(robots[1], "bea@x.test", Role.ADMIN, now=NOW)
        # An audit with a circle in it, which nobody could make, is no reason to go round and round.
        await fetch(
            """
            insert into audit_entry
                (organization_id, at, actor_kind, actor_id, actor_name, kind, subject_type, subject_id, subject_name)
            values ($1, $2, 'agent', $3, '', 'TOKEN_CREATED', 'AccessToken', $3, '')
            """,
            organization_id,
            NOW,
            uuid4(),
        )
        # As it was before the migration of makers, which is then done once more.
        await fetch("alter table access_token drop column maker_id")
        await fetch("delete from membership where id = $1", gone.membership_id)
        await fetch("delete from migration where name = '2026-11-22T23:50:00:000000'")
        await migrate()

        assert [(await found_again(each, now=NOW)).role for each in robots] == [Role.ADMIN] * 3
        assert [await gets_in(each) for each in goners] == [False] * 2
        assert (await found_again(nobodys, now=NOW)).role is Role.DEVELOPER
        rows = await fetch("select maker_id from access_token where kind = 'agent' order by created_at, id")
        assert [row["maker_id"] for row in rows].count(maker.person_id) == 3
        assert (await noted(organization_id))[-2:] == [("Snaglist", "TOKEN_REVOKED", "robot")] * 2
        open_ones = await fetch("select email from invitation where revoked_at is null")
        assert [row["email"] for row in open_ones] == ["bea@x.test"]
