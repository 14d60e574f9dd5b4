"""The entrance of subscriptions, whichever way they come.

Comes in: a request and its caller. Goes out: a mailbox that is filled while the caller listens, or why there is none.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from strawberry.schema import BaseSchema

from app.accounts.roles import Caller
from app.errors import Unavailable
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
        self._count = 0

    @asynccontextmanager
    async def subscribed(
        self, caller: Caller | None, asked: Asked, wake: Callable[[], None]
    ) -> AsyncIterator[Mailbox]:
        """Subscribe, until the block ends; `wake` is called when the mailbox has something. Raises NotLetIn."""
        async with AsyncExitStack() as stack:
            try:
                if self._count >= MOST:
                    raise Unavailable("this server has too many subscriptions: come later")
                self._count += 1
                stack.callback(self._leave)
                document = await self._persisted.text(asked, caller)
                operation = await let_in(self._schema, document, asked, self._context(caller))
                await self._persisted.remember(asked, caller)
                mailbox = await stack.enter_async_context(self.shares.joined(operation, wake))
            except NotLetIn:
                raise
            except Exception as failure:  # noqa: BLE001  masked, and logged where nobody expected it
                raise NotLetIn([masking.of_exception(failure)]) from None
            yield mailbox

    def _leave(self) -> None:
        self._count -= 1
