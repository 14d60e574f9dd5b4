"""Jobs for the workers, by way of arq: the only module of app that speaks it.

Comes in: the name of a job and its arguments, which are plain values. Goes out: an entry in a queue. There is a queue
for each class of patience: whoever runs a job holds it by a lease, and a short job must not wait behind long ones.

`wake` asks for a job that looks for its work itself, and loses no wish. arq drops a job whose id is queued or
running, and a running one may have looked already, so that a fixed id would lose wishes; an id for each wish would
make a job for each. Therefore `snaglist:wanted:NAME` holds the id of a job that has not begun, and the job, before it
looks, takes that away (`begun`). Whoever finds an id there has committed before it was taken away, so before the job
looks, and it does not matter that arq drops the second wish. Whoever finds none puts a new one there. Should a job be
lost with its id still there, the next wish queues it again. No clock is asked, so that clocks may differ. What Redis
itself loses, the sweep finds.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, TypedDict, cast
from uuid import uuid4

import msgspec
from arq.connections import ArqRedis

from app.live import keys
from app.live.connection import PATIENT, client, pool, unavailable

ISSUE_SCAN: Final = "issue-scan"
"""The job that is woken where events have come."""
LONGEST_IN_QUEUE: Final = timedelta(days=7)
"""How long a backlog may be; older jobs are dropped, and what is scheduled or swept is asked for again."""
_DEEPEST: Final = 32
_LAST_MS: Final = 253_402_300_799_999


class Queue(StrEnum):
    """A queue for each class of patience."""

    QUICK = "quick"
    SCAN = "scan"
    TELL = "tell"

    @property
    def timeout(self) -> timedelta:
        """How long a job of this queue may take."""
        return _TIMEOUTS[self]


_TIMEOUTS: Final = {
    Queue.QUICK: timedelta(seconds=30),
    Queue.SCAN: timedelta(seconds=300),
    Queue.TELL: timedelta(seconds=300),
}


class _Stored(TypedDict):
    """A job as arq keeps it; what else stands there is dropped."""

    t: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None
    f: str
    a: list[Any]
    k: dict[str, Any]
    et: Annotated[int, msgspec.Meta(ge=0, le=_LAST_MS)]


_DECODER: Final = msgspec.msgpack.Decoder(_Stored)


def packed(job: dict[str, Any]) -> bytes:
    """A job or its result in bytes. Raises TypeError or ValueError: there is more in it than plain values."""
    _check(job, _DEEPEST)
    return msgspec.msgpack.encode(job, enc_hook=str)


def unpacked(data: bytes) -> dict[str, Any]:
    """A job of `packed`; arq reads no results here. Raises ValueError: it is none."""
    job = _DECODER.decode(data)
    _check(job, _DEEPEST)
    return cast("dict[str, Any]", job)


def _check(value: object, deepest: int) -> None:
    """Refuse what does not come out as it went in. Exceptions, which arq gives for results, become their text."""
    if deepest < 0:
        raise ValueError("the arguments of a job are nested too deeply")
    if isinstance(value, dict) and all(type(key) is str for key in value):
        for part in value.values():
            _check(part, deepest - 1)
    elif isinstance(value, list | tuple):
        for part in value:
            _check(part, deepest - 1)
    elif type(value) not in _PLAIN and not isinstance(value, BaseException):
        raise TypeError(f"a job takes plain values, not {type(value).__name__}")


_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


async def enqueue(
    job_name: str, *arguments: Any, job_id: str, queue: Queue, defer_until: datetime | None = None
) -> bool:
    """Queue a job. False: one with this id is queued or running, and none was added.

    Raises Unavailable; TypeError, ValueError or OverflowError where the arguments are not plain values.
    """
    packed({"a": arguments})
    with unavailable():
        queued = await _arq().enqueue_job(
            job_name,
            *arguments,
            _job_id=keys.job(job_id),
            _queue_name=keys.queue(queue),
            _defer_until=defer_until,
        )
    return queued is not None


async def wake(job_name: str, queue: Queue) -> None:
    """Have a job begin after this moment; many wishes make one job. Raises Unavailable."""
    key = keys.wanted(job_name)
    with unavailable():
        async with client().pipeline(transaction=True) as asked:
            asked.set(key, f"{job_name}:{uuid4().hex}", nx=True)
            asked.get(key)
            _, wanted = await asked.execute()
    await enqueue(job_name, None, job_id=wanted.decode(), queue=queue)


async def begun(job_name: str) -> None:
    """What a job that is woken does first, before it looks for work. Raises Unavailable."""
    with unavailable():
        await client().delete(keys.wanted(job_name))


async def is_worked(queue: Queue) -> bool:
    """Whether a worker has served the queue in the last seconds. Raises Unavailable."""
    with unavailable():
        return bool(await client().exists(keys.health(queue)))


def connection_for_worker(queue: Queue) -> ArqRedis:
    """What an arq worker of this queue needs; its pool is the worker's to close. Raises Unavailable."""
    return ArqRedis(
        pool(PATIENT),
        job_serializer=packed,
        job_deserializer=unpacked,
        default_queue_name=keys.queue(queue),
        expires_extra_ms=round(LONGEST_IN_QUEUE.total_seconds() * 1000),
    )


def _arq() -> ArqRedis:
    return cast(
        "ArqRedis",
        client(
            ArqRedis,
            job_serializer=packed,
            job_deserializer=unpacked,
            expires_extra_ms=round(LONGEST_IN_QUEUE.total_seconds() * 1000),
        ),
    )
