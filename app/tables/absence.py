"""Which errors mean that the database is away for the moment, in words: not a mistake of ours, and nothing to mend here.

Comes in: an exception of asyncpg or of a socket. Goes out: a sentence, or None where it means something else.
"""

from typing import Final

import asyncpg

NO_ANSWER: Final = "the database does not answer at the moment"
FULL_DISK: Final = "the disk of the database is full"

_AWAY: Final = (
    OSError,  # a TimeoutError too
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, starting up, or the statement was ended
    asyncpg.InsufficientResourcesError,
    asyncpg.InternalClientError,  # the connection ended in mid-air
)


def why_away(error: BaseException) -> str | None:
    """Why the database cannot be used at the moment, None where the error says something else."""
    if isinstance(error, asyncpg.DiskFullError):
        return FULL_DISK
    if isinstance(error, asyncpg.InterfaceError):
        is_ours = isinstance(error, asyncpg.DataError | ValueError)
        return None if is_ours else NO_ANSWER
    return NO_ANSWER if isinstance(error, _AWAY) else None
