"""Who did something: what is written beside each change."""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from app.accounts.roles import Caller, TokenKind


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: nobody, a member (`id` of the membership), an agent (of its token), GitHub."""

    kind: Literal["system", "person", "agent", "github"]
    id: UUID | None = None


SYSTEM: Final = Actor("system")


def actor(caller: Caller) -> Actor:
    """Who a caller is in what is written: an agent's token is an agent, whoever's it is."""
    if caller.kind is TokenKind.AGENT or caller.membership_id is None:
        return Actor("agent", caller.token_id)
    return Actor("person", caller.membership_id)
