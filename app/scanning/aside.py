"""Reading aside: in a thread of its own, which can be left behind when a host never answers.

Comes in: a function that may wait for long. Goes out: what it returns or raises, unless its time is up. A pool of
threads would not do: hosts that hang would take all of its places, and the process could not end while one of them is.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from typing import Any, Final, TypeVar

from app.errors import SourceUnreadable

_T = TypeVar("_T")

_stuck: Final[dict[Hashable, threading.Thread]] = {}
"""What did not answer in its time, and the thread that still waits for it: one for each, however often it is tried."""


async def aside(
    work: Callable[[], _T],
    key: Hashable,
    *,
    limit: float,
    every: float,
    goes_on: Callable[[], Awaitable[bool]],
) -> _T | None:
    """What `work` comes to; None: `goes_on`, which is asked every so many seconds, said no.

    `key` says what is waited for. SourceUnreadable: it took more than `limit` seconds, or an earlier work on the same
    thing, which did, still has not come to an end. Otherwise what the work raises.
    """
    if (earlier := _stuck.pop(key, None)) and earlier.is_alive():
        _stuck[key] = earlier
        raise SourceUnreadable("the last attempt to read the log hangs and cannot be ended")
    done, thread = _started(work)
    clock = asyncio.get_running_loop().time
    deadline = clock() + limit
    try:
        while not (await asyncio.wait([done], timeout=min(every, deadline - clock())))[0]:
            if clock() >= deadline:
                _stuck[key] = thread
                raise SourceUnreadable(f"the log could not be read within {limit:g} seconds")
            if not await goes_on():
                return None
        return done.result()
    finally:
        done.cancel()


def _started(work: Callable[[], _T]) -> tuple["asyncio.Future[_T]", threading.Thread]:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def run() -> None:
        try:
            tell(done.set_result, work())
        except BaseException as error:  # noqa: BLE001  told to whoever waits
            tell(done.set_exception, error)

    def tell(what: Callable[[Any], None], value: Any) -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(lambda: None if done.done() else what(value))

    thread = threading.Thread(target=run, name="reading", daemon=True)
    thread.start()
    return done, thread
