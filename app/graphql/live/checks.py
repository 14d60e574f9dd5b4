"""Whether those who listen still may: all of them are looked up every two seconds, in one statement.

Comes in: a caller, and what is to be done when its rights end. Goes out: that it is done. While the database is away
nobody is looked up, and nobody is told anything either, as that is read there.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time
from typing import Final

from app.accounts import tokens
from app.accounts.roles import Caller, Permission, allowed
from app.errors import Forbidden, SnaglistError, Unauthenticated

EVERY: Final = 2.0
"""Seconds."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, slots=True)
class _Listener:
    caller: Caller
    end: Callable[[SnaglistError | None], None]


class Checks:
    """All who listen on one server."""

    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()
        self._rounds: asyncio.Task[None] | None = None

    @contextmanager
    def of(self, caller: Caller, end: Callable[[SnaglistError | None], None]) -> Iterator[None]:
        """Look after the caller while the block lasts.

        `end` is called, perhaps again, with Unauthenticated or Forbidden; with None where the caller may do other things
        than before, and has to come anew.
        """
        listener = _Listener(caller, end)
        self._listeners.add(listener)
        if self._rounds is None:
            self._rounds = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._rounds is not None:
                self._rounds.cancel()
                self._rounds = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self._look()
            except Exception as failure:  # noqa: BLE001  whatever it is, the next round comes
                _log.warning("callers could not be checked", extra={"reason": type(failure).__name__})

    async def _look(self) -> None:
        listeners = list(self._listeners)
        asked = {listener.caller.token_id for listener in listeners}
        found = await tokens.all_found_again(asked, now=datetime.fromtimestamp(time(), UTC))
        for listener in listeners:
            now = found.get(listener.caller.token_id)
            if now is None:
                listener.end(Unauthenticated(tokens.REFUSAL))
            elif not allowed(now, Permission.VIEW_ERRORS):
                listener.end(Forbidden(f"this needs the permission {Permission.VIEW_ERRORS}"))
            elif now != listener.caller:
                listener.end(None)
