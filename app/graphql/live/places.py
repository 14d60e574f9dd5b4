"""How many connections a server has, and who may have one more.

Comes in: a connection of somebody. Goes out: its place while it lasts, or Closed.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, IPv6Network, ip_address
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
MOST_OF_ADDRESS: Final = 100
"""Of these from one address: an office behind one may come again at once, and no stranger keeps the others out."""
_PREFIX: Final = 64  # of IPv6: all addresses in it are one client's


class Places:
    """Those of one server."""

    def __init__(self) -> None:
        self._unknown: Counter[str] = Counter()
        self._known: Counter[UUID] = Counter()

    @contextmanager
    def of_somebody(self, address: str) -> Iterator[None]:
        """For who has not said who it is, at this address; empty: nobody knows it. Closed: there are too many."""
        place = _network(address)
        of_place = self._unknown[place] if place else 0
        if of_place >= MOST_OF_ADDRESS or self._unknown.total() >= MOST_UNKNOWN:
            raise Closed(TRY_AGAIN, "too many connections begin at this moment")
        self._unknown[place] += 1
        try:
            yield
        finally:
            self._unknown -= Counter([place])

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


def _network(address: str) -> str:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(IPv6Network((found, _PREFIX), strict=False))
    return address
