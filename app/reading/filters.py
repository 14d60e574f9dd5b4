"""Which groups are asked for, as conditions of a statement.

Comes in: a filter from outside. Goes out: conditions on `error_group as g`, in the one of two ways in which the
statement looks for groups: group by group in the order of a list, or all of them at once. Every other table that a
condition looks into is asked for rows of the same organization.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.lifecycle import Status
from app.reading.conditions import Conditions, can_be_stored, containing, moment, short
from app.reading.pieces import rare_piece
from app.recording.searched import folded
from app.tables.database import fetch

SEVERITIES: Final = {"MEDIUM": 1, "HIGH": 2, "CRITICAL": 3}
PRIORITIES: Final = {"P0": 0, "P1": 1, "P2": 2, "P3": 3}
ALIVE: Final = ("g.organization_id = $1", "g.merged_into_id is null", "g.deleted_at is null")
"""What holds for every group in a list."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What groups must be; None asks nothing, an empty tuple and a name that does not exist match nothing.

    `module` and `search` (in exception type, title, message, module and paths) find text anywhere, in upper or lower
    case; an empty text asks nothing. `since` and `until`: the time from first to last seen overlaps theirs.
    `instance_id`, `release`, `environment`, `tag`: at least one time it happened was there. Silenced groups are shown
    only if `status` names SILENCED, muted ones only if `show_muted`.
    """

    severity: tuple[str, ...] | None = None
    status: tuple[str, ...] | None = None
    source: str | None = None
    kind: tuple[str, ...] | None = None
    module: str | None = None
    instance_id: UUID | None = None
    app_id: UUID | None = None
    project_id: UUID | None = None
    is_dev: bool | None = None
    assignee_id: UUID | None = None
    priority: tuple[str, ...] | None = None
    search: str | None = None
    release: str | None = None
    environment: str | None = None
    tag: tuple[str, str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    show_muted: bool = False


EVERYTHING: Final = Filter()


@dataclass(frozen=True, slots=True)
class Known:
    """What names in a filter stand for, found before the groups are: PostgreSQL then knows how rare they are.

    `modules`: those whose name contains the text; `instance_ids`: those of the environment; `rare_piece`: what of the
    text that is searched for finds all groups that have it. None: it was not asked.
    """

    modules: tuple[str, ...] | None = None
    instance_ids: tuple[UUID, ...] | None = None
    rare_piece: str | None = None


async def known(organization_id: UUID, wanted: Filter) -> Known:
    """What the filter's names stand for: a statement for a module, one for an environment. BadInput: too long a text."""
    found = Known()
    if wanted.module:
        part = folded(short(wanted.module, "module"))
        rows = await fetch(_MODULES, organization_id) if can_be_stored(part) else []
        found = replace(found, modules=tuple(row[0] for row in rows if part in folded(row[0])))
    if wanted.environment is not None:
        storable = can_be_stored(wanted.environment)
        rows = await fetch(_INSTANCES, organization_id, wanted.environment) if storable else []
        found = replace(found, instance_ids=tuple(row[0] for row in rows))
    return found


async def known_of_all(organization_id: UUID, wanted: Filter, found: Known) -> Known:
    """What is known, and what helps to find all groups at once: a statement for a search. BadInput: too long a text."""
    if not wanted.search:
        return found
    text = folded(short(wanted.search, "search"))
    return replace(found, rare_piece=await rare_piece(organization_id, text))


# From name to name: as many steps in the index as there are modules, however many groups these have. What is upper and
# lower case is not PostgreSQL's to say: `ilike` goes by the database's locale, and knows ASCII alone in some.
_MODULES: Final = """
with recursive named as (
    (select g.module from error_group as g
    where g.organization_id = $1 and g.merged_into_id is null and g.deleted_at is null and g.module is not null
    order by g.module limit 1)
    union all
    select (select g.module from error_group as g
        where g.organization_id = $1 and g.merged_into_id is null and g.deleted_at is null and g.module > named.module
        order by g.module limit 1)
    from named where named.module is not null
)
select module from named where module is not null
"""
_INSTANCES: Final = "select id from instance where organization_id = $1 and environment = $2 order by id"


def add_filter(found: Conditions, wanted: Filter, known: Known, *, now: datetime) -> None:
    """Add all that the filter asks of `error_group as g`. BadInput: a text is too long, a time has no zone."""
    add_what_groups_are(found, wanted, known, now=now)
    for asked, values in among(wanted, known):
        found.add(f"g.id in (select its.group_id {asked.all})", *values)


def add_what_groups_are(found: Conditions, wanted: Filter, known: Known, *, now: datetime) -> None:
    """Add what the filter asks of the groups themselves, and of no other table. BadInput: a time has no zone."""
    if not all(can_be_stored(text) for text in _texts(wanted)):
        found.add("false")
        return
    is_apps = wanted.environment is not None and not known.instance_ids
    if wanted.tag is not None or wanted.release is not None or is_apps:
        found.add("g.app_id is not null")  # only apps send such things
    _add_what_it_is(found, wanted, known)
    _add_where_it_stands(found, wanted, now)


def add_instance(found: Conditions, instance_id: UUID) -> None:
    """The groups that were seen on an instance."""
    found.add(f"g.id in (select its.group_id {_ON_INSTANCE.all})", instance_id, [instance_id])


@dataclass(frozen=True, slots=True)
class Among:
    """What other tables must say of a group: asked of `each` group `g`, or to have `all` of them as `its.group_id`.

    Of each: with fences (`offset 0`), as the planner would otherwise find all of them again for each group, and with
    "is true" where an index on the value alone would do that. `is_quick`: a few of all are found without finding all.
    """

    each: str
    all: str
    is_quick: bool = True


_SEARCHED: Final = Among(
    "exists (select from group_text as its where its.organization_id = $1 and its.group_id = g.id"
    " and (its.text like ? and its.text like ?) is true offset 0)",
    "from group_text as its where its.organization_id = $1 and its.text like ? and (its.text like ?) is true",
    is_quick=False,
)
_SEEN: Final = Among(
    "exists (select from group_instance as its where its.group_id = g.id and (its.instance_id = any(?::uuid[])) is true offset 0)",
    "from group_instance as its where its.instance_id = any(?::uuid[])",
)
_THEIRS: Final = "exists (select from instance as i where i.id = ? and i.organization_id = $1)"
_ON_INSTANCE: Final = Among(
    f"{_THEIRS} and {_SEEN.each}", _SEEN.all.replace("where", f"where {_THEIRS} and", 1)
)
TAGGED: Final = Among(
    """exists (select from fingerprint as its where its.organization_id = $1 and its.group_id = g.id and exists (
            select from fingerprint_tag as t
            where t.fingerprint_id = its.id and t.key = ? and t.value = ? offset 0) offset 0)""",
    """from fingerprint as its join fingerprint_tag as t on t.fingerprint_id = its.id
        where its.organization_id = $1 and t.key = ? and t.value = ?""",
)
_SEEN_OR_TAGGED: Final = Among(
    f"({_SEEN.each} or g.app_id is not null and {TAGGED.each})",
    f"""from (
            select its.group_id {_SEEN.all}
            union all
            select its.group_id {TAGGED.all}
        ) as its""",
)


Asked = Sequence[tuple[Among, list[object]]]
"""What is asked of other tables, with the values for the places in the pieces."""


def among(wanted: Filter, known: Known) -> Asked:
    """What the filter asks of other tables, with the values. BadInput: a text is too long."""
    found: list[tuple[Among, list[object]]] = []
    if not all(can_be_stored(text) for text in _texts(wanted)):
        return found
    if wanted.search:
        text = folded(short(wanted.search, "search"))
        found.append((_SEARCHED, [containing(known.rare_piece or text), containing(text)]))
    if wanted.instance_id is not None:
        found.append((_ON_INSTANCE, [wanted.instance_id, [wanted.instance_id]]))
    if wanted.tag is not None:
        found.append((TAGGED, [*wanted.tag]))
    if wanted.release is not None:
        found.append((TAGGED, ["release", wanted.release]))
    if wanted.environment is not None:  # of an instance (LOG), or an app's own word (EVENT)
        instance_ids, tag = known.instance_ids or (), ("environment", wanted.environment)
        if wanted.source == "LOG":
            found.append((_SEEN, [instance_ids]))
        elif wanted.source == "EVENT" or not instance_ids:
            found.append((TAGGED, [*tag]))
        else:
            found.append((_SEEN_OR_TAGGED, [instance_ids, *tag]))
    return found


def _texts(wanted: Filter) -> list[str]:
    several = (wanted.status, wanted.kind, wanted.tag)
    single = (wanted.source, wanted.module, wanted.search, wanted.release, wanted.environment)
    return [text for texts in several for text in texts or ()] + [text for text in single if text]


def _add_what_it_is(found: Conditions, wanted: Filter, known: Known) -> None:
    if wanted.source is not None:
        found.add("g.source = ?", wanted.source)
        if wanted.source == "EVENT":
            found.add("g.app_id is not null")  # which is so, and has an index
    if wanted.kind is not None:
        found.add("g.kind = any(?::text[])", wanted.kind)
    if wanted.project_id is not None:
        found.add("g.project_id = ?", wanted.project_id)
    if wanted.app_id is not None:
        found.add("g.app_id = ?", wanted.app_id)
    if wanted.is_dev is not None:
        found.add("g.is_dev" if wanted.is_dev else "not g.is_dev")
    if wanted.severity is not None:
        found.add("g.severity = any(?::smallint[])", numbers(SEVERITIES, wanted.severity))
    if known.modules is not None:
        found.add("g.module = any(?::text[])", known.modules)


def _add_where_it_stands(found: Conditions, wanted: Filter, now: datetime) -> None:
    found.add("g.status = any(?::text[])", statuses(wanted))
    if not wanted.show_muted:
        found.add("(g.muted_at is null or g.mute_until <= ?)", now)
    if wanted.priority is not None:
        found.add("g.priority = any(?::smallint[])", numbers(PRIORITIES, wanted.priority))
    if wanted.assignee_id is not None:
        found.add("g.assignee_id = ?", wanted.assignee_id)
    if wanted.since is not None:
        found.add("g.last_seen_at >= ?", moment(wanted.since, "since"))
    if wanted.until is not None:
        found.add("g.first_seen_at <= ?", moment(wanted.until, "until"))


def statuses(wanted: Filter) -> list[str]:
    """The statuses that the filter lets through."""
    if wanted.status is None:
        return [status for status in Status if status is not Status.SILENCED]
    return [status for status in Status if status in wanted.status]


def numbers(meaning: dict[str, int], names: tuple[str, ...] | None) -> list[int]:
    """The numbers of those of the names that mean something; of all where there are no names."""
    return [number for name, number in meaning.items() if names is None or name in names]
