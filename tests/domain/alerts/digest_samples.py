"""Digests for the tests: an ordinary one, and one whose every text wants to do harm.

`python -m tests.domain.alerts.digest_samples` writes what the ordinary one looks like into `snapshots`, to be looked at.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.alerts.digest_content import DigestContent, DigestError, Section, Trend
from app.domain.alerts.digest_text import Digest, digest
from app.domain.alerts.slots import Frequency

SNAPSHOTS = Path(__file__).parent / "snapshots"
UNSUBSCRIBE = "https://errors.example/unsubscribe?token=abc&x=1"
LIST = "https://errors.example/errors?project=UHJvamVjdDox&status=all&sort=first-seen"
HARM = (
    "<img src=x onerror=alert(1)> <script>\"'&</script> http://evil.example/a www.evil.com evil.com mallory@evil.com\r\n"
    "password=hunter22secret \x1b[31m\u202e\0\ud800 [a](b) <!--[if mso]>"
)


def error(place: int = 1, **different: Any) -> DigestError:
    """One error."""
    values: dict[str, Any] = {
        "link": f"https://errors.example/errors/RXJyb3JHcm91cDox{place}",
        "title": "KeyError: 'partner_id'",
        "severity": "CRITICAL",
        "priority": "P0",
        "status": "ACTIVE",
        "module": "sale_stock",
        "places": ("shop", "warehouse"),
        "place_count": 5,
        "count": 1234,
        "total": 56789,
        "trend": Trend((0, 0, 3, 9, 27, 81, 27, 9, 3, 1, 0, 0) * 2, "hour"),
    }
    return DigestError(**values | different)


def section(*errors: DigestError, total: int | None = None, critical: int = 0, link: str = LIST) -> Section:
    """A section of these errors."""
    return Section(errors, len(errors) if total is None else total, critical, link)


def content(new: Section | None = None, regressed: Section | None = None, **different: Any) -> DigestContent:
    """A digest of a day in Berlin."""
    values: dict[str, Any] = {
        "organization": "Acme",
        "project": "Odoo of the shop",
        "frequency": Frequency.DAILY,
        "zone": ZoneInfo("Europe/Berlin"),
        "since": datetime(2026, 11, 21, 7, tzinfo=UTC),
        "until": datetime(2026, 11, 22, 7, tzinfo=UTC),
    }
    return DigestContent(**values | different, new=new or section(), regressed=regressed or section())


ORDINARY = content(
    section(
        error(1, count=41, total=41),
        error(
            2,
            title="psycopg2.errors.SerializationFailure: could not serialize access due to concurrent update",
            severity="HIGH",
            priority="P1",
            module="stock_account",
            places=("shop",),
            place_count=1,
            count=3,
            total=3,
            trend=Trend((0,) * 21 + (1, 0, 2), "hour"),
        ),
        error(
            3,
            title="TypeError: undefined is not a function",
            severity="MEDIUM",
            priority="P3",
            status="RESOLVED",
            module=None,
            places=("Shop front end",),
            place_count=1,
            count=1,
            total=1,
            trend=Trend((0,) * 12 + (1,) + (0,) * 11, "hour"),
        ),
        total=14,
        critical=4,
    ),
    section(
        error(4, title="ValueError: Expected singleton: sale.order(4, 7)", priority="P1"),
        critical=1,
        link="https://errors.example/errors?project=UHJvamVjdDox&status=regressed",
    ),
)


def mail(made_of: DigestContent) -> Digest:
    """The mail, its pictures beside it."""
    errors = made_of.new.errors + made_of.regressed.errors
    return digest(made_of, {each.link: f"cid:trend-{place}" for place, each in enumerate(errors, 1)})


def shown(made_of: DigestContent) -> dict[str, str]:
    """The forms of a mail, by the names of their files."""
    made = mail(made_of)
    return {"digest.html": made.html_for(UNSUBSCRIBE), "digest.txt": made.text_for(UNSUBSCRIBE)}


if __name__ == "__main__":
    for name, text in shown(ORDINARY).items():
        (SNAPSHOTS / name).write_text(text)
