"""The rules by which errors of an app are left out.

Comes in: rules as `app.domain` has them, and as clients send them. Goes out: the other way round.
"""

from collections.abc import Sequence
from typing import Self

import strawberry

from app.domain.events import ignore_rules
from app.domain.events.ignore_rules import Rule

_TYPE = "The type of the exception that people see, with or without what is before its last dot"
_MESSAGE = "What it says; without `*` and `?` it may stand anywhere in that"


@strawberry.type(
    description="A rule that leaves errors out. All that it asks for must be so; in patterns `*` stands for any characters, `?` for one."
)
class IgnoreRule:
    """A rule that leaves errors out."""

    exception_type: str | None = strawberry.field(description=f"{_TYPE}; null: any, or none.")
    message: str | None = strawberry.field(description=f"{_MESSAGE}; null: any.")

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """What is shown of a rule."""
        return cls(exception_type=rule.exception_type, message=rule.message)


@strawberry.input(
    description="A rule that leaves errors out. All that it asks for must be so, and it must ask for something; in patterns"
    " `*` stands for any characters, `?` for one."
)
class IgnoreRuleInput:
    """A rule to be."""

    exception_type: str | None = strawberry.field(default=None, description=f"{_TYPE}; null: any, or none.")
    message: str | None = strawberry.field(default=None, description=f"{_MESSAGE}; null: any.")


def as_rules(given: Sequence[IgnoreRuleInput]) -> list[dict[str, str]]:
    """The rules as they are stored; whether anybody can have them is looked at there."""
    return ignore_rules.plain([Rule(each.exception_type, each.message) for each in given])
