"""The rules by which a project's people say what is the same error.

Comes in: rules as `app.domain` has them, and as clients send them. Goes out: the other way round.
"""

from collections.abc import Sequence
from typing import Any, Self

import strawberry

from app.domain.events import grouping_rules
from app.domain.events.grouping_rules import Rule

_TYPE = "The type of an exception of the chain, with or without what is before its last dot"
_MESSAGE = "What the event or one of its exceptions says; without `*` and `?` it may stand anywhere in that"
_PATH = "The path of a frame; without `*` and `?` it may stand anywhere in that"
_MODULE = "The module that the app names, or that of a frame or exception"
_TAGS = "Tags that the event has, all of them"
_FINGERPRINT = (
    "What makes events the same error: 1 to 10 texts of up to 200 characters. `{{ default }}` stands for what it would be"
    " without the rule"
)


@strawberry.type(description="A tag that an event has.")
class GroupingRuleTag:
    """A tag that an event has."""

    name: str = strawberry.field(description="The tag's name.")
    value: str = strawberry.field(
        description="A pattern for its value: `*` stands for any characters, `?` for one."
    )


@strawberry.type(
    description="A rule that says which events are the same error. All that it asks for must be so; in patterns `*` stands"
    " for any characters, `?` for one."
)
class GroupingRule:
    """A rule that says which events are the same error."""

    type: str | None = strawberry.field(description=f"{_TYPE}; null: any, or none.")
    message: str | None = strawberry.field(description=f"{_MESSAGE}; null: any.")
    path: str | None = strawberry.field(description=f"{_PATH}; null: any, or none.")
    module: str | None = strawberry.field(description=f"{_MODULE}; null: any, or none.")
    tags: list[GroupingRuleTag] = strawberry.field(description=f"{_TAGS}.")
    fingerprint: list[str] = strawberry.field(description=f"{_FINGERPRINT}.")

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """What is shown of a rule."""
        return cls(
            type=rule.type,
            message=rule.message,
            path=rule.path,
            module=rule.module,
            tags=[GroupingRuleTag(name=name, value=value) for name, value in rule.tags],
            fingerprint=list(rule.fingerprint),
        )


@strawberry.input(description="A tag that an event must have.")
class GroupingRuleTagInput:
    """A tag to be asked for."""

    name: str = strawberry.field(description="The tag's name, up to 200 characters.")
    value: str = strawberry.field(
        description="A pattern for its value: `*` stands for any characters, `?` for one."
    )


@strawberry.input(
    description="A rule that says which events are the same error. All that it asks for must be so, and it must ask for"
    " something; in patterns `*` stands for any characters, `?` for one."
)
class GroupingRuleInput:
    """A rule to be."""

    type: str | None = strawberry.field(default=None, description=f"{_TYPE}; null: any, or none.")
    message: str | None = strawberry.field(default=None, description=f"{_MESSAGE}; null: any.")
    path: str | None = strawberry.field(default=None, description=f"{_PATH}; null: any, or none.")
    module: str | None = strawberry.field(default=None, description=f"{_MODULE}; null: any, or none.")
    tags: list[GroupingRuleTagInput] | None = strawberry.field(
        default=None, description=f"{_TAGS}, up to 10."
    )
    fingerprint: list[str] = strawberry.field(description=f"{_FINGERPRINT}.")


def as_rules(given: Sequence[GroupingRuleInput]) -> list[dict[str, Any]]:
    """The rules as they are stored; whether anybody can have them is looked at there."""
    return grouping_rules.plain(
        [
            Rule(
                tuple(each.fingerprint),
                each.type,
                each.message,
                each.path,
                each.module,
                tuple((tag.name, tag.value) for tag in each.tags or ()),
            )
            for each in given
        ]
    )
