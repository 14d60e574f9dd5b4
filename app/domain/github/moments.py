"""Times as all our texts on GitHub have them.

Comes in: a time. Goes out: words.
"""

from datetime import UTC, datetime


def moment(at: datetime) -> str:
    """The time in UTC, to the second: `2026-11-22 10:00:00 UTC`. A time without a zone is taken for UTC."""
    there = at if at.tzinfo is None else at.astimezone(UTC)
    return f"{there.replace(tzinfo=None).isoformat(' ', 'seconds')} UTC"


def read(text: object) -> datetime | None:
    """The time that an ISO text tells; None where it tells none."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
        return at and (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))
    except (ValueError, OverflowError):
        return None
