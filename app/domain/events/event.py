"""An event: what an app says happened, whatever protocol it came by. Pure data; who reads it is beside it.

own_events      the JSON of our own API  ->  Event
sentry_events   the JSON of a Sentry SDK ->  Event
event_frames    which frames are the app's own code, and what they are called without what varies
event_fingerprints   Event -> Fingerprint
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Final, TypeAlias

Tree: TypeAlias = Mapping[str, Any]
"""A JSON object as it was decoded; nothing in it can be relied on."""

TEXT_LIMIT: Final = 200
"""Characters of an id, a session, a user, a version, an environment, the key and the value of a tag."""
TAGS_LIMIT: Final = 50
"""Tags that are read of an event."""


class Level(IntEnum):
    """How serious the app says it is, as it is stored."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40
    FATAL = 50

    @property
    def is_error(self) -> bool:
        """Whether it is scanned for groups."""
        return self >= Level.ERROR


class Format(IntEnum):
    """How a payload is to be read, as it is stored."""

    OWN = 1
    SENTRY = 2
    FEEDBACK = 3
    """What a user wrote: Sentry's items `user_report` and `feedback`."""


class Outcome(StrEnum):
    """What became of an event or a Sentry item, as it is counted for its app."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    """It cannot be read, or a limit forbids it; the answer said why."""
    OVER_QUOTA = "over_quota"
    OVERLOAD = "overload"
    """Refused for the moment, as too much came at once."""
    NOT_KEPT = "not_kept"
    """An item of a kind that is taken and dropped, as sessions and transactions are."""
    RECORDED = "recorded"
    """An error that was counted in its group."""
    IGNORED = "ignored"
    """An error that a rule of the app ignores."""
    THINNED = "thinned"
    """An error that was counted and not stored as an occurrence: its session has one, or sampling, or a storm."""
    SET_ASIDE = "set_aside"
    """An error that could not be recorded; `ingestProblems` lists it."""
    EXPIRED = "expired"
    """An error that could not be recorded, and that is no longer kept."""


@dataclass(frozen=True, slots=True)
class EventFrame:
    """One frame as the app tells it. `in_app`: what the SDK says; None: it does not say."""

    path: str | None
    function: str | None
    module: str | None
    line: int | None
    in_app: bool | None = None
    source: str | None = None
    """The line of code."""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventException:
    """One exception of a chain. Frames: the outermost call first, as everywhere here."""

    type: str | None
    message: str
    module: str | None = None
    frames: tuple[EventFrame, ...] = ()


@dataclass(slots=True)  # not frozen, which is slow to make
class Event:
    """What an app says happened. Texts are as they came, cut at the limits, with no NUL and no lone surrogate.

    `exceptions`: earliest first; the last is what people see. `template`: the message before its values were put in, where
    the app tells it. `fingerprint`: the app's own, which may hold `{{ default }}`. `module`: the app's module that it came from.
    """

    level: Level
    message: str
    occurred_at: datetime
    is_clamped: bool = False
    """The app's time was none, or too far off: `occurred_at` is another one."""
    template: str | None = None
    platform: str = "other"
    exceptions: tuple[EventException, ...] = ()
    module: str | None = None
    logger: str | None = None
    transaction: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    version: str | None = None
    environment: str | None = None
    is_dev: bool = False
    tags: tuple[tuple[str, str], ...] = ()
    fingerprint: tuple[str, ...] = ()
