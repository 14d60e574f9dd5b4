"""Which errors are asked for, and in which order.

Comes in: the inputs of a client. Goes out: the filter and order of `app.reading`.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import strawberry

from app.graphql import ids
from app.graphql.enumerations import (
    ErrorKind,
    ErrorOrderField,
    ErrorSource,
    ErrorStatus,
    OrderDirection,
    Priority,
    Severity,
    word,
)
from app.reading.filters import EVERYTHING, Filter
from app.reading.groups import BY_LAST_SEEN, Order, OrderField


@strawberry.input(description="A tag that an app's events carry.")
class TagFilter:
    """A tag that an app's events carry."""

    key: str = strawberry.field(description="The tag's name, exactly.")
    value: str = strawberry.field(description="Its value, exactly.")


@strawberry.input(
    description=(
        "What errors must be: all that is given must hold. What is left out or null asks nothing; an empty list, or an"
        " id that does not exist, matches nothing. Silenced and muted errors are hidden unless asked for."
    )
)
class ErrorFilter:
    """What errors must be."""

    severity: list[Severity] | None = strawberry.field(default=None, description="One of these severities.")
    status: list[ErrorStatus] | None = strawberry.field(
        default=None, description="One of these statuses; naming `SILENCED` shows silenced ones."
    )
    source: ErrorSource | None = strawberry.field(default=None, description="From logs, or from events.")
    kind: list[ErrorKind] | None = strawberry.field(default=None, description="One of these kinds.")
    module: str | None = strawberry.field(
        default=None, description="The module's name contains this, in upper or lower case."
    )
    instance_id: strawberry.ID | None = strawberry.field(default=None, description="Seen on this instance.")
    app_id: strawberry.ID | None = strawberry.field(default=None, description="Sent by this app.")
    project_id: strawberry.ID | None = strawberry.field(default=None, description="Of this project.")
    is_dev: bool | None = strawberry.field(
        default=None, description="True: only from builds of developers; false: none of these."
    )
    assignee_id: strawberry.ID | None = strawberry.field(default=None, description="Assigned to this member.")
    priority: list[Priority] | None = strawberry.field(default=None, description="One of these priorities.")
    search: str | None = strawberry.field(
        default=None,
        description=(
            "The exception type, the title, the first 1,000 characters of the message, the module or a path of the"
            " traceback contains this, as they were when it was stored last, in upper or lower case. No wildcards, at"
            " most 1,000 characters. The order of the list stays the one that is asked for."
        ),
    )
    release: str | None = strawberry.field(
        default=None,
        description="Recorded at least once in this version of an app, exactly: its tag `release`.",
    )
    environment: str | None = strawberry.field(
        default=None,
        description=(
            "Seen at least once there: `PRODUCTION`, `STAGING`, `DEVELOPMENT` of an instance, or an app's own word, its"
            " tag `environment`."
        ),
    )
    tag: TagFilter | None = strawberry.field(default=None, description="Sent at least once with this tag.")
    since: datetime | None = strawberry.field(default=None, description="Last seen then or later.")
    until: datetime | None = strawberry.field(default=None, description="First seen then or before.")
    show_muted: bool = strawberry.field(default=False, description="Whether muted errors are shown, too.")


@strawberry.input(description="In which order errors come.")
class ErrorOrder:
    """In which order errors come."""

    field: ErrorOrderField = strawberry.field(
        default=ErrorOrderField.LAST_SEEN, description="What is compared; ties go by id."
    )
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.DESC, description="Which end comes first; `DESC` is the most serious first."
    )


def as_filter(wanted: ErrorFilter | None) -> Filter:
    """The filter that a client means."""
    if wanted is None:
        return EVERYTHING
    return Filter(
        severity=_words(wanted.severity),
        status=_words(wanted.status),
        source=None if wanted.source is None else word(wanted.source),
        kind=_words(wanted.kind),
        module=wanted.module,
        instance_id=ids.wanted("Instance", wanted.instance_id),
        app_id=ids.wanted("App", wanted.app_id),
        project_id=ids.wanted("Project", wanted.project_id),
        is_dev=wanted.is_dev,
        assignee_id=ids.wanted("Member", wanted.assignee_id),
        priority=_words(wanted.priority),
        search=wanted.search,
        release=wanted.release,
        environment=wanted.environment,
        tag=None if wanted.tag is None else (wanted.tag.key, wanted.tag.value),
        since=wanted.since,
        until=wanted.until,
        show_muted=wanted.show_muted,
    )


def as_order(wanted: ErrorOrder | None) -> Order:
    """The order that a client means."""
    if wanted is None:
        return BY_LAST_SEEN
    return Order(OrderField(word(wanted.field)), wanted.direction is OrderDirection.DESC)


def _words(given: Sequence[Enum] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(word(member) for member in given)
