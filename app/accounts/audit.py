"""Who changed what in an organization, for good: settings, members, tokens, projects, instances, apps.

Comes in: an actor, what was done to what, and how each value was before and after, in the caller's transaction. Goes
out: one row, so that nothing is changed without it and nothing is in it that was not changed. Secrets never come in:
whoever changes one notes that it changed. What happens to errors is `timeline`'s; signing in is noted nowhere.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.accounts.actors import Actor
from app.tables.database import fetch

TEXT_LIMIT: Final = 2000
"""Characters that are kept of a value."""

_UNSTORABLE: Final = {0: "\N{REPLACEMENT CHARACTER}"} | dict.fromkeys(
    range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}"
)

Values = Mapping[str, tuple[object, object]]
"""Of each field, named as the graph has it, what it was and what it is: texts, numbers, lists of them, or None."""


class Kind(StrEnum):
    """What can be noted."""

    ORGANIZATION_UPDATED = "ORGANIZATION_UPDATED"
    MEMBER_INVITED = "MEMBER_INVITED"
    INVITATION_REVOKED = "INVITATION_REVOKED"
    MEMBER_JOINED = "MEMBER_JOINED"
    MEMBER_UPDATED = "MEMBER_UPDATED"
    MEMBER_REMOVED = "MEMBER_REMOVED"
    TOKEN_CREATED = "TOKEN_CREATED"  # noqa: S105  what happened to one
    TOKEN_REVOKED = "TOKEN_REVOKED"  # noqa: S105  what happened to one
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105  what happened to one
    PROJECT_CREATED = "PROJECT_CREATED"
    PROJECT_UPDATED = "PROJECT_UPDATED"
    PROJECT_DELETED = "PROJECT_DELETED"
    INSTANCE_CREATED = "INSTANCE_CREATED"
    INSTANCE_UPDATED = "INSTANCE_UPDATED"
    INSTANCE_DELETED = "INSTANCE_DELETED"
    APP_CREATED = "APP_CREATED"
    APP_UPDATED = "APP_UPDATED"
    APP_DELETED = "APP_DELETED"
    APP_KEY_ROTATED = "APP_KEY_ROTATED"
    GITHUB_CONNECTED = "GITHUB_CONNECTED"
    GITHUB_DISCONNECTED = "GITHUB_DISCONNECTED"
    ALERT_RULE_CREATED = "ALERT_RULE_CREATED"
    ALERT_RULE_UPDATED = "ALERT_RULE_UPDATED"
    ALERT_RULE_DELETED = "ALERT_RULE_DELETED"
    EVENT_DISCARDED = "EVENT_DISCARDED"
    COMMENT_DELETED = "COMMENT_DELETED"


async def note(
    organization_id: UUID,
    actor: Actor,
    kind: str,
    *,
    subject_type: str,
    subject_id: UUID | None,
    subject_name: str,
    detail: Values = {},  # noqa: B006  read only
    now: datetime,
) -> None:
    """Write that the actor did this. One statement, in the transaction of what it is about: call it there.

    `subject_type` is the graph's name of what was changed (`Project`), `subject_name` what people call it at this
    moment; the actor's own name is looked up. Fields of `detail` that are the same before and after are left out.
    ValueError: `kind` is none of `Kind`.
    """
    plain = {
        name: [_plain(before), _plain(after)] for name, (before, after) in detail.items() if before != after
    }
    subject = (subject_type, [subject_id], [_storable(subject_name)])
    await fetch(_NOTE, organization_id, now, actor.kind, actor.id, Kind(kind), *subject, json.dumps(plain))


async def note_each(
    organization_id: UUID,
    actor: Actor,
    kind: Kind,
    *,
    subject_type: str,
    subjects: Sequence[tuple[UUID, str]],
    now: datetime,
) -> None:
    """Write that the actor did this to each of these, ids with names: one row each, in one statement; see `note`."""
    ids, names = [each[0] for each in subjects], [_storable(each[1]) for each in subjects]
    await fetch(_NOTE, organization_id, now, actor.kind, actor.id, kind, subject_type, ids, names, "{}")


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """The fields of `after` that differ from `before`, as `note` takes them."""
    return {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value}


def made(values: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """The fields of something new, as `note` takes them."""
    return {name: (None, value) for name, value in values.items()}


_NOTE: Final = """
insert into audit_entry
    (organization_id, at, actor_kind, actor_id, actor_name, kind, subject_type, subject_id, subject_name, detail)
select $1, $2, $3, $4,
    coalesce(
        (select p.name from membership as m join person as p on p.id = m.person_id
            where m.id = $4 and m.organization_id = $1),
        (select name from access_token where id = $4 and organization_id = $1),
        case $3::text when 'github' then 'GitHub' else 'Snaglist' end
    ),
    $5, $6, subject.id, subject.name, $9
from unnest($7::uuid[], $8::text[]) with ordinality as subject (id, name, place)
order by subject.place
"""


def _plain(value: object) -> object:
    """The value as JSON has it and PostgreSQL keeps it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_storable(str(one)) for one in value]
    return _storable(str(value))


def _storable(text: str) -> str:
    return (text if len(text) <= TEXT_LIMIT else f"{text[:TEXT_LIMIT]} ...").translate(_UNSTORABLE)
