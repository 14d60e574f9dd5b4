"""The title and the text of the issue that an error group becomes.

Comes in: what is known of the group. Goes out: a title of one line, and Markdown. What comes from the error stands in
code throughout, so that it mentions nobody, closes nothing and looks like nothing but itself.

A text that is too long for GitHub loses the lines of context first. Only where that does not suffice is the traceback
cut, in its middle: by whole lines, with their number and a link to the whole.
"""

from typing import Final

from app.domain.github import issue_files, issue_traceback, markers
from app.domain.github.issue_facts import IssueFacts as IssueFacts
from app.domain.github.issue_facts import IssueFrame as IssueFrame
from app.domain.github.moments import moment
from app.domain.github.quoting import block, code, defused, link, one_line, ready
from app.domain.shown_texts import CUT

TITLE_LIMIT: Final = 256
"""Characters that GitHub takes of a title."""
BODY_LIMIT: Final = 65_536
"""Characters that GitHub takes of a text; its other limit, four times as many bytes, is kept by this one."""

_INSTANCES: Final = 20
_NAME_LIMIT: Final = 150
_MESSAGE_LIMIT: Final = 2_000
_LINE_LIMIT: Final = 2_000
_BREAK: Final = "\n\n"
_NOTE: Final = (
    "Secrets were redacted before this left Snaglist. That is best effort: what has neither the shape nor the name of"
    " a secret stays."
)
_NO_CONTEXT: Final = "The lines around the error were left out, as this text would be too long with them."


def title(facts: IssueFacts) -> str:
    """One line of at most `TITLE_LIMIT` characters: the exception and the beginning of its message, redacted.

    No mention and no reference in it is alive.
    """
    told = (
        facts.title,
        f"{facts.exception_type or ''}: {facts.message}".removeprefix(": "),
        facts.module or "",
    )
    lines = (defused(text, TITLE_LIMIT) for text in told)
    return next((line for line in lines if line not in ("", ":")), "Error")


def body(facts: IssueFacts) -> str:
    """Markdown of at most `BODY_LIMIT` characters, redacted, with the marker alone on its last line."""
    above = [_heading(facts), *_message(facts), _told(facts)]
    files = issue_files.section(facts.frames)
    below = [f"{_NOTE} {link('Open this error in Snaglist', facts.link)}", markers.line(facts.marker)]
    context = _context(facts)
    traceback, language = ready(facts.traceback or "").strip("\n"), issue_traceback.language(facts)
    section = [issue_traceback.whole(traceback, language)] if traceback.strip() else []

    text = _BREAK.join([*above, *section, *files, *context, *below])
    if len(text) > BODY_LIMIT and context:
        context = [_NO_CONTEXT]
        text = _BREAK.join([*above, *section, *files, *context, *below])
    if len(text) > BODY_LIMIT and section:
        limit = BODY_LIMIT - len(text) + len(section[0])
        section = [issue_traceback.cut(traceback, language, facts.link, limit)]
        text = _BREAK.join([*above, *section, *files, *context, *below])
    return text


def _heading(facts: IssueFacts) -> str:
    name = code(facts.exception_type or facts.title or facts.message, _NAME_LIMIT)
    module = _named(facts.module)
    return f"## {name} in {module}" if module else f"## {name}"


def _message(facts: IssueFacts) -> list[str]:
    message = ready(facts.message).strip()
    if len(message) > _MESSAGE_LIMIT:
        message = message[: _MESSAGE_LIMIT - 1] + CUT
    return [block(message)] if message else []


def _told(facts: IssueFacts) -> str:
    told = [
        ("Severity", facts.severity if facts.severity in ("critical", "high", "medium") else "unknown"),
        ("First seen", moment(facts.first_seen_at)),
        ("Last seen", moment(facts.last_seen_at)),
        ("Count", f"{facts.total_count:,}"),
        ("Affected instances", _instances(facts)),
        ("App", _named(facts.app)),
        ("Release", _named(facts.release)),
        ("Environment", _named(facts.environment)),
        ("Odoo", _named(facts.odoo_version)),
        ("Commit", _named(facts.commit_sha)),
    ]
    return "\n".join(f"- **{name}:** {text}" for name, text in told if text)


def _named(text: str | None) -> str:
    return code(text, _NAME_LIMIT) if text and one_line(text, _NAME_LIMIT) else ""


def _instances(facts: IssueFacts) -> str:
    listed = facts.instances[:_INSTANCES]
    more = facts.instance_count - len(listed)
    names = ", ".join(f"{code(name, _NAME_LIMIT)} ({count:,})" for name, count in listed)
    if not names:
        return f"{facts.instance_count:,}" if facts.instance_count > 0 else ""
    return f"{names} and {more:,} more" if more > 0 else names


def _context(facts: IssueFacts) -> list[str]:
    before, after = facts.context_before, facts.context_after
    if not before and not after:
        return []
    # As one text: what the name of a secret above tells of a value below is seen.
    lines = ready("\n".join(" ".join(line.splitlines()) for line in (*before, *after))).split("\n")
    lines = [line if len(line) <= _LINE_LIMIT else line[: _LINE_LIMIT - 1] + CUT for line in lines]
    parts = ["<details>\n<summary>Lines around the error</summary>"]
    for where, some in (("Before:", lines[: len(before)]), ("After:", lines[len(before) :])):
        if some:
            parts += where, block("\n".join(some))
    return [*parts, "</details>"]
