"""What the doors for events answer. Comes in: a status and what to say. Goes out: an HTTP answer.

Pages of other sites may send events and read the answers: there is nothing in them that is not theirs.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.types import Send

_ALLOWED: Final = (
    "accept, authentication, authorization, baggage, content-encoding, content-type, origin, referer, sentry-trace, "
    "traceparent, x-requested-with, x-sentry-auth, x-snaglist-key"
)
_OPEN: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-sentry-error, x-sentry-rate-limits, retry-after"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)
_JSON: Final = (b"content-type", b"application/json")
_PREFLIGHT: Final = (
    *_OPEN,
    (b"access-control-allow-headers", _ALLOWED.encode()),
    (b"access-control-max-age", b"3600"),
    (b"vary", b"origin"),
)
_ENCODER: Final = msgspec.json.Encoder()


class Refused(Exception):
    """This request is answered with `status` and a sentence; nothing of it is kept."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


def too_large(message: str) -> Refused:
    """The refusal of what is larger than it may be.

    The connection stays: were it closed while the client sends, the client would not hear why.
    """
    return Refused(413, message)


async def answer(send: Send, status: int, said: object, headers: Mapping[str, str] | None = None) -> None:
    """Answer with `said` as JSON, or as it is where it is bytes, for pages of every site to read."""
    body = said if isinstance(said, bytes) else _ENCODER.encode(said)
    sent = [*_OPEN, (b"content-length", b"%d" % len(body))]
    if headers:
        sent += [(name.lower().encode(), _header(value)) for name, value in headers.items()]
    if not headers or "Content-Type" not in headers:
        sent.append(_JSON)
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})


async def permit(send: Send, methods: str) -> None:
    """Answer a browser that asks first whether a page may send."""
    sent = [*_PREFLIGHT, (b"access-control-allow-methods", methods.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": sent})
    await send({"type": "http.response.body", "body": b""})


def _header(value: str) -> bytes:
    """The value as it may stand in a header: a sentence that holds what a client sent begins no line of its own."""
    return "".join(sign if " " <= sign <= "~" else "?" for sign in value).encode()
