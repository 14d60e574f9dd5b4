"""The supervisor's one loop: look after everything, wait until something happens, and at the end end it all.

Comes in   the settings and the environment        Goes out   the exit status
"""

import fcntl
import importlib
import logging
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from app.accounts.secret_key import load_or_make
from app.config import BAD_CONFIGURATION, Settings
from app.embedded import Embedded, EmbeddedError, Server, start
from app.launch.child import FORKS, Child, Pause
from app.launch.door import Knock, listen
from app.launch.signals import Signals, Stopped

_TICK: Final = 0.5
_TICK_AT_START: Final = 0.05
_TRIMMING: Final = 60.0
_CHILDREN_END: Final = 6.0  # seconds; with the servers' it stays below ten
_SERVERS_END: Final = 3.0
_SERVERS_END_HASTILY: Final = 2.0
_ABOVE_STANDARD: Final = 10  # no file descriptor that a child has a use of its own for

API: Final = "app.launch.api"
WORKER: Final = "workers.__main__"

_log = logging.getLogger(__name__)


def supervise(settings: Settings, environment: Mapping[str, str]) -> int:
    """Run everything until we are asked to end; 0 if that was it. Must be called in the main thread.

    ConfigurationError, EmbeddedError: why not; then nothing was left running.
    """
    with listen(settings.host, settings.port) as door:
        running = _Running()
        with Signals(running.ask) as signals:
            try:
                importing = _import_ahead([API, WORKER] if settings.workers else [API])
                with _servers(settings, signals) as embedded:
                    running.embedded = embedded
                    with signals.interrupting():
                        importing.join()
                    running.children = _children(
                        settings, _environment(settings, environment, embedded), door
                    )
                    return _look_after(settings, running, signals, door)
            except Stopped:
                return 0


def _import_ahead(modules: Sequence[str]) -> threading.Thread:
    """Import, while the servers start, what processes that are forked are to share."""

    def run() -> None:
        telling = sys.excepthook, threading.excepthook
        try:
            for module in modules if FORKS else ():
                importlib.import_module(module)
        finally:  # Strawberry's import puts its own there, which know no secrets
            sys.excepthook, threading.excepthook = telling

    importing = threading.Thread(target=run, name="imports", daemon=True)
    importing.start()
    return importing


class _Running:
    """What runs; `ask` can be called from a signal handler."""

    def __init__(self) -> None:
        self.embedded: Embedded | None = None
        self.children: list[Child] = []
        self.pauses: dict[str, Pause] = {}
        self.due: dict[str, float] = {}

    def ask(self) -> None:
        for child in self.children:
            child.ask()


@contextmanager
def _servers(settings: Settings, signals: Signals) -> Iterator[Embedded | None]:
    """The servers that the settings do not name; they end after whatever happens inside."""
    wanted = {"postgres": settings.database_url is None, "valkey": settings.redis_url is None}
    if not any(wanted.values()):
        yield None
        return
    with signals.interrupting():
        embedded = start(settings.data_dir, **wanted)
    try:
        embedded.place.note(settings.base_url)
        yield embedded
    finally:
        embedded.stop(_SERVERS_END if signals.asked < 2 else _SERVERS_END_HASTILY)


def _environment(
    settings: Settings, environment: Mapping[str, str], embedded: Embedded | None
) -> dict[str, str]:
    """What the processes find in their environment: ours, with the servers and the key."""
    added = {}
    if embedded and embedded.valkey:
        added["REDIS_URL"] = embedded.valkey.url
    if embedded and embedded.postgres:
        added["DATABASE_URL"] = embedded.postgres.url
        keys = settings.secret_keys or load_or_make(settings.data_dir)
        added["SNAGLIST_SECRET_KEY"] = ",".join(keys)
    return {**environment, **added}


def _children(settings: Settings, environment: Mapping[str, str], door: socket.socket) -> list[Child]:
    fd = fcntl.fcntl(door.fileno(), fcntl.F_DUPFD_CLOEXEC, _ABOVE_STANDARD)
    children = [Child("API", API, environment, (str(fd),), inherited=(fd,))]
    children += [Child(f"worker {n}", WORKER, environment) for n in range(1, settings.workers + 1)]
    if settings.demo:
        children.append(Child("demo", "app.demo.run", environment, may_end=True, due=None))
    return children


def _look_after(settings: Settings, running: _Running, signals: Signals, door: socket.socket) -> int:
    knock: Knock | None = Knock(door)
    trimmed = time.monotonic()
    try:
        while not signals.asked:
            now = time.monotonic()
            if any(child.look_after(now) == BAD_CONFIGURATION for child in running.children):
                return 1  # it has said why
            if knock and knock.is_ready(now):
                knock = None
                _begin_demo(running, now)
                _tell(settings)
            if running.embedded:
                _revive(running, running.embedded, signals)
                if now - trimmed > _TRIMMING:
                    running.embedded.trim_logs()
                    trimmed = now
            signals.wait(
                _until_next(running, _TICK_AT_START if knock else _TICK), knock.watched() if knock else []
            )
    finally:
        if knock:
            knock.close()
        door.close()  # no connection is taken any more
        _end(running.children, signals)
    return 0


def _tell(settings: Settings) -> None:
    if settings.smtp_url is None:
        sys.stdout.write(
            f"Mails are written to {settings.mail_dir}, not sent: SNAGLIST_SMTP_URL names no mail server\n"
        )
    sys.stdout.write(f"Snaglist is ready: {settings.base_url}\n")
    sys.stdout.flush()


def _until_next(running: _Running, tick: float) -> float:
    due = [child.wakes_at() for child in running.children] + list(running.due.values())
    now = time.monotonic()
    return min([tick, *(max(at - now, 0.0) for at in due if at is not None)])


def _begin_demo(running: _Running, now: float) -> None:
    for child in running.children:
        if child.may_end:
            child.due = now


def _revive(running: _Running, embedded: Embedded, signals: Signals) -> None:
    """Start those of the servers again that have died."""
    for server in embedded.servers:
        if server.alive():
            continue
        now = time.monotonic()
        pause = running.pauses.setdefault(server.name, Pause())
        if server.name not in running.due:
            running.due[server.name] = pause.after_death(now)
            status = server.process.returncode if server.process else None
            _log.warning(
                "a server has ended and is started again",
                extra={"server": server.name, "status": status, "seconds": pause.length},
            )
        if now >= running.due[server.name]:
            pause.begun = now
            _restart(server, signals)
            del running.due[server.name]


def _restart(server: Server, signals: Signals) -> None:
    try:
        with signals.interrupting():
            server.restart()
    except EmbeddedError as error:
        _log.error("a server could not be started", extra={"server": server.name, "reason": str(error)})
    else:
        _log.info("a server is back", extra={"server": server.name})


def _end(children: list[Child], signals: Signals) -> None:
    """End the processes side by side; a second signal, or the end of their time, kills those that are left."""
    for child in children:
        child.ask()
    deadline = time.monotonic() + _CHILDREN_END
    while not all(child.has_ended() for child in children):
        left = deadline - time.monotonic()
        if signals.asked > 1 or left <= 0:
            break
        signals.wait(min(left, _TICK))
    for child in children:
        child.kill()
