"""The door for signing in with an OIDC provider: a browser comes in, and goes out again, in the end signed in.

    GET /oidc/start?next=/path   to the provider
    GET /oidc/callback           back from the provider: to the path, with the cookie of a session

Where no provider is set up there are no such routes. What fails is a page of plain text with a code, and never more
than that; the log says the rest.
"""

import logging
from datetime import UTC, datetime
from time import time
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from app.accounts.oidc import LIFETIME, begin, finish
from app.accounts.oidc_provider import OidcRefused, Provider
from app.accounts.session_cookie import Place, read_cookie, set_cookie
from app.config import Oidc, Settings
from app.errors import BadInput, Unavailable
from app.tables.absence import why_away

START: Final = "/oidc/start"
CALLBACK: Final = "/oidc/callback"
TICKET: Final = "oidc"
"""What the cookie is about that binds the way back to the way there."""

_log = logging.getLogger(__name__)


def oidc_door(settings: Settings) -> list[BaseRoute]:
    """The routes; none where no provider is set up."""
    if settings.oidc is None:
        return []
    door = _Door(settings.oidc, settings.base_url)
    return [Route(START, door.start, methods=["GET"]), Route(CALLBACK, door.callback, methods=["GET"])]


class _Door:
    def __init__(self, settings: Oidc, base_url: str) -> None:
        self._place = Place(base_url)
        self._domains = settings.domains
        self._provider = Provider(settings, f"{base_url}{CALLBACK}")

    async def start(self, request: Request) -> Response:
        """To the provider."""
        try:
            begun = await begin(self._provider, request.query_params.get("next", "/"), now=_now())
        except Exception as failure:  # noqa: BLE001  whatever it is, a browser is told in words
            return self._refusal(failure)
        return self._redirect(begun.address, begun.ticket)

    async def callback(self, request: Request) -> Response:
        """Back from the provider; the ticket is good for this once."""
        sent = request.query_params
        try:
            if "error" in sent:
                raise OidcRefused("OIDC_DENIED", "the provider did not sign you in", detail=sent["error"])
            finished = await finish(
                self._provider,
                self._domains,
                ticket=read_cookie(self._place, request.headers.getlist("cookie"), what=TICKET),
                state=sent.get("state", ""),
                code=sent.get("code", ""),
                now=_now(),
            )
        except Exception as failure:  # noqa: BLE001  as above
            return self._refusal(failure)
        response = self._redirect(finished.next, "")
        response.headers.append("Set-Cookie", set_cookie(self._place, finished.session.secret))
        return response

    def _redirect(self, address: str, ticket: str) -> Response:
        response = RedirectResponse(
            address, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        )
        self._keep(response, ticket)
        return response

    def _refusal(self, failure: Exception) -> Response:
        """The failure in words, for a person. What nobody expected is logged whole, and tells nothing."""
        code, message, status = "INTERNAL", "something went wrong inside", 500
        if isinstance(failure, OidcRefused):
            code, message, status = failure.reason, failure.message, failure.status
            _log.warning("an OIDC sign-in was refused", extra={"reason": code, "detail": failure.detail})
        elif isinstance(failure, BadInput):
            code, message, status = failure.code, failure.message, 400
        elif isinstance(failure, Unavailable) or why_away(failure):
            code, message, status = "UNAVAILABLE", "the database is away; try again", 503
        else:
            _log.error("an OIDC sign-in failed", exc_info=failure)
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        response = PlainTextResponse(f"You are not signed in: {message}. ({code})\n", status, headers)
        self._keep(response, "")
        return response

    def _keep(self, response: Response, ticket: str) -> None:
        kept = set_cookie(self._place, ticket, what=TICKET, seconds=int(LIFETIME.total_seconds()))
        response.headers.append("Set-Cookie", kept)


def _now() -> datetime:
    return datetime.fromtimestamp(time(), UTC)
