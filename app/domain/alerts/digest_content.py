"""What a digest is made of: what is known of the errors that it tells, before it is put into words. Pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from app.domain.alerts.slots import Frequency


@dataclass(frozen=True, slots=True)
class Trend:
    """How often an error happened, hour by hour or day by day, oldest first; the last ends with the digest's time."""

    counts: tuple[int, ...]
    unit: Literal["hour", "day"]


@dataclass(frozen=True, slots=True)
class DigestError:
    """One error as a digest shows it. Texts are as they are stored: whoever puts them into a mail makes them harmless.

    `severity`: CRITICAL, HIGH, MEDIUM. `priority`: P0 to P3. `places`: the names of some instances or of its app, of
    `place_count` in all. `count`: how often within the digest's time; `total`: ever. `link`: its page.
    """

    link: str
    title: str
    severity: str
    priority: str
    status: str
    module: str | None
    places: tuple[str, ...]
    place_count: int
    count: int
    total: int
    trend: Trend


@dataclass(frozen=True, slots=True)
class Section:
    """The most important errors of one sort, of `total` in all, `critical` of these; `link`: a list of them."""

    errors: tuple[DigestError, ...]
    total: int
    critical: int
    link: str


@dataclass(frozen=True, slots=True)
class DigestContent:
    """All that a digest tells: what is new and what came back after `since`, up to `until`."""

    organization: str
    project: str
    frequency: Frequency
    zone: tzinfo
    since: datetime
    until: datetime
    new: Section
    regressed: Section

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.new.total and not self.regressed.total
