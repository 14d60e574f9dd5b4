"""One worker's turn at an installation: writes go out one by one, each when it may.

Comes in: a lease, and what to send. Goes out: what GitHub answered. LeaseLost: another worker writes now, we must not.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from app.github.api.client import Github
from app.github.api.failures import Unknown
from app.github.writing.heads import Head, put_off
from app.github.writing.installations import Lease
from app.github.writing.tempo import Tempo

T = TypeVar("T")


class LeaseLost(Exception):
    """It is no longer our turn: what we have begun, another one goes on with."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn, in one repository. `settled`: after which a write of which nobody knows is looked for."""

    lease: Lease
    github: Github
    clock: Callable[[], datetime]
    tempo: Tempo

    async def ready(self) -> None:
        """Wait until a write may go out. LeaseLost."""
        if wait := await self._wait():
            await asyncio.sleep(wait.total_seconds())
            await self._wait()

    async def _wait(self) -> timedelta:
        wait = await self.lease.renew()
        if wait is None:
            raise LeaseLost
        return wait

    async def send(self, write: Coroutine[Any, Any, T]) -> T:
        """Make the write, and have the next one wait its time.

        Raises GithubFailure as the client does; Unknown, too, where a token had to be fetched first and both took longer
        than one request may: a write must not go out when another worker may have looked for it. LeaseLost: nothing is sent.
        """
        was_taken = False
        try:
            await self._wait()
            try:
                async with asyncio.timeout(self.tempo.timeout.total_seconds()):
                    answer = await write
                was_taken = True
            except TimeoutError:
                raise Unknown("GitHub did not answer in time") from None
            finally:
                await self.lease.written(was_taken=was_taken)
        finally:
            write.close()  # where it was not our turn it was never begun
        return answer

    async def read(self, listed: AsyncIterator[T]) -> AsyncIterator[T]:
        """What a list has, while our turn goes on, however many pages that takes. LeaseLost."""
        renewed_at = monotonic()
        async for one in listed:
            if monotonic() - renewed_at > self.tempo.lease.total_seconds() / 4:
                await self._wait()
                renewed_at = monotonic()
            yield one

    async def has_settled(self, head: Head) -> bool:
        """Whether a look-up would find an earlier attempt by now; if not, the head is put off until then."""
        if head.tried_at is None or self.clock() >= head.tried_at + self.tempo.settled:
            return True
        await put_off(
            head, head.tried_at + self.tempo.settled, "GitHub's answer was lost: looking whether it was done"
        )
        return False
