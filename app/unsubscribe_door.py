"""The door for those who want no more digests.

    GET  /unsubscribe?token=...    a page with a button; whoever only looks at links changes nothing
    POST /unsubscribe?token=...    no more digests: from the button, or from a mail program by one click (RFC 8058)

Comes in: the link of a mail. Goes out: a page: 200, 404 where the link is not one of ours, or 503 while the database is
away. The link alone says who it is: nobody signs in, and doing it twice changes nothing.
"""

import base64
import hashlib
from datetime import UTC, datetime
from html import escape
from time import time
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.alerts.digests.opting_out import PATH, opt_out, subscription
from app.errors import NotFound, Unavailable
from app.tables.absence import why_away

_STYLE: Final = """
:root { color-scheme: light dark; --page: #f6f7f8; --card: #fff; --text: #17181c; --line: #e5e6ea; --accent: #4b43dd; --on: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --page: #0e0f12; --card: #1b1d22; --text: #e9eaee; --line: #272a31; --accent: #a3a3fb; --on: #15162b; }
}
body { margin: 0; padding: 48px 16px; background: var(--page); color: var(--text); font: 16px/24px system-ui, sans-serif; }
main { max-width: 420px; margin: 0 auto; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
h1 { margin: 0 0 8px; font-size: 20px; line-height: 28px; }
p { margin: 0 0 16px; overflow-wrap: anywhere; }
p:last-child { margin: 0; }
button { padding: 10px 16px; border: 0; border-radius: 6px; background: var(--accent); color: var(--on); font: inherit; font-weight: 600; cursor: pointer; }
"""
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
_BUTTON: Final = '<form method="post"><button>Unsubscribe</button></form>'


def unsubscribe_door() -> list[BaseRoute]:
    """The routes of this door."""
    return [Route(PATH, _answer, methods=["GET", "POST"])]


async def _answer(request: Request) -> Response:
    try:
        return await _done(request)
    except NotFound:
        return _page(404, "This link does not work", "It is not complete, or what it was for is gone.")
    except Exception as failure:
        if not isinstance(failure, Unavailable) and why_away(failure) is None:
            raise
        return _page(503, "Not at this moment", "Please try it again in a minute.", **{"Retry-After": "60"})


async def _done(request: Request) -> Response:
    tokens = request.query_params.getlist("token")
    found = await subscription(tokens[0] if len(tokens) == 1 else "")
    project = escape(found.project)
    if request.method == "POST":
        now = datetime.fromtimestamp(time(), UTC)
        await opt_out(found.organization_id, found.membership_id, found.project_id, now=now)
    elif not found.is_opted_out:
        return _page(200, "Unsubscribe?", f"You will get no more digests of {project}.", _BUTTON)
    return _page(200, "You are unsubscribed", f"You get no digests of {project} any more.")


def _page(status: int, title: str, told: str, form: str = "", **headers: str) -> Response:
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} – Snaglist</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1>\n<p>{told}</p>\n{form}\n</main>\n</body>\n</html>\n"
    )
    return Response(page, status, _HEADERS | headers)
