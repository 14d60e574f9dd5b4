"""Telling a member that errors were assigned to him.

Comes in: changes of kind ASSIGNED, from the outbox. Goes out: a mail for each member and whoever assigned to him at one
time, however many errors it was. Who assigns to himself knows it, and of what is muted nobody is told.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.alerts.channels.channel import EmailChannel
from app.alerts.deliveries.outbox import NewDelivery, add
from app.alerts.notices.notice_text import About, assigned
from app.tables.database import fetch
from app.timeline import STATE, Pending, state


async def tell_assigned(changes: Sequence[Pending], now: datetime) -> None:
    """Add the mails; a reaction of `app.reactions`: two statements, in the caller's transaction.

    Not told are those who do not have the error any more, or are not there any more.
    """
    wanted = {change.change_id: change.detail.get("assignee_id") for change in changes}
    rows = await fetch(_ASSIGNED, [change_id for change_id, member in wanted.items() if member is not None])
    told: dict[tuple[object, ...], list[Any]] = {}
    for row in rows:
        if str(row["assignee_id"]) == wanted[row["change_id"]] and _is_told(row, now):
            once = (row["assignee_id"], row["project_id"], row["actor_kind"], row["actor_id"], row["at"])
            told.setdefault(once, []).append(row)
    await add([_delivery(together) for together in told.values()], now)


def _is_told(row: Any, now: datetime) -> bool:
    mute = state(row).mute
    is_own = row["actor_kind"] == "person" and row["actor_id"] == row["assignee_id"]
    return not is_own and (mute is None or mute.is_over(now))


def _delivery(rows: Sequence[Any]) -> NewDelivery:
    first = rows[0]
    about = [
        About(_page(row), row["title"], row["project_name"], row["module"], row["severity"]) for row in rows
    ]
    return NewDelivery(
        organization_id=first["organization_id"],
        project_id=first["project_id"],
        rule_id=None,
        membership_id=first["assignee_id"],
        kind="assigned",
        channel=EmailChannel((first["email"],)),
        message=assigned(_who(first), about, first["reason"]),
        key=f"assigned:{first['change_id']}",
    )


def _page(row: Any) -> UUID:
    page: UUID = row["merged_into_id"] or row["group_id"]
    return page


def _who(row: Any) -> str:
    return str(row["actor_name"] or ("Snaglist" if row["actor_kind"] == "system" else "Somebody"))


# The members stay until the mails are written.
_ASSIGNED: Final = f"""
select c.id as change_id, c.organization_id, c.actor_kind, c.actor_id, c.actor_name, c.at, c.reason,
    g.id as group_id, g.project_id, g.title, g.module, g.severity, p.name as project_name, h.email,
    {", ".join(f"g.{column.strip()}" for column in STATE.split(","))}
from group_change as c
join error_group as g on g.id = c.group_id and g.organization_id = c.organization_id and g.deleted_at is null
join project as p on p.id = g.project_id and p.deleted_at is null
join membership as m on m.id = g.assignee_id and m.organization_id = g.organization_id
join person as h on h.id = m.person_id and h.disabled_at is null
where c.id = any($1::bigint[])
order by c.id for key share of m
"""  # noqa: S608  constants
