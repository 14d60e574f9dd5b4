"""The digests that are due, handed to the outbox: one mail for each member who wants it.

Comes in: the time, each minute or after days in which nobody asked. Goes out: rows of the outbox, and for each project up
to when it was told. Both are of one transaction that holds the project's row of `digest`: whoever is killed leaves all or
nothing, and of two at once the second finds nothing to do. The time that a digest tells begins where the last one ended,
however often it is sent, so that another frequency neither repeats nor leaves out anything.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.alerts.channels.channel import EmailChannel
from app.alerts.channels.outgoing import Outgoing
from app.alerts.deliveries import outbox
from app.alerts.deliveries.outbox import NewDelivery
from app.alerts.deliveries.waking import wake_deliveries
from app.alerts.digests import noting, opting_out
from app.alerts.digests.content import DigestProject, content
from app.alerts.digests.sparkline_images import sparkline
from app.domain.alerts.digest_content import DigestContent, DigestError
from app.domain.alerts.digest_text import digest
from app.domain.alerts.slots import Frequency, newest_slot
from app.tables.absence import why_away
from app.tables.database import fetch, fetch_one, transaction

logger = logging.getLogger(__name__)

_TOGETHER: Final = 200
"""Mails in one statement: each has the whole digest in it, and so all of a large organization's would fill the memory."""


async def send_due(*, now: datetime) -> int:
    """Hand over all digests that are due; how many mails that made. To be called outside of transactions.

    A project whose digest goes wrong stays due and keeps no other one waiting; the first failure is raised at the end.
    """
    mails = 0
    failures: list[Exception] = []
    for row in await fetch(_PROJECTS):
        try:
            mails += await _send(row, now)
        except Exception as failure:
            if why_away(failure):
                raise
            logger.exception("a digest went wrong", extra={"project_id": str(row["id"])})
            failures.append(failure)
    if mails:
        await wake_deliveries()
    if failures:
        raise failures[0]
    return mails


_PROJECTS: Final = """
select p.id, p.time_zone, p.alert_frequency, p.created_at, d.sent_through
from project as p left join digest as d on d.project_id = p.id
where p.deleted_at is null order by p.id
"""


async def _send(row: Mapping[str, Any], now: datetime) -> int:
    slot, sent_through = _slot(row, now), row["sent_through"]
    if sent_through is None:
        await fetch(_BEGIN, row["id"], max(row["created_at"], slot))
    if sent_through is None or slot <= sent_through:
        return 0
    async with transaction():
        locked = await fetch_one(_LOCK, row["id"])
        if locked is None or (slot := _slot(locked, now)) <= (since := locked["sent_through"]):
            return 0
        await fetch("update digest set sent_through = $2 where project_id = $1", row["id"], slot)
        project = project_of(locked)
        change_ids = await noting.taken(project.id, slot)
        if project.frequency is Frequency.NONE or not change_ids:
            return 0
        told = await content(project, change_ids, since, slot, now=now)
        return 0 if told.is_empty else await _hand_over(project, told, now)


# Whoever does it at the same time has begun with the same or an earlier time.
_BEGIN: Final = "insert into digest (project_id, sent_through) values ($1, $2) on conflict do nothing"
PROJECT: Final = """
select p.id, p.organization_id, o.name as organization, p.name, p.time_zone, p.alert_frequency, p.created_at,
    d.sent_through
from project as p join organization as o on o.id = p.organization_id
"""
_LOCK: Final = f"{PROJECT} join digest as d on d.project_id = p.id where p.id = $1 and p.deleted_at is null for update of d"


def project_of(row: Mapping[str, Any]) -> DigestProject:
    """The project of a row of `PROJECT`."""
    frequency, zone = Frequency(row["alert_frequency"]), ZoneInfo(row["time_zone"])
    return DigestProject(row["id"], row["organization_id"], row["organization"], row["name"], frequency, zone)


def _slot(row: Mapping[str, Any], now: datetime) -> datetime:
    return newest_slot(Frequency(row["alert_frequency"]), ZoneInfo(row["time_zone"]), now)


async def _hand_over(project: DigestProject, told: DigestContent, now: datetime) -> int:
    """A mail for each member with an account that is not disabled, unless they opted out."""
    members = await fetch(_MEMBERS, project.organization_id, project.id)
    outgoing = _mail(project, told)
    until = told.until.astimezone(UTC).isoformat()
    mails = 0
    for some in (members[start : start + _TOGETHER] for start in range(0, len(members), _TOGETHER)):
        deliveries = [
            NewDelivery(
                project.organization_id,
                project.id,
                None,
                member["id"],
                "digest",
                EmailChannel((member["email"],)),
                outgoing(member["id"]),
                f"digest:{project.id}:{until}:{member['id']}",
            )
            for member in some
        ]
        mails += len(await outbox.add(deliveries, now))
    return mails


def _mail(project: DigestProject, told: DigestContent) -> Callable[[UUID], Outgoing]:
    """The mail for each member: but for the link by which one unsubscribes it is the same."""
    names = {error.link: f"trend-{place}@snaglist" for place, error in enumerate(_errors(told), 1)}
    images = tuple((names[error.link], sparkline(error.trend.counts)) for error in _errors(told))
    mail = digest(told, {link: f"cid:{name}" for link, name in names.items()})

    def outgoing(membership_id: UUID) -> Outgoing:
        unsubscribe = opting_out.link(membership_id, project.id)
        return Outgoing(
            mail.subject,
            mail.text_for(unsubscribe),
            mail.html_for(unsubscribe),
            {},
            images,
            # RFC 8058
            {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )

    return outgoing


# Held, so that nobody among them is removed before the mail that names them is stored.
_MEMBERS: Final = """
select m.id, p.email from membership as m join person as p on p.id = m.person_id
where m.organization_id = $1 and p.disabled_at is null and not exists (
    select from digest_opt_out as o where o.membership_id = m.id and o.project_id = $2
)
order by m.id for key share of m
"""


def _errors(told: DigestContent) -> tuple[DigestError, ...]:
    return told.new.errors + told.regressed.errors
