"""Anything by its id.

Comes in: a global id. Goes out: what it names, as far as the caller's organization has it; otherwise None.
"""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from app.accounts.roles import Permission, allowed
from app.graphql import alert_rules, apps, deliveries, ids, ingest_problems, members, tokens
from app.graphql.audit import AuditEntry
from app.graphql.comments import comment
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.history import ErrorHistoryEntry
from app.graphql.node import Node
from app.graphql.occurrences import Occurrence
from app.graphql.projects import Instance, Project
from app.graphql.viewer import Organization
from app.reading import audit, groups, history, instances, occurrences, people, projects


async def node(info: Info, global_id: str) -> Node | None:
    """The thing with this id; None: there is none, not any more, or not for the caller."""
    found = ids.split(global_id)
    if found is None:
        return None
    kind, number = found
    if kind in _NUMBERED:
        return await _NUMBERED[kind](info, number)
    read, key = _READERS.get(kind), ids.as_uuid(number)
    return await read(info, key) if read and key else None


async def error_group(info: Info, key: UUID) -> ErrorGroup | None:
    """A group, one that was merged away too."""
    row = await groups.group(info.context.organization_id, key, now=info.context.now)
    return ErrorGroup.of(row) if row else None


async def project(info: Info, key: UUID) -> Project | None:
    """A project that is not deleted."""
    row = await projects.project(info.context.organization_id, key)
    return Project.of(row) if row else None


async def instance(info: Info, key: UUID) -> Instance | None:
    """An instance that is not deleted."""
    row = await instances.instance(info.context.organization_id, key)
    return Instance.of(row) if row else None


async def _occurrence(info: Info, key: UUID) -> Occurrence | None:
    row = await occurrences.occurrence(info.context.organization_id, key)
    return Occurrence.of(row) if row else None


async def _organization(info: Info, key: UUID) -> Organization | None:
    caller = info.context.signed_in
    return Organization.of(await people.viewer(caller)) if key == caller.organization_id else None


async def _entry(info: Info, number: str) -> ErrorHistoryEntry | None:
    key = ids.as_number(number)
    row = None if key is None else await history.step(info.context.organization_id, key)
    return ErrorHistoryEntry.of(row) if row else None


async def _change(info: Info, number: str) -> AuditEntry | None:
    key = ids.as_number(number)
    if key is None or not allowed(info.context.signed_in, Permission.MANAGE_MEMBERS):
        return None
    row = await audit.entry(info.context.organization_id, key)
    return AuditEntry.of(row) if row else None


async def _invitation(info: Info, key: UUID) -> members.Invitation | None:
    may = allowed(info.context.signed_in, Permission.MANAGE_MEMBERS)
    return await members.invitation(info, key) if may else None


async def _ingest_problem(info: Info, key: UUID) -> ingest_problems.IngestProblem | None:
    may = allowed(info.context.signed_in, Permission.MANAGE_PROJECTS)
    return await ingest_problems.ingest_problem(info, key) if may else None


async def _alert_rule(info: Info, key: UUID) -> alert_rules.AlertRule | None:
    may = allowed(info.context.signed_in, Permission.MANAGE_PROJECTS)
    return await alert_rules.alert_rule(info, key) if may else None


async def _delivery(info: Info, key: UUID) -> deliveries.Delivery | None:
    may = allowed(info.context.signed_in, Permission.MANAGE_PROJECTS)
    return await deliveries.delivery(info, key) if may else None


_NUMBERED: Final[dict[str, Callable[[Info, str], Awaitable[Node | None]]]] = {
    "AuditEntry": _change,
    "ErrorHistoryEntry": _entry,
}
_READERS: Final[dict[str, Callable[[Info, UUID], Awaitable[Node | None]]]] = {
    "AccessToken": tokens.token,
    "AlertRule": _alert_rule,
    "App": apps.app,
    "Comment": comment,
    "Delivery": _delivery,
    "ErrorGroup": error_group,
    "IngestProblem": _ingest_problem,
    "Instance": instance,
    "Invitation": _invitation,
    "Member": members.member,
    "Occurrence": _occurrence,
    "Organization": _organization,
    "Project": project,
}
