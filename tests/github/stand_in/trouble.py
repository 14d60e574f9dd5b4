"""Faults as they happen on the wire: connections that are cut, answers that are wrong, late, or never come.

Comes in: a fault, the request, and the function that carries it out. Goes out: what is sent, if anything is.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web

from tests.github.stand_in.answers import Answer, page_of_html, refused
from tests.github.stand_in.faults import Fault, FaultKind
from tests.github.stand_in.gate import over_limit
from tests.github.stand_in.limits import Blocked
from tests.github.stand_in.records import Seen
from tests.github.stand_in.world import World

USUAL_SECONDS: Final = 1.0
"""Of a slow answer and of a late commit where nothing else was told."""
_PAGES: Final = {
    FaultKind.ERROR_500: (500, "Unicorn!"),
    FaultKind.BAD_GATEWAY_502: (502, "502 Bad Gateway"),
    FaultKind.TIMEOUT_522: (522, "522: Connection timed out"),
}
_LIMITS: Final = (FaultKind.SECONDARY_403, FaultKind.SECONDARY_429, FaultKind.PRIMARY_403)


class Trouble:
    """What goes wrong at one server; `end` lets go of everything that hangs and waits for what is late no more."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.closing = asyncio.Event()
        self.late: set[asyncio.Task[None]] = set()

    async def meet(
        self, fault: Fault, request: web.Request, seen: Seen, carry_out: Callable[[], Answer]
    ) -> Answer | None:
        """The answer in place of the right one; None where the connection has been cut."""
        if fault.kind in _PAGES:
            return page_of_html(*_PAGES[fault.kind])
        if fault.kind in _LIMITS:
            return self._limited(fault, seen)
        if fault.kind is FaultKind.LATE_COMMIT:
            self._carry_out_later(fault.seconds, carry_out)
        if fault.kind in (FaultKind.HANG, FaultKind.LATE_COMMIT):
            await self._hang(request, None if fault.kind is FaultKind.LATE_COMMIT else fault.seconds)
            return None
        if fault.kind is FaultKind.DROPPED_BEFORE:
            cut(request)
            return None
        return await self._meet_after(fault, request, carry_out())

    async def _meet_after(self, fault: Fault, request: web.Request, right: Answer) -> Answer | None:
        if fault.kind is FaultKind.DROPPED_AFTER:
            cut(request)
            return None
        if fault.kind is FaultKind.BAD_GATEWAY_AFTER:
            return page_of_html(*_PAGES[FaultKind.BAD_GATEWAY_502])
        if fault.kind is FaultKind.HANG_AFTER:
            await self._hang(request, fault.seconds)
            return None
        if fault.kind is FaultKind.TRUNCATED_AFTER:
            right.body = right.body[: len(right.body) // 2]
        if fault.kind is FaultKind.CUT_AFTER:
            await _send_half(request, right)
            return None
        if fault.kind is FaultKind.SLOW:
            await self._wait(USUAL_SECONDS if fault.seconds is None else fault.seconds)
        return right

    def _limited(self, fault: Fault, seen: Seen) -> Answer:
        limits = self.world.limits
        if fault.kind is FaultKind.PRIMARY_403:
            return refused(over_limit(limits.use_up(seen), 403))
        status = 429 if fault.kind is FaultKind.SECONDARY_429 else 403
        if fault.retry_after is None:
            return refused(over_limit(Blocked(False, seen.at, 0), status, is_told=False))
        return refused(over_limit(limits.block(seen.who, seen.at, fault.retry_after), status))

    def _carry_out_later(self, seconds: float | None, carry_out: Callable[[], Answer]) -> None:
        async def later() -> None:
            await self._wait(USUAL_SECONDS if seconds is None else seconds)
            carry_out()

        task = asyncio.create_task(later())
        self.late.add(task)
        task.add_done_callback(self.late.discard)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return

    async def _hang(self, request: web.Request, seconds: float | None) -> None:
        loop = asyncio.get_running_loop()
        end = None if seconds is None else loop.time() + seconds
        while not self.closing.is_set() and request.transport is not None:
            if end is not None and loop.time() >= end:
                break
            await self._wait(0.05)
        cut(request)

    async def end(self) -> None:
        """Let go."""
        self.closing.set()
        await asyncio.gather(*self.late)


def cut(request: web.Request) -> None:
    """Cut the connection without a word."""
    if request.transport is not None:
        request.transport.abort()


async def _send_half(request: web.Request, right: Answer) -> None:
    response = web.StreamResponse(status=right.status, headers=right.headers)
    response.content_length = len(right.body)
    await response.prepare(request)
    await response.write(right.body[: len(right.body) // 2])
    await asyncio.sleep(0)
    if request.transport is not None:
        request.transport.close()
