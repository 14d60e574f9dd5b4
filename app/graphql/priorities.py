"""Why a group has its priority, and what a project has each reason count for.

Comes in: reasons and weights of `app.domain.priority`. Goes out: what the graph shows of them.
"""

from enum import Enum
from typing import Self

import strawberry
from strawberry import enum_value

from app.domain import priority


@strawberry.enum(description="What an error's priority has points for.")
class PriorityReasonCode(Enum):
    """What points are given for; the words of `priority.ReasonCode`."""

    OCCURRENCES = enum_value("OCCURRENCES", description="It happened often within 24 hours.")
    USERS = enum_value("USERS", description="Many users met it within 24 hours.")
    PRODUCTION = enum_value("PRODUCTION", description="It was seen in production.")
    REGRESSED = enum_value("REGRESSED", description="It came back after it was resolved.")
    FIRST_SEEN = enum_value("FIRST_SEEN", description="It was first seen within 24 hours.")


@strawberry.type(
    description="Something that an error's priority has points for. P0 from 20, P1 from 15, P2 from 10."
)
class PriorityReason:
    """Something that a priority has points for; a `Reason` is shown as it is."""

    code: str = strawberry.field(description="What it is: for programs.", graphql_type=PriorityReasonCode)
    points: int = strawberry.field(description="How many points it gives.")
    message: str = strawberry.field(description="A few words to show.")


@strawberry.type(description="A number, and the points that more than that gives.")
class PriorityStep:
    """A number, and the points that more than that gives; a `Step` is shown as it is."""

    over: int = strawberry.field(description="The number that must be exceeded.")
    points: int = strawberry.field(description="The points.")


@strawberry.type(description="How many points each reason gives in a project.")
class PriorityWeights:
    """How many points each reason gives."""

    occurrences: list[PriorityStep] = strawberry.field(
        description="For how often it happened within 24 hours; the highest step that is exceeded counts."
    )
    users: list[PriorityStep] = strawberry.field(
        description="For how many users met it within 24 hours; the highest step that is exceeded counts."
    )
    production: int = strawberry.field(description="For an error that was seen in production.")
    regressed: int = strawberry.field(description="For one that came back after it was resolved.")
    first_seen: int = strawberry.field(description="For one that was first seen within 24 hours.")

    @classmethod
    def of(cls, weights: priority.Weights) -> Self:
        """What is shown of weights."""
        return cls(
            occurrences=[PriorityStep(over=step.over, points=step.points) for step in weights.occurrences],
            users=[PriorityStep(over=step.over, points=step.points) for step in weights.users],
            production=weights.production,
            regressed=weights.regressed,
            first_seen=weights.first_seen,
        )


@strawberry.input(description="A number, and the points that more than that gives.")
class PriorityStepInput:
    """A step to be."""

    over: int = strawberry.field(description="The number that must be exceeded: 0 or more.")
    points: int = strawberry.field(description="The points: 0 to 1,000.")


@strawberry.input(
    description="How many points each reason gives. What is left out, or null, is as by default."
)
class PriorityWeightsInput:
    """Weights to be."""

    occurrences: list[PriorityStepInput] | None = strawberry.field(
        default=None,
        description="For how often it happened within 24 hours, up to 10 steps; by default more than 1,000: 10,"
        " 100: 5, 10: 2.",
    )
    users: list[PriorityStepInput] | None = strawberry.field(
        default=None,
        description="For how many users met it within 24 hours, up to 10 steps; by default more than 100: 10, 10: 5.",
    )
    production: int | None = strawberry.field(
        default=None, description="For an error that was seen in production: 0 to 1,000; by default 5."
    )
    regressed: int | None = strawberry.field(
        default=None, description="For one that came back after it was resolved: 0 to 1,000; by default 8."
    )
    first_seen: int | None = strawberry.field(
        default=None, description="For one that was first seen within 24 hours: 0 to 1,000; by default 3."
    )

    def as_weights(self) -> priority.Weights:
        """The weights that are meant; `priority.checked` says whether anybody can mean them."""
        usual = priority.DEFAULT
        return priority.Weights(
            usual.occurrences if self.occurrences is None else _steps(self.occurrences),
            usual.users if self.users is None else _steps(self.users),
            usual.production if self.production is None else self.production,
            usual.regressed if self.regressed is None else self.regressed,
            usual.first_seen if self.first_seen is None else self.first_seen,
        )


def _steps(given: list[PriorityStepInput]) -> tuple[priority.Step, ...]:
    return tuple(priority.Step(step.over, step.points) for step in given)
