"""When an event happened, by what its app says and by when it came.

Comes in: a timestamp of a JSON tree. Goes out: a time in UTC that is not far from the time of arrival. Nothing raises.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

EARLIEST: Final = timedelta(days=30)
"""How long before it came an event may have happened."""
LATEST: Final = timedelta(minutes=5)
"""How far ahead an app's clock may be."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST: Final = 40
# A number of seconds below the first bound lies before the year 5138; above it, it counts smaller parts of a second.
_PARTS: Final = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))


def occurred_at(value: object, received_at: datetime) -> tuple[datetime, bool]:
    """The time, and whether it is another one than the app told.

    `value`: ISO 8601 with or without a zone (then it is UTC), or seconds, milli-, micro- or nanoseconds since 1970. One
    that cannot be read, and none, become `received_at`; one too far off becomes the nearest time that is allowed.
    """
    if value is None or value == "":
        return received_at, False
    told = moment(value)
    if told is None:
        return received_at, True
    if told < received_at - EARLIEST:
        return received_at - EARLIEST, True
    if told > received_at + LATEST:
        return received_at + LATEST, True
    return told, False


def moment(value: object) -> datetime | None:
    """The time that `value` says, in UTC; None where it cannot be read."""
    try:
        if type(value) is str:
            return _read(value)
        return _counted(float(value)) if type(value) is int or type(value) is float else None
    except (ValueError, OverflowError):
        return None


def _read(value: str) -> datetime:
    if len(value) > _LONGEST:
        raise ValueError("too long")
    try:
        told = datetime.fromisoformat(value)
    except ValueError:
        return _read_oddly(value.strip())
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)


def _read_oddly(value: str) -> datetime:
    """A number in a text, or a time with the name of its zone behind it."""
    for name in (" UTC", " GMT", " Z"):
        if value.endswith(name):
            return datetime.fromisoformat(value.removesuffix(name)).replace(tzinfo=UTC)
    return _counted(float(value))


def _counted(number: float) -> datetime:
    for bound, parts in _PARTS:
        if abs(number) < bound:
            return _EPOCH + timedelta(seconds=number / parts)
    raise ValueError("too large")
