"""Which groups are asked for, as conditions of a statement.

Comes in: a filter from outside. Goes out: conditions on `error_group as g`. Every other table that a condition looks
into is asked for rows of the same organization.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.reading.conditions import Conditions, can_be_stored, containing, moment

SEVERITIES: Final = {"MEDIUM": 1, "HIGH": 2, "CRITICAL": 3}
PRIORITIES: Final = {"P0": 0, "P1": 1, "P2": 2, "P3": 3}
ENVIRONMENTS: Final = ("PRODUCTION", "STAGING", "DEVELOPMENT")
"""Those that an instance can be in."""
ALIVE: Final = ("g.organization_id = $1", "g.merged_into_id is null", "g.deleted_at is null")
"""What holds for every group in a list."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What groups must be; None asks nothing, an empty tuple and a name that does not exist match nothing.

    `module` and `search` (in title, message and exception type) find text anywhere, in upper or lower case; an
    empty text asks nothing. `since` and `until`: the time from first to last seen overlaps theirs. `instance_id`,
    `release`, `environment`, `tag`: at least one time it happened was there. Silenced groups are shown only if
    `status` names SILENCED, muted ones only if `show_muted`.
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


def conditions(organization_id: UUID, wanted: Filter, *, now: datetime, is_page: bool = True) -> Conditions:
    """The conditions on `error_group as g`; `is_page`: only the first few are wanted, in an order that has an index.

    BadInput: a text is too long, a time has no zone.
    """
    found = Conditions(organization_id, *ALIVE)
    if not all(can_be_stored(text) for text in _texts(wanted)):
        found.add("false")
        return found
    _add_what_it_is(found, wanted)
    _add_where_it_stands(found, wanted, now)
    _add_texts(found, wanted)
    _add_where_it_happened(found, wanted)
    if wanted.environment is not None:
        _add_environment(found, wanted.environment, wanted.source, is_page)
    return found


def add_instance(found: Conditions, instance_id: UUID) -> None:
    """The groups that were seen on an instance."""
    found.add(
        """exists (select from instance as i where i.id = ? and i.organization_id = $1) and exists (
        select from fingerprint as f join affected_instance as a on a.fingerprint_id = f.id
        where f.group_id = g.id and f.organization_id = $1 and a.instance_id = ?)""",
        instance_id,
        instance_id,
    )


def _texts(wanted: Filter) -> list[str]:
    several = (wanted.status, wanted.kind, wanted.tag)
    single = (wanted.source, wanted.module, wanted.search, wanted.release, wanted.environment)
    return [text for texts in several for text in texts or ()] + [text for text in single if text]


def _add_what_it_is(found: Conditions, wanted: Filter) -> None:
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
        found.add("g.is_dev = ?", wanted.is_dev)
    if wanted.severity is not None:
        numbers = [SEVERITIES[name] for name in wanted.severity if name in SEVERITIES]
        found.add("g.severity = any(?::smallint[])", numbers)


def _add_where_it_stands(found: Conditions, wanted: Filter, now: datetime) -> None:
    if wanted.status is None:
        found.add("g.status <> 'SILENCED'")
    else:
        found.add("g.status = any(?::text[])", wanted.status)
    if not wanted.show_muted:
        found.add("(g.muted_at is null or g.mute_until <= ?)", now)
    if wanted.priority is not None:
        numbers = [PRIORITIES[name] for name in wanted.priority if name in PRIORITIES]
        found.add("g.priority = any(?::smallint[])", numbers)
    if wanted.assignee_id is not None:
        found.add("g.assignee_id = ?", wanted.assignee_id)
    if wanted.since is not None:
        found.add("g.last_seen_at >= ?", moment(wanted.since, "since"))
    if wanted.until is not None:
        found.add("g.first_seen_at <= ?", moment(wanted.until, "until"))


def _add_texts(found: Conditions, wanted: Filter) -> None:
    if wanted.module:
        found.add("g.module ilike ?", containing(wanted.module, "module"))
    if wanted.search:
        pattern = containing(wanted.search, "search")
        found.add(
            "(g.title ilike ? or g.message ilike ? or g.exception_type ilike ?)", pattern, pattern, pattern
        )


def _add_where_it_happened(found: Conditions, wanted: Filter) -> None:
    if wanted.instance_id is not None:
        add_instance(found, wanted.instance_id)
    if wanted.release is not None:
        found.add(
            """exists (
        select from fingerprint as f join occurrence as o on o.fingerprint_id = f.id
        where f.group_id = g.id and f.organization_id = $1 and o.organization_id = $1 and o.app_version = ?)""",
            wanted.release,
        )
    if wanted.tag is not None:
        found.add(
            """exists (
        select from fingerprint as f join fingerprint_tag as t on t.fingerprint_id = f.id
        where f.group_id = g.id and f.organization_id = $1 and t.key = ? and t.value = ?)""",
            *wanted.tag,
        )


def _add_environment(found: Conditions, environment: str, source: str | None, is_page: bool) -> None:
    """The groups of an environment: the instances' (LOG), which has one of three names, or the apps' own (EVENT)."""
    if source == "LOG":
        found.add(f"{_OF_INSTANCES})", environment)
    elif source == "EVENT" or environment not in ENVIRONMENTS:
        found.add(f"g.source = 'EVENT' and g.app_id is not null and {_OF_EVENTS})", environment)
    else:
        # For a page, a fence: the planner would find the groups of both kinds first, and then use a few of them.
        end = " offset 0)" if is_page else ")"
        found.add(
            f"case g.source when 'LOG' then {_OF_INSTANCES}{end} else {_OF_EVENTS}{end} end",
            environment,
            environment,
        )


_OF_INSTANCES: Final = """exists (
        select from fingerprint as f join affected_instance as a on a.fingerprint_id = f.id
        where f.group_id = g.id and f.organization_id = $1 and a.instance_id = any(array(
            select i.id from instance as i where i.organization_id = $1 and i.environment = ?))"""
_OF_EVENTS: Final = """exists (
        select from fingerprint as f join occurrence as o on o.fingerprint_id = f.id
        where f.group_id = g.id and f.organization_id = $1 and o.organization_id = $1 and o.environment = ?"""
