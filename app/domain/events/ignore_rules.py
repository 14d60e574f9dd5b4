"""The ignore rules of an app: errors that are counted as ignored and make no group.

Comes in: rules as they are stored or asked for, and an event. Goes out: the rules, what is wrong with them, and whether the
event is ignored. A rule looks at what people see: the type of the last exception of a chain, and what that or the event
says. A cause further down the chain ignores nothing, as another error would be hidden with it. Patterns are `globs`; one
for a message that has neither `*` nor `?` may stand anywhere in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.domain.events import globs
from app.domain.events.event import Event
from app.domain.events.grouping_rules import is_type, wrong_text

RULES_LIMIT: Final = 100
PATTERNS: Final = ("exception_type", "message")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: both patterns have to match where both are given; at least one is."""

    exception_type: str | None = None
    message: str | None = None


def ignored(event: Event, rules: Sequence[Rule]) -> bool:
    """Whether a rule matches the event."""
    return bool(rules) and any(_matches(rule, event) for rule in rules)


def restored(plain: Any) -> tuple[Rule, ...]:
    """The rules that were stored; what makes no sense is left out. Nothing raises."""
    if not isinstance(plain, list):
        return ()
    return tuple(
        Rule(one.get("exception_type"), one.get("message"))
        for one in plain[:RULES_LIMIT]
        if not any(_of_rule(one))
    )


def plain(rules: Sequence[Rule]) -> list[dict[str, str]]:
    """The rules as JSON: a pattern that is not given is left out."""
    return [
        {name: value for name in PATTERNS if (value := getattr(rule, name)) is not None} for rule in rules
    ]


def problems(plain: Any) -> list[tuple[str, str]]:
    """What is wrong with rules that somebody asks for: where (`3.message`, counted from 0; empty: all of it), and why."""
    if not isinstance(plain, list):
        return [("", "the rules are no list")]
    if len(plain) > RULES_LIMIT:
        return [("", f"there are more than {RULES_LIMIT} rules")]
    return [
        (f"{place}.{field}" if field else str(place), why)
        for place, one in enumerate(plain)
        for field, why in _of_rule(one)
    ]


def _matches(rule: Rule, event: Event) -> bool:
    if rule.exception_type is not None and not is_type(rule.exception_type, event, last_only=True):
        return False
    if rule.message is None:
        return rule.exception_type is not None
    texts = [event.message, *(exception.message for exception in event.exceptions[-1:])]
    return any(text and globs.found(rule.message, text) for text in texts)


def _of_rule(one: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(one, Mapping):
        yield "", "this is no rule"
        return
    given = [name for name in PATTERNS if one.get(name) is not None]
    if not given:
        yield "", "a rule needs an exception type or a message"
    for name in given:
        if why := wrong_text(one[name], globs.PATTERN_LIMIT):
            yield name, why
        elif not one[name].strip("*? "):
            yield name, "this would ignore every error"
