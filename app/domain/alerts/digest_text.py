"""A digest as a mail: its subject, and the same in plain text and in HTML. Pure.

Comes in: what it tells, and where its pictures are. Goes out: the mail, put together once for all; only the link by
which one says that one wants no more differs from member to member.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from app.domain.alerts import digest_html
from app.domain.alerts.defusing import lifeless
from app.domain.alerts.digest_content import DigestContent, DigestError, Section
from app.domain.alerts.digest_words import (
    NAME_LIMIT,
    TITLE_LIMIT,
    in_period,
    period,
    status,
    subject,
    where,
    why,
)


@dataclass(frozen=True, slots=True)
class Digest:
    """A mail; `html` and `text` are what comes before the link to unsubscribe, and what comes after it."""

    subject: str
    html: tuple[str, str]
    text: tuple[str, str]

    def html_for(self, unsubscribe: str) -> str:
        """The HTML for one member."""
        return escape(unsubscribe).join(self.html)

    def text_for(self, unsubscribe: str) -> str:
        """The plain text for one member."""
        return unsubscribe.join(self.text)


def digest(content: DigestContent, pictures: Mapping[str, str]) -> Digest:
    """The mail. `pictures`: for the link of each error where the picture of its trend is: `cid:...` or `data:...`."""
    title = subject(content)
    return Digest(title, digest_html.parts(content, title, pictures), _text(content))


def _text(content: DigestContent) -> tuple[str, str]:
    critical = content.new.critical + content.regressed.critical
    lines = [
        f"Digest of {lifeless(content.project, NAME_LIMIT)}",
        period(content),
        "",
        f"New: {content.new.total:,}   Regressed: {content.regressed.total:,}   Critical: {critical:,}",
        *_section("NEW ERRORS", content.new),
        *_section("REGRESSED", content.regressed),
    ]
    if content.is_empty:
        lines += ["", "Nothing is new, and nothing came back."]
    lines += ["", "-- ", *why(content), "No more digests of this project: "]
    return "\n".join(lines), "\n"


def _section(name: str, section: Section) -> list[str]:
    if not section.errors:
        return []
    lines = ["", name]
    for error in section.errors:
        lines += ["", *_error(error)]
    if section.total > len(section.errors):
        lines += ["", f"and {section.total - len(section.errors):,} more: {section.link}"]
    return lines


def _error(error: DigestError) -> list[str]:
    facts = [f"{error.severity} {error.priority}", in_period(error), where(error), status(error)]
    return [
        f"* {lifeless(error.title, TITLE_LIMIT)}",
        f"  {' · '.join(filter(None, facts))}",
        f"  {error.link}",
    ]
