"""Shares: subscribers that want the same are told by one execution of it.

Comes in: operations that were let in. Goes out: a mailbox for each subscriber, filled as long as it listens.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from strawberry.schema import BaseSchema

from app.accounts.roles import Caller
from app.errors import RateLimited
from app.graphql.context import Context
from app.graphql.limits.costs import MAXIMUM
from app.graphql.live.mailboxes import Mailbox
from app.graphql.live.share import Means, Share
from app.graphql.live.starting import Operation
from app.live.watching import Hub

AT_ONCE: Final = 4
"""Shares of one server that ask the database at the same moment; its pool has ten connections."""
MOST: Final = 500
"""Shares of an organization on one server."""
MOST_POINTS: Final = 10 * MAXIMUM
"""What one update of each of these may cost together: 200 points for each, many times what a list of errors asks for."""


class Shares:
    """All of one server."""

    def __init__(self, schema: BaseSchema, hub: Hub, context: Callable[[Caller], Context]) -> None:
        self._means = Means(schema, hub, context, asyncio.Semaphore(AT_ONCE))
        self._shares: dict[Hashable, Share] = {}
        self._counts: Counter[UUID] = Counter()
        self._points: Counter[UUID] = Counter()

    def __len__(self) -> int:
        return len(self._shares)

    @asynccontextmanager
    async def joined(self, operation: Operation, wake: Callable[[], None]) -> AsyncIterator[Mailbox]:
        """Subscribe, until the block ends; `wake` is called when the mailbox has something.

        RateLimited: the organization listens to too many different things. Unavailable: the server is ending.
        """
        share = self._shares.get(operation.key) or self._made(operation)
        mailbox = share.admit(wake)
        try:
            if not mailbox.open(await share.first(operation.begun.after)):
                mailbox.open(await share.missed())
            yield mailbox
        finally:
            share.leave(mailbox)

    def _made(self, operation: Operation) -> Share:
        organization_id = operation.caller.organization_id
        if self._counts[organization_id] >= MOST:
            raise RateLimited(f"{MOST} different subscriptions run in your organization: end some of them")
        if self._points[organization_id] + operation.cost > MOST_POINTS:
            raise RateLimited(
                f"the subscriptions that run in your organization would cost more than {MOST_POINTS} points for each"
                " update: end some of them, or ask for less"
            )
        share = Share(operation, self._means, lambda: self._forget(operation.key, share))
        self._shares[operation.key] = share
        self._counts[organization_id] += 1
        self._points[organization_id] += operation.cost
        return share

    def _forget(self, key: Hashable, share: Share) -> None:
        if self._shares.get(key) is share:
            del self._shares[key]
            self._counts -= Counter([share.organization_id])
            self._points -= Counter({share.organization_id: share.cost})
