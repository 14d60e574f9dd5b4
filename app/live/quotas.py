"""Quotas that all servers share, by leases. Comes in: what a server wants of a quota. Goes out: what is its own now.

Redis holds how much of each quota is leased in a minute. Where it loses that, the minute begins anew.
"""

from typing import Final, NamedTuple
from uuid import UUID

from app.live import keys
from app.live.connection import client, unavailable

_FORGOTTEN: Final = 180
"""Seconds after which a minute is over for every clock."""


class Lease(NamedTuple):
    """What came of it: how much was leased, nothing where there was too little, and how much nobody has leased yet."""

    granted: int
    room: int


async def lease(id_: UUID, minute: int, *, quota: int, needed: int, wanted: int) -> Lease:
    """Lease `wanted`, or as much as there is, of a quota in a minute; nothing where that would be less than `needed`.

    Raises Unavailable.
    """
    with unavailable():
        granted, room = await client().eval(  # type: ignore[misc]  # redis-py declares that it may not be awaitable
            _LEASE,
            1,
            keys.quota(id_, minute),
            str(quota),
            str(needed),
            str(max(needed, wanted)),
            str(_FORGOTTEN),
        )
    return Lease(int(granted), int(room))


_LEASE: Final = """
local room = tonumber(ARGV[1]) - tonumber(redis.call('get', KEYS[1]) or 0)
if room < tonumber(ARGV[2]) then
    return {0, math.max(room, 0)}
end
local granted = math.min(room, tonumber(ARGV[3]))
redis.call('incrby', KEYS[1], granted)
redis.call('expire', KEYS[1], ARGV[4])
return {granted, room - granted}
"""
