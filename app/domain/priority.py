"""How soon somebody should look at a group: points for what is known of it, and what they come to.

Comes in: the facts of a group, and what its project thinks they weigh. Goes out: points, a priority, and the reasons,
one for each fact that has points.

    P0 from 20 points: page somebody    P1 from 15    P2 from 10    P3 below
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from app.errors import BadInput

WINDOW: Final = timedelta(hours=24)
"""How far back is looked: the current hour and the 23 before it, as a sparkline of one day shows them."""
STEPS_LIMIT: Final = 10
POINTS_LIMIT: Final = 1000
COUNT_LIMIT: Final = 2**31 - 1
_FROM: Final = (20, 15, 10)
"""The points from which a group is P0, P1 and P2."""


class ReasonCode(StrEnum):
    """What points are given for."""

    OCCURRENCES = "OCCURRENCES"
    USERS = "USERS"
    PRODUCTION = "PRODUCTION"
    REGRESSED = "REGRESSED"
    FIRST_SEEN = "FIRST_SEEN"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a group: counts within `WINDOW`; `is_new`: it was first seen within it.

    Of `users` no more need be known than that they are more than the highest step.
    """

    occurrences: int = 0
    users: int = 0
    is_production: bool = False
    is_regressed: bool = False
    is_new: bool = False

    @property
    def is_fleeting(self) -> bool:
        """Whether any of them ends by itself, or by a person's hand, without anything new being heard of."""
        return bool(self.occurrences or self.users or self.is_regressed or self.is_new)


@dataclass(frozen=True, slots=True)
class Step:
    """More than `over` of something gives `points`."""

    over: int
    points: int


@dataclass(frozen=True, slots=True)
class Weights:
    """How many points each fact gives; of several steps, the highest that is passed."""

    occurrences: tuple[Step, ...] = (Step(1000, 10), Step(100, 5), Step(10, 2))
    users: tuple[Step, ...] = (Step(100, 10), Step(10, 5))
    production: int = 5
    regressed: int = 8
    first_seen: int = 3


DEFAULT: Final = Weights()


@dataclass(frozen=True, slots=True)
class Reason:
    """A fact that has points, in words for people."""

    code: ReasonCode
    points: int
    message: str


@dataclass(frozen=True, slots=True)
class Score:
    """What it comes to: `priority` is 0 to 3, 0 the most urgent."""

    points: int
    priority: int
    reasons: tuple[Reason, ...]


def score(facts: Facts, weights: Weights = DEFAULT) -> Score:
    """The score of a group."""
    reasons = [
        *_passed(ReasonCode.OCCURRENCES, facts.occurrences, weights.occurrences, "occurrences"),
        *_passed(ReasonCode.USERS, facts.users, weights.users, "users"),
    ]
    for code, is_so, points, message in (
        (ReasonCode.PRODUCTION, facts.is_production, weights.production, "seen in production"),
        (ReasonCode.REGRESSED, facts.is_regressed, weights.regressed, "came back after it was resolved"),
        (ReasonCode.FIRST_SEEN, facts.is_new, weights.first_seen, "first seen within 24 hours"),
    ):
        if is_so and points:
            reasons.append(Reason(code, points, message))
    points = sum(reason.points for reason in reasons)
    return Score(points, sum(points < least for least in _FROM), tuple(reasons))


def _passed(code: ReasonCode, count: int, steps: Sequence[Step], what: str) -> list[Reason]:
    step = max((step for step in steps if count > step.over), key=lambda step: step.over, default=None)
    if step is None or not step.points:
        return []
    is_exact = code is not ReasonCode.USERS or any(other.over >= count for other in steps)
    told = f": {count:,}" if is_exact else ""
    return [Reason(code, step.points, f"more than {step.over:,} {what} in 24 hours{told}")]


def checked(weights: Weights) -> Weights:
    """The weights, the highest step first. BadInput: nobody can mean them."""
    for field, steps in (("occurrences", weights.occurrences), ("users", weights.users)):
        path = f"priorityWeights.{field}"
        if len(steps) > STEPS_LIMIT:
            raise BadInput(f"there can be at most {STEPS_LIMIT} steps", field=path)
        if len({step.over for step in steps}) < len(steps):
            raise BadInput("two steps begin at the same number", field=path)
        for step in steps:
            if not 0 <= step.over <= COUNT_LIMIT:
                raise BadInput(f"a step begins at a number from 0 to {COUNT_LIMIT:,}", field=path)
            _demand_points(step.points, path)
    for name in ("production", "regressed", "first_seen"):
        _demand_points(
            getattr(weights, name), f"priorityWeights.{'firstSeen' if name == 'first_seen' else name}"
        )
    return Weights(
        _highest_first(weights.occurrences),
        _highest_first(weights.users),
        weights.production,
        weights.regressed,
        weights.first_seen,
    )


def stored(weights: Weights) -> dict[str, Any]:
    """The weights as plain values, for `restored`; the defaults are nothing, so that they may change."""
    return {
        name: [[step.over, step.points] for step in value] if isinstance(value, tuple) else value
        for name, value in ((field.name, getattr(weights, field.name)) for field in fields(Weights))
        if value != getattr(DEFAULT, name)
    }


def restored(plain: Mapping[str, Any]) -> Weights:
    """The weights that were stored; what is missing or makes no sense is as by default."""
    given: dict[str, Any] = {}
    for field in fields(Weights):
        value, usual = plain.get(field.name), getattr(DEFAULT, field.name)
        if isinstance(usual, tuple):
            if isinstance(value, list) and all(_is_step(step) for step in value):
                given[field.name] = tuple(Step(*step) for step in value)
        elif _is_number(value):
            given[field.name] = value
    return Weights(**given)


def _demand_points(points: int, field: str) -> None:
    if not 0 <= points <= POINTS_LIMIT:
        raise BadInput(f"points are 0 to {POINTS_LIMIT:,}", field=field)


def _highest_first(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(sorted(steps, key=lambda step: -step.over))


def _is_step(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(part) for part in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
