"""Redis: one client a process, which need not find it there, and pools of their own for those that wait longer.

Comes in: REDIS_URL. Goes out: clients. A Redis that is away, hangs, or refuses a command is `LOST` in this room and
Unavailable outside of it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.errors import ConfigurationError, Unavailable

logger = logging.getLogger(__name__)

LOST: Final = (RedisError, OSError)
"""What a Redis that is away, hangs, or refuses shows itself as; TimeoutError is an OSError."""
CONNECTIONS: Final = 200
"""As many at most in one pool; whoever wants one more is told that Redis is away."""
LONGEST_PING: Final = 1.0
LONGEST_WISH: Final = 2.0
"""Seconds that a Redis that hangs may cost who only wishes for something."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for an answer, in seconds, and how often to connect again, a little later each time."""

    answer: float
    connect: float
    retries: int
    longest_pause: float


HASTY: Final = Patience(answer=3.0, connect=1.0, retries=2, longest_pause=0.1)
"""For callers who have somebody waiting for them."""
PATIENT: Final = Patience(answer=5.0, connect=2.0, retries=60, longest_pause=1.0)
"""For workers: a minute, in which Redis may be restarted."""


class _Cancellable(AbstractConnection):
    """A connection whose commands can be cancelled.

    redis-py sends by `asyncio.wait_for`, which in Python 3.11 swallows a cancellation that comes as it ends: what was
    to end, by a timeout or SIGTERM, goes on.
    """

    async def send_packed_command(
        self, command: bytes | str | Iterable[bytes], check_health: bool = True
    ) -> None:
        if not self.is_connected:
            await self.connect()  # type: ignore[no-untyped-call]
        elif check_health:
            await self.check_health()  # type: ignore[no-untyped-call]
        patience, self.socket_timeout = self.socket_timeout, None
        try:
            async with asyncio.timeout(patience):
                await super().send_packed_command(command, check_health=False)
        except TimeoutError:
            raise RedisTimeoutError("Timeout writing to socket") from None
        finally:
            self.socket_timeout = patience


class _Pool(ConnectionPool):
    """Gives out connections without a lock.

    redis-py's pool holds one while it connects, so that with a Redis that hangs all would wait in a row; its blocking
    pool waits on a condition, and hung for good where many waited and were cancelled at once.
    """

    async def get_connection(
        self, command_name: str | None = None, *_keys: Any, **_options: Any
    ) -> AbstractConnection:
        connection: AbstractConnection = self.get_available_connection()  # type: ignore[no-untyped-call]
        try:
            await self.ensure_connection(connection)
        except BaseException:
            await self.release(connection)
            raise
        return connection


class _Process:
    """What this process has: the URL, and its clients."""

    def __init__(self) -> None:
        self.url: str | None = None
        self.clients: dict[type[Redis], Redis] = {}


_process = _Process()


def connect(url: str) -> None:
    """Name the Redis of this process, once or again; nothing is sent to it yet, so that it may be away.

    `redis://`, `rediss://` and `unix://`, with a quoted password and `?db=`. ConfigurationError: it is no such URL.
    """
    try:
        parse_url(url)
    except ValueError as error:
        raise ConfigurationError(f"REDIS_URL cannot be understood: {error}") from None
    if url != _process.url:
        _process.clients = {}
    _process.url = url


async def close() -> None:
    """Close every connection; done twice it does nothing."""
    _process.url = None
    clients, _process.clients = _process.clients, {}
    for client in clients.values():
        await client.connection_pool.disconnect()


async def ping() -> None:
    """Make sure that Redis answers. Raises Unavailable, after a second at most."""
    with unavailable():
        async with asyncio.timeout(LONGEST_PING):
            await client().ping()


def client(kind: type[Redis] = Redis, **settings: Any) -> Redis:
    """The process's client of this kind, made when it is asked for first. Raises Unavailable: nobody has connected."""
    made = _process.clients.get(kind)
    if made is None:
        made = _process.clients[kind] = kind(connection_pool=pool(), **settings)
    return made


def pool(patience: Patience = HASTY) -> ConnectionPool:
    """A pool of connections that its caller closes. Raises Unavailable: nobody has connected."""
    if _process.url is None:
        raise Unavailable("this process is not connected to Redis")
    lost = [RedisConnectionError, OSError, *([RedisTimeoutError] if patience is PATIENT else [])]
    settings: dict[str, Any] = {
        "max_connections": CONNECTIONS,
        "socket_timeout": patience.answer,
        "socket_connect_timeout": patience.connect,
        "health_check_interval": 15,
        "retry": Retry(ExponentialBackoff(cap=patience.longest_pause, base=0.02), patience.retries),
        "retry_on_error": lost,
    }
    settings |= parse_url(_process.url)
    kind = settings.get("connection_class", Connection)
    settings["connection_class"] = type(f"Cancellable{kind.__name__}", (_Cancellable, kind), {})
    return _Pool(**settings)


@contextmanager
def unavailable() -> Iterator[None]:
    """What is lost inside comes out as Unavailable."""
    try:
        yield
    except LOST as error:
        raise Unavailable(f"Redis does not answer: {error or type(error).__name__}") from error


@asynccontextmanager
async def if_it_answers(otherwise: str, **told: object) -> AsyncIterator[None]:
    """What is asked inside is a wish: where Redis is away, or hangs, a warning says `otherwise`, and the caller goes on."""
    try:
        async with asyncio.timeout(LONGEST_WISH):
            yield
    except (Unavailable, TimeoutError) as away:
        logger.warning(otherwise, extra={**told, "reason": str(away)})
