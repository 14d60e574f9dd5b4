"""What an answer that is no success means.

Comes in: status, headers and body as a server sent them, which may be anything. Goes out: the failure that it is, with a
sentence to show. Pure.
"""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from app.github.api.failures import (
    BadCredentials,
    GithubFailure,
    Gone,
    Limited,
    Missing,
    Moved,
    NotAllowed,
    Refused,
    Unknown,
)

QUOTED: Final = 200
"""Characters of what a server said that are shown."""

_LONGEST_WAIT: Final = timedelta(days=1)
_MOVED: Final = (301, 302, 307, 308)
_READ: Final = 100_000
"""Bytes of a refusal that are read."""


def failure(
    status: int, headers: Mapping[str, str], body: bytes, *, now: datetime, secrets: Collection[str]
) -> GithubFailure:
    """What this answer means; `headers` answer to names in small letters. No secret is repeated."""
    told = _json(body)
    said = quoted(_words(told), secrets)
    if status in (403, 429) and (limit := _limit(status, headers, told, said, now)):
        return limit
    if status == 401:
        return BadCredentials(f"GitHub does not accept the credentials{said}")
    if status in (403, 451):
        return NotAllowed(f"GitHub does not allow this{said}")
    if status in _MOVED:
        return Moved("GitHub has this at another address now")
    if status in (404, 410) and "message" not in told:  # a proxy's, or of a server whose API is elsewhere
        return Unknown(f"the server answers {status}, but not as GitHub's API does; is the base URL right?")
    if status == 404:
        return Missing(f"GitHub does not find this{said}")
    if status == 410:
        return Gone(f"GitHub has this no longer{said}")
    if 400 <= status < 500 and status != 408:
        return Refused(f"GitHub refuses this ({status}){said}", status, _codes(told))
    return Unknown(f"GitHub gives no answer that can be used ({status})")


def quoted(text: str, secrets: Collection[str]) -> str:
    """At most `QUOTED` printable characters of a stranger's text, to be put behind a sentence; "" for nothing."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    for secret in secrets:
        shown = shown.replace(secret, "***")
    shown = " ".join(shown.split())
    return f": {shown[:QUOTED]}" if shown else ""


def _limit(
    status: int, headers: Mapping[str, str], told: Mapping[str, Any], said: str, now: datetime
) -> Limited | None:
    """The limit that an answer speaks of: a secondary one tells how long, a primary one until when."""
    after = headers.get("retry-after")
    if after is not None:
        return Limited(f"GitHub wants to hear of us later{said}", _after(after, now))
    message, page = str(told.get("message")).lower(), str(told.get("documentation_url")).lower()
    if "secondary rate limit" in message or "abuse" in message:
        return Limited(f"GitHub wants us to be slower{said}")
    if headers.get("x-ratelimit-remaining", "").strip() == "0":
        return Limited(f"GitHub takes no more of us in this hour{said}", _reset(headers, now))
    if (
        "secondary-rate-limit" in page or "abuse" in page
    ):  # refusals of the primary one may name this page, too
        return Limited(f"GitHub wants us to be slower{said}")
    return Limited(f"GitHub wants us to be slower{said}") if status == 429 else None


def _after(told: str, now: datetime) -> datetime | None:
    """What Retry-After says: seconds, or a date."""
    with suppress(ValueError, OverflowError):
        return _bounded(now + timedelta(seconds=float(told)), now)
    with suppress(ValueError, OverflowError):
        return _bounded(_date(told), now)
    return None


def _reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the hour of the primary limit is over, by our clock: the server's own may be another."""
    server_now = now
    with suppress(ValueError, OverflowError):
        server_now = _date(headers.get("date", ""))
    with suppress(ValueError, OverflowError, OSError):
        reset = datetime.fromtimestamp(float(headers.get("x-ratelimit-reset", "")), UTC)
        return _bounded(now + (reset - server_now), now)
    return None


def _bounded(moment: datetime, now: datetime) -> datetime | None:
    return min(moment, now + _LONGEST_WAIT) if moment > now else None


def _date(text: str) -> datetime:
    """A date as HTTP writes it. ValueError, OverflowError: it is none."""
    moment = parsedate_to_datetime(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _json(body: bytes) -> dict[str, Any]:
    """The JSON object that a refusal is with GitHub; empty where it is none."""
    try:
        told = json.loads(body[:_READ])
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _words(told: Mapping[str, Any]) -> str:
    """What GitHub says is wrong, and with which fields."""
    message = told.get("message")
    details = ", ".join(filter(None, (_detail(error) for error in _errors(told))))
    said = message if isinstance(message, str) else ""
    return f"{said} ({details})" if details else said


def _errors(told: Mapping[str, Any]) -> list[Any]:
    errors = told.get("errors")
    return errors[:5] if isinstance(errors, list) else [errors]


def _detail(error: Any) -> str:
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        return ""
    parts = (error.get("field"), error.get("message") or error.get("code"))
    return " ".join(part for part in parts if isinstance(part, str))


def _codes(told: Mapping[str, Any]) -> list[str]:
    codes = (error.get("code") for error in _errors(told) if isinstance(error, dict))
    return [code for code in codes if isinstance(code, str)]
