"""What is taken out of the events of a project's apps before people see them.

Comes in: rules of `app.domain`, and what clients send. Goes out: the other way round.
"""

from typing import Self

import strawberry

from app.domain.secrets.scrubbing import Scrubbing

_SENSITIVE = "Names under which secrets stand, beside the usual ones (`password`, `token`, `authorization`, `cookie` ...)"
_SAFE = "Names under which no secrets stand, whatever they sound like"


@strawberry.type(
    description="What is taken out of the events of a project's apps: secrets known by their shape or by their name, and"
    " numbers of cards."
)
class ProjectScrubbing:
    """What is taken out of events."""

    enabled: bool = strawberry.field(
        description="Whether what an app sent is scrubbed by these rules. Titles and messages of errors always are."
    )
    sensitive_keys: list[str] = strawberry.field(description=f"{_SENSITIVE}.")
    safe_keys: list[str] = strawberry.field(description=f"{_SAFE}.")

    @classmethod
    def of(cls, rules: Scrubbing) -> Self:
        """What is shown of rules."""
        return cls(enabled=rules.enabled, sensitive_keys=list(rules.sensitive), safe_keys=list(rules.safe))


@strawberry.input(
    description="What is to be taken out of events, as a whole. What was taken before is scrubbed by the rules of its time."
)
class ProjectScrubbingInput:
    """Rules to be."""

    enabled: bool = strawberry.field(
        default=True, description="Whether what an app sends is scrubbed by these rules."
    )
    sensitive_keys: list[str] | None = strawberry.field(
        default=None, description=f"{_SENSITIVE}, up to 100 of up to 100 characters."
    )
    safe_keys: list[str] | None = strawberry.field(
        default=None, description=f"{_SAFE}, up to 100 of up to 100 characters."
    )

    def as_scrubbing(self) -> Scrubbing:
        """The rules that are meant; `update_project` says whether anybody can have them."""
        return Scrubbing(self.enabled, tuple(self.sensitive_keys or ()), tuple(self.safe_keys or ()))
