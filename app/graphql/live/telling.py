"""What of the news a subscription is told.

Comes in: news of its organization, and what it wants. Goes out: updates, which are executed for its subscribers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.lifecycle import MoveKind
from app.graphql.live.updates import ErrorUpdate, OccurrenceUpdate, Update
from app.graphql.live.wanted import Feed, Wanted
from app.live.watching import News, Touched
from app.reading.filters import EVERYTHING
from app.reading.occurrences import occurrences_by_id
from app.reading.watched import Happened, watched

MOST: Final = 100
"""Updates of one piece of news; where there would be more, fetching everything anew is less work for everybody."""


async def check(organization_id: UUID, wanted: Wanted, *, now: datetime) -> None:
    """Make sure that the filter makes sense. BadInput: it does not."""
    if wanted.filter is not None:
        await watched(organization_id, wanted.filter, {}, now=now)


async def updates(
    organization_id: UUID, wanted: Wanted, news: News, since: str, *, now: datetime
) -> list[Update]:
    """The updates that the news is worth, perhaps none; a fixed number of statements.

    `since`: the cursor of the news before. All but the last update have that one, so that who gets only some of them
    and comes again is told all of them again.
    """
    if news.refetch:
        return [refetch(wanted, news.cursor)]
    touched = _asked_for(wanted, news.touched)
    if not touched:
        return []
    told = [touched[group_id] for group_id in await _matching(organization_id, wanted, touched, now)]
    if wanted.feed is Feed.OCCURRED:
        found = await _occurrences(organization_id, told, since)
    elif any(len(each.change_ids) > MOST for each in told):
        found = None
    else:
        found = [ErrorUpdate.about(since, each.group_id, each.change_ids) for each in told]
    if found is None or len(found) > MOST:
        return [refetch(wanted, news.cursor)]
    if found:
        found[-1].cursor = news.cursor
    return found


def only_cursor(wanted: Wanted, cursor: str) -> Update:
    """An update that tells where one is."""
    return OccurrenceUpdate(cursor=cursor) if wanted.feed is Feed.OCCURRED else ErrorUpdate(cursor=cursor)


def refetch(wanted: Wanted, cursor: str) -> Update:
    """An update that tells that everything is to be fetched anew."""
    update = only_cursor(wanted, cursor)
    update.refetch = True
    return update


def _asked_for(wanted: Wanted, touched: Mapping[UUID, Touched]) -> dict[UUID, Touched]:
    if wanted.error_id is not None:
        touched = {wanted.error_id: touched[wanted.error_id]} if wanted.error_id in touched else {}
    return {group_id: each for group_id, each in touched.items() if _is_of(wanted.feed, each)}


def _is_of(feed: Feed, touched: Touched) -> bool:
    match feed:
        case Feed.OPENED:
            return MoveKind.OPENED in touched.kinds
        case Feed.OCCURRED:
            return bool(touched.occurrence_ids)
    return True


async def _matching(
    organization_id: UUID, wanted: Wanted, touched: Mapping[UUID, Touched], now: datetime
) -> list[UUID]:
    """Those of the groups that the filter is about, in their order."""
    if wanted.filter is None and wanted.error_id is not None:
        return list(touched)
    happened = {each.group_id: Happened(each.kinds, each.statuses_before) for each in touched.values()}
    found = await watched(organization_id, wanted.filter or EVERYTHING, happened, now=now)
    told = found.matching | found.left if wanted.feed is Feed.CHANGED else found.matching
    return [group_id for group_id in touched if group_id in told]


async def _occurrences(organization_id: UUID, touched: list[Touched], since: str) -> list[Update] | None:
    """The occurrences in the order in which they were stored; None: too many, or not all are known."""
    occurrence_ids = sorted(number for each in touched for number in each.occurrence_ids)
    if len(occurrence_ids) > MOST or any(each.more for each in touched):
        return None
    rows = await occurrences_by_id(organization_id, occurrence_ids)
    return [OccurrenceUpdate(cursor=since, row=rows[number]) for number in occurrence_ids if number in rows]
