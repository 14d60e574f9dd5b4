"""The front end's pages, as they were built: `make front` makes them, `make run` too where Node.js is there.

Comes in: a browser. Goes out: the page, its scripts and styles. All of it is read once, at the start, so that a build
that is under way is never half served; compressed copies were made by the build.

Any address that nothing else answers is a page of the front end, which looks at the address itself; but nothing below
what belongs to others, so that what is mistyped there, or a script of an older build, is plainly not found.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

DIST: Final = Path(__file__).parent.parent / "frontend_stub" / "dist"
PAGE: Final = "index.html"
MANIFEST: Final = "documents.json"  # for the graph, see app.graphql.persisted

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""For files that are called otherwise when they are built otherwise."""
ASK_AGAIN: Final = "no-cache"

OTHERS: Final = ("api", "graphql", "healthz", "invite", "oidc", "readyz", "v1")
"""What begins with one of these is never the front end's."""

MISSING: Final = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Snaglist</title>
<h1>Snaglist is running, without its front end</h1>
<p>To have it: install Node.js 20.19 or newer, then stop Snaglist and start it with <code>make run</code>, which builds it.
<p>Everything else works: the API and its explorer are at <a href="/graphql">/graphql</a>.
"""

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_ENCODINGS: Final = {"br": ".br", "gzip": ".gz"}  # the best first


@dataclass(frozen=True, slots=True)
class File:
    """A file of the build: its bytes, and those of its compressed copies by their encoding."""

    media_type: str
    cache: str
    plain: bytes = field(repr=False)
    packed: Mapping[str, bytes] = field(repr=False)
    etag: str


def front_end(dist: Path = DIST) -> list[BaseRoute]:
    """The route, which must come last. Without a build it tells how to get one."""
    files = read_build(dist)

    async def answer(request: Request) -> Response:
        path = request.path_params["path"]
        found = files.get(path) if path != PAGE else None
        if found is not None:
            return _sent(found, request.headers)
        if not _is_page(path, request.headers):
            return PlainTextResponse("Not Found", 404)
        if PAGE in files:
            return _sent(files[PAGE], request.headers, HEADERS)
        return Response(MISSING, media_type="text/html", headers={"Cache-Control": "no-store"})

    return [_Rest("/{path:path}", answer)]


class _Rest(Route):
    """What nobody else has, to look at: all else is answered as if this were not there."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_ours = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        # `GET *` has no slash at all.
        if not is_ours or scope["path"].removeprefix("/").partition("/")[0] in OTHERS:
            return Match.NONE, {}
        return super().matches(scope)


def read_build(dist: Path) -> dict[str, File]:
    """The files of a build by their paths, the page included; none where there is no build."""
    if not (dist / PAGE).is_file():
        return {}
    found = {}
    for path in sorted(dist.rglob("*")):
        name = path.relative_to(dist).as_posix()
        if path.suffix in _TYPES and name != MANIFEST and path.is_file():
            found[name] = _read(path, name)
    return found


def _read(path: Path, name: str) -> File:
    plain = path.read_bytes()
    copies = {encoding: path.with_name(path.name + suffix) for encoding, suffix in _ENCODINGS.items()}
    # One that is older than its file is left over from another build.
    newest = path.stat().st_mtime
    packed = {
        encoding: copy.read_bytes()
        for encoding, copy in copies.items()
        if copy.is_file() and copy.stat().st_mtime >= newest
    }
    cache = FOR_EVER if name.startswith("assets/") else ASK_AGAIN
    return File(_TYPES[path.suffix], cache, plain, packed, hashlib.sha256(plain).hexdigest()[:32])


def _is_page(path: str, headers: Headers) -> bool:
    """Whether a person opens this in a browser; a missing script of an older build is not asked for so."""
    return not path or "text/html" in headers.get("accept", "").lower()


def _sent(file: File, asked: Headers, more: Mapping[str, str] | None = None) -> Response:
    encoding = next((one for one in file.packed if _accepts(asked, one)), None)
    etag = f'"{file.etag}-{encoding}"' if encoding else f'"{file.etag}"'
    headers = {"Cache-Control": file.cache, "ETag": etag, "Vary": "Accept-Encoding", **(more or {})}
    if etag in [known.strip().removeprefix("W/") for known in asked.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    if encoding is None:
        return Response(file.plain, media_type=file.media_type, headers=headers)
    headers["Content-Encoding"] = encoding
    return Response(file.packed[encoding], media_type=file.media_type, headers=headers)


def _accepts(asked: Headers, encoding: str) -> bool:
    """Whether `Accept-Encoding` names it, and not with a weight of 0."""
    for part in asked.get("accept-encoding", "").lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";q=")
        if name == encoding:
            return not weight or weight.strip("0.") != ""
    return False
