"""Events of apps as the readers make them, short to write down."""

from datetime import UTC, datetime
from typing import Any

from app.domain.events.event import Event, EventException, EventFrame, Level
from app.domain.events.event_fingerprints import fingerprint
from app.domain.events.event_frames import Rules

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def frame(
    path: str | None = None,
    function: str | None = None,
    module: str | None = None,
    *,
    line: int = 7,
    in_app: bool | None = None,
) -> EventFrame:
    """A frame, with some source as SDKs send it."""
    return EventFrame(path, function, module, line, in_app, "    x = 1", ("before",), ("after",))


def raised(
    *frames: EventFrame, kind: str | None = "ValueError", message: str = "12 is too much"
) -> EventException:
    """An exception."""
    return EventException(kind, message, None, frames)


def event(*exceptions: EventException, message: str = "", platform: str = "python", **more: Any) -> Event:
    """An event of level error."""
    return Event(
        more.pop("level", Level.ERROR), message, AT, platform=platform, exceptions=exceptions, **more
    )


def reason(told: Event, rules: Rules | None = None) -> list[str]:
    """The lines of the reason of its fingerprint."""
    return fingerprint(told, rules or Rules(), ()).reason.split("\n")
