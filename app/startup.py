"""What a process does before it works: connect, migrate, make the first owner.

Comes in: the settings. Goes out: a process that is connected to a database with every table and to Redis; and, at
the first start of all, the owner's token on standard output.

Any number of processes may do this at once. They take turns, under a lock that the database gives back whenever the
one who holds it dies; the token is told before the next one's turn, so that whoever is ready knows that it was.
"""

import asyncio
import logging
import os
import ssl
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from signal import SIGTERM
from typing import Final

import asyncpg

from app import links, memory
from app.accounts import keys_in_force
from app.accounts.first_start import FirstStart, first_start
from app.alerts.channels import settings as sending
from app.config import Settings
from app.errors import ConfigurationError, Unavailable
from app.live import connection
from app.tables import database
from app.tables.migrate import migrate
from app.tables.partitions import make_partitions

LOCK: Final = 0x534E5354  # "SNST"
OLDEST_POSTGRES: Final = 15
SUPERVISOR: Final = "SNAGLIST_SUPERVISOR"
"""The variable with the pid of the process that must not outlive us, where the kernel does not see to that."""

_CONNECTING: Final = 10.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0

_WRONG_SETTINGS: Final = (
    asyncpg.InvalidAuthorizationSpecificationError,  # a wrong password too
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    ssl.SSLCertVerificationError,
)
_AWAY: Final = (
    OSError,  # a TimeoutError too
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, starting up, or the statement was ended
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

_log = logging.getLogger(__name__)


async def prepare(settings: Settings, *, now: datetime) -> FirstStart:
    """Connect, bring the tables to the newest migration, and make what the first start makes; may be done twice.

    The owner's token, if this start made one, has been written to standard output.
    Unavailable: the database is away for the moment. ConfigurationError: with these settings it will never work.
    """
    if settings.database_url is None or settings.redis_url is None:
        missing = "DATABASE_URL" if settings.database_url is None else "REDIS_URL"
        raise ConfigurationError(f"{missing} is not set; `snaglist run` brings a server of its own")
    keys_in_force.use(settings)
    links.use(settings)
    sending.use(settings)
    connection.connect(settings.redis_url)
    with _told_apart():
        async with _turn(settings.database_url):
            await _open(settings.database_url)
            await migrate()
            await make_partitions(now)
            first = await first_start(settings, now=now)
            _tell_owner(first, settings.base_url)
    return first


async def prepare_patiently(settings: Settings) -> FirstStart:
    """Prepare as soon as the database lets us, which is tried until then; for processes that live long.

    ConfigurationError: with these settings it will never work.
    """
    memory.use_one_heap()
    _watch_supervisor()
    told = ""
    pause = _FIRST_PAUSE
    while True:
        try:
            first = await prepare(settings, now=datetime.fromtimestamp(time.time(), UTC))
        except Unavailable as away:
            if away.message != told:
                _log.warning("waiting for the database", extra={"reason": away.message})
                told = away.message
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        else:
            if told:
                _log.info("the database is there")
            return first


async def finish() -> None:
    """Disconnect; nothing happens where nothing is connected."""
    try:
        await connection.close()
    finally:
        await database.close_pool()


async def _open(url: str) -> None:
    """Open the pool, unless it is open on the same database."""
    if database.DB.pool is not None and database.DB.config["dsn"] != url:
        await database.close_pool()
    if database.DB.pool is None:
        await database.open_pool(url)


@asynccontextmanager
async def _turn(url: str) -> AsyncIterator[None]:
    """Our turn: nobody else prepares the same database meanwhile. ConfigurationError: it is none for us."""
    try:
        held = await asyncpg.connect(url, timeout=_CONNECTING)
    except ValueError:  # what it says may hold parts of a password
        raise ConfigurationError(
            "DATABASE_URL cannot be understood: what is special in its password must be percent-encoded"
        ) from None
    try:
        await _check(held)
        await held.execute("select pg_advisory_lock($1)", LOCK)
        yield
    finally:
        with suppress(*_AWAY):
            await held.close(timeout=2)


async def _check(held: asyncpg.Connection) -> None:
    row = await held.fetchrow(
        "select current_setting('server_version_num')::int / 10000 as major, getdatabaseencoding() as encoding"
    )
    if row["major"] < OLDEST_POSTGRES:
        raise ConfigurationError(
            f"DATABASE_URL names PostgreSQL {row['major']}; Snaglist needs {OLDEST_POSTGRES} or newer"
        )
    if row["encoding"] != "UTF8":
        raise ConfigurationError(
            f"DATABASE_URL names a database in {row['encoding']}; Snaglist needs one in UTF8 (createdb --encoding=UTF8)"
        )


@contextmanager
def _told_apart() -> Iterator[None]:
    """Tell what goes away by itself from what somebody must put right."""
    try:
        yield
    except _WRONG_SETTINGS as wrong:
        raise ConfigurationError(f"DATABASE_URL cannot be used: {_reason(wrong)}") from wrong
    except _AWAY as away:
        raise Unavailable(f"the database is away: {_reason(away)}") from away


def _reason(error: BaseException) -> str:
    said = (isinstance(error, OSError) and error.strerror) or str(error)
    return said.partition("\n")[0] or type(error).__name__


def _tell_owner(first: FirstStart, base_url: str) -> None:
    if first.token is None:
        return
    lines = [
        "",
        f"Owner: {first.owner_email}",
        f"Token: {first.token}",
        f"Open:  {base_url}/#token={first.token}",  # browsers send nothing that stands behind a #
        "Keep the token: it is not shown again.",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _watch_supervisor() -> None:
    """End in order when our supervisor has died; on Linux the kernel sees to that, and the variable is not set."""
    supervisor = os.environ.pop(SUPERVISOR, "")
    if not supervisor.isdecimal():
        return

    def watch() -> None:
        while os.getppid() == int(supervisor):
            time.sleep(0.5)
        os.kill(os.getpid(), SIGTERM)

    threading.Thread(target=watch, name="supervisor", daemon=True).start()
