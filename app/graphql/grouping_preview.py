"""What other grouping rules would do, before somebody saves them.

Comes in: a project and rules. Goes out: numbers, and the errors that they would touch.
"""

from asyncio import gather
from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

import strawberry

from app.errors import BadInput
from app.graphql import ids
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup, group_of
from app.graphql.grouping_rules import GroupingRuleInput, as_rules
from app.projects.rules import checked_grouping_rules
from app.reading import grouping_preview as reading

FIRST: Final = 10
MOST: Final = 50
_OF_EACH: Final = 10

Rules = Annotated[
    list[GroupingRuleInput],
    strawberry.argument(description="The rules to be, all of them, in their order; up to 100."),
]
First = Annotated[
    int | None,
    strawberry.argument(description="How many of each list to show, 1 to 50; those with the most first."),
]


@strawberry.type(description="What a grouping rule would do.")
class GroupingRuleMatch:
    """What a grouping rule would do."""

    index: int = strawberry.field(description="Which of the rules it is, from 0.")
    event_count: int = strawberry.field(
        description="How many of the events it would decide: those that it matches, and no rule before it."
    )
    error_groups: list[ErrorGroup] = strawberry.field(
        description="The first 10 of the errors that these events belong to, those with the most first."
    )


@strawberry.type(description="Errors whose events would be one error by the rules to be.")
class GroupingJoin:
    """Errors whose events would be one error."""

    error_groups: list[ErrorGroup] = strawberry.field(
        description="The first 10 of these errors, those with the most events first."
    )


@strawberry.type(description="An error whose events would be several errors by the rules to be.")
class GroupingSplit:
    """An error whose events would be several errors."""

    error_group: ErrorGroup | None = strawberry.field(
        description="The error; null where somebody deleted it at this moment."
    )
    parts: int = strawberry.field(description="Into how many its events would go.")


@strawberry.type(
    description="What grouping rules would do to the newest stored events of a project. Errors that there are stay as they"
    " are when rules are saved: what comes from then on follows them."
)
class GroupingRulesPreview:
    """What grouping rules would do."""

    event_count: int = strawberry.field(
        description="How many events were looked at: up to 200, the newest of each error first."
    )
    changed_count: int = strawberry.field(
        description="How many of them would count as another error than by the rules that there are."
    )
    rules: list[GroupingRuleMatch] = strawberry.field(
        description="What each of the first rules would do, in their order."
    )
    joined: list[GroupingJoin] = strawberry.field(
        description="What would be put together, where most errors would be, first."
    )
    split: list[GroupingSplit] = strawberry.field(
        description="What would be taken apart, what would become most, first."
    )


async def preview(
    info: Info, project_id: str, given: Sequence[GroupingRuleInput], first: int | None
) -> GroupingRulesPreview:
    """The preview. NotFound: there is no such project. BadInput: rules that nobody can have, or too many of each list."""
    most = FIRST if first is None else first
    if not 1 <= most <= MOST:
        raise BadInput(f"ask for the first 1 to {MOST}", field="first")
    rules = checked_grouping_rules(as_rules(given))
    key = ids.decode("Project", project_id) or ids.NOBODY
    found = await reading.preview(info.context.organization_id, key, rules)
    decided = list(enumerate(found.rules))[:most]
    matched = await gather(*(_groups(info, one.group_ids) for _, one in decided))
    joined = await gather(*(_groups(info, group_ids) for group_ids in found.joined[:most]))
    apart = await gather(*(group_of(info, split.group_id) for split in found.split[:most]))
    return GroupingRulesPreview(
        event_count=found.event_count,
        changed_count=found.changed_count,
        rules=[
            GroupingRuleMatch(index=place, event_count=one.event_count, error_groups=groups)
            for (place, one), groups in zip(decided, matched, strict=True)
        ],
        joined=[GroupingJoin(error_groups=groups) for groups in joined],
        split=[
            GroupingSplit(error_group=group, parts=split.parts)
            for group, split in zip(apart, found.split, strict=False)
        ],
    )


async def _groups(info: Info, group_ids: Sequence[UUID]) -> list[ErrorGroup]:
    """The first of the groups, without those that somebody has deleted meanwhile."""
    found = await gather(*(group_of(info, group_id) for group_id in group_ids[:_OF_EACH]))
    return [group for group in found if group]
