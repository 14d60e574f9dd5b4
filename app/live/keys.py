"""The names of everything Snaglist keeps in Redis; each begins with `snaglist:`, but for what arq puts before a job's.

snaglist:epoch              a random word, lost with Redis' data: positions of another epoch mean nothing
snaglist:changes:ORG        a stream of what changed in an organization, for those who watch it
snaglist:queue:NAME         a queue of jobs, with `:health-check` of its workers
snaglist:wanted:JOB         the id of the job that will do what is wanted and has not begun
snaglist:quota:ID:MINUTE     how much of an app's or a project's quota the servers have leased in a minute
snaglist:documents:ORG      the documents of an organization by their hash, with `:asked`, when each was asked for last
arq:*:snaglist:ID           a job, its lease, its tries
"""

from typing import Final
from uuid import UUID

PREFIX: Final = "snaglist:"
EPOCH: Final = f"{PREFIX}epoch"


def changes(organization_id: UUID) -> str:
    """The stream of an organization."""
    return f"{PREFIX}changes:{organization_id}"


def queue(name: str) -> str:
    """A queue of jobs."""
    return f"{PREFIX}queue:{name}"


def health(name: str) -> str:
    """What there is while a worker serves the queue."""
    return f"{queue(name)}:health-check"


def job(job_id: str) -> str:
    """The id of a job, as arq is told it."""
    return f"{PREFIX}{job_id}"


def wanted(job_name: str) -> str:
    """The id of the job that was asked for and has not begun."""
    return f"{PREFIX}wanted:{job_name}"


def quota(id_: UUID, minute: int) -> str:
    """What is leased of a quota in a minute, counted from 1970."""
    return f"{PREFIX}quota:{id_}:{minute}"


def documents(organization_id: UUID) -> str:
    """The documents of an organization's clients."""
    return f"{PREFIX}documents:{organization_id}"


def documents_asked(organization_id: UUID) -> str:
    """When each of them was asked for last."""
    return f"{documents(organization_id)}:asked"
