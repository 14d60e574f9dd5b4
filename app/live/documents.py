"""Documents that clients have sent, kept by their hash, so that a client may send the hash alone the next time.

Comes in: an organization, the SHA-256 of a text, and the text. Goes out: the text again, until it was asked for too
long ago. Each organization has its own room, so that nobody can push another's documents out or ask for them; within it
those that were asked for last stay. Whoever reads a text compares it with its hash: Redis is not believed.
"""

from typing import Final
from uuid import UUID

from app.live import keys
from app.live.connection import client, unavailable

LARGEST: Final = 16 * 1024
"""Bytes of a text; a larger one is not kept."""
MOST: Final = 500
"""Texts of an organization: 8 MiB at worst."""
KEPT: Final = 30 * 24 * 3600
"""Seconds after which an organization that asked for none of its texts has none any more."""


async def find(organization_id: UUID, digest: str) -> str | None:
    """The text with this hash (64 hex digits); None where there is none. Raises Unavailable."""
    with unavailable():
        found = await client().eval(_FIND, 2, *_places(organization_id), digest, str(KEPT))  # type: ignore[misc]
    return found.decode(errors="replace") if isinstance(found, bytes) else None


async def keep(organization_id: UUID, digest: str, text: str) -> bool:
    """Keep a text, and let go of the one that was asked for longest ago where there are too many.

    False: it is too large, and not kept. Raises Unavailable.
    """
    if len(text.encode()) > LARGEST:
        return False
    with unavailable():
        await client().eval(  # type: ignore[misc]  # redis-py declares that it may not be awaitable
            _KEEP, 2, *_places(organization_id), digest, str(KEPT), str(MOST), text
        )
    return True


def _places(organization_id: UUID) -> tuple[str, str]:
    return keys.documents(organization_id), keys.documents_asked(organization_id)


_ASKED: Final = """
local now = redis.call('time')
redis.call('zadd', KEYS[2], now[1] * 1000000 + now[2], ARGV[1])
redis.call('expire', KEYS[1], ARGV[2])
redis.call('expire', KEYS[2], ARGV[2])
"""
_FIND: Final = f"""
local text = redis.call('hget', KEYS[1], ARGV[1])
if text then
    {_ASKED}
end
return text
"""
_KEEP: Final = f"""
if redis.call('hlen', KEYS[1]) ~= redis.call('zcard', KEYS[2]) then
    redis.call('del', KEYS[1], KEYS[2])  -- one of both was lost: what is left could never be counted
end
redis.call('hset', KEYS[1], ARGV[1], ARGV[4])
{_ASKED}
local over = redis.call('zcard', KEYS[2]) - tonumber(ARGV[3])
if over > 0 then
    for _, oldest in ipairs(redis.call('zrange', KEYS[2], 0, over - 1)) do
        redis.call('hdel', KEYS[1], oldest)
        redis.call('zrem', KEYS[2], oldest)
    end
end
"""
