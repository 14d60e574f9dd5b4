"""The entrance of subscriptions, whichever way they come.

Comes in: a request and its caller. Goes out: a mailbox that is filled while the caller listens, or why there is none.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Final
from uuid import UUID

from strawberry.schema import BaseSchema

from app.accounts.roles import Caller
from app.errors import RateLimited, Unavailable
from app.graphql import masking
from app.graphql.context import Context
from app.graphql.live.checks import Checks
from app.graphql.live.mailboxes import Mailbox
from app.graphql.live.shares import Shares
from app.graphql.live.starting import NotLetIn, let_in
from app.graphql.persisted import Persisted
from app.graphql.requests import Asked
from app.live.watching import Hub

MOST: Final = 20_000
"""Subscriptions that run on one server."""
MOST_OF_ORGANIZATION: Final = 15_000
MOST_OF_TOKEN: Final = 5_000
"""Of these, so that nobody takes all."""


class Entrance:
    """Of one server. `context` makes a context for a caller, as of now."""

    def __init__(
        self,
        schema: BaseSchema,
        persisted: Persisted,
        hub: Hub,
        context: Callable[[Caller | None], Context],
    ) -> None:
        self._schema = schema
        self._persisted = persisted
        self._context = context
        self.shares = Shares(schema, hub, context)
        self.checks = Checks()
        self._counts: Counter[UUID | None] = Counter()

    @asynccontextmanager
    async def subscribed(
        self, caller: Caller | None, asked: Asked, wake: Callable[[], None]
    ) -> AsyncIterator[Mailbox]:
        """Subscribe, until the block ends; `wake` is called when the mailbox has something. Raises NotLetIn."""
        async with AsyncExitStack() as stack:
            try:
                stack.enter_context(self._place(caller))
                document = await self._persisted.text(asked, caller)
                operation = await let_in(self._schema, document, asked, self._context(caller))
                await self._persisted.remember(asked, caller)
                mailbox = await stack.enter_async_context(self.shares.joined(operation, wake))
            except NotLetIn:
                raise
            except Exception as failure:  # noqa: BLE001  masked, and logged where nobody expected it
                raise NotLetIn([masking.of_exception(failure)]) from None
            yield mailbox

    @contextmanager
    def _place(self, caller: Caller | None) -> Iterator[None]:
        if self._counts[None] >= MOST:
            raise Unavailable("this server has too many subscriptions: come later")
        places: list[UUID | None] = [None]
        if caller is not None:
            bounds = {caller.organization_id: MOST_OF_ORGANIZATION, caller.token_id: MOST_OF_TOKEN}
            for place, most in bounds.items():
                if self._counts[place] >= most:
                    raise RateLimited(f"{most} subscriptions of yours run already: end some of them")
            places += bounds
        self._counts.update(places)
        try:
            yield
        finally:
            self._counts -= Counter(places)
