"""Telling what was committed: to those who watch, and to the workers that carry out what follows.

Comes in: changes whose transaction has been committed. Goes out: messages and a wish for the job of reactions. Where
Redis is away the caller goes on: each change has its row in `outbox`, and the sweep finds it there.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from app.errors import Unavailable
from app.live.bus import Message, publish
from app.live.queue import Queue, wake
from app.tables.database import DB
from app.timeline import Change

logger = logging.getLogger(__name__)

REACT: Final = "react"
LONGEST: Final = 2.0
"""Seconds that a Redis that hangs may cost the caller."""


async def announce(changes: Sequence[Change]) -> None:
    """Tell what was committed. Raises only RuntimeError: it was called inside of a transaction."""
    if not changes:
        return
    if DB.current_transaction.get():
        raise RuntimeError("what is not committed must not be announced")
    messages = [
        Message(change.entry.organization_id, change.entry.move.kind, change.entry.move.group_id, change.id)
        for change in changes
    ]
    try:
        async with asyncio.timeout(LONGEST):
            await publish(messages)
            await wake(REACT, Queue.QUICK)
    except (Unavailable, TimeoutError) as away:
        logger.warning("changes were not announced", extra={"count": len(changes), "reason": str(away)})
