"""How often somebody may try: failures are counted in the database, for all processes together.

Comes in: an e-mail address, and the address of the client. Goes out: leave to try once, or RateLimited. The count goes
up before the password is looked at, so that a hundred tries at once are no more than ten; who succeeds gets it back.

    e-mail and client address   10 in a quarter of an hour
    client address              100

Unknown e-mail addresses count as known ones do. An e-mail address alone does not: anybody could lock anybody out.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Final

from app.errors import RateLimited
from app.tables.database import fetch, transaction

WINDOW: Final = timedelta(minutes=15)
MOST_OF_BOTH: Final = 10
MOST_OF_ADDRESS: Final = 100
SWEPT_AT_ONCE: Final = 20
"""Rows whose time is over that an attempt takes away; it makes two."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that counts as failed until it is told to have succeeded."""

    both: bytes
    address: bytes


async def attempt(email: str, address: str, *, now: datetime) -> Attempt:
    """Count one more attempt, in a transaction of its own.

    RateLimited, with the seconds to wait: there were too many, and this one does not count.
    """
    network = _network(address)
    async with transaction():
        made = Attempt(_key("both", await _small(email), network), _key("address", network))
        most = {made.both: MOST_OF_BOTH, made.address: MOST_OF_ADDRESS}
        rows = await fetch(_COUNT, sorted(most), now + WINDOW, now)
        waits = [row["ends_at"] - now for row in rows if row["failures"] > most[row["key"]]]
        if waits:
            raise RateLimited(
                "too many attempts to sign in; wait for a while", retry_after=ceil(max(waits).total_seconds())
            )
        # After the rows that had to be waited for: nobody waits for somebody who waits.
        await fetch(_SWEEP, now, SWEPT_AT_ONCE)
    return made


async def succeeded(made: Attempt) -> None:
    """Forget the failures with this e-mail address from there; of all from there, this one attempt.

    Each statement holds one row, so that two who do this at once never wait for each other.
    """
    await fetch("delete from sign_in_attempt where key = $1", made.both)
    await fetch(_GIVE_BACK, made.address)


async def withdrawn(made: Attempt) -> None:
    """Give the attempt back: nothing was tried."""
    await fetch(_GIVE_BACK, made.both)
    await fetch(_GIVE_BACK, made.address)


def storable(text: str) -> str:
    """A text that PostgreSQL can be asked for; what none of its texts has becomes what none of ours has."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


async def _small(email: str) -> str:
    """The address in small letters as the database has them, by which people are found: Python's differ."""
    [row] = await fetch("select lower($1)", storable(email.strip()))
    return str(row[0])


def _network(address: str) -> str:
    """What somebody has addresses of: of IPv6 a /64, which every client has to itself."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped:
            return str(known.ipv4_mapped)
        return str(ip_network((int(known), 64), strict=False))
    return str(known)


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).digest()


_COUNT: Final = """
insert into sign_in_attempt as a (key, failures, ends_at)
select key, 1, $2 from unnest($1::bytea[]) with ordinality as given (key, place) order by place
on conflict (key) do update set
    failures = case when a.ends_at <= $3 then 1 else a.failures + 1 end,
    ends_at = case when a.ends_at <= $3 then excluded.ends_at else a.ends_at end
returning key, failures, ends_at
"""

_SWEEP: Final = """
delete from sign_in_attempt where key in (
    select key from sign_in_attempt where ends_at <= $1 order by ends_at limit $2 for update skip locked
)
"""

_GIVE_BACK: Final = """
with given_back as (
    update sign_in_attempt set failures = failures - 1 where key = $1 and failures > 1
)
delete from sign_in_attempt where key = $1 and failures <= 1
"""
