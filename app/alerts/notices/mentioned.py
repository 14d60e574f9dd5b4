"""Telling members that a comment names them.

Comes in: comments that say of themselves that this is still to be done, which was written with them. Goes out: a mail
for each member who is named, once for each comment, however often it is edited; never to its author.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.alerts.channels.channel import EmailChannel
from app.alerts.deliveries.outbox import NewDelivery, add
from app.alerts.notices.notice_text import About, mentioned
from app.domain.alerts.mentions import Person, named, names
from app.tables.database import fetch, transaction

AT_ONCE: Final = 100
"""Comments in one transaction."""


async def tell_mentioned(*, now: datetime) -> int:
    """Add the mails of all such comments; how many there were. To be called outside of transactions, and at any time.

    The mails and the end of what was to be done are one transaction. Of a comment or an error that was deleted nobody
    is told. Four statements for up to 100 comments.
    """
    count = 0
    while some := await _some_told(now):
        count += some
    return count


async def _some_told(now: datetime) -> int:
    async with transaction():
        rows = await fetch(_UNTOLD, AT_ONCE)
        if not rows:
            return 0
        wanted = {row["id"]: names(row["body"]) for row in rows if row["is_there"]}
        people = await _people({row["organization_id"] for row in rows if wanted.get(row["id"])})
        await add(
            [
                _delivery(row, person)
                for row in rows
                for person in named(wanted.get(row["id"], ()), people.get(row["organization_id"], ()))
                if (row["author_kind"], row["author_id"]) != ("person", person.membership_id)
            ],
            now,
        )
        await fetch(
            "update comment set mentions_untold = false where id = any($1::uuid[])",
            [row["id"] for row in rows],
        )
    return len(rows)


async def _people(organization_ids: set[UUID]) -> dict[UUID, list[Person]]:
    """The members of the organizations who can be told."""
    people: dict[UUID, list[Person]] = {}
    for row in await fetch(_PEOPLE, list(organization_ids)) if organization_ids else ():
        person = Person(row["id"], row["name"], row["email"])
        people.setdefault(row["organization_id"], []).append(person)
    return people


def _delivery(row: Any, person: Person) -> NewDelivery:
    about = About(row["page_id"], row["title"], row["project_name"], row["module"], row["severity"])
    return NewDelivery(
        organization_id=row["organization_id"],
        project_id=row["project_id"],
        rule_id=None,
        membership_id=person.membership_id,
        kind="mentioned",
        channel=EmailChannel((person.email,)),
        message=mentioned(row["author_name"], about, row["body"]),
        key=f"mentioned:{row['id']}:{person.membership_id}",
    )


_UNTOLD: Final = """
select c.id, c.organization_id, c.author_kind, c.author_id, c.author_name, c.body,
    c.deleted_at is null and g.deleted_at is null and p.deleted_at is null as is_there,
    coalesce(g.merged_into_id, g.id) as page_id, g.project_id, g.title, g.module, g.severity, p.name as project_name
from comment as c
join error_group as g on g.id = c.group_id
join project as p on p.id = g.project_id
where c.mentions_untold
order by c.created_at limit $1
for no key update of c skip locked
"""
_PEOPLE: Final = """
select m.organization_id, m.id, h.name, h.email
from membership as m join person as h on h.id = m.person_id
where m.organization_id = any($1::uuid[]) and h.disabled_at is null
"""
