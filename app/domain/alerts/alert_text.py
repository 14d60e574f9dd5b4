"""What is told when rules match: one message, however much it was. Pure.

Comes in: the first of what a rule has matched, and how much it was in all. Goes out: a title, a text for chats and mails,
HTML for mails, and data for programs. What errors and people have named is without secrets, on one line, cut, and dead:
the only links are ours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from html import escape
from typing import Any, Final

from app.domain import global_ids
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.defusing import address, defused, escaped, line
from app.domain.alerts.told import Told as Told

LISTED: Final = 10
"""How many are named in a message; the others are counted."""
TITLE_LIMIT: Final = 200
"""Characters of a message's title, and of an error's in it."""
NAME_LIMIT: Final = 80
"""Characters of the name of a project, a rule or a module."""

_SAID: Final = {
    ConditionKind.OPENED: ("New error in {}", "{} errors opened in {}"),
    ConditionKind.REGRESSED: ("An error came back in {}", "{} errors came back in {}"),
    ConditionKind.FREQUENCY: ("An error happens often in {}", "{} errors happen often in {}"),
    ConditionKind.SPIKE: ("An error spikes in {}", "{} errors spike in {}"),
    ConditionKind.USERS: ("An error hits many users in {}", "{} errors hit many users in {}"),
    ConditionKind.PRIORITY: ("An error became urgent in {}", "{} errors became urgent in {}"),
    ConditionKind.SCAN_FAILING: ("Scans of an instance fail in {}", "Scans of {} instances fail in {}"),
    ConditionKind.OVER_QUOTA: ("An app is over its quota in {}", "{} apps are over their quota in {}"),
}
"""What is said of one, and of many."""
_SAID_OF_ANYTHING: Final = ("An alert in {}", "{} alerts in {}")
_STYLE: Final = (
    "font-family:sans-serif;font-size:14px;background:#ffffff;color:#1f2328;padding:8px 16px;overflow-wrap:anywhere;"
    "word-break:break-word"
)
"""With a background, as there are programs that make it dark and leave the letters as they are."""
_SPANS: Final = ((86_400, "day", "a day"), (3_600, "hour", "an hour"), (60, "minute", "a minute"))


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: `title` (one line) and `text` for chats and plain mails, `html` for mails, `data` for webhooks.

    No chat is to be given the `html`: what is escaped in it comes alive again where HTML is made into something else.
    """

    title: str
    text: str
    html: str
    data: dict[str, Any]


def detail(condition: Condition, count: int | None = None, expected: float | None = None) -> str | None:
    """What was found, in a few words, for `Told.detail`: `120 times within 5 minutes`. None where the kind says it all.

    `count`: what was counted, of occurrences, users or refused events; `expected`: of a spike.
    """
    within, number = _span(condition.window_seconds or 0), count or 0
    match condition.kind:
        case ConditionKind.FREQUENCY:
            return f"{_counted(number, 'time')} within {within}"
        case ConditionKind.USERS:
            return f"{_counted(number, 'user')} within {within}"
        case ConditionKind.SPIKE:
            return f"{_counted(number, 'time')} this hour, about {round(expected or 0):,} expected"
        case ConditionKind.PRIORITY:
            return None if condition.priority is None else f"P{condition.priority} or more urgent"
        case ConditionKind.SCAN_FAILING:
            return f"no complete scan for {within}"
        case ConditionKind.OVER_QUOTA:
            return f"{_counted(number, 'event')} refused within {within}"
        case _:
            return None


def message(rule_name: str, told: Sequence[Told], total: int, link: str | None) -> Message:
    """The one message about `total` matches of a rule; `told` are the first of them, of which `LISTED` are named.

    `link`: where all of them are; like the links of what is told, it is left out if it is no web address. `data` has

        event       always `alert`
        rule        the rule's name
        condition   OPENED, REGRESSED, FREQUENCY, SPIKE, USERS, PRIORITY, SCAN_FAILING or OVER_QUOTA; null: different ones
        total       how much was matched
        title text  what people are told; chats that take `{"text": ...}` show it
        items       the first of it, at most 10, each with
                    condition, errorId (the id in the graph, null where it is no error), title, severity (CRITICAL, HIGH,
                    MEDIUM, or null), project, module, count, detail (or null each), at (ISO 8601, UTC), link (or null)
        link        where all of them are, or null
    """
    total = max(total, len(told))
    listed, kinds = told[:LISTED], {one.kind for one in told}
    kind = next(iter(kinds)) if len(kinds) == 1 else None
    said = _sentence(kind, total, told[0].project if told else rule_name)
    name = line(listed[0].title, TITLE_LIMIT) if total == 1 and listed else ""
    title = defused(f"{said}: {name}" if name else said, TITLE_LIMIT)
    page = address(link)
    text = "\n".join(_text_lines(defused(said, TITLE_LIMIT), rule_name, listed, total, page))
    html = "".join(_html_parts(escaped(said, TITLE_LIMIT), rule_name, listed, total, page))
    data = {
        "event": "alert",
        "rule": line(rule_name, NAME_LIMIT),
        "condition": kind.value if kind else None,
        "total": total,
        "title": title,
        "text": text,
        "items": [_item(one) for one in listed],
        "link": page,
    }
    return Message(title, text, html, data)


def _sentence(kind: ConditionKind | None, total: int, project: str) -> str:
    of_one, of_many = _SAID[kind] if kind else _SAID_OF_ANYTHING
    name = line(project, NAME_LIMIT)
    return of_one.format(name) if total == 1 else of_many.format(f"{total:,}", name)


def _text_lines(
    said: str, rule_name: str, listed: Sequence[Told], total: int, link: str | None
) -> Iterable[str]:
    yield said
    for one in listed:
        yield ""
        yield f"• {defused(one.title, TITLE_LIMIT) or '?'}"
        yield f"  {' · '.join(defused(part, TITLE_LIMIT) for part in _parts(one))}"
        page = address(one.link)
        if page:
            yield f"  {page}"
    if listed and total > len(listed):
        yield ""
        yield f"and {total - len(listed):,} more"
    yield ""
    if link:
        yield f"All of them: {link}" if total > 1 else f"See {link}"
    yield f"Told by the rule “{defused(rule_name, NAME_LIMIT)}”"


def _html_parts(
    said: str, rule_name: str, listed: Sequence[Told], total: int, link: str | None
) -> Iterable[str]:
    yield f'<div style="{_STYLE}"><h2 style="font-size:18px">{said}</h2>'
    for one in listed:
        title, page = escaped(one.title, TITLE_LIMIT) or "?", address(one.link)
        shown = _anchor(page, title) if page else title
        parts = " · ".join(escaped(part, TITLE_LIMIT) for part in _parts(one))
        yield f'<p style="margin:0 0 12px"><b>{shown}</b><br><span style="color:#59636e">{parts}</span></p>'
    if listed and total > len(listed):
        yield f"<p>and {total - len(listed):,} more</p>"
    if link:
        yield f"<p>{_anchor(link, 'See all of them' if total > 1 else 'See it')}</p>"
    yield f'<p style="color:#59636e">Told by the rule “{escaped(rule_name, NAME_LIMIT)}”</p></div>'


def _parts(told: Told) -> Iterable[str]:
    """What is said below the title, each part on one line."""
    if told.severity:
        yield told.severity.capitalize()
    if told.where:
        yield line(told.where, NAME_LIMIT)
    if told.detail:
        yield told.detail
    elif told.count is not None:
        yield _counted(told.count, "time")
    yield f"{told.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _item(told: Told) -> dict[str, Any]:
    return {
        "condition": told.kind.value,
        "errorId": global_ids.encode("ErrorGroup", told.group_id) if told.group_id else None,
        "title": line(told.title, TITLE_LIMIT),
        "severity": line(told.severity, NAME_LIMIT) if told.severity else None,
        "project": line(told.project, NAME_LIMIT),
        "module": line(told.where, NAME_LIMIT) if told.where else None,
        "count": told.count,
        "detail": line(told.detail, TITLE_LIMIT) if told.detail else None,
        "at": told.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "link": address(told.link),
    }


def _anchor(page: str, words: str) -> str:
    return f'<a href="{escape(page)}">{words}</a>'


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _span(seconds: int) -> str:
    for length, unit, one in _SPANS:
        if seconds and seconds % length == 0:
            return one if seconds == length else f"{seconds // length:,} {unit}s"
    return _counted(seconds, "second")
