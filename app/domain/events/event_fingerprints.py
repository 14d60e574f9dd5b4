"""Whether two events of an app are the same error: fingerprint version 1, with its reason, as `fingerprints` makes of logs.

Comes in: an event, what the app's settings say is its own code, and the project's grouping rules. Goes out: the fingerprint,
and what else a group needs to know of the event. Nothing raises. What decides, the first that there is:

    a grouping rule that matches      what it gives, `{{ default }}` and the like filled in
    the event's own fingerprint       the same
    frames                            of each exception its type and the app's frames; without those, the innermost
    neither                           the type, the logger or module, and the message without its variable parts

The message counts beside frames of which none tells a function by its name, and beside those that came with a message
instead of an exception, or with a type that every error has. A reason with
parts given by people names them in its head, so that nothing else is ever called similar to it: people know better.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import chain
from typing import Final

from app.domain import messages
from app.domain.events import event_frames, frame_functions, frame_paths, grouping_rules
from app.domain.events.event import Event, Level
from app.domain.events.event_frames import Rules, Spot
from app.domain.fingerprints import INNERMOST, VERSION, Fingerprint
from app.domain.severity import Kind, Severity

DEFAULT: Final = "default"
PART_LIMIT: Final = 200
"""Characters of a part that are shown; what is longer is told apart by a digest."""
FRAMES_LIMIT: Final = 100
"""How many of the innermost frames of one exception count."""
MODULE_LIMIT: Final = 200
TITLE_LIMIT: Final = 300

_NO_TYPES: Final = frozenset(
    [
        "",
        "*errors.errorString",
        "*errors.fundamental",
        "*errors.joinError",
        "*errors.withMessage",
        "*errors.withStack",
        "*fmt.wrapError",
        "*fmt.wrapErrors",
    ]
)
"""Types that say nothing: Go's of all errors that are made of a text, often far from where they are reported."""
_VARIABLE = re.compile(r"\{\{\s*([\w.:-]{1,100})\s*\}\}")
_TO_LAST_NAME = re.compile(r"[.\\]")
_NUMBER = re.compile(r"0(?<!\S.)00+(?=[:,;)]?(?:\s|\Z))")
_UUID = re.compile(
    r"[0-9a-fA-F](?<!\S.)[0-9a-fA-F]{7}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?=[:,;)]?(?:\s|\Z))"
)
_DIGITS_TO_ZERO: Final = bytes.maketrans(b"123456789", b"000000000")
_SHORT: Final = 500  # characters of a reason that is remembered
_NO_UUID: Final = "00000000-0000-0000-0000-000000000000"
_LINE = re.compile(r"(?::\d+){1,2}$|\(\d+\)$|,? line \d+$")


Spots = Sequence[Sequence[Spot]]
"""What is known of the frames of an event: of each exception, of each frame."""


def spots(event: Event, rules: Rules) -> Spots:
    """What is known of each frame, to be found out once and given to `fingerprint` and `module`."""
    platform = event.platform
    return [
        [event_frames.spot(frame, platform, rules) for frame in exception.frames]
        for exception in event.exceptions
    ]


def fingerprint(
    event: Event, rules: Rules, grouping: Sequence[grouping_rules.Rule], known: Spots | None = None
) -> Fingerprint:
    """The fingerprint of the event. Scoped to the app by whoever stores it. `known`: its `spots`, where they were asked for."""
    parts = (grouping_rules.decided(grouping, event) if grouping else None) or event.fingerprint
    known = spots(event, rules) if known is None else known
    reason = _given(parts, event, known) if parts and not _is_default(parts) else _default(event, known)
    return _of_short(reason) if len(reason) <= _SHORT else _of(reason)


def _of(reason: str) -> Fingerprint:
    return Fingerprint(VERSION, sha256(reason.encode("utf-8", "replace")).hexdigest(), reason)


_of_short = lru_cache(maxsize=4096)(_of)  # most events are of an error that was there a moment ago


def kind(event: Event) -> Kind:
    """A traceback with frames, else a message."""
    return "traceback" if _has_frames(event) else "message"


def severity(event: Event) -> Severity:
    """Critical when fatal or with frames, else medium."""
    return "critical" if event.level >= Level.FATAL or _has_frames(event) else "medium"


def module(event: Event, rules: Rules, known: Spots | None = None) -> str | None:
    """What the app says it came from; else the app's innermost frame of the earliest exception that has one; else the
    transaction or the logger. `known`: its `spots`, where they were asked for."""
    if event.module:
        return _plain(event.module)[:MODULE_LIMIT]
    for part in spots(event, rules) if known is None else known:
        for spot in reversed(part):
            if spot.is_own and spot.place and spot.label:
                return spot.place[:MODULE_LIMIT]
    name = _plain(event.transaction or event.logger or "")
    return name[:MODULE_LIMIT] or None


def message(event: Event) -> str:
    """What people read of it: what the last exception says, else the event's own message."""
    return (event.exceptions[-1].message if event.exceptions else "") or event.message


def title(event: Event) -> str:
    """`Type: first line of the message`, one of them, or the kind. Secrets in it are still there."""
    told = (event.exceptions[-1].type if event.exceptions else None) or ""
    short = " ".join(_TO_LAST_NAME.split(told.strip(".\\"))[-1].split()) if told else ""
    first_line = message(event).strip().partition("\n")[0]
    if first_line == told:  # what the readers put where there is no message
        first_line = ""
    return (f"{short}: {first_line}" if short and first_line else short or first_line or kind(event))[
        :TITLE_LIMIT
    ]


def _has_frames(event: Event) -> bool:
    return bool(event.exceptions) and any(exception.frames for exception in event.exceptions)


def _default(event: Event, known: Spots) -> str:
    if not event.exceptions:
        return f"v{VERSION} event message\n{_logger(event)}\nmessage {_key(event)}"
    lines = [f"v{VERSION} event traceback"]
    is_named = is_placed = False
    labelled = [[spot for spot in part if spot.label] for part in known]
    has_own = any(spot.is_own for part in labelled for spot in part)
    for exception, part in zip(event.exceptions, labelled, strict=True):
        lines.append(f"type {_type(exception.type)}")
        for label in _labels([spot for spot in part if spot.is_own] if has_own else part, has_own):
            is_placed = True
            is_named = is_named or not label.endswith(" " + frame_functions.UNKNOWN)
            lines.append(f"frame {label}")
    if not is_placed:
        lines[0] = f"v{VERSION} event message"
        lines.append(_logger(event))
    if not is_named or (event.exceptions[-1].type or "") in _NO_TYPES:
        lines.append(f"message {_key(event)}")
    return "\n".join(lines)


def _logger(event: Event) -> str:
    return f"logger {_plain(event.module or event.logger or '')}"


def _labels(spots: list[Spot], has_own: bool) -> list[str]:
    """The labels, each once. What called itself in a circle is put in order: the circle may be cut anywhere."""
    labels = [spot.label for spot in spots]
    once = list(dict.fromkeys(reversed(labels)))[: FRAMES_LIMIT if has_own else INNERMOST]
    once.reverse()
    if len(once) == len(labels):
        return once
    counts = Counter(labels)
    inside = iter(sorted(label for label in once if counts[label] > 1))
    return [next(inside) if counts[label] > 1 else label for label in once]


def _key(event: Event) -> str:
    if event.exceptions and event.exceptions[-1].message.strip():
        text = event.exceptions[-1].message
    else:
        text = event.template or event.message
    # In bytes, which takes a tenth of the time: a digit is never a part of another character.
    told = text[: messages.LIMIT].encode("utf-8", "surrogatepass").translate(_DIGITS_TO_ZERO)
    return _group_key(_alike(told.decode("utf-8", "surrogatepass")))


def _alike(text: str) -> str:
    """The text with one number for all that stand alone, and one UUID: `messages` makes the same of all of them.

    So that the keys of most messages are remembered. In paths that hold spaces the length of a word counts.
    """
    if "\\" in text:
        return text
    return _NUMBER.sub("000", _UUID.sub(_NO_UUID, text) if "-" in text else text)


@lru_cache(maxsize=4096)
def _group_key(text: str) -> str:
    return messages.group_key(text)


@lru_cache(maxsize=4096)
def _type(name: str | None) -> str:
    text = " ".join((name or "").split())[:MODULE_LIMIT]
    return (text.partition("@anonymous")[0] + "@anonymous" if "@anonymous" in text else text) or "?"


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    """A module without the number of a line behind it; a script without the hash of its build."""
    text = _LINE.sub("", " ".join(name[:1000].split()))
    is_script = text.endswith((".js", ".mjs", ".cjs")) or "://" in text
    return frame_paths.named(text, "javascript") if is_script else text


# What people give: https://docs.sentry.io/concepts/data-management/event-grouping/fingerprint-rules/ has the same names.


def _is_default(parts: Sequence[str]) -> bool:
    return len(parts) == 1 and _variable(parts[0]) == DEFAULT


def _variable(part: str) -> str | None:
    found = _VARIABLE.fullmatch(part.strip())
    return found[1].lower() if found else None


def _given(parts: Sequence[str], event: Event, known: Spots) -> str:
    """The reason: the parts, with the values that stand for them, in the head; the default's lines, where it is one."""
    shown = []
    default = ""
    for part in parts:
        if _variable(part) == DEFAULT:
            default = _default(event, known)
            shown.append("{{ default }}")
        else:
            shown.append(_short(_VARIABLE.sub(lambda found: _value(found[1], event, known), part)))
    lines = [f"v{VERSION} event {json.dumps(shown, ensure_ascii=False)}"]
    return "\n".join(lines + [f"default {line}" for line in default.split("\n")[1:]])


def _value(name: str, event: Event, known: Spots) -> str:
    """What a variable stands for; itself where there is no such variable, nothing where the event has no such value."""
    short = name.lower().removeprefix("error.").removeprefix("stack.")
    if short.startswith("tags."):
        return next((value for key, value in event.tags if key.lower() == short[5:]), "")
    value = _VALUES.get(short)
    return "{{ " + name + " }}" if value is None else value(event, known)


def _short(part: str) -> str:
    if len(part) <= PART_LIMIT:
        return part
    return f"{part[:PART_LIMIT]} {sha256(part.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _functions(known: Spots) -> Iterator[str]:
    """The innermost first, the app's own before all others."""
    labelled = [spot for spot in chain(*known) if spot.label]
    ordered = [spot for spot in labelled if not spot.is_own] + [spot for spot in labelled if spot.is_own]
    return (spot.label.rpartition(" ")[2] for spot in reversed(ordered))


def _place(event: Event, known: Spots) -> str:
    return module(event, Rules(), known) or ""


_VALUES: Final[dict[str, Callable[[Event, Spots], str]]] = {
    "type": lambda event, _: _type(event.exceptions[-1].type if event.exceptions else None),
    "value": lambda event, _: message(event),
    "message": lambda event, _: message(event),
    "module": _place,
    "path": _place,
    "abs_path": _place,
    "package": _place,
    "function": lambda _, known: next(_functions(known), ""),
    "transaction": lambda event, _: event.transaction or "",
    "logger": lambda event, _: event.logger or "",
    "level": lambda event, _: event.level.name.lower(),
    "release": lambda event, _: event.version or "",
    "environment": lambda event, _: event.environment or "",
}
