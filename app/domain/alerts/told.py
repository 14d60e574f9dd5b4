"""One thing that a rule has matched, as it is kept until it is told. Pure.

Comes in: what is known of an error, an instance or an app at that moment. Goes out: its plain form for JSON, without
secrets and short, and back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from app.domain.alerts.conditions import ConditionKind
from app.domain.alerts.defusing import address, line

KEPT_LIMIT: Final = 500
"""Characters of each text."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a rule has matched: an error, or (SCAN_FAILING, OVER_QUOTA) an instance or app with its name as title.

    `group_id`: of an error, else None. `severity`: CRITICAL, HIGH or MEDIUM; `project`: its name; `where`: the module of
    an error; `count`: how often it happened, and `detail`: how often within which time, as `alert_text.detail` says it;
    `at`: when it was matched, with a time zone; `link`: its page of the front end, which alone is made a link.
    """

    kind: ConditionKind
    group_id: UUID | None
    title: str
    severity: str | None
    project: str
    where: str | None
    count: int | None
    at: datetime
    link: str | None
    detail: str | None = None


def stored(told: Told) -> dict[str, Any]:
    """It as plain values that PostgreSQL's jsonb takes, for `read`: texts are on one line, without secrets, and cut."""
    return {
        "kind": told.kind.value,
        "groupId": str(told.group_id) if told.group_id else None,
        "title": line(told.title, KEPT_LIMIT),
        "severity": told.severity and line(told.severity, KEPT_LIMIT),
        "project": line(told.project, KEPT_LIMIT),
        "where": told.where and line(told.where, KEPT_LIMIT),
        "count": told.count,
        "at": told.at.isoformat(),
        "link": address(told.link),
        "detail": told.detail and line(told.detail, KEPT_LIMIT),
    }


def read(plain: object) -> Told | None:
    """What was stored. None: this version does not understand it; it is then only counted."""
    if not isinstance(plain, Mapping):
        return None
    texts = {name: plain.get(name) for name in ("severity", "where", "link", "detail")}
    given = {name: value if isinstance(value, str) else None for name, value in texts.items()}
    group_id, count = plain.get("groupId"), plain.get("count")
    try:
        at = datetime.fromisoformat(str(plain.get("at")))
        return Told(
            ConditionKind(str(plain.get("kind"))),
            UUID(group_id) if isinstance(group_id, str) else None,
            title=str(plain.get("title") or ""),
            project=str(plain.get("project") or ""),
            count=count if type(count) is int else None,
            at=(at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC),
            **given,
        )
    except (ValueError, OverflowError):
        return None
