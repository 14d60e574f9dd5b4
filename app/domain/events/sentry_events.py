"""An event, or what a user wrote, by a Sentry SDK.

Comes in: the decoded JSON of an item `event`, `user_report` or `feedback`. Goes out: an Event, a Feedback. Nothing is
refused and nothing raises: what is not to the letter of the protocol is taken as far as it can be read.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.domain.events import event_exceptions
from app.domain.events.event import Event, Level, Tree
from app.domain.events.event_exceptions import MESSAGE_LIMIT
from app.domain.events.event_levels import level
from app.domain.events.event_texts import first, tags, text, tree_of
from app.domain.events.event_times import occurred_at
from app.domain.events.own_events import fingerprint

DEV: Final = frozenset(("dev", "development", "local", "debug"))
"""Environments whose events are those of developers."""

_SESSION_TAGS: Final = ("session_id", "session.id", "sessionId")
_PLACEHOLDER: Final = re.compile(r"%(?:\((\w{1,50})\))?[-+ #0-9.]{0,10}[sdirfgeExXoOcj%]|\{(\w{0,50})\}")
_PARAMETERS: Final = 100
_ID: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a user wrote, and the id of the event it is about, as its app gave it."""

    name: str | None
    email: str | None
    message: str
    client_event_id: str | None


def read(tree: Tree, received_at: datetime, *, with_source: bool = True) -> Event:
    """The event, as far as it can be read. `with_source`: also the lines of code around its frames."""
    exceptions = event_exceptions.exceptions(event_exceptions.told(tree), with_source=with_source)
    occurred, is_clamped = occurred_at(tree.get("timestamp"), received_at)
    message, template = _message(tree)
    if not message and exceptions:
        message = exceptions[-1].message or exceptions[-1].type or ""
    told = tags(tree.get("tags"))
    environment = text(tree.get("environment")) or dict(told).get("environment")
    return Event(
        level(tree.get("level")) or Level.ERROR,
        message,
        occurred,
        is_clamped,
        template,
        (text(tree.get("platform")) or "other").lower(),
        exceptions,
        logger=text(tree.get("logger")),
        transaction=text(tree.get("transaction")) or text(tree.get("culprit")),
        session_id=_session(tree, dict(told)),
        user_id=_user(tree),
        version=text(tree.get("release")),
        environment=environment,
        is_dev=environment is not None and environment.strip().lower() in DEV,
        tags=told,
        fingerprint=fingerprint(tree.get("fingerprint")),
    )


def client_event_id(value: object) -> str | None:
    """An SDK's id of an event as 32 lower-case hexadecimal digits; None where it is none."""
    plain = (text(value, 40) or "").replace("-", "").lower()
    return plain if _ID.fullmatch(plain) else None


def feedback(tree: Tree) -> Feedback:
    """What a user wrote: an item `user_report`, or the context `feedback` of an item of that name."""
    told = tree_of(tree_of(tree.get("contexts")).get("feedback")) or tree
    user = tree_of(tree.get("user"))
    written = first(told, "message", "comments")
    if type(written) is dict:
        written = first(written, "formatted", "message")
    if told is tree and written is None:
        written = _message(tree)[0]
    about = first(told, "associated_event_id") if told is not tree else first(tree, "event_id")
    return Feedback(
        text(told.get("name")) or text(user.get("name")) or text(user.get("username")),
        text(first(told, "contact_email", "email")) or text(user.get("email")),
        text(written, MESSAGE_LIMIT) or "",
        client_event_id(about),
    )


def _session(tree: Tree, told: dict[str, str]) -> str | None:
    for name in _SESSION_TAGS:
        if name in told:
            return told[name]
    session = tree_of(tree_of(tree.get("contexts")).get("session"))
    return text(first(session, "id", "session_id", "sid"))


def _user(tree: Tree) -> str | None:
    user = tree_of(tree.get("user"))
    for name in ("id", "username", "email", "ip_address"):
        if (found := text(user.get(name))) is not None and found != "{{auto}}":
            return found
    return None


def _message(tree: Tree) -> tuple[str, str | None]:
    """The message with its values, and without them where the app tells that too."""
    for name in ("logentry", "sentry.interfaces.Message", "message"):
        told = tree.get(name)
        if type(told) is not dict:
            if plain := text(told, MESSAGE_LIMIT):
                return plain, None
            continue
        template = text(told.get("message"), MESSAGE_LIMIT)
        formatted = text(told.get("formatted"), MESSAGE_LIMIT)
        parameters = told.get("params")
        if template and not formatted and parameters:
            formatted = _filled(template, parameters)
        if shown := formatted or template:
            is_template = template is not None and (bool(parameters) or template != shown)
            return shown, template if is_template else None
    return "", None


def _filled(template: str, parameters: Any) -> str:
    """The template with its values. Not by `%` or `format`, which would let an app ask for any amount of memory."""
    named = parameters if type(parameters) is dict else {}
    listed = iter(parameters[:_PARAMETERS] if type(parameters) is list else [])

    def value(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        name = match[1] or match[2]
        told = named.get(name) if name else next(listed, None)
        return match[0] if told is None else (text(told) or match[0])

    return _PLACEHOLDER.sub(value, template)[:MESSAGE_LIMIT]
