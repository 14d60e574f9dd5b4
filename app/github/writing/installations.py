"""Whose turn it is to write for an installation of an App, or for a token: one worker at a time, not too fast.

Comes in: the key of an installation. Goes out: a lease on it, which the database ends by its own clock where its holder
died; and when the next write may go out. GitHub asks for no two writes at once, and for a second between them.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from app.github.writing.tempo import USUAL, Tempo
from app.tables.database import fetch, fetch_one

_LONGEST_ASKED: Final = timedelta(hours=2)  # what an answer may ask of us: limits end with their hour

# What is further away than it can have been when it was written was written by a clock that has been put back since.
_FREE: Final = """(t.taken_until is null or t.taken_until <= clock_timestamp() or t.taken_until > clock_timestamp() + interval '1 day')
    and (t.blocked_until is null or t.blocked_until <= $1 or t.blocked_until > $1 + interval '1 day')"""


async def due(now: datetime, limit: int) -> list[str]:
    """The keys of installations for which something is to be done, and which nobody works for and GitHub takes writes of."""
    rows = await fetch(
        f"""
        select distinct t.key from github_issue as i
        join project as p on p.id = i.project_id and p.deleted_at is null
        join github_connection as c on c.project_id = i.project_id and (c.retry_at is null or c.retry_at <= $1)
        join github_installation as t on t.key = c.installation_key
        where i.next_attempt_at <= $1 and {_FREE}
        limit $2
        """,  # noqa: S608  a constant
        now,
        limit,
    )
    return [row["key"] for row in rows]


@dataclass(slots=True)
class Lease:
    """Our turn."""

    key: str
    tempo: Tempo = USUAL
    owner: UUID = field(default_factory=uuid4)

    async def take(self, now: datetime) -> bool:
        """Whether it is our turn now; not while another one holds it, nor while GitHub wants nothing more."""
        row = await fetch_one(
            f"""
            update github_installation as t set taken_by = $3, taken_until = clock_timestamp() + $4::interval
            where key = $2 and {_FREE}
            returning key
            """,  # noqa: S608  a constant
            now,
            self.key,
            self.owner,
            self.tempo.lease,
        )
        return row is not None

    async def renew(self) -> timedelta | None:
        """Hold it on, and how long the next write must wait; None: it is no longer ours."""
        row = await fetch_one(
            """
            update github_installation set taken_until = clock_timestamp() + $3::interval
            where key = $1 and taken_by = $2 and taken_until > clock_timestamp()
            returning greatest(write_at, clock_timestamp()) - clock_timestamp() as wait
            """,
            self.key,
            self.owner,
            self.tempo.lease,
        )
        if row is None:
            return None
        wait: timedelta = row["wait"]
        return min(max(wait, timedelta()), self.tempo.pace)  # the database's clock may have been put back

    async def written(self, *, was_taken: bool) -> None:
        """A write has been answered, or nobody waits for its answer any more: the next one waits its time.

        `was_taken`: GitHub carried it out, so that it wants writes again.
        """
        await fetch(
            """
            update github_installation set write_at = greatest(write_at, clock_timestamp() + $2::interval),
                blocked_times = case when $3 then 0 else blocked_times end
            where key = $1
            """,
            self.key,
            self.tempo.pace,
            was_taken,
        )

    async def block(self, until: datetime | None, now: datetime) -> datetime:
        """GitHub wants no more until then, or, where it does not say, for a while that doubles each time; which it is."""
        row = await fetch_one(
            """
            update github_installation
            set blocked_until = coalesce($2::timestamptz, $3::timestamptz + least($4::interval * power(2, least(blocked_times, 10)), $5::interval)),
                blocked_times = least(blocked_times + 1, 1000)
            where key = $1 returning blocked_until
            """,
            self.key,
            min(until, now + _LONGEST_ASKED) if until and until > now else None,
            now,
            self.tempo.block,
            self.tempo.longest_block,
        )
        blocked: datetime = now + self.tempo.block if row is None else row["blocked_until"]
        return blocked

    async def release(self) -> None:
        """End our turn; a write that may still be on its way keeps the next one waiting."""
        await fetch(
            """
            update github_installation set taken_by = null, taken_until = null,
                write_at = greatest(write_at, clock_timestamp() + $3::interval)
            where key = $1 and taken_by = $2
            """,
            self.key,
            self.owner,
            self.tempo.pace,
        )


async def purge_installations() -> None:
    """Forget those that no connection names any more."""
    await fetch(
        """
        delete from github_installation as t
        where not exists (select from github_connection as c where c.installation_key = t.key)
            and (t.taken_until is null or t.taken_until <= clock_timestamp())
        """
    )


async def forget_labels() -> None:
    """Look for labels again when they are next given: somebody may have deleted them."""
    await fetch("update github_connection set labels = '{}' where labels <> '{}'")
