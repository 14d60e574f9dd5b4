"""A payload, copied without its secrets: for those few in which there may be any.

Comes in: a decoded payload, and what is known of names. Goes out: a copy of the same shape with placeholders, and whether it
differs. What holds nothing is not copied: both share it. No recursion: a payload may be nested as deeply as its decoder allows.
"""

from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence, Set
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from app.domain.events.event import Tree
from app.domain.secrets import card_numbers
from app.domain.secrets.scrubbed_names import Names, is_secret, placeholder
from app.domain.secrets.scrubbed_texts import holding, is_option, mended, mended_source

SESSION_NAMES: Final = frozenset(("session_id", "session.id", "sessionId", "session"))
"""Names of the app's own session at the top of an event and among its tags: not what signs a user in."""


class _Place(Enum):
    """Where a container stands, as far as it matters to its names."""

    EVENT = auto()
    CONTEXTS = auto()
    TAGS = auto()
    FREE = auto()
    """Its names are names of packages and the like: they say nothing about what they hold."""
    LISTED = auto()
    ANY = auto()


_PLACES: Final = {
    (_Place.EVENT, "modules"): _Place.FREE,
    (_Place.EVENT, "contexts"): _Place.CONTEXTS,
    (_Place.EVENT, "tags"): _Place.TAGS,
    (_Place.CONTEXTS, "session"): _Place.FREE,
}
_NO_LABELS: Final = (_Place.CONTEXTS, _Place.FREE)
_WITH_PLACES: Final = (_Place.EVENT, _Place.CONTEXTS)
_OF_PAIRS: Final = (_Place.LISTED, _Place.TAGS)
_OWN_SESSION: Final = (_Place.EVENT, _Place.TAGS)


@dataclass(slots=True)  # not frozen, which is slow to make
class _Container:
    """An object or a list, its copy that is to be filled, where it stands, and the label of what it is a part of."""

    source: Any
    target: Any
    place: _Place
    label: str | None


@dataclass(frozen=True, slots=True)
class _Findings:
    """The texts that hold something, and the containers (by `id`) in which something may have to go, at any depth."""

    holders: Set[str]
    touched: Set[int]


def rebuilt(tree: Tree, known: Names, clean: Container[int]) -> tuple[Tree, bool]:
    """The copy, and True; or the tree itself, and False. `clean`: containers (by `id`) that are known to hold nothing."""
    found = _look(tree, known, clean)
    whole = _Container(tree, {}, _Place.EVENT, None)
    work = [whole]
    is_changed = False
    while work:
        container = work.pop()
        fill = _fill_object if type(container.target) is dict else _fill_list
        is_changed |= fill(container, known, found, work)
    return (whole.target, True) if is_changed else (tree, False)


def _look(tree: Tree, known: Names, clean: Container[int]) -> _Findings:
    """Where there may be anything: nothing else has to go, unless the name of what it is a part of says so."""
    texts: list[str] = []
    containers: list[Any] = [dict(tree)]
    parents = [0]
    begins: list[int] = []  # of the texts of each container
    places: list[int] = []  # of the containers with something in them
    for place, container in enumerate(containers):  # it grows
        begins.append(len(texts))
        if id(container) in clean:
            continue
        if _tells(container, known):
            places.append(place)
        is_object = type(container) is dict
        if is_object:
            texts += container
        for value in container.values() if is_object else container:
            kind = type(value)
            if kind is str:
                texts.append(value)
            elif kind is dict or kind is list:
                containers.append(value)
                parents.append(place)
            elif kind is int and card_numbers.is_one(value):
                places.append(place)
    holders = holding(texts)
    if holders:
        places += [bisect_right(begins, at) - 1 for at, text in enumerate(texts) if text in holders]
    return _Findings(holders, {id(containers[place]) for place in _with_those_around(places, parents)})


def _tells(container: Any, known: Names) -> bool:
    """Whether the names in an object, or the first of a pair, may say that something has to go."""
    if type(container) is list:
        return len(container) == 2 and pair(container, known) is not None
    return ("value" in container or not known.harmless.issuperset(container)) and has_secret(container, known)


def _with_those_around(places: Iterable[int], parents: Sequence[int]) -> Set[int]:
    found: set[int] = set()
    for place in places:
        at = place
        while at not in found:
            found.add(at)
            at = parents[at]
    return found


def pair(listed: list[Any], known: Names) -> str | None:
    """The label of what a list such as `["password", "…"]` holds, where that has to go."""
    name = listed[0]
    if type(name) is not str:
        return None
    label = known.label(name)
    return label if label is not None and _goes(label, listed[1]) else None


def has_secret(tree: dict[str, Any], known: Names) -> bool:
    """Whether the names of an object tell of a secret, or are one, or whether it is as `{"name": "password", "value": "…"}`."""
    for name, value in tree.items():
        label = known.label(name)
        if label is None:
            if name not in known.harmless:
                return True  # the name itself holds something, or is too long to be remembered
        elif is_secret(label, value) or (value and type(value) in (dict, list)):
            return True
    return "value" in tree and _label_beside(tree, known) is not None


def _label_beside(tree: dict[str, Any], known: Names) -> str | None:
    for key in ("name", "key"):
        if type(tree.get(key)) is str and (label := pair([tree[key], tree.get("value")], known)) is not None:
            return label
    return None


def _goes(label: str, value: object) -> bool:
    return bool(value) if type(value) is dict or type(value) is list else is_secret(label, value)


def _fill_object(container: _Container, known: Names, found: _Findings, work: list[_Container]) -> bool:
    source, target, place = container.source, container.target, container.place
    holders, touched = found.holders, found.touched
    lines = _source_lines(source, holders) if container.label is None else {}
    counts: dict[str, int] = {}
    beside = _label_beside(source, known) if "value" in source else None
    is_changed = False
    for name, value in source.items():
        key, label = name, container.label
        if label is not None or name not in known.harmless:
            key = _free_name(mended(name) if name in holders else name, target, counts)
            label = _label(name, container, known)
            is_changed |= key != name
        if name == "value":
            label = _stronger(label, beside)
        if name in lines:
            target[key] = lines[name]
            is_changed |= lines[name] != value
        elif type(value) is dict or type(value) is list:
            if label is None and id(value) not in touched:
                target[key] = value
                continue
            target[key] = type(value)()
            inner = _PLACES.get((place, name), _Place.ANY) if place in _WITH_PLACES else _Place.ANY
            work.append(_Container(value, target[key], inner, label))
        elif label is None and type(value) is str and value not in holders:
            target[key] = value
        else:
            target[key] = _leaf(value, label)
            is_changed |= target[key] is not value
    return is_changed


def _label(name: str, container: _Container, known: Names) -> str | None:
    """What the name holds. Where it says nothing itself, it holds a part of what the container is."""
    place = container.place
    if place in _NO_LABELS or (place in _OWN_SESSION and name in SESSION_NAMES):
        return container.label
    return None if known.is_safe(name) else _stronger(known.label(name), container.label)


def _stronger(*labels: str | None) -> str | None:
    """The first label of which anything is a secret, else the first of which only what looks random is."""
    told = [label for label in labels if label is not None]
    return next((label for label in told if not label.endswith("_")), told[0] if told else None)


def _free_name(name: str, target: dict[str, Any], counts: dict[str, int]) -> str:
    """The name, or one with a number where the object has it already: two secrets may have one placeholder.

    `counts`: the last number of each name, so that nobody counts from the beginning.
    """
    free = name
    while free in target:
        counts[name] = counts.get(name, 1) + 1
        free = f"{name} {counts[name]}"
    return free


def _fill_list(container: _Container, known: Names, found: _Findings, work: list[_Container]) -> bool:
    source, target, place = container.source, container.target, container.place
    holders, touched = found.holders, found.touched
    second = pair(source, known) if len(source) == 2 and place in _OF_PAIRS else None
    if place is _Place.TAGS and second is not None and source[0] in SESSION_NAMES:
        second = None
    inner = _Place.TAGS if place is _Place.TAGS else _Place.LISTED
    before: str | None = None  # the label of an option such as `--password`
    is_changed = False
    for index, value in enumerate(source):
        label = container.label
        if before is not None or second is not None:
            label = _stronger(second if index else None, before, label)
        before = known.label(value) if type(value) is str and is_option(value) else None
        if (type(value) is dict or type(value) is list) and (label is not None or id(value) in touched):
            target.append(type(value)())
            work.append(_Container(value, target[-1], inner if type(value) is list else _Place.ANY, label))
        elif label is None and type(value) is not int and (type(value) is not str or value not in holders):
            target.append(value)
        else:
            target.append(_leaf(value, label))
            is_changed |= target[-1] is not value
    return is_changed


def _leaf(value: Any, label: str | None) -> Any:
    """The value itself where nothing has to go; otherwise what stays the same when it is asked again."""
    if label is not None and is_secret(label, value):
        return placeholder(label)
    if type(value) is int and card_numbers.is_one(value):
        return card_numbers.PLACEHOLDER
    if type(value) is not str:
        return value
    shorn = mended(value)
    if shorn == value:
        return value
    return placeholder(label) if label is not None and is_secret(label, shorn) else shorn


def _source_lines(frame: Tree, holders: Set[str]) -> dict[str, Any]:
    """The lines of source of a frame, read as one text, under their names; none where there is nothing in them."""
    line = frame.get("context_line")
    if type(line) is not str:
        return {}
    before, after = frame.get("pre_context"), frame.get("post_context")
    parts = {"pre_context": before, "context_line": [line], "post_context": after}
    lists = {name: part for name, part in parts.items() if type(part) is list}
    lines = [line for part in lists.values() for line in part]
    if not all(type(line) is str for line in lines) or holders.isdisjoint(lines):
        return {}
    lines = mended_source(lines)
    found: dict[str, Any] = {}
    for name, part in lists.items():
        found[name], lines = lines[: len(part)], lines[len(part) :]
    return {**found, "context_line": found["context_line"][0]}
