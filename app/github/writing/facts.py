"""What an issue tells of an error, read when it is made.

Comes in: a group. Goes out: its facts; texts are without secrets as they were stored, and are redacted again where they
are put together.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from app import links
from app.domain.github.issue_text import IssueFacts, IssueFrame
from app.domain.severity import Severity
from app.errors import BadInput
from app.reading import event_details
from app.reading.apps import apps_by_id
from app.reading.groups import Group, groups_by_id
from app.reading.instances import NOWHERE, affected
from app.reading.occurrences import Occurrence, latest
from app.reading.printed_tracebacks import traceback_text
from app.recording.sightings import Detail, ShownFrame

LISTED: Final = 20
"""Instances that are named."""
_NOTHING: Final = Detail()
_SEVERITIES: Final[dict[str, Severity]] = {"CRITICAL": "critical", "HIGH": "high", "MEDIUM": "medium"}


async def facts(organization_id: UUID, group_id: UUID, marker: UUID, *, now: datetime) -> IssueFacts | None:
    """The facts; None: there is no such group any more."""
    group = (await groups_by_id(organization_id, [group_id], now=now)).get(group_id)
    if group is None:
        return None
    places = (await affected(organization_id, [group_id])).get(group_id, NOWHERE)
    occurrence = (await latest(organization_id, [group_id])).get(group_id)
    detail = _NOTHING if occurrence is None else await _detail(organization_id, occurrence)
    last = detail.exceptions[-1] if detail.exceptions else None
    return IssueFacts(
        title=group.title,
        exception_type=group.exception_type,
        module=group.module,
        message=group.message,
        source="EVENT" if group.source == "EVENT" else "LOG",
        severity=_SEVERITIES[group.severity],
        first_seen_at=group.first_seen_at,
        last_seen_at=group.last_seen_at,
        total_count=group.total_count,
        instances=tuple((each.instance.name, each.total_count) for each in places.instances[:LISTED]),
        instance_count=places.count,
        app=await _app(organization_id, group),
        release=occurrence.app_version if occurrence else None,
        environment=occurrence.environment if occurrence else None,
        odoo_version=group.odoo_version,
        commit_sha=group.commit_sha,
        traceback=traceback_text(detail.exceptions, detail.event.platform if detail.event else "python"),
        frames=tuple(map(_frame, last.frames)) if last else (),
        context_before=detail.context_before,
        context_after=detail.context_after,
        link=links.error_page(group_id),
        marker=marker,
        is_back=group.status == "REGRESSED",
    )


async def _detail(organization_id: UUID, occurrence: Occurrence) -> Detail:
    if occurrence.event_id is None or occurrence.detail.event is not None:
        return occurrence.detail
    try:
        told = await event_details.details(organization_id, [occurrence.event_id])
    except BadInput:  # it is too large to be read
        return occurrence.detail
    return told.get(occurrence.event_id, occurrence.detail)


async def _app(organization_id: UUID, group: Group) -> str | None:
    if group.app_id is None:
        return None
    found = (await apps_by_id(organization_id, [group.app_id], with_deleted=True)).get(group.app_id)
    return found.name if found else None


def _frame(frame: ShownFrame) -> IssueFrame:
    return IssueFrame(
        path=frame.path,
        line=frame.line or None,
        function=frame.function,
        module=frame.module,
        in_app=frame.in_app,
    )
