"""One verb on several error groups.

Comes in: global ids, and the verb. Goes out: the groups as they are then, in the order of the ids, or what is to be put
right, with the place of each id at fault. What was merged away stands for the group that it went into.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import strawberry

from app.accounts.actors import Actor, actor
from app.errors import SnaglistError
from app.graphql import ids
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.user_errors import UserError, user_error
from app.reading.groups import groups_by_id
from app.timeline import Change
from app.triage.choose import Refused, demand_some

IDS: Final = (
    "The error groups: 1 to 100, all of them or none. One that is named twice counts once; one that was merged\
 away stands for the group that it went into."
)
REASON: Final = "Why, in words for people, up to 1,000 characters; kept in the history."
GROUPS: Final = "The error groups as they are now, in the order of their ids; empty where nothing was done."
USER_ERRORS: Final = (
    "What is to be put right; empty if all went well, and otherwise nothing was changed at all. An id at fault is named by"
    ' its place: `["ids", "3"]` is the fourth.'
)

Verb = Callable[..., Awaitable[list[Change]]]
"""A verb of `app.triage`: takes an organization, the groups, who does it, and by name `reason`, `now` and its own."""


def without_changes(verb: Callable[..., Awaitable[None]]) -> Verb:
    """Like the other verbs, one of `app.github`: it changes nothing of the groups themselves, whoever asks for it."""

    async def asked(
        organization_id: UUID, group_ids: Sequence[UUID], _: Actor, *, now: datetime
    ) -> list[Change]:
        await verb(organization_id, group_ids, now=now)
        return []

    return asked


async def apply(
    info: Info, verb: Verb, global_ids: Sequence[str], **more: Any
) -> tuple[list[Change], list[UserError]]:
    """What the verb changed, and what is to be put right: one of the two is empty, and both where nothing was to do."""
    context = info.context
    context.loaded.clear()
    try:
        demand_some(global_ids)
        group_ids = [ids.decode("ErrorGroup", each) or ids.NOBODY for each in global_ids]
        changes = await verb(
            context.organization_id, group_ids, actor(context.signed_in), now=context.now, **more
        )
    except Refused as refused:
        return [], [user_error(failure) for failure in refused.failures]
    except SnaglistError as failure:
        return [], [user_error(failure)]
    return changes, []


async def change_errors(
    info: Info, verb: Verb, global_ids: Sequence[str], **more: Any
) -> tuple[list[ErrorGroup], list[UserError]]:
    """The groups after the verb, or what is to be put right."""
    _, user_errors = await apply(info, verb, global_ids, **more)
    if user_errors:
        return [], user_errors
    return await _shown(info, global_ids), []


async def _shown(info: Info, global_ids: Sequence[str]) -> list[ErrorGroup]:
    organization_id, now = info.context.organization_id, info.context.now
    named = [key for each in global_ids if (key := ids.decode("ErrorGroup", each))]
    rows = await groups_by_id(organization_id, named, now=now)
    meant = {key: row.merged_into_id or key for key, row in rows.items()}
    if missing := set(meant.values()) - rows.keys():
        rows |= await groups_by_id(organization_id, list(missing), now=now)
    # Each once, where it was named first; what somebody else deleted meanwhile is not there.
    ordered = dict.fromkeys(meant[key] for key in named if key in meant)
    return [ErrorGroup.of(rows[key]) for key in ordered if key in rows]


async def shown(info: Info, group_ids: Sequence[UUID]) -> list[ErrorGroup]:
    """The groups as they are now, in this order, each once; those that were merged away as such."""
    rows = await groups_by_id(info.context.organization_id, list(group_ids), now=info.context.now)
    return [ErrorGroup.of(rows[key]) for key in dict.fromkeys(group_ids) if key in rows]


def given_ids() -> Any:
    """The field of an input for the ids."""
    return strawberry.field(description=IDS)


def given_reason() -> Any:
    """The field of an input for the reason."""
    return strawberry.field(default=None, description=REASON)


def shown_groups() -> Any:
    """The field of a payload for the groups."""
    return strawberry.field(description=GROUPS)


def shown_errors() -> Any:
    """The field of a payload for what is to be put right."""
    return strawberry.field(description=USER_ERRORS)
