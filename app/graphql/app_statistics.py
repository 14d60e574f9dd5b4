"""What became of what an app sent, in numbers.

Comes in: rows of `app.reading`. Goes out: sums, and the hours or days that they are the sums of.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import strawberry

from app.domain.events.event import Outcome
from app.graphql.context import Info
from app.graphql.loading import load
from app.graphql.scalars import BigInt
from app.reading import app_statistics as reading

DAYS: Final = 7
"""Where nobody says how many."""


@strawberry.type(description="How often each outcome came about.")
class AppCounts:
    """How often each outcome came about; the words of `events.Outcome`."""

    accepted: int = strawberry.field(description="Events that were taken.", graphql_type=BigInt)
    duplicate: int = strawberry.field(
        description="Events that were taken before, as their ids say, and count once.", graphql_type=BigInt
    )
    rejected: int = strawberry.field(
        description="Events that cannot be read, or that a limit forbids; the answer to the app said why.",
        graphql_type=BigInt,
    )
    over_quota: int = strawberry.field(
        description="Events that were refused since more came in a minute than `quotaPerMinute` of the app or of its"
        " project allows.",
        graphql_type=BigInt,
    )
    overload: int = strawberry.field(
        description="Events that were refused for the moment, as more came at once than could be stored.",
        graphql_type=BigInt,
    )
    not_kept: int = strawberry.field(
        description="What Sentry's SDKs send besides events, as sessions and transactions: taken, and not kept.",
        graphql_type=BigInt,
    )
    recorded: int = strawberry.field(
        description="Errors that were counted in their group.", graphql_type=BigInt
    )
    ignored: int = strawberry.field(
        description="Errors that one of the app's `ignoreRules` leaves out.", graphql_type=BigInt
    )
    thinned: int = strawberry.field(
        description="Errors that were counted, and not stored as an occurrence of their own: by the app's `sampleRate`, or"
        " in a storm of the same error.",
        graphql_type=BigInt,
    )
    set_aside: int = strawberry.field(
        description="Events that could not be recorded: see `ingestProblems`.", graphql_type=BigInt
    )
    expired: int = strawberry.field(
        description="Of these, the ones that nobody mended while they were kept, and that are given up.",
        graphql_type=BigInt,
    )


@strawberry.type(description="How often each outcome came about from a time on, for an hour or a day.")
class AppStatisticsBucket(AppCounts):
    """An hour or a day."""

    starts_at: datetime = strawberry.field(description="When it begins: a full hour, or midnight UTC.")


@strawberry.type(
    description="What became of what an app sent, over some days: sums, and what they are made of."
)
class AppStatistics(AppCounts):
    """What became of what an app sent."""

    buckets: list[AppStatisticsBucket] = strawberry.field(
        description="Every hour (up to 7 days) or every day of UTC (above), oldest first, the current one last."
    )


async def statistics(info: Info, app_id: UUID, days: int) -> AppStatistics:
    """The statistics of an app, read for all apps of a page at once. BadInput: 1 to 90 days."""
    read = partial(reading.statistics, info.context.organization_id, days=days, now=info.context.now)
    found = await load(info, ("app statistics", days), read, app_id) or []
    totals = {outcome: sum(one.counts.get(outcome, 0) for one in found) for outcome in Outcome}
    buckets = [AppStatisticsBucket(starts_at=one.starts_at, **_columns(one.counts)) for one in found]
    return AppStatistics(buckets=buckets, **_columns(totals))


def _columns(counts: Mapping[Outcome, int]) -> dict[str, int]:
    return {outcome.value: counts.get(outcome, 0) for outcome in Outcome}
