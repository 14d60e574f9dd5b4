"""Carrying out what is to be done on GitHub: one installation's outbox, in order, until nothing is due.

Comes in: the key of an installation; any number of workers may try at once, one of them works. Goes out: issues, comments,
labels on GitHub, each once; and rows that say what came of it. It may be cut off at any moment: the next one goes on.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from app.errors import ConfigurationError
from app.github.api.client import Github, github
from app.github.api.failures import GithubFailure, Limited, Unknown
from app.github.connecting.credentials import connection_of
from app.github.writing import heads
from app.github.writing.carry_out import carry_out
from app.github.writing.heads import Head
from app.github.writing.installations import Lease
from app.github.writing.judging import OF_REPOSITORY, judge
from app.github.writing.tempo import USUAL, Tempo
from app.github.writing.turns import LeaseLost, Turn
from app.tables.absence import why_away

logger = logging.getLogger(__name__)

MOST_UNKNOWN: Final = 3
"""Writes in a row of which nobody knows what became of them, after which GitHub is taken to be away."""


@dataclass(slots=True)
class _Work:
    """What a run has at hand: a client for each project and its credentials, opened when it is first needed.

    `names`: what the repositories were called when something was written there.
    """

    lease: Lease
    clock: Callable[[], datetime]
    tempo: Tempo
    open: AsyncExitStack
    clients: dict[tuple[UUID, str], Github] = field(default_factory=dict)
    names: set[tuple[UUID, str]] = field(default_factory=set)
    unknown: int = 0

    async def connected(self, head: Head) -> Github:
        """Raises ConfigurationError or ValueError: the credentials cannot be read; LeaseLost: it was disconnected."""
        place = head.project_id, head.credentials_hash
        if place not in self.clients:
            connection = await connection_of(head.project_id)
            if connection is None:
                raise LeaseLost
            self.clients[place] = await self.open.enter_async_context(
                github(
                    connection.base_url, connection.credentials, timeout=self.tempo.timeout.total_seconds()
                )
            )
        return self.clients[place]


async def sync(
    key: str,
    *,
    clock: Callable[[], datetime],
    goes_on: Callable[[], bool],
    tempo: Tempo = USUAL,
) -> int:
    """Carry out what is due for the installation, while `goes_on`; how many writes were looked after.

    0 where another one does so at this moment, or GitHub wants no more for now.
    """
    lease = Lease(key, tempo)
    if not await lease.take(clock()):
        return 0
    count = 0
    try:
        async with AsyncExitStack() as opened:
            work = _Work(lease, clock, tempo, opened)
            while goes_on() and (head := await heads.next_head(key, clock())):
                count += 1
                if not await _looked_after(head, work):
                    break
    finally:
        await lease.release()
    return count


async def _looked_after(head: Head, work: _Work) -> bool:
    """Carry out one head, and write down what came of it; whether there may be a next one in this turn."""
    try:
        client = await work.connected(head)
    except LeaseLost:
        return True  # there is no such head any more
    except (ConfigurationError, ValueError) as wrong:
        logger.error("credentials for GitHub cannot be read", extra={"project_id": str(head.project_id)})
        await heads.repository_failed(
            head, f"the credentials cannot be read: {wrong}", work.clock(), work.tempo
        )
        return True
    turn = Turn(work.lease, client, work.clock, work.tempo)
    try:
        if await carry_out(head, turn):
            await heads.repository_works(head)
            work.unknown = 0
    except LeaseLost:
        logger.warning("another worker has taken over", extra={"group_id": str(head.group_id)})
        return False
    except GithubFailure as failure:
        return await _failed(head, failure, turn, work)
    except asyncio.CancelledError:
        await heads.given_up(head, work.clock())
        raise
    except Exception as error:
        if why_away(error):
            raise
        # Not a failure that anybody foresaw; but no reason for the other issues to wait behind this one.
        logger.exception("a write for GitHub went wrong", extra={"group_id": str(head.group_id)})
        why = f"{type(error).__name__}, see the log"
        await heads.failed(head, why, work.clock(), work.tempo, is_unknown=True)
    return True


async def _failed(head: Head, failure: GithubFailure, turn: Turn, work: _Work) -> bool:
    told = {"group_id": str(head.group_id), "kind": head.kind, "reason": failure.message}
    logger.warning("a write on GitHub failed", extra=told)
    if isinstance(failure, OF_REPOSITORY):
        try:
            await judge(head, failure, turn, work.names)
        except GithubFailure as away:
            return await _failed_alone(head, away, work)
        return True
    return await _failed_alone(head, failure, work)


async def _failed_alone(head: Head, failure: GithubFailure, work: _Work) -> bool:
    """A limit, or a failure of this one write; whether to go on."""
    now = work.clock()
    if isinstance(failure, Limited):
        await heads.refused_for_now(head)
        until = await work.lease.block(failure.until, now)
        logger.info("GitHub wants no more for now", extra={"until": until.isoformat()})
        return False
    is_unknown = isinstance(failure, Unknown)
    await heads.failed(head, failure.message, now, work.tempo, is_unknown=is_unknown)
    work.unknown = work.unknown + 1 if is_unknown else 0
    if work.unknown < MOST_UNKNOWN:
        return True
    await work.lease.block(None, now)
    return False
