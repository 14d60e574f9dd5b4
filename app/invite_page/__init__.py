"""The page that an invitation's link leads to: a name and a password, and one is in.

Comes in: a browser. Goes out: a page and its two files. The invitation's secret stands behind the link's `#`, which no
browser sends: the page's script hands it to `invitationAccept`, as any front end would.
"""

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

PATH: Final = "/invite"
FILES: Final = Path(__file__).parent / "files"
PAGE: Final = (Path(__file__).parent / "page.html").read_bytes()
HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def invite_page() -> list[BaseRoute]:
    """The routes."""
    return [Route(PATH, _page, methods=["GET"]), Mount(f"{PATH}/files", StaticFiles(directory=FILES))]


async def _page(_request: Request) -> Response:
    return Response(PAGE, headers=HEADERS)
