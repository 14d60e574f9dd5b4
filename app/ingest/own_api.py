"""The door of our own API.

    POST /v1/ingest               a batch of events, with an app's key
    GET /v1/ingest/schema.json    what a batch may hold, as JSON Schema

The key comes as `Authorization: Bearer KEY` or as `X-Snaglist-Key: KEY`. The body is `{"events": [...]}` or the list alone.

    202 {"accepted", "rejected", "duplicates", "errors": [{"index", "field", "message"}]}
                         what is accepted is on disk; an entry that is refused harms none of the others
    400, 413, 415        the body as a whole cannot be read, or is too large, or more than a quota: nothing of it was kept
    401                  there is no such key, or its time is over
    429                  past the quota, or too much at once; `Retry-After` says for how long
    503                  the database is away

Whatever is no 202 is `{"code", "message"}`, and 429 and 503 may be sent again as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from app.domain.events import own_events
from app.domain.events.event import Format, Outcome, Tree
from app.domain.events.event_times import occurred_at
from app.errors import BadInput, RateLimited, SnaglistError, Unauthenticated, Unavailable
from app.ingest import own_batch, quotas, tallies
from app.ingest.answers import Refused, answer, permit, too_large
from app.ingest.bodies import MEBIBYTE, Bodies
from app.ingest.inbox import Inbox, NewEvent
from app.ingest.keys import IngestApp, Keys
from app.tables.payloads import pack
from app.tables.references import Reference

LARGEST: Final = 10 * MEBIBYTE
"""Bytes of a body, as it comes and unpacked."""
SCHEMA: Final = Path(__file__).with_name("own_events.schema.json")

_LARGE: Final = 128 * 1024
"""Bytes of a batch from which on it is read aside."""
_MOST_PROBLEMS: Final = 5  # that are told of one entry
_PLAIN: Final = ("text/plain", "text/json", "application/octet-stream", "application/x-www-form-urlencoded")
_CODES: Final = {
    400: BadInput.code,
    413: "TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    405: "METHOD_NOT_ALLOWED",
}


class OwnDoor:
    """An ASGI app."""

    def __init__(self, keys: Keys, inbox: Inbox, bodies: Bodies) -> None:
        self._keys = keys
        self._inbox = inbox
        self._bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; a client that has gone gets none."""
        if scope["method"] == "OPTIONS":
            await permit(send, "POST")
            return
        try:
            said = await self._take(scope, receive)
        except Refused as refused:
            code = _CODES.get(refused.status, RateLimited.code)
            await answer(send, refused.status, {"code": code, "message": refused.message}, refused.headers)
        except SnaglistError as failure:
            await _refuse(send, failure)
        else:
            if said is not None:
                await answer(send, 202, said)

    async def _take(self, scope: Scope, receive: Receive) -> dict[str, Any] | None:
        """What is answered; None where there is nobody to answer. Refused, or what `_refuse` knows."""
        if scope["method"] != "POST":
            raise Refused(405, "events are sent by POST", {"Allow": "POST, OPTIONS"})
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        app = await self._keys.find(_key(headers))
        _check_type(headers.get(b"content-type", b"").decode("latin-1"))
        body = await self._bodies.read(receive, headers, LARGEST)
        if body is None:
            return None
        now = datetime.fromtimestamp(time(), UTC)
        if len(body) <= _LARGE:
            entries = own_batch.entries(body)
            await _take_quota(app, len(entries))
            return await self._keep(app, _read(entries, app.reference, now))
        with self._bodies.holding(body):
            entries = await self._bodies.aside(own_batch.entries, body)
            await _take_quota(app, len(entries))
            return await self._keep(app, await self._bodies.aside(_read, entries, app.reference, now))

    async def _keep(self, app: IngestApp, batch: "_Batch") -> dict[str, Any]:
        duplicates = await self._inbox.append(app, batch.events) if batch.events else ()
        if batch.rejected:
            tallies.note(app.id, Outcome.REJECTED, batch.rejected)
        return {
            "accepted": len(batch.events) - len(duplicates),
            "rejected": batch.rejected,
            "duplicates": len(duplicates),
            "errors": batch.errors,
        }


@dataclass(frozen=True, slots=True)
class _Batch:
    events: list[NewEvent]
    rejected: int
    errors: list[dict[str, Any]]


async def _take_quota(app: IngestApp, count: int) -> None:
    """Raises RateLimited: that many are too many in this minute. Refused: in any minute."""
    least = min((quota for quota in (app.quota, app.project_quota) if quota is not None), default=count)
    if count > least:
        tallies.note(app.id, Outcome.OVER_QUOTA, count)
        raise too_large(f"the quota of a minute is {least} events: send fewer at once")
    if count and (seconds := await quotas.take(app, count)) is not None:
        tallies.note(app.id, Outcome.OVER_QUOTA, count)
        raise RateLimited("the quota is used up", retry_after=seconds)


def _read(entries: list[bytes], reference: Reference | None, now: datetime) -> _Batch:
    """The events, packed, and what is wrong with the others."""
    events: list[NewEvent] = []
    errors: list[dict[str, Any]] = []
    for index, entry in enumerate(entries):
        try:
            tree, payload = own_batch.event(entry)
            problems = own_events.check(tree)
        except ValueError as wrong:
            problems = [("", str(wrong))]
        if not problems:
            events.append(_event(tree, payload, reference, now))
        for field, message in problems[:_MOST_PROBLEMS]:
            errors.append({"index": index, "field": field or None, "message": message})
    return _Batch(events, len(entries) - len(events), errors)


def _event(tree: Tree, payload: bytes, reference: Reference | None, now: datetime) -> NewEvent:
    """An event in which nothing is wrong."""
    head = own_events.head(tree)
    told = tree.get("timestamp")
    occurred = None if told is None else occurred_at(told, now)[0]
    packed = pack(payload, reference)
    told_by = (head.level, occurred, head.session_id)
    return NewEvent(head.client_event_id, Format.OWN, packed, *told_by, reference.id if reference else None)


def _key(headers: Mapping[bytes, bytes]) -> str:
    """The key of the request. Unauthenticated: there is none."""
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").strip().partition(" ")
    key = headers.get(b"x-snaglist-key", b"").decode("latin-1").strip()
    key = key or (token.strip() if scheme.lower() == "bearer" else "")
    if not key:
        raise Unauthenticated("send the app's key as `Authorization: Bearer KEY` or as `X-Snaglist-Key: KEY`")
    return key


def _check_type(told: str) -> None:
    """Browsers send plain text, and curl a form, where nobody says what it is; what is something else is refused."""
    kind = told.partition(";")[0].strip().lower()
    if kind and kind not in _PLAIN and kind != "application/json" and not kind.endswith("+json"):
        raise Refused(415, "send application/json")


async def _refuse(send: Send, failure: SnaglistError) -> None:
    status = 500
    headers: dict[str, str] = {}
    if isinstance(failure, Unauthenticated):
        status, headers = 401, {"WWW-Authenticate": "Bearer"}
    elif isinstance(failure, RateLimited):
        status, headers = 429, {"Retry-After": str(failure.retry_after or 1)}
    elif isinstance(failure, Unavailable):
        status, headers = 503, {"Retry-After": "1"}
    elif isinstance(failure, BadInput):
        status = 400
    else:
        raise failure
    await answer(send, status, {"code": failure.code, "message": failure.message}, headers)


class SchemaDoor:
    """An ASGI app: the JSON Schema, for everybody."""

    def __init__(self) -> None:
        self._schema = SCHEMA.read_bytes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["method"] == "OPTIONS":
            await permit(send, "GET, HEAD")
        elif scope["method"] in ("GET", "HEAD"):
            await answer(send, 200, self._schema, {"Content-Type": "application/schema+json"})
        else:
            told = {"code": _CODES[405], "message": "the schema is read by GET"}
            await answer(send, 405, told, {"Allow": "GET, HEAD, OPTIONS"})
