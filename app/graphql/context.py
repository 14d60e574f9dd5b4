"""What one request to the graph knows: who asks, and the time."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from app.accounts.roles import Caller
from app.errors import Unauthenticated
from app.graphql.live.wanted import Begun
from app.scanning.source import Bounds


@dataclass(frozen=True, slots=True)
class Cost:
    """The points of an operation, and how many are allowed."""

    points: int
    maximum: int


@dataclass(frozen=True, slots=True)
class OidcMethod:
    """The OIDC provider that one can sign in with: its name, and where that begins."""

    name: str
    start_url: str


@dataclass(slots=True)
class Context:
    """One for each request. `loaded` holds what was read for the whole page, by the name of what it is."""

    caller: Caller | None
    now: datetime
    loaded: dict[Any, Any] = field(default_factory=dict)
    introspection: bool = True
    bounds: Bounds = field(default_factory=Bounds)
    """How much a scan takes at a time."""
    base_url: str = ""
    """Where people reach this server, for links; without a slash at the end."""
    client_address: str = ""
    """Where the request comes from; empty where that is not known."""
    oidc: OidcMethod | None = None
    """How else one can sign in than with a password."""
    session_cookie: str | None = None
    """The secret that the browser is to keep as its session, the empty one for none; None leaves it as it is."""
    cost: Cost | None = None
    """Set when the operation is executed."""
    remembered: dict[Any, Any] = field(default_factory=dict)
    """Of the document, from one request to the next: how it is executed."""
    begun: Begun | None = None
    """Set when a subscription begins: what is to be told."""

    @property
    def signed_in(self) -> Caller:
        """The caller. Raises Unauthenticated where there is none."""
        if self.caller is None:
            raise Unauthenticated("send a token: `Authorization: Bearer ...`")
        return self.caller

    @property
    def organization_id(self) -> UUID:
        """The caller's organization, which every query asks for."""
        return self.signed_in.organization_id


Info = strawberry.Info[Context, None]
"""What a resolver is given beside its arguments."""
