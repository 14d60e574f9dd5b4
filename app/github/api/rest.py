"""One request to GitHub's REST API, and its answer.

Comes in: method, address, JSON. Goes out: the JSON of a success, and where the next page is; or one of `github.api.failures`.
Only the origin of the base URL is ever asked: no redirect is followed, and no address that leads elsewhere. An answer is
read up to `LARGEST`. Certificates are verified with what OpenSSL trusts here (SSL_CERT_FILE names other authorities).

The proxy for https that the environment names (HTTPS_PROXY, NO_PROXY) is used, as behind some firewalls there is no other
way out; it sees a tunnel and not the token. aiohttp's own `trust_env` is not used: it reads ~/.netrc, too, and refuses to
send a token to a host that stands there.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import time
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from gidgethub import GitHubException, sansio
from gidgethub.aiohttp import GitHubAPI
from yarl import URL

from app.github.api.failures import GithubFailure, Unknown
from app.github.api.refusals import failure

VERSION: Final = "2022-11-28"
LARGEST: Final = 8 * 1024 * 1024
"""Bytes of an answer."""

_AGENT: Final = "snaglist"
_CHUNK: Final = 64 * 1024
_KEPT_ALIVE: Final = 5.0
"""Seconds that an idle connection is used again; a write into one that the server has just closed is an unknown outcome."""

_BROKEN: Final = (
    aiohttp.ClientError,
    GitHubException,
    TimeoutError,
    OSError,
    ValueError,
    LookupError,
    ArithmeticError,
    RecursionError,
)
"""What the libraries raise for what servers do, and for bytes that are not what they should be."""


class Rest(GitHubAPI):
    """GitHub's API at a base URL, which has been checked."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        super().__init__(session, _AGENT, base_url=base_url)
        self._origin = URL(base_url).origin()
        self._proxy = _proxy(base_url)
        self._secrets: set[str] = set()

    async def ask(
        self,
        method: str,
        url: str,
        values: Mapping[str, str | int],
        data: Any = b"",
        *,
        token: str | None = None,
        jwt: str | None = None,
    ) -> tuple[Any, str | None]:
        """The answer's JSON, and the address of the next page. `url` is a template for the values; no data is b""."""
        try:
            found, more, _ = await self._make_request(
                method, url, values, data, sansio.accept_format(), jwt=jwt, oauth_token=token
            )
        except GithubFailure:
            raise
        except _BROKEN as error:
            broken = _told(error)
        else:
            return found, more
        raise broken  # out here, so that the library's error, which knows the token, is not in its chain

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        """What gidgethub sends by; it is given successes only, with nothing in their headers that it could fail on."""
        address = URL(url)
        if address.origin() != self._origin:
            raise Unknown("the server's answer leads to another server")
        self._secrets.add(headers.get("authorization", "").partition(" ")[2])
        self._secrets.discard("")
        sent = {**headers, "x-github-api-version": VERSION, "accept-encoding": "identity"}
        async with self._session.request(
            method, address, headers=sent, data=body or None, allow_redirects=False, proxy=self._proxy
        ) as answer:
            content = await _read(answer)
        if answer.status not in (200, 201):
            now = datetime.fromtimestamp(time(), UTC)
            raise failure(answer.status, answer.headers, content, now=now, secrets=self._secrets)
        if answer.content_type != "application/json" and not answer.content_type.endswith("+json"):
            raise Unknown("the server's answer is no JSON; is the base URL right?")
        kept = {"content-type": "application/json", "link": answer.headers.get("link", "")}
        return answer.status, kept, content


@asynccontextmanager
async def rest(base_url: str, *, timeout: float) -> AsyncIterator[Rest]:  # noqa: ASYNC109  of each request, not of this
    """A way to the API at a base URL, which has been checked. `timeout`: seconds of each request with its answer."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(keepalive_timeout=_KEPT_ALIVE),
        timeout=aiohttp.ClientTimeout(total=timeout),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    ) as session:
        yield Rest(session, base_url)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body, as it is. Unknown: it is too large, or packed although we asked for plain bytes."""
    if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
        answer.close()
        raise Unknown("the server's answer is packed, which was not asked for")
    content = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > LARGEST:
            answer.close()
            raise Unknown("the server's answer is larger than any of GitHub's")
    return bytes(content)


def _proxy(base_url: str) -> str | None:
    """The proxy that the environment names for it; none for this very machine."""
    there = urlsplit(base_url)
    if there.scheme != "https" or proxy_bypass(there.netloc):
        return None
    return getproxies().get("https") or None


def _told(error: Exception) -> Unknown:
    """The same in our own words: the library's have addresses and headers in them."""
    if isinstance(error, TimeoutError):
        return Unknown("GitHub did not answer in time")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Unknown("GitHub's certificate is not one that is trusted here")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Unknown("GitHub's host has no address; is the base URL right?")
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError):
        return Unknown("GitHub cannot be reached")
    if isinstance(error, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError | OSError):
        return Unknown("the connection to GitHub broke")
    return Unknown("the server's answer is not one of GitHub's API")
