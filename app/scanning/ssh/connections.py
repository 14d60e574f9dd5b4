"""The connections that this process has, on a thread and an event loop of their own, shared by all who run commands.

Comes in: targets, from any thread. Goes out: sessions, at most `SESSIONS` at once on each connection. A connection is
left open for a while when nobody uses it, and forgotten as soon as it is found dead; the next one who asks connects
anew.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, TypeVar

import asyncssh

from app.errors import SourceUnreadable
from app.scanning.ssh import failures
from app.scanning.ssh.host_key import HostKey
from app.scanning.ssh.line import Line
from app.scanning.ssh.opening import WAIT, open_connection, presented_key
from app.scanning.ssh.session import Session
from app.scanning.ssh.target import Target

IDLE: Final = 60.0
"""Seconds that a connection stays open without any use."""
QUEUE: Final = 60.0
"""Seconds to wait for one of the sessions of a connection."""

_END: Final = 2.0
_Result = TypeVar("_Result")

# On INFO it tells each command, and each step of each connection.
logging.getLogger("asyncssh").setLevel(logging.WARNING)


class Connections:
    """Connections to any number of targets. The times are in seconds; tests have less of it."""

    def __init__(self, *, idle: float = IDLE, queue: float = QUEUE, wait: float = WAIT) -> None:
        self._idle, self._queue, self._wait = idle, queue, wait
        self._lines: dict[Target, asyncio.Task[Line]] = {}
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @contextmanager
    def session(self, target: Target, command: str) -> Iterator[Session]:
        """Run a command, a line for the shell there; leaving ends it. Raises SourceUnreadable."""
        line, session = self._run(self._start(target, command))
        try:
            yield session
        finally:
            self._leave(line, session)

    def presented_key(self, target: Target) -> HostKey:
        """The host key of a target, pinned or not; its jump hosts must be known. Raises SourceUnreadable."""
        return self._run(self._presented_key(target))

    def targets(self) -> list[Target]:
        """Whom there is a connection to, or one being made."""
        return list(self._lines)

    def close(self, wait: float = _END) -> None:
        """Close all, which takes `wait` seconds at most; who still reads is told that the connection was lost.

        Used again, it begins anew.
        """
        with self._starting:
            loop, thread, self._loop = self._loop, self._thread, None
        if loop and thread:
            asyncio.run_coroutine_threadsafe(self._close(wait), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    # --- From other threads ----------------------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.SelectorEventLoop()  # whatever the rest of the process runs on
                self._thread = threading.Thread(target=self._loop.run_forever, name="ssh", daemon=True)
                self._thread.start()
            done = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return done.result()
        except CancelledError:
            raise SourceUnreadable("Snaglist is closing its connections") from None

    def _leave(self, line: Line, session: Session) -> None:
        with self._starting:
            if self._loop is not session.loop:
                return  # all was closed meanwhile
            done = asyncio.run_coroutine_threadsafe(self._end(line, session), session.loop)
        with contextlib.suppress(CancelledError):
            done.result()

    # --- On the thread of the connections --------------------------------------------------------------

    async def _start(self, target: Target, command: str) -> tuple[Line, Session]:
        while True:
            line, is_fresh = await self._line(target)
            try:
                return line, await line.start(command, self._queue, self._wait)
            except (asyncssh.Error, OSError) as refused:
                line.release()
                self._start_failed(line, is_fresh, refused)
            except BaseException:
                line.release()
                raise

    def _start_failed(self, line: Line, is_fresh: bool, error: Exception) -> None:
        """Raise SourceUnreadable, unless the connection was an old one that proves to be dead now."""
        if isinstance(error, asyncssh.ChannelOpenError) and not line.is_lost:
            raise failures.no_session(line.target, error) from None
        self._forget(line)
        if is_fresh:
            raise failures.lost(line.target) from None

    async def _end(self, line: Line, session: Session) -> None:
        try:
            if not await line.end(session, _END):
                # The other side holds on to the session, for whatever reason: it would count against us there.
                self._forget(line)
        finally:
            line.release()

    async def _line(self, target: Target) -> tuple[Line, bool]:
        """The connection to a target, in use, and whether it was opened just now."""
        opening = self._lines.get(target)
        is_fresh = opening is None
        if opening is None:
            opening = self._lines[target] = asyncio.create_task(self._open(target))
            opening.add_done_callback(partial(self._opened, target))
        line = await asyncio.shield(opening)
        line.hold()
        return line, is_fresh

    def _opened(self, target: Target, opening: asyncio.Task[Line]) -> None:
        if _line_of(opening) is None and self._lines.get(target) is opening:
            del self._lines[target]

    async def _open(self, target: Target) -> Line:
        jump = await self._jump(target)
        line = Line(target, self._idle, self._forget, jump)
        try:
            line.connection = await open_connection(
                target, jump.connection if jump else None, line.lost, self._wait
            )
        except BaseException:
            line.lost()
            raise
        return line

    async def _jump(self, target: Target) -> Line | None:
        if target.jump is None:
            return None
        try:
            return (await self._line(target.jump))[0]
        except SourceUnreadable as refused:
            raise failures.behind_jump(refused) from refused

    async def _presented_key(self, target: Target) -> HostKey:
        jump = await self._jump(target)
        try:
            return await presented_key(target, jump.connection if jump else None, self._wait)
        finally:
            if jump:
                jump.release()

    def _forget(self, line: Line) -> None:
        """Have the next one who asks connect anew; the connection goes when nobody uses it any more."""
        opening = self._lines.get(line.target)
        if opening and _line_of(opening) is line:
            del self._lines[line.target]
        line.retire()

    async def _close(self, wait: float) -> None:
        for opening in list(self._lines.values()):
            opening.cancel()
            if line := _line_of(opening):
                line.close()
        self._lines.clear()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            # What is left of the connections says goodbye; what waits for anything else is told to stop.
            _, late = await asyncio.wait(others, timeout=wait)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def _line_of(opening: asyncio.Task[Line]) -> Line | None:
    """The connection, once it has been opened."""
    if not opening.done() or opening.cancelled() or opening.exception():
        return None
    return opening.result()


SHARED: Final = Connections()
"""Those of this process."""
