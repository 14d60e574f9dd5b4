"""Waiting for the database no longer than one can. Comes in: a question, and seconds. Goes out: what it answers.

`asyncio.timeout` does not do for that: where the server hangs, as on a machine that is frozen or a network that swallows
everything, asyncpg takes another minute to give up a statement that was cancelled, and who waits for it waits on.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def within(seconds: float, question: Coroutine[Any, Any, T]) -> T:
    """What the question answers, or what it raises; it is asked in a task of its own, and ends with the caller.

    TimeoutError: it took longer. Then it is given up, and its connection goes back to the pool when it can; so it is never
    to be asked in a transaction of the caller's, whose connection it would keep.
    """
    asking = asyncio.ensure_future(question)
    try:
        await asyncio.wait([asking], timeout=seconds)
        if not asking.done():
            raise TimeoutError
        return asking.result()
    finally:
        asking.cancel()  # which changes nothing where it is done: its caller may end in the same moment
        asking.add_done_callback(_let_go)


def _let_go(asking: asyncio.Future[Any]) -> None:
    """What it raises in the end is for nobody to hear."""
    if not asking.cancelled():
        asking.exception()
