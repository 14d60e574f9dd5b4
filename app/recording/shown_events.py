"""What an occurrence shows of its event, beside what those in logs have too: plain data, without secrets, and bounded.

It is made of the event's payload whenever it is asked for, and stored with the occurrence only when retention takes the
event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.events.event import Level
from app.domain.events.event_details import EventDetails


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an event tells of a frame beside its place: the lines of code around its own, and its variables."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    column: int | None = None
    variables: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """What an event says. `client_event_id`: its id as its app names it; `details` without the frames' variables."""

    level: Level
    message: str
    platform: str
    details: EventDetails
    client_event_id: str | None = None
    is_clamped: bool = False
    transaction: str | None = None
    logger: str | None = None
    user_id: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
