"""Which events become occurrences of their own: all are counted, and of a storm not all are stored.

Comes in: the events of a group in a batch, in order. Goes out: whether each is stored. A session has one occurrence of a
group, an event without a session one of its own. The first of a group is stored whatever its app samples, as its texts are
the group's. Beyond that a group may store `BURST` at once and one in `EVERY` in the long run: an allowance that fills up
again, kept as one time (GCRA, the generic cell rate algorithm of ITU-T I.371), by receipt, as the clocks of apps vary.
"""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Final

from app.recording.grouping import Group
from app.recording.sightings import Reported

BURST: Final = 1000
"""Occurrences that a group may store at once."""
EVERY: Final = timedelta(seconds=30)
"""Time for which one more may be stored."""


class Thinning:
    """The allowance of a group. `fresh`: the sessions that are new to it.

    `until`: until when what was stored uses the allowance up, by receipt; None where nothing was stored.
    """

    __slots__ = ("_fresh", "_is_known", "_latest", "_used_until", "until")

    def __init__(self, group: Group, fresh: Set[str], now: datetime) -> None:
        self.until: datetime | None = None
        self._used_until = max(group.thinned_until or now, now)
        self._latest = now + EVERY * (BURST - 1)
        self._fresh = set(fresh)
        self._is_known = group.last_stored_at is not None

    def is_stored(self, reported: Reported) -> bool:
        """Whether the next event of the group is stored; each is asked about once, in order."""
        session_id = reported.session_id
        if session_id is not None:
            if session_id not in self._fresh:
                return False
            self._fresh.discard(session_id)
        if self._is_known and not (reported.is_sampled and self._used_until <= self._latest):
            return False
        self._is_known = True
        self._used_until += EVERY
        self.until = self._used_until
        return True
