"""Which events become occurrences of their own: all are counted, and of a storm not all are stored.

Comes in: the events of a batch, in order. Goes out: whether each is stored. A session has one occurrence of a group, an
event without a session one of its own. The first of a group is stored whatever its app samples, as its texts are the
group's. Beyond that a group may store `BURST` at once and one in `EVERY` in the long run: an allowance that fills up
again, kept as one time (GCRA, the generic cell rate algorithm of ITU-T I.371), by receipt, as the clocks of apps vary.
"""

from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.recording.grouping import Group
from app.recording.sightings import Reported

BURST: Final = 1000
"""Occurrences that a group may store at once."""
EVERY: Final = timedelta(seconds=30)
"""Time for which one more may be stored."""


class Thinning:
    """The allowances of the groups of a batch. `fresh`: the sessions that are new to their group."""

    def __init__(self, groups: Mapping[UUID, Group], fresh: Set[tuple[UUID, str]], now: datetime) -> None:
        self._now = now
        self._fresh = set(fresh)
        self._until = {group_id: max(group.thinned_until or now, now) for group_id, group in groups.items()}
        self._known = {group_id for group_id, group in groups.items() if group.last_stored_at is not None}

    def is_stored(self, group_id: UUID, reported: Reported) -> bool:
        """Whether the next event of the group is stored; each is asked about once, in order."""
        if reported.session_id is not None:
            seen = (group_id, reported.session_id)
            if seen not in self._fresh:
                return False
            self._fresh.discard(seen)
        if group_id in self._known and not (reported.is_sampled and self._has_room(group_id)):
            return False
        self._known.add(group_id)
        self._until[group_id] += EVERY
        return True

    def until(self, group_id: UUID) -> datetime:
        """Until when what was stored uses up the group's allowance, by receipt."""
        return self._until[group_id]

    def _has_room(self, group_id: UUID) -> bool:
        return self._until[group_id] - self._now <= EVERY * (BURST - 1)
