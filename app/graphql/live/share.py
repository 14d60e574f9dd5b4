"""One operation, executed for all its subscribers.

Comes in: news of its organization. Goes out: payloads in mailboxes, each executed and encoded once. Who comes with a
cursor is put among the others first, and then told by itself what it missed, so that nothing falls in between; some of
it may come twice.

Where subscribers take more slowly than news come, most of them are waited for: news are put together meanwhile, and each
group's is told once. What cannot be told at the moment, as the database is away, is told later.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Final

from strawberry.schema import BaseSchema

from app.accounts.roles import Caller
from app.errors import Unavailable
from app.graphql import masking
from app.graphql.context import Context
from app.graphql.encoding import ENCODER
from app.graphql.limits.costs import MAXIMUM
from app.graphql.live import telling
from app.graphql.live.mailboxes import Mailbox
from app.graphql.live.starting import Operation, executed
from app.graphql.live.updates import Update
from app.live.watching import Hub, News

_log = logging.getLogger(__name__)

PAUSE: Final = 0.5
"""Seconds after which what could not be told is tried again."""
QUIET: Final = 25.0
"""Seconds without an update after which a cursor is told."""
PATIENCE: Final = 1.0
"""Seconds for which slow subscribers are waited for; until they have taken all, not again."""
LAGGING: Final = 10
"""One subscriber in so many is not waited for."""


@dataclass(frozen=True, slots=True)
class Means:
    """What operations are executed with: `context` makes one for a caller, as of now; `turns` are for statements."""

    schema: BaseSchema
    hub: Hub
    context: Callable[[Caller], Context]
    turns: asyncio.Semaphore


class Share:
    """An operation and its subscribers; `forget` is called when it ends."""

    def __init__(self, operation: Operation, means: Means, forget: Callable[[], None]) -> None:
        self._operation = operation
        self._wanted = operation.begun.wanted
        self.organization_id = operation.caller.organization_id
        self.cost = operation.cost
        self._means = means
        self._forget = forget
        self._mailboxes: set[Mailbox] = set()
        self._behind: set[Mailbox] = set()
        self._slow: set[Mailbox] = set()
        self._taken = asyncio.Event()
        self._has_begun = asyncio.Event()
        self._cursor: str | None = None
        self._present: tuple[str, bytes] | None = None
        self._told_at = monotonic()
        self._task = asyncio.create_task(self._run())

    def admit(self, wake: Callable[[], None]) -> Mailbox:
        """A mailbox for one more subscriber: all from now on is put there."""
        mailbox = Mailbox(wake)
        self._mailboxes.add(mailbox)
        return mailbox

    def leave(self, mailbox: Mailbox) -> None:
        """One subscriber less; with the last one the share ends."""
        self._mailboxes.discard(mailbox)
        self._emptied(mailbox)
        if not self._mailboxes:
            self._forget()
            self._task.cancel()

    async def first(self, after: str | None) -> list[bytes]:
        """What a new subscriber is told first. Unavailable: the server is ending."""
        if after is None:
            await self._has_begun.wait()
            if self._cursor is None:
                raise Unavailable("this server is ending")
            return [await self._only_cursor(self._cursor)]
        async with self._means.hub.watch(self.organization_id, after) as watch:
            news = await watch.next()
        return await self._payloads(news, after) or [await self._only_cursor(news.cursor)]

    async def missed(self) -> list[bytes]:
        """What a subscriber is told who missed something. Unavailable: the server is ending."""
        await self._has_begun.wait()
        if self._cursor is None:
            raise Unavailable("this server is ending")
        return await self._executed([telling.refetch(self._wanted, self._cursor)])

    async def _run(self) -> None:
        try:
            async with self._means.hub.watch(self.organization_id, None) as watch:
                self._cursor = (await watch.next()).cursor
                self._has_begun.set()
                while True:
                    await self._tell(await watch.next(), self._cursor)
        except Unavailable:
            return  # the hub has ended
        except Exception:  # noqa: BLE001  subscribers come again, and learn what they missed
            _log.exception("a subscription cannot go on")
        finally:
            self._has_begun.set()
            self._forget()
            for mailbox in self._mailboxes:
                mailbox.end()

    async def _tell(self, news: News, since: str) -> None:
        payloads = await self._payloads(news, since)
        if not payloads and monotonic() - self._told_at >= QUIET:
            payloads = [await self._only_cursor(news.cursor)]
        # From here to the last mailbox nothing is waited for: who comes gets all of it, or has a later cursor.
        self._cursor = news.cursor
        if not payloads:
            return
        self._told_at = monotonic()
        if missed := [mailbox for mailbox in self._mailboxes if not mailbox.put(payloads, self._emptied)]:
            instead = await self._executed([telling.refetch(self._wanted, news.cursor)])
            for mailbox in missed:
                mailbox.put(instead, self._emptied)
        self._behind = {mailbox for mailbox in self._mailboxes - self._slow if mailbox.is_waiting}
        await self._most_have_taken()

    async def _most_have_taken(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while len(self._behind) > len(self._mailboxes) // LAGGING:
                    self._taken.clear()
                    await self._taken.wait()
        self._slow |= self._behind

    def _emptied(self, mailbox: Mailbox) -> None:
        self._behind.discard(mailbox)
        self._slow.discard(mailbox)
        if len(self._behind) <= len(self._mailboxes) // LAGGING:
            self._taken.set()

    async def _only_cursor(self, cursor: str) -> bytes:
        if self._present is None or self._present[0] != cursor:
            [payload] = await self._executed([telling.only_cursor(self._wanted, cursor)])
            self._present = (cursor, payload)
        return self._present[1]

    async def _payloads(self, news: News, since: str) -> list[bytes]:
        """What the news is worth, perhaps nothing; waits until the database is there."""
        while True:
            try:
                async with self._means.turns:
                    now = self._means.context(self._operation.caller).now
                    found = await telling.updates(self.organization_id, self._wanted, news, since, now=now)
                    if self.cost * len(found) > MAXIMUM:  # together they may cost what one operation may
                        found = [telling.refetch(self._wanted, news.cursor)]
                    return await self._executed(found)
            except Exception as failure:
                code = masking.of_exception(failure)["extensions"]["code"]
                if code != masking.UNAVAILABLE and news.refetch:
                    raise
                if code != masking.UNAVAILABLE:  # logged; at least nobody believes that nothing happened
                    news = News(news.cursor, refetch=True)
            await asyncio.sleep(PAUSE)

    async def _executed(self, updates: Sequence[Update]) -> list[bytes]:
        """The payloads of updates, executed together, so that what they show is read together. Raises Unavailable."""
        context = self._means.context(self._operation.caller)
        payloads = await asyncio.gather(
            *(executed(self._means.schema, self._operation, update, context) for update in updates)
        )
        return [ENCODER.encode(payload) for payload in payloads]
