"""Which groups of a batch get new texts and a new score: those of logs always, those of events four times a minute.

Texts and scores cost more than counts, and of a storm nobody reads them faster. What is not refreshed keeps the texts of an
occurrence that is some seconds older; its score is brought up to date by the job that settles priorities.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.lifecycle import Source
from app.recording.grouping import Group

EVERY: Final = timedelta(seconds=15)


def due(groups: Mapping[UUID, Group], now: datetime) -> set[UUID]:
    """The groups whose texts and score are to be refreshed; also where a clock was ahead."""
    return {
        group_id
        for group_id, group in groups.items()
        if group.state.source is Source.LOG
        or group.refreshed_at is None
        or not timedelta(0) <= now - group.refreshed_at < EVERY
    }
