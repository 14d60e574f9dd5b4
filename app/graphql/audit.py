"""Who changed what: settings, members, tokens, projects, instances, apps.

Comes in: entries of `app.reading`. Goes out: what the graph shows of them, in pages.
"""

from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any, Self

import strawberry
from strawberry import enum_value

from app.graphql import ids
from app.graphql.connections import Connection, window
from app.graphql.context import Info
from app.graphql.enumerations import ActorKind, word
from app.graphql.node import Node
from app.reading import audit as reading

_ACTORS = {"person": "Member", "agent": "AccessToken"}


@strawberry.enum(description="What was done.")
class AuditKind(Enum):
    """What was done; the words of `accounts.audit.Kind`."""

    ORGANIZATION_UPDATED = enum_value("ORGANIZATION_UPDATED", description="A setting of the organization.")
    MEMBER_INVITED = enum_value("MEMBER_INVITED", description="Somebody was invited.")
    INVITATION_REVOKED = enum_value("INVITATION_REVOKED", description="An invitation was taken back.")
    MEMBER_JOINED = enum_value("MEMBER_JOINED", description="Somebody accepted an invitation.")
    MEMBER_UPDATED = enum_value("MEMBER_UPDATED", description="A member was given another role.")
    MEMBER_REMOVED = enum_value("MEMBER_REMOVED", description="A member was removed, or left.")
    TOKEN_CREATED = enum_value("TOKEN_CREATED", description="A token was made, a personal or an agent's.")
    TOKEN_REVOKED = enum_value("TOKEN_REVOKED", description="A token was revoked.")
    PASSWORD_CHANGED = enum_value(
        "PASSWORD_CHANGED",
        description="A person changed their password, or lost one that had come with an invitation.",
    )
    PROJECT_CREATED = enum_value("PROJECT_CREATED", description="A project was made.")
    PROJECT_UPDATED = enum_value("PROJECT_UPDATED", description="A setting of a project.")
    PROJECT_DELETED = enum_value("PROJECT_DELETED", description="A project was deleted.")
    INSTANCE_CREATED = enum_value("INSTANCE_CREATED", description="An instance was made.")
    INSTANCE_UPDATED = enum_value("INSTANCE_UPDATED", description="A setting of an instance.")
    INSTANCE_DELETED = enum_value("INSTANCE_DELETED", description="An instance was deleted.")
    APP_CREATED = enum_value("APP_CREATED", description="An app was made.")
    APP_UPDATED = enum_value("APP_UPDATED", description="A setting of an app.")
    APP_DELETED = enum_value("APP_DELETED", description="An app was deleted.")
    APP_KEY_ROTATED = enum_value("APP_KEY_ROTATED", description="An app was given a new key.")
    GITHUB_CONNECTED = enum_value(
        "GITHUB_CONNECTED",
        description="A project was given a repository on GitHub, or its connection was changed.",
    )
    GITHUB_DISCONNECTED = enum_value(
        "GITHUB_DISCONNECTED", description="A project's repository on GitHub was taken away."
    )
    ALERT_RULE_CREATED = enum_value("ALERT_RULE_CREATED", description="An alert rule was made.")
    ALERT_RULE_UPDATED = enum_value("ALERT_RULE_UPDATED", description="An alert rule was changed.")
    ALERT_RULE_DELETED = enum_value("ALERT_RULE_DELETED", description="An alert rule was deleted.")
    EVENT_DISCARDED = enum_value(
        "EVENT_DISCARDED", description="An event that could not be recorded was thrown away."
    )
    COMMENT_DELETED = enum_value("COMMENT_DELETED", description="Somebody else's comment was deleted.")


@strawberry.input(description="Which entries. All conditions must hold; null asks nothing.")
class AuditFilter:
    """Which entries."""

    kind: AuditKind | None = strawberry.field(default=None, description="What was done.")
    actor_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Who did it: the id of a member or of an agent's token, also one that is gone.",
    )
    since: datetime | None = strawberry.field(default=None, description="Done at this time or later.")
    until: datetime | None = strawberry.field(default=None, description="Done before this time.")


@strawberry.type(description="One value that was changed.")
class AuditChange:
    """One value that was changed."""

    field: str = strawberry.field(description="What is called so in the graph, for example `role`.")
    before: str | None = strawberry.field(
        description="What it was, as text, a list with one line for each; null: nothing."
    )
    after: str | None = strawberry.field(
        description="What it became, as text, a list with one line for each; null: nothing."
    )


@strawberry.type(
    description="One change to settings, members, tokens, projects, instances or apps. Never a secret."
)
class AuditEntry(Node):
    """One change to settings, members, tokens, projects, instances or apps."""

    at: datetime = strawberry.field(description="When it was done.")
    kind: str = strawberry.field(description="What was done.", graphql_type=AuditKind)
    actor_kind: str = strawberry.field(description="Who or what did it.", graphql_type=ActorKind)
    actor_id: strawberry.ID | None = strawberry.field(
        description="The member or the agent's token, for `filter.actorId`; null where it was Snaglist itself."
    )
    actor_name: str = strawberry.field(description="What they were called at that time.")
    subject_type: str = strawberry.field(
        description="The graph's name of what it was done to, for example `Project`."
    )
    subject_id: strawberry.ID | None = strawberry.field(
        description="What it was done to, for `node(id:)`, which is null where it is gone since."
    )
    subject_name: str = strawberry.field(description="What that was called at that time.")
    detail: list[AuditChange] = strawberry.field(description="The values that were changed.")

    @classmethod
    def of(cls, row: reading.AuditEntry) -> Self:
        """What is shown of a row."""
        actor = _ACTORS.get(row.actor_kind)
        return cls(
            id=ids.encode("AuditEntry", row.id),
            at=row.at,
            kind=row.kind,
            actor_kind=row.actor_kind,
            actor_id=ids.encode(actor, row.actor_id) if actor and row.actor_id else None,
            actor_name=row.actor_name,
            subject_type=row.subject_type,
            subject_id=ids.encode(row.subject_type, row.subject_id) if row.subject_id else None,
            subject_name=row.subject_name,
            detail=[
                AuditChange(field=name, before=_text(before), after=_text(after))
                for name, (before, after) in row.detail.items()
            ],
        )


async def audit_page(
    info: Info,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
    wanted: AuditFilter | None,
) -> Connection[AuditEntry]:
    """A page of what was changed, the newest first."""
    organization_id, asked = info.context.organization_id, _filter(wanted or AuditFilter())
    page = await reading.entries(organization_id, asked, window(first, after, last, before))
    return Connection[AuditEntry].of(
        page, AuditEntry.of, partial(reading.count_entries, organization_id, asked)
    )


def _filter(wanted: AuditFilter) -> reading.AuditFilter:
    """What is asked for; an actor's id that means nothing is somebody who did nothing."""
    given, actor_id = wanted.actor_id, None
    if given is not None:
        actor_id = ids.decode("Member", given) or ids.decode("AccessToken", given) or ids.NOBODY
    return reading.AuditFilter(wanted.kind and word(wanted.kind), actor_id, wanted.since, wanted.until)


def _text(value: Any) -> str | None:
    """The value for people."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case list():
            return "\n".join(map(str, value))
    return str(value)
