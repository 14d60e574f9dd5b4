"""One thing of every kind that has an id, made for the tests of ids and permissions. A new kind needs a maker here."""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID, uuid4

from app.accounts.invitations import invite_member
from app.accounts.roles import Role, TokenKind
from app.graphql import ids
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.stage import joined
from tests.reading.alerting import add_rule
from tests.reading.sent import add_problem
from tests.reading.stage import add_app
from tests.reading.told import add_delivery
from tests.recording.stage import Stage


async def things(stage: Stage, group_id: UUID) -> dict[str, str]:
    """Ids by the name of their type; the group has been seen."""
    return {kind: ids.encode(kind, await make(stage, group_id)) for kind, make in MAKERS.items()}


async def _token(stage: Stage, _: UUID) -> UUID:
    return (await joined(stage.organization_id, Role.DEVELOPER, kind=TokenKind.AGENT)).token_id


async def _entry(stage: Stage, _: UUID) -> int:
    return await _first("audit_entry", stage)


async def _step(stage: Stage, _: UUID) -> int:
    return await _first("group_change", stage)


async def _first(table: str, stage: Stage) -> int:
    sql = f"select id from {table} where organization_id = $1 order by id limit 1"  # noqa: S608  named above
    [row] = await fetch(sql, stage.organization_id)
    return int(row[0])


async def _comment(stage: Stage, group_id: UUID) -> UUID:
    comment_id = uuid4()
    await fetch(
        """
        insert into comment (id, organization_id, group_id, author_kind, author_name, body, created_at)
        values ($1, $2, $3, 'github', 'octocat', 'secret', $4)
        """,
        comment_id,
        stage.organization_id,
        group_id,
        NOW,
    )
    return comment_id


async def _alert_rule(stage: Stage, _: UUID) -> UUID:
    return await add_rule(stage)


async def _delivery(stage: Stage, _: UUID) -> UUID:
    return await add_delivery(stage, status="failed")


async def _invitation(stage: Stage, _: UUID) -> UUID:
    owner = await joined(stage.organization_id)
    return (await invite_member(owner, f"{uuid4()}@x.test", Role.VIEWER, now=NOW)).token_id


async def _member(stage: Stage, _: UUID) -> UUID:
    member = await joined(stage.organization_id, Role.DEVELOPER)
    assert member.membership_id
    return member.membership_id


async def _occurrence(stage: Stage, _: UUID) -> UUID:
    [row] = await fetch("select id from occurrence where organization_id = $1 limit 1", stage.organization_id)
    return UUID(str(row[0]))


async def _group(_: Stage, group_id: UUID) -> UUID:
    return group_id


async def _instance(stage: Stage, _: UUID) -> UUID:
    return stage.shop.id


async def _app(stage: Stage, _: UUID) -> UUID:
    return await add_app(stage)


async def _ingest_problem(stage: Stage, _: UUID) -> UUID:
    return await add_problem(stage, await add_app(stage), {"message": "secret"})


async def _organization(stage: Stage, _: UUID) -> UUID:
    return stage.organization_id


async def _project(stage: Stage, _: UUID) -> UUID:
    return stage.project_id


MAKERS: Final[dict[str, Callable[[Stage, UUID], Awaitable[UUID | int]]]] = {
    "AccessToken": _token,
    "AlertRule": _alert_rule,
    "App": _app,
    "Comment": _comment,
    "Delivery": _delivery,
    "ErrorGroup": _group,
    "ErrorHistoryEntry": _step,
    "IngestProblem": _ingest_problem,
    "Instance": _instance,
    "Invitation": _invitation,
    "AuditEntry": _entry,  # after the invitation, which leaves one
    "Member": _member,
    "Occurrence": _occurrence,
    "Organization": _organization,
    "Project": _project,
}
