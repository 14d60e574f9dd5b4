"""An event by our own API: the JSON of one entry of `POST /v1/ingest`.

    message, level               what happened; `error` where no level is said
    exception                    {type, value, module, stacktrace: {frames: [{filename, function, module, lineno, in_app,
                                 pre_context, context_line, post_context, vars}]}, cause, chain}, or a list of these
    id, session_id, user_id      any text up to 200 characters; the id makes a repeat harmless
    source_module, app_version, environment, is_dev, platform, logger
    timestamp                    ISO 8601, or seconds or milliseconds since 1970
    tags, attributes             short texts to filter by; anything else that is worth to be shown
    fingerprint                  a list of texts: the app's own grouping

Comes in: a decoded entry. Goes out: what is wrong with it (`check`), what its place needs (`head`), the event (`read`).
Nothing is refused that can be meant: a number is taken for a text, a text that is too long is cut, an unknown field is let
be. What cannot be is refused by name. Nothing raises.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.domain.events import event_exceptions
from app.domain.events.event import TAGS_LIMIT, TEXT_LIMIT, Event, Level, Tree
from app.domain.events.event_exceptions import MESSAGE_LIMIT
from app.domain.events.event_levels import level
from app.domain.events.event_texts import first, flag, is_text, pairs, tags, text, trees
from app.domain.events.event_times import moment, occurred_at

Problem = tuple[str, str]
"""A field, and what is wrong with it."""

FINGERPRINT_LIMIT: Final = 50
"""Parts of an app's own fingerprint."""
PART_LIMIT: Final = 1000
"""Characters of each."""

_IDS: Final = ("id", "session_id")
_TEXTS: Final = ("message", "user_id", "app_version", "environment", "source_module", "platform", "logger")
_NONE: Final[tuple[object, ...]] = (None, "", {}, [])
_NO_TEXT: Final = "must be a text"


@dataclass(frozen=True, slots=True)
class Head:
    """What is asked of an event before it is read: its own id, how serious it is, and whose session it belongs to."""

    client_event_id: str | None
    level: Level
    session_id: str | None


def head(tree: Tree) -> Head:
    """The head of an entry in which `check` found nothing wrong."""
    return Head(text(tree.get("id")), _level(tree), text(tree.get("session_id")))


def read(tree: Tree, received_at: datetime, *, with_source: bool = True) -> Event:
    """The event, as far as it can be read. `with_source`: also the lines of code around its frames."""
    exceptions = event_exceptions.exceptions(event_exceptions.told(tree), with_source=with_source)
    occurred, is_clamped = occurred_at(tree.get("timestamp"), received_at)
    last = exceptions[-1] if exceptions else None
    return Event(
        _level(tree),
        text(tree.get("message"), MESSAGE_LIMIT) or (last and (last.message or last.type)) or "",
        occurred,
        is_clamped,
        platform=(text(tree.get("platform")) or "other").lower(),
        exceptions=exceptions,
        module=text(tree.get("source_module")),
        logger=text(tree.get("logger")),
        session_id=text(tree.get("session_id")),
        user_id=text(tree.get("user_id")),
        version=text(tree.get("app_version")),
        environment=text(tree.get("environment")),
        is_dev=flag(tree.get("is_dev")) or False,
        tags=tags(tree.get("tags")),
        fingerprint=fingerprint(tree.get("fingerprint")),
    )


def fingerprint(value: object) -> tuple[str, ...]:
    """The parts of an app's own fingerprint: texts, or a single one."""
    if value is None:
        return ()
    listed = value if type(value) is list else [value]
    return tuple(part for told in listed[:FINGERPRINT_LIMIT] if (part := text(told, PART_LIMIT)) is not None)


def _level(tree: Tree) -> Level:
    return level(tree.get("level")) or Level.ERROR


def check(tree: object) -> list[Problem]:
    """All that is wrong with an entry, field by field; nothing where it can be kept."""
    if type(tree) is not dict:
        return [("", "must be an object")]
    problems = _wrong_texts(tree)
    if (told := tree.get("level")) is not None and told != "" and level(told) is None:
        problems.append(("level", "must be one of debug, info, warning, error, fatal"))
    if (exception := tree.get("exception")) not in _NONE:
        problems += _wrong_exceptions(exception)
    if not exception and _is_blank(tree.get("message")):
        problems.append(("message", "is missing, and there is no exception"))
    for field, wrong in _RARER.items():
        if (value := tree.get(field)) is not None and (said := wrong(value)):
            problems += said
    return problems


def _wrong_texts(tree: Tree) -> list[Problem]:
    problems: list[Problem] = []
    for field in _IDS:
        if (value := tree.get(field)) is not None and not (type(value) is str and len(value) <= TEXT_LIMIT):
            problems += _wrong_id(field, value)
    for field in _TEXTS:
        if (value := tree.get(field)) is not None and type(value) is not str and not is_text(value):
            problems.append((field, _NO_TEXT))
    return problems


def _is_blank(message: object) -> bool:
    return message is None or (type(message) is str and not message.strip())


def _wrong_id(field: str, value: object) -> list[Problem]:
    if not is_text(value):
        return [(field, _NO_TEXT)]
    return [(field, f"has more than {TEXT_LIMIT} characters")] if type(value) is str else []


def _wrong_time(value: object) -> list[Problem]:
    if is_text(value) or moment(value) is not None:
        return []
    return [("timestamp", "must be a time as ISO 8601, or seconds or milliseconds since 1970")]


def _wrong_flag(value: object) -> list[Problem]:
    return [] if flag(value) is not None or value == "" else [("is_dev", "must be true or false")]


def _wrong_attributes(value: object) -> list[Problem]:
    return [] if type(value) is dict else [("attributes", "must be an object")]


def _wrong_fingerprint(value: object) -> list[Problem]:
    listed = value if type(value) is list else [value]
    if len(listed) > FINGERPRINT_LIMIT:
        return [("fingerprint", f"has more than {FINGERPRINT_LIMIT} parts")]
    return [] if all(is_text(part) for part in listed) else [("fingerprint", "must be a list of texts")]


def _wrong_tags(value: object) -> list[Problem]:
    if type(value) is not dict and type(value) is not list:
        return [("tags", "must be an object")]
    found = list(pairs(value))
    if len(found) < len(value):
        return [("tags", "must be an object, or a list of pairs")]
    if len(found) > TAGS_LIMIT:
        return [("tags", f"has more than {TAGS_LIMIT} entries")]
    if any(not is_text(key) for key, _ in found):
        return [("tags", "must be an object, or a list of pairs")]
    return [
        (f"tags.{text(key, 50) or ''}", "must be a text, a number, true or false")
        for key, told in found
        if told is not None and type(told) is not bool and not is_text(told)
    ]


_RARER: Final = {
    "timestamp": _wrong_time,
    "is_dev": _wrong_flag,
    "attributes": _wrong_attributes,
    "tags": _wrong_tags,
    "fingerprint": _wrong_fingerprint,
}


def _wrong_exceptions(value: object) -> list[Problem]:
    is_listed = type(value) is list
    listed = trees(value)
    if not (is_listed or type(value) is dict) or (is_listed and len(listed) < len(value)):  # type: ignore[arg-type]
        return [("exception", "must be an object, or a list of objects")]
    problems: list[Problem] = []
    for exception in listed:
        problems += _wrong_exception(exception)
        for field in ("cause", "chain"):
            if type(exception.get(field, {})) not in (dict, list, type(None)):
                problems.append((f"exception.{field}", "must be an object, or a list of objects"))
    if listed and not problems and not event_exceptions.told({"exception": value}):
        problems.append(("exception", "has neither a type nor a value nor frames"))
    return problems


def _wrong_exception(exception: dict[str, Any]) -> list[Problem]:
    problems = [
        (f"exception.{field}", _NO_TEXT)
        for field in ("type", "value", "module")
        if (value := exception.get(field)) is not None and not is_text(value)
    ]
    stack = exception.get("stacktrace")
    frames = stack.get("frames") if type(stack) is dict else stack
    if frames is None and (stack is None or type(stack) is dict):
        return problems
    if type(frames) is not list:
        problems.append(("exception.stacktrace", "must be an object with a list of frames"))
    elif any(type(frame) is not dict for frame in frames):
        problems.append(("exception.stacktrace.frames", "must be a list of objects"))
    elif any(first(frame, *_FRAME_NAMES) is None for frame in frames):
        problems.append(("exception.stacktrace.frames", "need a filename or a function"))
    return problems


_FRAME_NAMES: Final = (
    "filename",
    "function",
    "module",
    "path",
    "file",
    "method",
    "abs_path",
    "package",
)
