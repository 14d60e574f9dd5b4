"""Who may ask for what: each root field says which permission it needs, and a field that says nothing is refused.

Comes in: the permission. Goes out: a field extension that lets the caller through, or raises Unauthenticated or
Forbidden. What hangs below a root field is read in SQL with the caller's organization.
"""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension

from app.accounts.roles import Permission, allowed
from app.errors import Forbidden
from app.graphql.context import Info


class Guard(FieldExtension):
    """Lets those through who have the permission; None: everybody who is signed in."""

    def __init__(self, permission: Permission | None) -> None:
        self.permission = permission

    def _check(self, info: Info) -> None:
        caller = info.context.signed_in
        if self.permission is not None and not allowed(caller, self.permission):
            raise Forbidden(f"this needs the permission {self.permission}, which this token does not have")

    def resolve(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info[Any, Any], **given: Any
    ) -> Any:
        """For resolvers that read nothing."""
        self._check(info)
        return next_(source, info, **given)

    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,
        info: strawberry.Info[Any, Any],
        **given: Any,
    ) -> Any:
        """For resolvers that read."""
        self._check(info)
        found = next_(source, info, **given)
        return await found if isawaitable(found) else found


class Open(FieldExtension):
    """Says that everybody may ask, without a token."""

    def resolve(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info[Any, Any], **given: Any
    ) -> Any:
        """Lets everybody through."""
        return next_(source, info, **given)

    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,
        info: strawberry.Info[Any, Any],
        **given: Any,
    ) -> Any:
        """Lets everybody through."""
        found = next_(source, info, **given)
        return await found if isawaitable(found) else found


def guarded(permission: Permission | None, description: str) -> Any:
    """`strawberry.field` with a guard: `@guarded(Permission.VIEW_ERRORS, "...")` above the resolver."""
    return strawberry.field(description=description, extensions=[Guard(permission)])


def guarded_mutation(permission: Permission | None, description: str) -> Any:
    """`strawberry.mutation` with a guard."""
    return strawberry.mutation(description=description, extensions=[Guard(permission)])
