"""The words that both forms of a digest share, and texts of strangers made harmless. Pure.

Comes in: what is stored of errors, names, times and numbers. Goes out: single lines without secrets, in which a mail
program finds no link to make.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from app.domain.alerts.defusing import lifeless, line
from app.domain.alerts.digest_content import DigestContent, DigestError, Trend
from app.domain.alerts.slots import Frequency

TITLE_LIMIT: Final = 140
NAME_LIMIT: Final = 60
"""Characters of a module, an instance, a project."""

OFTEN: Final = {
    Frequency.NONE: "not sent",
    Frequency.HOURLY: "sent each hour",
    Frequency.SIX_HOURLY: "sent every six hours",
    Frequency.DAILY: "sent each day",
    Frequency.WEEKLY: "sent each Monday",
}


def subject(content: DigestContent) -> str:
    """The subject of the mail."""
    counts = [
        counted(content.new.total, "new error") if content.new.total else "",
        f"{content.regressed.total:,} regressed" if content.regressed.total else "",
    ]
    return f"[{line(content.project, NAME_LIMIT)}] {', '.join(filter(None, counts)) or 'nothing new'}"


def counted(number: int, what: str) -> str:
    """The number and what it is of, `what` for one of it."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def period(content: DigestContent) -> str:
    """From when to when, on the project's clocks."""
    since, until = (_moment(at, content.zone) for at in (content.since, content.until))
    return f"{since} to {until} ({content.zone})"


def _moment(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def where(error: DigestError) -> str:
    """The module and the places, as far as they are known."""
    more = error.place_count - len(error.places)
    places = [lifeless(place, NAME_LIMIT) for place in error.places]
    listed = ", ".join(places) + (f" and {more:,} more" if places and more > 0 else "")
    module = lifeless(error.module, NAME_LIMIT) if error.module else ""
    return " · ".join(part for part in (module, listed) if part)


def trend(shown: Trend) -> str:
    """What the picture of a trend shows, for who cannot see it."""
    return f"Trend: up to {max(shown.counts, default=0):,} in one {shown.unit} of {len(shown.counts):,}"


def in_period(error: DigestError) -> str:
    """How often it happened, within the digest's time and ever."""
    times = counted(error.count, "time")
    return times if error.count >= error.total else f"{times}, {error.total:,} in all"


def status(error: DigestError) -> str:
    """What became of it meanwhile; empty where nothing did."""
    return {"RESOLVED": "resolved since", "IN_PROGRESS": "in progress"}.get(error.status, "")


def why(content: DigestContent) -> Sequence[str]:
    """Why somebody gets this mail, and who changes how often it comes."""
    member = f"You get this digest as a member of {lifeless(content.organization, NAME_LIMIT)}."
    return (
        f"{member} It is {OFTEN[content.frequency]} when there is something to tell.",
        "Whoever manages the project sets how often: with projectUpdate, or snaglist project update --alert-frequency.",
    )
