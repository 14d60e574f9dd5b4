"""What has to happen for a rule to say something.

Comes in: what a person asked for, or what was stored of it. Goes out: a condition with all that its kind needs, or a
refusal that names the field of the graph; and its plain form, for JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

from app.errors import BadInput

COUNT_LIMIT: Final = 1_000_000
WINDOW_LEAST: Final = 60
"""Seconds: what is looked at every quarter of a minute cannot tell less."""
WINDOW_LIMIT: Final = 86_400
"""Seconds: a day."""
FACTOR_LEAST: Final = 1.5
FACTOR_LIMIT: Final = 1000.0
PRIORITY_LIMIT: Final = 3


class ConditionKind(StrEnum):
    """What is asked."""

    OPENED = "OPENED"
    REGRESSED = "REGRESSED"
    FREQUENCY = "FREQUENCY"
    SPIKE = "SPIKE"
    USERS = "USERS"
    PRIORITY = "PRIORITY"
    SCAN_FAILING = "SCAN_FAILING"
    OVER_QUOTA = "OVER_QUOTA"


@dataclass(frozen=True, slots=True)
class Condition:
    """What has to happen; each kind has fields of its own, and the others are None.

        OPENED REGRESSED    nothing
        FREQUENCY USERS     `count` times, or different users, within `window_seconds`
        SPIKE               this hour has `factor` times what the past weeks lead to expect, and `count` at least
        PRIORITY            it became this `priority`, or a more urgent one: 0 is the most urgent, 3 the least
        SCAN_FAILING        no scan of an instance succeeded for `window_seconds`
        OVER_QUOTA          at least `count` events of an app were refused for its quota within `window_seconds`

    What `checked` or `read` gave has all that its kind needs.
    """

    kind: ConditionKind
    count: int | None = None
    window_seconds: int | None = None
    factor: float | None = None
    priority: int | None = None


_NEEDS: Final[Mapping[ConditionKind, Mapping[str, int | float | None]]] = {
    ConditionKind.OPENED: {},
    ConditionKind.REGRESSED: {},
    ConditionKind.FREQUENCY: {"count": None, "window_seconds": None},
    ConditionKind.SPIKE: {"count": 20, "factor": 3.0},
    ConditionKind.USERS: {"count": None, "window_seconds": None},
    ConditionKind.PRIORITY: {"priority": None},
    ConditionKind.SCAN_FAILING: {"window_seconds": 900},
    ConditionKind.OVER_QUOTA: {"count": 1, "window_seconds": 300},
}
"""What each kind needs, and what is meant where it is not said; None has to be said."""
_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "count": (1, COUNT_LIMIT),
    "window_seconds": (WINDOW_LEAST, WINDOW_LIMIT),
    "factor": (FACTOR_LEAST, FACTOR_LIMIT),
    "priority": (0, PRIORITY_LIMIT),
}
_NAMES: Final = {
    "count": "count",
    "window_seconds": "windowSeconds",
    "factor": "factor",
    "priority": "priority",
}
"""What the fields are called in the graph, and in what is stored."""


def checked(condition: Condition) -> Condition:
    """The condition with the numbers that are meant where none were given.

    BadInput, with the graph's name of the field: a number is missing, out of its bounds (the constants above), or
    belongs to another kind.
    """
    needs = _NEEDS[condition.kind]
    given: dict[str, Any] = {}
    for name, (least, most) in _BOUNDS.items():
        value = getattr(condition, name)
        field = f"condition.{_NAMES[name]}"
        if name not in needs:
            if value is not None:
                raise BadInput(f"a condition of the kind {condition.kind} has no {_NAMES[name]}", field=field)
            continue
        value = needs[name] if value is None else value
        if value is None:
            raise BadInput(f"a condition of the kind {condition.kind} needs a {_NAMES[name]}", field=field)
        if not _is_number(value, name) or not least <= value <= most:
            raise BadInput(f"this has to be from {least:,} to {most:,}", field=field)
        given[name] = float(value) if name == "factor" else value
    return Condition(condition.kind, **given)


def stored(condition: Condition) -> dict[str, Any]:
    """The condition as plain values under the graph's names, for `read`; what is None is left out."""
    plain: dict[str, Any] = {"kind": condition.kind.value}
    for field in fields(Condition)[1:]:
        value = getattr(condition, field.name)
        if value is not None:
            plain[_NAMES[field.name]] = value
    return plain


def read(plain: object) -> Condition | None:
    """The condition that was stored. None: this version does not know its kind, does not understand its numbers, or it
    has more than this version knows; then nobody can tell whether it is met."""
    if not isinstance(plain, Mapping) or not set(plain) <= {"kind", *_NAMES.values()}:
        return None
    try:
        kind = ConditionKind(str(plain.get("kind")))
        return checked(Condition(kind, **{name: plain.get(called) for name, called in _NAMES.items()}))
    except (ValueError, BadInput):
        return None


def _is_number(value: object, name: str) -> bool:
    return isinstance(value, (int, float) if name == "factor" else int) and not isinstance(value, bool)
