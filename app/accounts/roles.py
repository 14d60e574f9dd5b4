"""Who is asking, and what they may do. Pure.

Comes in: a caller, as `tokens.find` gave it, and a permission. Goes out: yes or no. Whatever is not granted here
is refused. A caller needs both: a role that has the permission, and a token with the scopes for it.

    permission          viewer  developer  admin  owner   scopes that the token needs
    view:errors           x         x        x      x     issues:read
    manage:errors                   x        x      x     issues:read, issues:write
    manage:projects                          x      x     all three
    manage:instances                         x      x     all three
    manage:members                           x      x     all three
    manage:tokens                            x      x     all three
    delete:projects                                 x     all three

Whoever works on errors is shown them in the answers, with all that belongs to them, and so needs to be let see them.
Managing needs a token that nobody has narrowed: who may make members and tokens could give themselves whatever
scope they lack. An agent's token, which has the first two scopes unless more were asked for, thus manages nothing.
What is for owners alone is deleting, and making, changing and removing owners, which `reaches` is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID


class Role(StrEnum):
    """What a member is in an organization; those who may do most come first."""

    OWNER = "owner"
    ADMIN = "admin"
    DEVELOPER = "developer"
    VIEWER = "viewer"


class Scope(StrEnum):
    """What a token is for."""

    ISSUES_READ = "issues:read"
    ISSUES_WRITE = "issues:write"
    INGEST = "ingest"


class Permission(StrEnum):
    """What can be asked of `allowed`."""

    VIEW_ERRORS = "view:errors"
    MANAGE_ERRORS = "manage:errors"
    MANAGE_PROJECTS = "manage:projects"
    MANAGE_INSTANCES = "manage:instances"
    MANAGE_MEMBERS = "manage:members"
    MANAGE_TOKENS = "manage:tokens"
    DELETE_PROJECTS = "delete:projects"


class TokenKind(StrEnum):
    """Of a person's browser, of a person's own making, or of a program that works in an organization."""

    SESSION = "session"
    PERSONAL = "personal"
    AGENT = "agent"


ALL_SCOPES: Final = frozenset(Scope)
AGENT_SCOPES: Final = frozenset({Scope.ISSUES_READ, Scope.ISSUES_WRITE})
"""Those of an agent's token, unless more or fewer are asked for."""

_VIEWER: Final = frozenset({Permission.VIEW_ERRORS})
_DEVELOPER: Final = _VIEWER | {Permission.MANAGE_ERRORS}
_ADMIN: Final = _DEVELOPER | {
    Permission.MANAGE_PROJECTS,
    Permission.MANAGE_INSTANCES,
    Permission.MANAGE_MEMBERS,
    Permission.MANAGE_TOKENS,
}
_OWNER: Final = _ADMIN | {Permission.DELETE_PROJECTS}

PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.OWNER: _OWNER,
    Role.ADMIN: _ADMIN,
    Role.DEVELOPER: _DEVELOPER,
    Role.VIEWER: _VIEWER,
}

NEEDED_SCOPES: Final[Mapping[Permission, frozenset[Scope]]] = {
    Permission.VIEW_ERRORS: frozenset({Scope.ISSUES_READ}),
    Permission.MANAGE_ERRORS: frozenset({Scope.ISSUES_READ, Scope.ISSUES_WRITE}),
    Permission.MANAGE_PROJECTS: ALL_SCOPES,
    Permission.MANAGE_INSTANCES: ALL_SCOPES,
    Permission.MANAGE_MEMBERS: ALL_SCOPES,
    Permission.MANAGE_TOKENS: ALL_SCOPES,
    Permission.DELETE_PROJECTS: ALL_SCOPES,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, in one organization; an agent without a person has no membership either."""

    organization_id: UUID
    person_id: UUID | None
    membership_id: UUID | None
    token_id: UUID
    kind: TokenKind
    role: Role
    scopes: frozenset[Scope]


def allowed(caller: Caller, permission: Permission) -> bool:
    """Whether the caller may: by the role, and with this token."""
    return permission in PERMISSIONS[caller.role] and NEEDED_SCOPES[permission] <= caller.scopes


def reaches(caller: Caller, role: Role) -> bool:
    """Whether the caller may give or take this role: nobody gives more than they have."""
    return lesser(caller.role, role) is role


def is_whole(caller: Caller) -> bool:
    """Whether the token has every scope, so that the caller may do all that the role may."""
    return caller.scopes >= ALL_SCOPES


def lesser(one: Role, other: Role) -> Role:
    """Of two roles, the one that may do less."""
    ranked = list(Role)
    return max(one, other, key=ranked.index)
