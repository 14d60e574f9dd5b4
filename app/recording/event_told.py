"""What one event says, made what an occurrence shows.

Comes in: a payload, decoded and without secrets. Goes out: exceptions with their frames and variables, and all that the
event tells beside them.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.domain.events import event_details, event_exceptions, event_frames, own_events, sentry_events
from app.domain.events.event import Event, EventException, EventFrame, Format, Tree
from app.domain.events.event_details import CUT, Breadcrumb
from app.domain.events.event_exceptions import Frame
from app.domain.events.event_texts import text, whole
from app.recording.shown_events import ShownEvent, Surroundings
from app.recording.sightings import MESSAGE_LIMIT, Detail, ShownException, ShownFrame
from app.recording.texts import name, safe


def told(tree: Tree, form: Format, received_at: datetime, rules: event_frames.Rules) -> Detail:
    """What an occurrence shows of the event."""
    is_own_api = form is Format.OWN
    event = (own_events if is_own_api else sentry_events).read(tree, received_at)
    found = event_details.details(event, tree)
    sent = event_exceptions.told(tree)
    exceptions = tuple(
        _exception(event, exception, frames, variables, rules)
        for exception, (_, frames), variables in zip(event.exceptions, sent, found.variables, strict=True)
    )
    client_event_id = (
        text(tree.get("id")) if is_own_api else sentry_events.client_event_id(tree.get("event_id"))
    )
    shown = ShownEvent(
        event.level,
        safe(event.message, MESSAGE_LIMIT),
        event.platform,
        replace(found, variables=(), breadcrumbs=tuple(map(_breadcrumb, found.breadcrumbs))),
        client_event_id,
        event.is_clamped,
        _name(event.transaction),
        _name(event.logger),
        _name(event.user_id),
        tuple((name(key), name(value)) for key, value in event.tags),
    )
    return Detail(exceptions, event=shown)


def _exception(
    event: Event,
    exception: EventException,
    sent: list[Frame],
    variables: tuple[Mapping[str, Any], ...],
    rules: event_frames.Rules,
) -> ShownException:
    frames = tuple(
        ShownFrame(
            name(frame.path or ""),
            frame.line or 0,
            _name(frame.function),
            _name(frame.module),
            event_frames.is_own(frame, event.platform, rules),
            frame.source,
            _surroundings(frame, as_sent, held),
        )
        for frame, as_sent, held in zip(exception.frames, sent, variables, strict=True)
    )
    return ShownException(_name(exception.type), safe(exception.message, MESSAGE_LIMIT), frames)


def _surroundings(frame: EventFrame, sent: Frame, variables: Mapping[str, Any]) -> Surroundings | None:
    column = None if isinstance(sent, EventFrame) else whole(sent.get("colno")) or whole(sent.get("column"))
    if not (frame.before or frame.after or variables or column):
        return None
    return Surroundings(frame.before, frame.after, column, _object(variables) or None)


def _breadcrumb(found: Breadcrumb) -> Breadcrumb:
    return found if isinstance(found.data, dict) else replace(found, data=_object(found.data))


def _object(found: object) -> Mapping[str, Any]:
    """An object also where all of it was left out, as no room was left for it."""
    return found if isinstance(found, dict) else {CUT: CUT}


def _name(said: str | None) -> str | None:
    return None if said is None else name(said)
