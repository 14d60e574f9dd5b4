"""The keys that an app sends its events with: 32 hexadecimal digits, as the keys of Sentry's DSN.

Comes in: an app, in the transaction of whoever makes it or gives it another key. Goes out: a key. It stands in front
ends, for everybody to read, and so it is no secret and is stored as it is.
"""

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from app.tables.database import fetch
from app.tables.identifiers import uuid7

BYTES: Final = 16


async def add_key(app_id: UUID, *, now: datetime) -> str:
    """Make another key, which is valid from now on."""
    key = secrets.token_hex(BYTES)
    await fetch(
        "insert into app_key (id, app_id, key, created_at) values ($1, $2, $3, $4)",
        uuid7(now),
        app_id,
        key,
        now,
    )
    return key
