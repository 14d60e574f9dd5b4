"""How many connections a server has, and who may have one more.

Comes in: a connection of somebody. Goes out: its place while it lasts, or Closed.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from app.accounts.roles import Caller
from app.graphql.live.messages import TRY_AGAIN, Closed

MOST: Final = 4_000
"""Connections of those who are known."""
MOST_OF_TOKEN: Final = 2_000
"""Of these with one token, so that nobody takes all."""
MOST_UNKNOWN: Final = 1_000
"""Connections of those who have not said yet who they are; strangers can take no more than these."""


class Places:
    """Those of one server."""

    def __init__(self) -> None:
        self._unknown = 0
        self._known: Counter[UUID] = Counter()

    @contextmanager
    def of_somebody(self) -> Iterator[None]:
        """For who has not said who it is. Closed: there are too many."""
        if self._unknown >= MOST_UNKNOWN:
            raise Closed(TRY_AGAIN, "too many connections begin at this moment")
        self._unknown += 1
        try:
            yield
        finally:
            self._unknown -= 1

    @contextmanager
    def of(self, caller: Caller) -> Iterator[None]:
        """For who has signed in. Closed: there are too many, or too many with this token."""
        if self._known[caller.token_id] >= MOST_OF_TOKEN or self._known.total() >= MOST:
            raise Closed(TRY_AGAIN, "there are too many connections")
        self._known[caller.token_id] += 1
        try:
            yield
        finally:
            self._known -= Counter([caller.token_id])
