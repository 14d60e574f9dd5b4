"""What follows changes: on the issues that groups have, and the issues that groups should have now.

Comes in: changes, many at once, in the transaction that takes them out of the outbox. Goes out: rows in `github_action`.

The order is that of the changes, and the last state is that of the group, whoever reacts, and however changes are cut
into batches that are carried out at the same time:

- A change is written under its group's lock, so that once it can be seen, all earlier ones of the group can be.
- Whoever reacts locks the issue first, and looks after that: at the group, and at all its changes after the one that the
  issue has followed (`followed_change_id`), whether they are in his batch or not. He follows all of them, in their order.
- A batch that comes later, with changes that were followed already, finds nothing new. One that waited for the lock sees
  what was written meanwhile, as its look is a new statement.
- The state that is asked for is the one that the group has in that very look; a change that is committed after it has a
  reaction of its own, which waits for the lock, and so comes after.

Issues are closed and opened for muted groups, too: their state would be wrong for ever after. What is not done for
these is making new ones (`issue_wishes`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import msgspec

from app.domain.lifecycle import MoveKind, Status
from app.github.asking import actions
from app.github.asking.actions import NewAction
from app.github.asking.steps import Followed, Step, asked_for
from app.recording import issue_wishes
from app.tables.database import fetch
from app.timeline import Pending

MOST_TOLD: Final = 100
"""Changes of a group that are followed at once."""


async def ask(changes: Sequence[Pending], now: datetime) -> None:
    """Ask for an issue for each of the groups that should have one now and has none. Two statements at most."""
    await issue_wishes.wish({change.group_id for change in changes}, now=now)


async def follow(changes: Sequence[Pending], now: datetime) -> None:
    """Write what the changes ask for on the issues of their groups.

    One statement for groups that have none; five at most, whatever the number. Of a group that has more than `MOST_TOLD`
    changes to be followed the last ones are told, and the rest is passed over: nobody reads so many comments.
    """
    locked = await fetch(_LOCK, sorted({change.group_id for change in changes}))
    if not locked:
        return
    firsts: dict[UUID, int] = {}
    for change in changes:
        firsts[change.group_id] = min(change.change_id, firsts.get(change.group_id, change.change_id))
    here = [row["group_id"] for row in locked]
    rows = await fetch(_LOOK, here, [firsts[group_id] for group_id in here], MOST_TOLD)
    if not rows:
        return
    wanted: list[NewAction] = []
    taken_back: list[UUID] = []
    followed: dict[UUID, int] = {}
    for group_id, its_rows in groupby(rows, key=lambda row: UUID(str(row["group_id"]))):
        steps = list(its_rows)
        group = _group(group_id, steps)
        followed[group_id] = steps[-1]["id"]
        if steps[-1]["is_untried"] and group.is_open:
            taken_back.append(group_id)
        else:
            wanted += asked_for(group)
    if taken_back:
        await fetch(_TAKE_BACK, taken_back)
    await actions.add(wanted, now=now)
    await fetch(_FOLLOWED, list(followed), list(followed.values()))


# The connections first, as all do: `ask` looks at them in the same transaction, when whoever disconnects one would wait for
# the issues while we wait for him.
_LOCK: Final = """
with kept as materialized (
    select from github_connection
    where project_id in (select project_id from github_issue where group_id = any($1::uuid[]))
    order by project_id for key share
)
select group_id from github_issue where group_id = any($1::uuid[]) and (select count(*) from kept) >= 0
order by group_id for no key update
"""

# Where nobody knows how far an issue has followed, it begins with the changes that are at hand.
_LOOK: Final = """
select i.group_id, g.status, g.merged_into_id is not null as is_merged, g.deleted_at is not null as is_deleted,
    exists (select from github_connection as r where r.project_id = i.project_id) as is_connected,
    i.number is null and i.attempted_at is null and not exists (
        select from github_action as a where a.group_id = i.group_id and a.attempted_at is not null
    ) as is_untried,
    coalesce((
        select a.detail->>'state' from github_action as a
        where a.group_id = i.group_id and a.kind = 'state' order by a.id desc limit 1
    ), i.state, 'open') = 'open' as is_asked_open,
    p.auto_resolve_days, c.id, c.kind, c.actor_kind, c.actor_name, c.status_before, c.status_after, c.reason, c.detail,
    coalesce(
        (select n.name from instance as n where n.id = h.origin_id and n.organization_id = i.organization_id),
        (select n.name from app as n where n.id = h.origin_id and n.organization_id = i.organization_id)
    ) as heard_where
from unnest($1::uuid[], $2::bigint[]) as f(group_id, change_id)
join github_issue as i on i.group_id = f.group_id
join error_group as g on g.id = i.group_id
join project as p on p.id = i.project_id and p.deleted_at is null
cross join lateral (
    select * from group_change as t
    where t.group_id = i.group_id and t.id > coalesce(i.followed_change_id, f.change_id - 1)
    order by t.id desc limit $3
) as c
cross join lateral (
    select case when c.kind = 'REGRESSED' then (c.detail->>'origin_id')::uuid end as origin_id
) as h
order by i.group_id, c.id
"""

# An issue that nobody has begun to make is made as its group is then, if that is open still or again: no comment on what
# was before, nothing to close. Whoever begins takes the lock that we hold.
_TAKE_BACK: Final = "delete from github_action where group_id = any($1::uuid[]) and kind <> 'create'"
_FOLLOWED: Final = """
update github_issue as i set followed_change_id = n.change_id
from unnest($1::uuid[], $2::bigint[]) as n(group_id, change_id) where i.group_id = n.group_id
"""


def _group(group_id: UUID, rows: Sequence[Mapping[str, Any]]) -> Followed:
    """A group from its rows, each of which has a change and the group as it stands."""
    row = rows[0]
    return Followed(
        group_id,
        Status(row["status"]),
        is_merged=row["is_merged"],
        is_deleted=row["is_deleted"],
        is_connected=row["is_connected"],
        is_asked_open=row["is_asked_open"],
        days=row["auto_resolve_days"],
        steps=tuple(_steps(rows)),
    )


def _steps(rows: Iterable[Mapping[str, Any]]) -> Iterable[Step]:
    """The changes; those of a kind that a newer Snaglist has written say nothing to us."""
    for row in rows:
        if row["kind"] in MoveKind.__members__:
            yield Step(
                MoveKind(row["kind"]),
                row["actor_kind"],
                row["actor_name"],
                Status(row["status_before"]) if row["status_before"] else None,
                Status(row["status_after"]),
                row["reason"],
                msgspec.json.decode(row["detail"]),
                row["heard_where"],
            )
