"""What a member is told who was given an error, or whom a comment names.

Comes in: who did it, and about which errors. Goes out: a message for e-mail, as text and as HTML. Texts of errors are
redacted, on one line, and dead; a comment is redacted and cut, and stands as it was written, as text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final
from uuid import UUID

from app.alerts.channels.outgoing import Outgoing
from app.domain.alerts.defusing import defused, escaped, line
from app.links import error_page
from app.recording.texts import safe

COMMENT_LIMIT: Final = 1000
"""Characters of a comment."""
LISTED: Final = 20
"""Errors that are listed one by one."""
_TITLE_LIMIT: Final = 200
_NAME_LIMIT: Final = 80
_SEVERITIES: Final = {3: "critical", 2: "high", 1: "medium"}


@dataclass(frozen=True, slots=True)
class About:
    """An error, as it is called; `group_id`: that of the page that shows it. `severity`: 3 critical, 2 high, 1 medium."""

    group_id: UUID
    title: str
    project: str
    module: str | None
    severity: int


def assigned(who: str, errors: Sequence[About], reason: str | None) -> Outgoing:
    """To the member who was given the errors, one at least, by `who`."""
    count = len(errors)
    what = errors[0].title if count == 1 else f"{count} errors"
    does = f"assigned {'this error' if count == 1 else f'these {count} errors'} to you."
    return _message(f"Assigned to you: {what}", who, does, errors, reason, {"kind": "assigned"})


def mentioned(who: str, error: About, comment: str) -> Outgoing:
    """To a member whom the comment of `who` names."""
    title = f"{line(who, _NAME_LIMIT)} mentioned you: {error.title}"
    does = "mentioned you in a comment."
    return _message(title, who, does, [error], comment, {"kind": "mentioned"})


def _message(
    title: str, who: str, does: str, errors: Sequence[About], quoted: str | None, data: dict[str, str]
) -> Outgoing:
    texts = [f"{defused(who, _NAME_LIMIT)} {does}"]
    pieces = [f"<p>{escaped(who, _NAME_LIMIT)} {does}</p>"]
    if quoted and quoted.strip():
        quote = safe(quoted.strip(), COMMENT_LIMIT)
        texts.append("\n".join(f"> {each}" for each in quote.split("\n")))
        pieces.append(f'<blockquote style="{_QUOTE}">{escape(quote)}</blockquote>')
    for error in errors[:LISTED]:
        page = error_page(error.group_id)
        texts.append(f"{defused(error.title, _TITLE_LIMIT)}\n{_place(error, defused)}\n{page}")
        pieces.append(
            f'<p><a href="{escape(page)}">{escaped(error.title, _TITLE_LIMIT)}</a><br>{_place(error, escaped)}</p>'
        )
    if (more := len(errors) - LISTED) > 0:
        texts.append(f"and {more} more")
        pieces.append(f"<p>and {more} more</p>")
    return Outgoing(defused(title, _TITLE_LIMIT), "\n\n".join(texts) + "\n", _page("\n".join(pieces)), data)


_QUOTE: Final = "margin: 0; padding-left: 1em; border-left: 3px solid #ccc; white-space: pre-wrap"


def _page(body: str) -> str:
    # With a background, as there are programs that make it dark and leave the letters as they are.
    style = (
        "font-family: sans-serif; line-height: 1.4; background: #ffffff; color: #1f2328; padding: 8px 16px;"
        " overflow-wrap: anywhere; word-break: break-word"
    )
    return f'<!doctype html>\n<html><body><div style="{style}">\n{body}\n</div></body></html>\n'


def _place(error: About, shown: Callable[[str, int], str]) -> str:
    parts = (error.project, error.module, _SEVERITIES.get(error.severity))
    return " · ".join(shown(part, _NAME_LIMIT) for part in parts if part)
