"""What an event of an app says, beside its exceptions: the small things that an occurrence is put together of.

Comes in: plain data of `app.recording`. Goes out: what the graph shows of it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import strawberry

from app.graphql.enumerations import EventLevel
from app.graphql.scalars import JSON, BigInt
from app.reading import feedback as reading_feedback
from app.reading import tags as reading_tags
from app.recording.shown_events import ShownEvent


@strawberry.type(description="A name and a value that an app sent along, to filter by.")
class EventTag:
    """A name and a value that an app sent along."""

    key: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value, without secrets.")


@strawberry.type(description="Who used an app when an event happened, as the app says; secrets are left out.")
class EventUser:
    """Who used an app when an event happened."""

    id: str | None = strawberry.field(description="The app's own id of them; null where it sent none.")
    username: str | None = strawberry.field(
        description="The name they sign in with; null where it was not sent."
    )
    email: str | None = strawberry.field(description="Their e-mail address; null where it was not sent.")
    ip_address: str | None = strawberry.field(
        description="Where they came from, as IPv4 or IPv6; null where it was not sent."
    )
    data: object = strawberry.field(
        description="All that the app sent about them, an object from name to value; null where it sent nothing more than"
        " an id.",
        graphql_type=JSON | None,
    )

    @classmethod
    def of(cls, event: ShownEvent) -> Self | None:
        """Whom the event names; None: nobody."""
        told = event.details.user
        if not told and event.user_id is None:
            return None
        return cls(
            id=_text(told, "id") if told else event.user_id,
            username=_text(told, "username"),
            email=_text(told, "email"),
            ip_address=_text(told, "ip_address"),
            data=told or None,
        )


@strawberry.type(description="The HTTP request that an app was answering, without secrets.")
class EventRequest:
    """The HTTP request that an app was answering."""

    method: str | None = strawberry.field(description="`GET`, `POST` ...; null where not told.")
    url: str | None = strawberry.field(
        description="The address, without what follows the `?`; null where not told."
    )
    query: str | None = strawberry.field(description="What follows the `?`; null where there was nothing.")
    headers: list[EventTag] = strawberry.field(description="Its headers, in order; empty where not told.")
    cookies: list[EventTag] = strawberry.field(
        description="Its cookies: most of their values are left out as secret."
    )
    data: object = strawberry.field(
        description="Its body, as far as the app could read it; null where there was none.",
        graphql_type=JSON | None,
    )
    environment: object = strawberry.field(
        description="What the server says about it, an object from name to value; null where it says nothing.",
        graphql_type=JSON | None,
    )

    @classmethod
    def of(cls, event: ShownEvent) -> Self | None:
        """The request that the event tells of; None: of none."""
        told = event.details.request
        if told is None:
            return None
        return cls(
            method=told.method,
            url=told.url,
            query=told.query,
            headers=[EventTag(key=key, value=value) for key, value in told.headers],
            cookies=[EventTag(key=key, value=value) for key, value in told.cookies],
            data=told.data,
            environment=told.environment or None,
        )


@strawberry.type(
    description="Something that an app did before an event: a request, a click, a line of its log."
)
class Breadcrumb:
    """Something that an app did before an event."""

    at: datetime | None = strawberry.field(
        description="When, by the app's clock; null where that cannot be read."
    )
    type: str | None = strawberry.field(
        description="How to show it, like `http`, `navigation` or `default`; null where it does not say."
    )
    category: str | None = strawberry.field(
        description="What it was, in the app's words, like `requests` or `ui.click`; null where it does not say."
    )
    level: EventLevel | None = strawberry.field(description="How serious; null where it does not say.")
    message: str | None = strawberry.field(
        description="What happened, without secrets; null where all is in `data`."
    )
    data: object = strawberry.field(
        description="The rest, an object from name to value, without secrets; null where there is none.",
        graphql_type=JSON | None,
    )

    @classmethod
    def all_of(cls, event: ShownEvent) -> list[Self]:
        """Those that the event brings along."""
        return [
            cls(
                at=told.at,
                type=told.type,
                category=told.category,
                level=None if told.level is None else EventLevel[told.level.name],
                message=told.message,
                data=told.data or None,
            )
            for told in event.details.breadcrumbs
        ]


@strawberry.type(description="What a user of an app wrote about an error.")
class UserFeedback:
    """What a user of an app wrote about an error."""

    name: str | None = strawberry.field(description="Who wrote it; null where they did not say.")
    email: str | None = strawberry.field(
        description="How to reach them; null where they did not say, or it was left out as personal."
    )
    message: str = strawberry.field(description="What they wrote, as plain text; may have many lines.")
    created_at: datetime = strawberry.field(description="When Snaglist got it.")

    @classmethod
    def of(cls, row: reading_feedback.Feedback) -> Self:
        """What is shown of a row."""
        return cls(name=row.name, email=row.email, message=row.message, created_at=row.created_at)


@strawberry.type(description="A value of a tag, and how often it was there.")
class TagValue:
    """A value of a tag; a row is shown as it is."""

    value: str = strawberry.field(description="The value.")
    count: int = strawberry.field(description="How many events carried it.", graphql_type=BigInt)


@strawberry.type(description="A tag that events of an error carried.")
class TagSummary:
    """A tag that events of an error carried; a row is shown as it is."""

    key: str = strawberry.field(description="Its name.")
    values: list[reading_tags.TagValue] = strawberry.field(
        description="The 10 most frequent of its values, the most frequent first. Of very many different ones only the"
        " first 2,000 are counted.",
        graphql_type=list[TagValue],
    )


def _text(told: Mapping[str, Any], name: str) -> str | None:
    """What stands there, if it is short and simple."""
    found = told.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    return str(found) or None
