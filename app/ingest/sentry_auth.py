"""Who sends, as Sentry's SDKs say it: in the query, in a header, or in the envelope itself. Goes out: a key, or nothing.

POST /api/42/envelope/?sentry_key=KEY
X-Sentry-Auth: Sentry sentry_version=7, sentry_client=..., sentry_key=KEY
Authorization: Sentry sentry_key=KEY
{"dsn": "https://KEY@host/42"}
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_plus

LONGEST: Final = 200
"""Characters of a key; whatever is longer is none."""

_IN_QUERY: Final = re.compile(rb"(?:^|&)sentry_key=([^&]*)")
_IN_HEADER: Final = re.compile(rb"\bsentry_key\s*=\s*\"?([^,\s\"]+)")
_IN_DSN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^:@/?#]+)(?::[^@/?#]*)?@")


def key_of_request(query: bytes, headers: Mapping[bytes, bytes]) -> str | None:
    """The key in the query or else in a header."""
    if query and (found := _IN_QUERY.search(query)):
        return unquote_plus(found[1].decode("latin-1"))[:LONGEST] or None
    for name in (b"x-sentry-auth", b"authorization"):
        if (value := headers.get(name)) and (found := _IN_HEADER.search(value)):
            return found[1].decode("latin-1")[:LONGEST]
    return None


def key_of_dsn(dsn: str | None) -> str | None:
    """The key in a DSN."""
    found = _IN_DSN.match(dsn) if dsn else None
    return found[1][:LONGEST] if found else None
