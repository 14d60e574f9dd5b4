"""Scrubbing: what an event of an app holds of passwords, tokens and card numbers goes out before anybody sees it.

Comes in: a decoded payload and a project's rules. Goes out: the payload in the same shape, with a placeholder such as
`[redacted password]` for each secret, and whether anything was changed. Best effort, as all redaction.

A secret is known by the name that holds it in an object, a pair such as `["Authorization", "…"]` or `--password …` among
arguments, or by its own shape in any text (see `redaction`). What names that are Sentry's or ours hold is none,
and neither is the public key of a DSN, which stands in every front end.
"""

import marshal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.domain.events.event import Tree
from app.domain.secrets import card_numbers
from app.domain.secrets.scrubbed_names import Names, names, words
from app.domain.secrets.scrubbed_texts import holding
from app.domain.secrets.scrubbed_tree import SESSION_NAMES, has_secret, pair, rebuilt

NAMES_LIMIT: Final = 100
"""Names that a project can add, and names that it can declare safe."""
NAME_LIMIT: Final = 100
"""Characters of each."""

_MOST_FRESH: Final = 4
"""Frames that nobody has seen, after which an event is no more asked for frames that somebody has."""


Packed = Callable[[dict[str, Any]], bytes]
"""Bytes that are the same for the same tree; a ValueError, OverflowError or RecursionError where it has none."""


@dataclass(frozen=True, slots=True)
class Scrubbing:
    """A project's rules. `sensitive`: names whose values go too, wherever the words stand in a name; `safe`: names whose
    values stay. `X-Api-Key`, `xApiKey` and `x_api_key` are one name."""

    enabled: bool = True
    sensitive: tuple[str, ...] = ()
    safe: tuple[str, ...] = ()


def restored(plain: object) -> Scrubbing:
    """The rules as they were stored; what makes no sense is left out."""
    told = plain if isinstance(plain, dict) else {}
    return Scrubbing(
        told.get("enabled") is not False, _listed(told.get("sensitive_keys")), _listed(told.get("safe_keys"))
    )


def plain(rules: Scrubbing) -> dict[str, Any]:
    """The rules as they are stored."""
    return {
        "enabled": rules.enabled,
        "sensitive_keys": list(rules.sensitive),
        "safe_keys": list(rules.safe),
    }


def check(plain: object) -> list[tuple[str, str]]:
    """What is wrong with rules before they are stored, field by field."""
    if not isinstance(plain, dict):
        return [("", "must be an object")]
    problems = [(field, "is not known") for field in plain if field not in _FIELDS]
    if not isinstance(plain.get("enabled", True), bool):
        problems.append(("enabled", "must be true or false"))
    for field in ("sensitive_keys", "safe_keys"):
        problems += _wrong_names(field, plain.get(field, []))
    sensitive = {words(name) for name in _listed(plain.get("sensitive_keys"))}
    if sensitive & {words(name) for name in _listed(plain.get("safe_keys"))}:
        problems.append(("safe_keys", "names what sensitive_keys names too"))
    return problems


_FIELDS: Final = ("enabled", "sensitive_keys", "safe_keys")


def _wrong_names(field: str, listed: object) -> Iterable[tuple[str, str]]:
    if not isinstance(listed, list | tuple) or not all(isinstance(name, str) for name in listed):
        yield field, "must be a list of names"
    elif len(listed) > NAMES_LIMIT:
        yield field, f"has more than {NAMES_LIMIT} names"
    elif any(not name.strip() or len(name) > NAME_LIMIT for name in listed):
        yield field, f"has a name that is empty or longer than {NAME_LIMIT} characters"


def _listed(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        return ()
    told = (name for name in value if isinstance(name, str) and name.strip() and len(name) <= NAME_LIMIT)
    return tuple(dict.fromkeys(told))[:NAMES_LIMIT]


def _by_marshal(frame: dict[str, Any]) -> bytes:
    return marshal.dumps(frame, 2)  # later versions tell whether two equal texts are one


class Look:
    """A payload that is looked at; `settle` says whether anything may be in it. `known`: the names by its project's rules."""

    __slots__ = ("_is_off", "clean", "fresh", "is_suspect", "known", "texts", "tree")

    def __init__(self, tree: Tree, rules: Scrubbing, packed: Packed = _by_marshal) -> None:
        self.tree = tree
        self.known = names(rules.sensitive, rules.safe)
        self.texts: list[str] = []
        self.fresh: list[int] = []
        self.clean: dict[int, dict[str, Any]] = {}
        self._is_off = not rules.enabled
        self.is_suspect = rules.enabled and self._tells(packed)

    def _tells(self, packed: Packed) -> bool:
        """Whether there may be anything by the names and numbers in it; its texts are to be asked about then.

        In `clean` it puts the frames, by `id`, that are known to hold nothing; they live as long as it.
        """
        self.texts, seen = _start(self.tree)
        known, texts, harmless = self.known, self.texts, self.known.harmless
        for value in seen:  # it grows
            kind = type(value)
            if kind is str:
                texts.append(value)
            elif kind is dict:
                if "lineno" in value and _is_known(value, known, self.fresh, packed):
                    self.clean[id(value)] = value
                    continue
                if ("value" in value or not harmless.issuperset(value)) and has_secret(value, known):
                    return True
                seen.extend(value.values())
            elif kind is list:
                if len(value) == 2 and pair(value, known) is not None:
                    return True
                seen.extend(value)
            elif kind is int and card_numbers.is_one(value):
                return True
        return False

    def is_harmless(self) -> bool:
        """Whether it was looked for, and there is nothing."""
        return not self._is_off and not self.is_suspect


def settle(looks: Sequence[Look]) -> None:
    """Tell of which payloads there may be anything to scrub: exact where it says no, and fast, as most hold nothing.

    The texts of all are asked about at once, which takes far less time than to ask for those of one after the other.
    """
    open_ones = [look for look in looks if look.is_harmless()]
    found = holding([text for look in open_ones for text in look.texts])
    for look in open_ones:
        if found and not found.isdisjoint(look.texts):
            look.is_suspect = True
        else:
            look.known.remember(look.fresh)


def scrub(tree: Tree, rules: Scrubbing, packed: Packed = _by_marshal) -> tuple[Tree, bool]:
    """The payload without secrets, and whether it differs from `tree`, which stays as it is. Twice changes nothing more.

    What holds nothing is shared by both. `packed`: what to know a frame by that has been seen before.
    """
    look = Look(tree, rules, packed)
    settle([look])
    return rebuilt(tree, look.known, look.clean) if look.is_suspect else (tree, False)


def scrubbed(tree: Tree, look: Look) -> tuple[Tree, bool]:
    """Like `scrub`, once it is known that there may be something. `tree`: the payload, where that was looked at in part."""
    return rebuilt(tree, look.known, look.clean if tree is look.tree else {})


def _is_known(frame: dict[str, Any], known: Names, fresh: list[int], packed: Packed) -> bool:
    """Whether the same frame, with its lines and variables, held nothing before: many events of one error have it."""
    if len(fresh) >= _MOST_FRESH:
        return False
    try:
        mark = hash(packed(frame))
    except (ValueError, OverflowError, RecursionError):  # half a character, a huge number, nested too deeply
        return False
    if mark in known.frames:
        return True
    fresh.append(mark)
    return False


def _start(tree: Tree) -> tuple[list[str], list[Any]]:
    """The texts and the values to begin with. Where a name says nothing about what it holds, that comes without it."""
    texts: list[str] = []
    rest: dict[str, Any] = {}
    seen: list[Any] = [rest]
    for name, value in tree.items():
        if name in SESSION_NAMES:
            texts.append(name)
            seen.append(value)
        elif name == "modules" and type(value) is dict:
            texts += [name, *value]
            seen += value.values()
        elif name == "contexts" and type(value) is dict:
            texts += [name, *value]
            for key, held in value.items():
                if key == "session" and type(held) is dict:
                    texts += held
                    seen += held.values()
                else:
                    seen.append(held)
        elif name == "tags":
            seen += _tags(value)
        else:
            rest[name] = value
    return texts, seen


def _tags(value: Any) -> list[Any]:
    """The tags, with those that name a session apart."""
    if type(value) is dict:
        rest = {key: held for key, held in value.items() if key not in SESSION_NAMES}
        return [rest, *(held for key, held in value.items() if key in SESSION_NAMES)]
    if type(value) is not list:
        return [value]
    found: list[Any] = []
    for entry in value:
        is_pair = type(entry) is list and len(entry) == 2 and type(entry[0]) is str
        found += entry if is_pair and entry[0] in SESSION_NAMES else [entry]
    return found
