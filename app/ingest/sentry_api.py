"""The doors that Sentry's SDKs knock at, so that they report here after a change of DSN.

    POST /api/{number}/envelope/   envelopes: events, and whatever else an SDK sends
    POST /api/{number}/store/      one event, from SDKs of old

`number` is the app's; the key is the app's too. Answered as Sentry does:

    200 {"id": "..."}    what is kept is on disk
    400, 413, 415        it cannot be read, or is too large
    401, 403             there is no key; there is no such key, or it is of another app
    429                  past the quota, or too much at once; `X-Sentry-Rate-Limits` and `Retry-After` say until when
    503                  the database is away

An answer that refuses says why in `detail`, and in `X-Sentry-Error`.
"""

from collections.abc import Mapping
from typing import Final

from starlette.types import Receive, Scope, Send

from app.domain.events.event import Outcome
from app.errors import BadInput, RateLimited, SnaglistError, Unauthenticated, Unavailable
from app.ingest import envelopes, quotas, sentry_items, tallies
from app.ingest.answers import Refused, answer, permit
from app.ingest.bodies import LARGE, MEBIBYTE, Bodies
from app.ingest.envelopes import Envelope
from app.ingest.inbox import Inbox
from app.ingest.keys import IngestApp, Keys
from app.ingest.sentry_auth import key_of_dsn, key_of_request
from app.ingest.sentry_items import envelope_of_store, of_envelope

LARGEST: Final = 20 * MEBIBYTE
"""Bytes of an envelope, as it comes and unpacked."""

_KINDS: Final = "error;default;feedback"
"""What a quota is for, in Sentry's words: the SDK may go on sending the rest, which is not counted."""
_ENVELOPE: Final = b"application/x-sentry-envelope"
_GZIP: Final = b"\x1f\x8b"


class SentryDoor:
    """An ASGI app; `has_envelopes` says which of the doors it is."""

    def __init__(self, keys: Keys, inbox: Inbox, bodies: Bodies, *, has_envelopes: bool) -> None:
        self._keys = keys
        self._inbox = inbox
        self._bodies = bodies
        self._has_envelopes = has_envelopes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; a client that has gone gets none."""
        if scope["method"] == "OPTIONS":
            await permit(send, "POST")
            return
        try:
            said = await self._take(scope, receive)
        except (Refused, SnaglistError) as failure:
            refused = failure if isinstance(failure, Refused) else _refusal(failure)
            told = {"X-Sentry-Error": refused.message, **refused.headers}
            await answer(send, refused.status, {"detail": refused.message}, told)
            return
        if said is not None:
            await answer(send, 200, said)

    async def _take(self, scope: Scope, receive: Receive) -> bytes | None:
        """What is answered; None where there is nobody to answer. Refused, or what `_refusal` knows."""
        if scope["method"] != "POST":
            raise Refused(405, "events are sent by POST", {"Allow": "POST, OPTIONS"})
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        number = scope["path_params"]["number"]
        key = key_of_request(scope["query_string"], headers)
        is_envelope = self._has_envelopes or headers.get(b"content-type", b"").startswith(_ENVELOPE)
        app = await self._app(key, number) if key or not is_envelope else None
        body = await self._bodies.read(receive, headers, LARGEST)
        if body is None:
            return None
        if body[:2] == _GZIP:  # compressed, and no header says so
            body = await self._bodies.unpacked(body, ("gzip",), LARGEST)
        if not body:
            raise Refused(400, "empty request body")
        open_ = _read if is_envelope else envelope_of_store
        if len(body) <= LARGE:
            envelope = open_(body)
            return await self._keep(app or await self._app(key_of_dsn(envelope.dsn), number), envelope)
        with self._bodies.holding(body):
            envelope = await self._bodies.aside(open_, body)
            app = app or await self._app(key_of_dsn(envelope.dsn), number)
            return await self._keep(app, envelope, is_large=True)

    async def _app(self, key: str | None, number: str) -> IngestApp:
        """The app of the key and the number in the path."""
        if not key:
            raise Refused(401, "missing authorization information", {"WWW-Authenticate": "Sentry"})
        if not number.isascii() or not number.isdigit():
            raise Refused(400, "bad project path parameter")
        app = await self._keys.find(key)
        if number.lstrip("0") != str(app.number):
            raise Refused(403, "the key is not of this project")
        return app

    async def _keep(self, app: IngestApp, envelope: Envelope, *, is_large: bool = False) -> bytes:
        """Keep what is kept of it, and count the rest; what is answered comes out."""
        count = sentry_items.count(envelope)
        if count and (seconds := await quotas.take(app, count)) is not None:
            tallies.note(app.id, Outcome.OVER_QUOTA, count)
            raise _limited("the quota is used up", seconds)
        try:
            if is_large:
                taken = await self._bodies.aside(of_envelope, envelope, app.reference)
            else:
                taken = of_envelope(envelope, app.reference)
        except Refused:
            tallies.note(app.id, Outcome.REJECTED, count)
            raise
        if taken.events:
            await self._inbox.append(app, taken.events)  # who is refused here sends all of it again
        if taken.dropped:
            tallies.note(app.id, Outcome.NOT_KEPT, taken.dropped)
        if taken.broken:
            tallies.note(app.id, Outcome.REJECTED, taken.broken)
        if taken.broken and not taken.events:
            raise Refused(400, "invalid JSON data")
        return b'{"id":"%s"}' % taken.event_id.encode() if taken.event_id else b"{}"


def _read(body: bytes) -> Envelope:
    try:
        return envelopes.read(body)
    except envelopes.Unreadable as unreadable:
        raise Refused(400, f"invalid event envelope: {unreadable}") from None


def _refusal(failure: SnaglistError) -> Refused:
    if isinstance(failure, Unauthenticated):
        return Refused(403, "there is no such key, or its time is over")
    if isinstance(failure, RateLimited):
        return _limited(failure.message, failure.retry_after or 1)
    if isinstance(failure, Unavailable):
        return Refused(503, failure.message, {"Retry-After": "1"})
    if isinstance(failure, BadInput):
        return Refused(400, failure.message)
    raise failure


def _limited(message: str, seconds: int) -> Refused:
    limits = {"Retry-After": str(seconds), "X-Sentry-Rate-Limits": f"{seconds}:{_KINDS}:organization"}
    return Refused(429, message, limits)
