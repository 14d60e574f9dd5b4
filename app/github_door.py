"""The door for what GitHub tells: its webhooks.

    POST /webhooks/github    a delivery, as application/json, with X-GitHub-Event, X-GitHub-Delivery and X-Hub-Signature-256

    202 {"delivery": ...}    it is on disk, or tells nothing that is followed
    200                      it came before, or was a ping
    400, 413, 415            it cannot be read, or is too large
    401                      it is not signed with the secret of a connection that it concerns
    503                      the database is away, or too much comes at this moment; `Retry-After` says for how long

Whatever is no success is `{"code", "message"}`. Which repositories are connected is told to nobody who cannot sign.
"""

import asyncio
import re
from datetime import UTC, datetime
from time import time
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.errors import BadInput, SnaglistError, Unauthenticated, Unavailable
from app.github.hearing.webhook import Delivery, Taken, take
from app.tables.absence import NO_ANSWER, why_away

PATH: Final = "/webhooks/github"
MEBIBYTE: Final = 1024 * 1024
LARGEST: Final = 5 * MEBIBYTE
"""Bytes of a body."""
ROOM: Final = 32 * MEBIBYTE
"""Bytes of bodies that are held at once."""
SLOWEST: Final = 10.0
"""Seconds for the body to come, and for it to be stored: GitHub itself waits no longer."""

_EVENT: Final = re.compile("[a-z0-9_]{1,100}", re.ASCII)
_DELIVERY: Final = re.compile("[0-9A-Za-z-]{1,100}", re.ASCII)


def github_door() -> list[BaseRoute]:
    """The routes of this door."""
    return [Route(PATH, _Door().deliver, methods=["POST"])]


class _Refused(Exception):
    """This request is answered with `status` and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class _Door:
    """`held`: bytes of bodies that are held at this moment."""

    def __init__(self) -> None:
        self.held = 0

    async def deliver(self, request: Request) -> Response:
        """Answers one delivery; a client that has gone hears nothing."""
        try:
            event, delivery_id, signature = _headers(request.headers)
            async with asyncio.timeout(SLOWEST):
                taken = await self._take(request, event, delivery_id, signature)
        except ClientDisconnect:
            return Response(status_code=400)
        except _Refused as refused:
            return _said(refused.status, refused.code, refused.message)
        except SnaglistError as failure:
            if type(failure) not in _STATUSES:
                raise
            return _said(_STATUSES[type(failure)], failure.code, failure.message)
        except Exception as failure:
            if why_away(failure) is None:  # a TimeoutError is one, too
                raise
            return _said(503, Unavailable.code, NO_ANSWER)
        is_new = taken in (Taken.STORED, Taken.PASSED_OVER)
        return JSONResponse({"delivery": delivery_id}, 202 if is_new else 200, _NO_STORE)

    async def _take(self, request: Request, event: str, delivery_id: str, signature: str) -> Taken:
        announced = request.headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and (len(announced) > 18 or int(announced) > LARGEST):
            raise _too_large()
        parts: list[bytes] = []
        size = 0
        try:
            async for part in request.stream():
                parts.append(part)
                size += len(part)
                self.held += len(part)
                if size > LARGEST:
                    raise _too_large()
                if self.held > ROOM:
                    raise _Refused(503, Unavailable.code, "too much is being sent at this moment")
            delivery = Delivery(delivery_id, event, signature, b"".join(parts))
            return await take(delivery, now=datetime.fromtimestamp(time(), UTC))
        finally:
            self.held -= size


_NO_STORE: Final = {"Cache-Control": "no-store"}
_STATUSES: Final[dict[type[SnaglistError], int]] = {BadInput: 400, Unauthenticated: 401, Unavailable: 503}


def _headers(headers: Headers) -> tuple[str, str, str]:
    """The event, the delivery's id and its signature. Refused: one is missing, or not alone."""
    event, delivery_id = _only(headers, "x-github-event"), _only(headers, "x-github-delivery")
    if not _EVENT.fullmatch(event) or not _DELIVERY.fullmatch(delivery_id):
        raise _Refused(400, BadInput.code, "a delivery has X-GitHub-Event and X-GitHub-Delivery")
    signature = _only(headers, "x-hub-signature-256")
    if not signature:
        raise _Refused(
            401, Unauthenticated.code, "a delivery has X-Hub-Signature-256: give the webhook a secret"
        )
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise _Refused(415, _UNSUPPORTED, "send the body as it is, not compressed")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise _Refused(415, _UNSUPPORTED, "set the webhook's content type to application/json")
    return event, delivery_id, signature


_UNSUPPORTED: Final = "UNSUPPORTED_MEDIA_TYPE"


def _only(headers: Headers, name: str) -> str:
    """The header; "" where it is missing or comes more than once."""
    values = headers.getlist(name)
    return values[0] if len(values) == 1 else ""


def _too_large() -> _Refused:
    return _Refused(413, "TOO_LARGE", f"a delivery has at most {LARGEST} bytes")


def _said(status: int, code: str, message: str) -> Response:
    headers = {**_NO_STORE, "Retry-After": "5"} if status == 503 else _NO_STORE
    return JSONResponse({"code": code, "message": message}, status, headers)
