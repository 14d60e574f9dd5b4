"""Comments that Snaglist writes on an issue, about what happened to the error since.

Comes in: what is to be told, as `github_action.detail` has it, and the other errors that it speaks of. Goes out: Markdown.
Names and reasons, which people gave, stand in code; the only references that are alive are ours, to other issues.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.domain.github import markers
from app.domain.github.moments import moment, read
from app.domain.github.quoting import code, link, one_line

_NAME_LIMIT: Final = 150
_REASON_LIMIT: Final = 2_000
_LISTED: Final = 50
_LARGEST: Final = 10**9


@dataclass(frozen=True, slots=True)
class OtherIssue:
    """Another error that a comment speaks of."""

    number: int | None
    """Of its issue in the same repository; None where it has none there."""
    link: str
    """Its page in Snaglist."""
    title: str


_Others = Mapping[UUID, OtherIssue]
_Detail = Mapping[str, Any]


def comment(detail: _Detail, marker: UUID, others: _Others, link: str) -> str:
    """The comment, redacted, with the marker alone on its last line.

    `detail` says by "about" what it is about; what nobody foresaw gives a plain sentence. `others` are those whose ids
    `detail` holds; `link` leads to the error in Snaglist. Takes any detail, raises nothing.
    """
    about = detail.get("about")
    tell = _ABOUT.get(about) if isinstance(about, str) else None
    parts = _unforeseen(link) if tell is None else tell(detail, others, link)
    return "\n\n".join([*parts, markers.line(marker)])


def _unforeseen(address: str) -> list[str]:
    return [f"Something about this error changed in Snaglist. {_see(address)}"]


def _auto_resolved(detail: _Detail, _others: _Others, _link: str) -> list[str]:
    days = _whole(detail.get("days"))
    time = "some time" if days is None else "1 day" if days == 1 else f"{days} days"
    return [f"No occurrences for {time}. Auto-resolved by Snaglist."]


def _resolved(detail: _Detail, _others: _Others, _link: str) -> list[str]:
    version = _text(detail.get("version"))
    where = (
        f" in version {version}"
        if version
        else " in the next version"
        if detail.get("in_next") is True
        else ""
    )
    return [f"Resolved{where} in Snaglist{_by(detail)}.", *_reason(detail)]


def _silenced(detail: _Detail, _others: _Others, _link: str) -> list[str]:
    return [f"Silenced in Snaglist{_by(detail)}.", *_reason(detail)]


def _reopened(detail: _Detail, _others: _Others, _link: str) -> list[str]:
    return [f"Reopened in Snaglist{_by(detail)}.", *_reason(detail)]


def _deleted(detail: _Detail, _others: _Others, _link: str) -> list[str]:
    return [f"The error was deleted in Snaglist{_by(detail)}.", *_reason(detail)]


def _unmerged(detail: _Detail, _others: _Others, address: str) -> list[str]:
    told = f"The merge with another error was undone in Snaglist{_by(detail)}. {_see(address)}"
    return [told, *_reason(detail)]


def _regressed(detail: _Detail, _others: _Others, address: str) -> list[str]:
    at, where, version = read(detail.get("at")), _text(detail.get("where")), _text(detail.get("version"))
    told = [
        "It came back",
        f" at {moment(at)}" if at else "",
        f" on {where}" if where else "",
        f", in version {version}" if version else "",
    ]
    return [f"{''.join(told)}. {_see(address)}"]


def _merged_into(detail: _Detail, others: _Others, address: str) -> list[str]:
    primary = _other(detail.get("group_id"), others)
    if primary is None:
        return [f"Merged into another error in Snaglist{_by(detail)}. {_see(address)}", *_reason(detail)]
    # Alone on its line, as that is how GitHub knows duplicates.
    return [f"Duplicate of {_named(primary)}", f"Merged in Snaglist{_by(detail)}.", *_reason(detail)]


def _merged(detail: _Detail, others: _Others, address: str) -> list[str]:
    ids = detail.get("group_ids")
    told = ids if isinstance(ids, list | tuple) else []
    known = [other for each in told[:_LISTED] if (other := _other(each, others)) is not None]
    rest = len(told) - len(known)
    lines = [f"- {_named(other)}" for other in known]
    if rest:
        lines.append(f"- {rest:,} {'more' if known else 'of them'}")
    return [
        f"Other errors were merged into this one in Snaglist{_by(detail)}. {_see(address)}",
        *(["\n".join(lines)] if lines else []),
        *_reason(detail),
    ]


_ABOUT: Final[Mapping[str, Callable[[_Detail, _Others, str], list[str]]]] = {
    "auto_resolved": _auto_resolved,
    "resolved": _resolved,
    "silenced": _silenced,
    "reopened": _reopened,
    "deleted": _deleted,
    "unmerged": _unmerged,
    "regressed": _regressed,
    "merged_into": _merged_into,
    "merged": _merged,
}


def _see(address: str) -> str:
    return f"{link('See it in Snaglist', address)}."


def _by(detail: _Detail) -> str:
    name = _text(detail.get("by"))
    return f" by {name}" if name else ""


def _reason(detail: _Detail) -> list[str]:
    reason = _text(detail.get("reason"), _REASON_LIMIT)
    return [f"Reason: {reason}"] if reason else []


def _text(value: object, limit: int = _NAME_LIMIT) -> str:
    """The text as code; nothing where there is none."""
    return code(value, limit) if isinstance(value, str) and one_line(value, limit) else ""


def _whole(value: object) -> int | None:
    return value if type(value) is int and 0 < value < _LARGEST else None


def _other(value: object, others: _Others) -> OtherIssue | None:
    try:
        return others.get(UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _named(other: OtherIssue) -> str:
    """Its number, which GitHub makes a reference, or a link to its page."""
    if _whole(other.number):
        return f"#{other.number}"
    return link(code(other.title, _NAME_LIMIT), other.link)
