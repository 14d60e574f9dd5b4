"""Change what is set on a project."""

from typing import Annotated, TypeVar

import strawberry
from strawberry import UNSET

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.domain import priority
from app.domain.secrets.scrubbing import Scrubbing
from app.errors import NotFound, SnaglistError
from app.graphql import ids, nodes
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.enumerations import AlertFrequency, word
from app.graphql.grouping_rules import GroupingRuleInput, as_rules
from app.graphql.priorities import PriorityWeightsInput
from app.graphql.projects import Project
from app.graphql.scrubbing import ProjectScrubbingInput
from app.graphql.user_errors import UserError, user_error
from app.projects.update_project import UNSET as UNCHANGED
from app.projects.update_project import ProjectChanges, UnsetType, update_project

T = TypeVar("T")


@strawberry.input(
    description="What is to be different. What is left out stays; so does what is null, unless its field says otherwise."
)
class ProjectUpdateInput:
    """What is to be different."""

    id: strawberry.ID = strawberry.field(description="The project.")
    name: str | None = strawberry.field(
        default=UNSET, description="What people call it: 1 to 200 characters."
    )
    slug: str | None = strawberry.field(
        default=UNSET, description="Its name in addresses: small letters, digits, hyphens, up to 63."
    )
    time_zone: str | None = strawberry.field(
        default=UNSET, description="The zone that its days and digests follow, like `Europe/Berlin`."
    )
    cooldown_seconds: int | None = strawberry.field(
        default=UNSET,
        description="Seconds after a stored occurrence of a group in which repeats are counted, but not stored: 0 to"
        " 86,400.",
    )
    auto_resolve_days: int | None = strawberry.field(
        default=UNSET,
        description="Days without a detection after which an error of a log is resolved by itself: 1 to 365.",
    )
    retention_days: int | None = strawberry.field(
        default=UNSET, description="Days for which occurrences and hourly counts are kept: 1 to 3,650."
    )
    regress_without_version: bool | None = strawberry.field(
        default=UNSET,
        description="Whether a resolved error of an app comes back also where it is not known in which version it"
        " happened, or was resolved.",
    )
    priority_weights: PriorityWeightsInput | None = strawberry.field(
        default=UNSET,
        description="How many points each reason gives, exchanged as a whole; null: as by default. What is recorded from"
        " then on follows at once, the rest within minutes.",
    )
    alert_frequency: AlertFrequency | None = strawberry.field(
        default=UNSET, description="How often the digest is sent."
    )
    quota_per_minute: int | None = strawberry.field(
        default=UNSET,
        description="Events of all its apps together that are taken in a minute, 1 to 100,000,000; null: as many as come.",
    )
    github_threshold: int | None = strawberry.field(
        default=UNSET,
        description="The count at which an error becomes an issue on GitHub: 1 to 1,000,000. Errors that have come to it"
        " already become one when they next happen.",
    )
    github_daily_cap: int | None = strawberry.field(
        default=UNSET,
        description="Issues that are made on GitHub in a day of the project's time zone: 0 to 1,000; 0 makes none but those"
        " that somebody asks for. Those that waited are looked at again at once.",
    )
    grouping_rules: list[GroupingRuleInput] | None = strawberry.field(
        default=UNSET,
        description="All of the rules that decide what is the same error, up to 100; an empty list for none. Events that"
        " come from then on follow them: `groupingRulesPreview` tells before what they would do.",
    )
    scrubbing: ProjectScrubbingInput | None = strawberry.field(
        default=UNSET,
        description="What is taken out of the events of its apps, exchanged as a whole; null: as by default.",
    )


@strawberry.type(description="What came of it.")
class ProjectUpdatePayload:
    """What came of it."""

    project: Project | None = strawberry.field(
        description="The project as it is now; null where there is none, or nothing was changed."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well, and otherwise nothing was changed."
    )


@guarded_mutation(
    Permission.MANAGE_PROJECTS, "Change what is set on a project: all that is given, or nothing."
)
async def project_update(
    info: Info,
    given: Annotated[
        ProjectUpdateInput, strawberry.argument(name="input", description="The project, and the changes.")
    ],
) -> ProjectUpdatePayload:
    context = info.context
    context.loaded.clear()
    try:
        project_id = ids.decode("Project", given.id)
        if project_id is None:
            raise NotFound("there is no such project", field="id")
        await update_project(
            context.organization_id,
            project_id,
            _changes(given),
            now=context.now,
            actor=actor(context.signed_in),
        )
    except SnaglistError as failure:
        return ProjectUpdatePayload(project=None, user_errors=[user_error(failure)])
    return ProjectUpdatePayload(project=await nodes.project(info, project_id), user_errors=[])


def _changes(given: ProjectUpdateInput) -> ProjectChanges:
    weights, quota = given.priority_weights, given.quota_per_minute
    rules, scrubbing = given.grouping_rules, given.scrubbing
    return ProjectChanges(
        name=_changed(given.name),
        slug=_changed(given.slug),
        time_zone=_changed(given.time_zone),
        cooldown_seconds=_changed(given.cooldown_seconds),
        auto_resolve_days=_changed(given.auto_resolve_days),
        retention_days=_changed(given.retention_days),
        regress_without_version=_changed(given.regress_without_version),
        priority_weights=UNCHANGED
        if weights is UNSET
        else weights.as_weights()
        if weights
        else priority.DEFAULT,
        alert_frequency=word(given.alert_frequency) if given.alert_frequency else UNCHANGED,
        quota_per_minute=UNCHANGED if quota is UNSET else quota,
        grouping_rules=UNCHANGED if rules is None or rules is UNSET else as_rules(rules),
        github_threshold=_changed(given.github_threshold),
        github_daily_cap=_changed(given.github_daily_cap),
        scrubbing=UNCHANGED if scrubbing is UNSET else scrubbing.as_scrubbing() if scrubbing else Scrubbing(),
    )


def _changed(given: T | None) -> T | UnsetType:
    return UNCHANGED if given is None or given is UNSET else given
