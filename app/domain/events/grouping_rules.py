"""The grouping rules of a project: which events are the same error because people say so.

Comes in: rules as they are stored or asked for, and an event. Goes out: the rules, what is wrong with them, and the parts of
the fingerprint that the first rule that matches gives. Every condition of a rule has to hold; patterns are `globs`:

    type      the type of any exception, with or without what is before its last dot
    message   the event's message or what any exception says; without `*` and `?` it may stand anywhere in it
    path      the path of any frame; without `*` and `?` it may stand anywhere in it
    module    the module that the app names, or that of any frame or exception
    tags      all of the tags, by name, each with a pattern for its value
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

from app.domain.events import globs
from app.domain.events.event import Event

RULES_LIMIT: Final = 100
PARTS_LIMIT: Final = 10
PART_LIMIT: Final = 200
TAGS_LIMIT: Final = 10
PATTERNS: Final = ("type", "message", "path", "module")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Patterns are None where they do not matter; at least one is there, or a tag.

    `fingerprint`: 1 to 10 parts, which may hold `{{ default }}` or another variable. `tags`: name and pattern.
    """

    fingerprint: tuple[str, ...]
    type: str | None = None
    message: str | None = None
    path: str | None = None
    module: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


class _Told:
    """What rules look at in an event, each found once, and only where a rule asks for it. All in small letters."""

    def __init__(self, event: Event) -> None:
        self.event = event

    @cached_property
    def messages(self) -> tuple[str, ...]:
        return _once([self.event.message, *(exception.message for exception in self.event.exceptions)])

    @cached_property
    def modules(self) -> tuple[str, ...]:
        names = [self.event.module]
        for exception in self.event.exceptions:
            names += [exception.module, *(frame.module for frame in exception.frames)]
        return _once(names)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        frames = (frame for exception in self.event.exceptions for frame in exception.frames)
        return _once(frame.path and frame.path[-globs.TEXT_LIMIT :].replace("\\", "/") for frame in frames)

    @cached_property
    def all_modules(self) -> str:
        return "\n".join(self.modules)

    @cached_property
    def all_paths(self) -> str:
        return "\n".join(self.paths)


def _once(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(text[: globs.TEXT_LIMIT].lower() for text in dict.fromkeys(texts) if text)


def decided(rules: Sequence[Rule], event: Event) -> tuple[str, ...] | None:
    """The parts of the fingerprint that the first rule that matches gives; None: no rule matches."""
    told = _Told(event)
    for rule in rules:
        if _holds(rule, told):
            return rule.fingerprint
    return None


def matches(rule: Rule, event: Event) -> bool:
    """Whether each condition of the rule holds for the event."""
    return _holds(rule, _Told(event))


def _holds(rule: Rule, told: _Told) -> bool:
    return (
        (rule.type is None or is_type(rule.type, told.event))
        and (not rule.tags or _are_tags(rule.tags, told.event))
        and (rule.message is None or any(map(globs.compiled(globs.anywhere(rule.message)), told.messages)))
        and (rule.module is None or _is_one(rule.module, told.modules, told.all_modules))
        and (rule.path is None or _is_one(_path(rule.path), told.paths, told.all_paths))
    )


@lru_cache(maxsize=2048)
def _path(pattern: str) -> str:
    return globs.anywhere(pattern.replace("\\", "/"))


def _is_one(pattern: str, names: tuple[str, ...], joined: str) -> bool:
    """Whether one of the names is like that. Most rules match nothing, which one look at all the names tells."""
    return globs.needed(pattern) in joined and any(map(globs.compiled(pattern), names))


def is_type(pattern: str, event: Event, *, last_only: bool = False) -> bool:
    """Whether an exception of the chain, or only the last, is of a type like that."""
    for exception in event.exceptions[-1:] if last_only else event.exceptions:
        name = exception.type
        if not name:
            continue
        if globs.matches(pattern, name) or globs.matches(pattern, name.rpartition(".")[2]):
            return True
        if exception.module and globs.matches(pattern, f"{exception.module}.{name}"):
            return True
    return False


def restored(plain: Any) -> tuple[Rule, ...]:
    """The rules that were stored; what makes no sense is left out. Nothing raises."""
    if not isinstance(plain, list):
        return ()
    return tuple(_rule(one) for one in plain[:RULES_LIMIT] if not any(_of_rule(one)))


def plain(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """The rules as JSON: what does not matter in a rule is left out."""
    return [
        {
            **{name: value for name in PATTERNS if (value := getattr(rule, name)) is not None},
            **({"tags": [{"name": name, "value": value} for name, value in rule.tags]} if rule.tags else {}),
            "fingerprint": list(rule.fingerprint),
        }
        for rule in rules
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


def wrong_text(value: Any, limit: int) -> str | None:
    """Why a value is no text of 1 to `limit` characters that can be stored; None: it is one."""
    if not isinstance(value, str):
        return "this is no text"
    if not value.strip():
        return "this is empty"
    if len(value) > limit:
        return f"this has more than {limit} characters"
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        return "this has a character that cannot be stored"
    return None


def _of_rule(one: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(one, Mapping):
        yield "", "this is no rule"
        return
    given = [name for name in PATTERNS if one.get(name) is not None]
    for name in given:
        if why := wrong_text(one[name], globs.PATTERN_LIMIT):
            yield name, why
    tags = one.get("tags")
    yield from _of_tags(tags)
    if not given and not tags:
        yield "", "a rule needs something to match: a type, a message, a path, a module or a tag"
    yield from _of_parts(one.get("fingerprint"))


def _of_tags(tags: Any) -> Iterator[tuple[str, str]]:
    if tags is None:
        return
    if not isinstance(tags, list) or len(tags) > TAGS_LIMIT:
        yield "tags", f"this is no list of up to {TAGS_LIMIT} tags"
        return
    for place, tag in enumerate(tags):
        if not isinstance(tag, Mapping):
            yield f"tags.{place}", "this is no tag"
            continue
        for field, limit in (("name", PART_LIMIT), ("value", globs.PATTERN_LIMIT)):
            if why := wrong_text(tag.get(field), limit):
                yield f"tags.{place}.{field}", why


def _of_parts(parts: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(parts, list) or not 1 <= len(parts) <= PARTS_LIMIT:
        yield "fingerprint", f"a fingerprint has 1 to {PARTS_LIMIT} parts"
        return
    for place, part in enumerate(parts):
        if why := wrong_text(part, PART_LIMIT):
            yield f"fingerprint.{place}", why


def _rule(one: Mapping[str, Any]) -> Rule:
    return Rule(
        tuple(one["fingerprint"]),
        one.get("type"),
        one.get("message"),
        one.get("path"),
        one.get("module"),
        tuple((tag["name"], tag["value"]) for tag in one.get("tags") or ()),
    )


def _are_tags(tags: Sequence[tuple[str, str]], event: Event) -> bool:
    return all(
        any(key.lower() == wanted.lower() and globs.matches(pattern, value) for key, value in event.tags)
        for wanted, pattern in tags
    )
