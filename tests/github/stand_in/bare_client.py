"""A bare HTTP client for tests of the stand-in, with nothing of ours between; and the claims that an App signs.

Comes in: a token. Goes out: status and JSON of each answer.
"""

import json
from time import time
from typing import Any

import aiohttp
import jwt

from tests.github.stand_in.keys import key_pair
from tests.github.stand_in.shop import Shop

ISSUES = "/repos/acme/shop/issues"


class BareClient:
    """Asks with one token. `last` is the last answer."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str | None) -> None:
        self.session, self.url, self.token = session, url, token
        self.last: aiohttp.ClientResponse

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON (or the text of something else)."""
        given = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if sent is not None else {}
        headers = {"User-Agent": "test", **kind, **given, **headers}
        async with self.session.request(
            method, self.url + path, data=sent, headers=headers, allow_redirects=False
        ) as response:
            self.last = response
            text = await response.text()
            is_json = response.headers.get("Content-Type", "").startswith("application/json")
            return response.status, json.loads(text) if is_json and text else text

    async def made(self, **body: Any) -> int:
        """A new issue: its number."""
        status, issue = await self.ask("POST", ISSUES, {"title": "t", **body})
        assert status == 201, issue
        return int(issue["number"])


def claims(shop: Shop, **changed: object) -> str:
    """A JWT of the App, signed with its key."""
    now = int(time())
    usual = {"iat": now - 60, "exp": now + 500, "iss": str(shop.app_id)}
    return jwt.encode({**usual, **changed}, key_pair().private, "RS256")


async def app_client(client: BareClient, shop: Shop) -> BareClient:
    """One with a token of the installation."""
    asking = BareClient(client.session, client.url, claims(shop))
    status, token = await asking.ask("POST", f"/app/installations/{shop.installation_id}/access_tokens")
    assert status == 201, token
    return BareClient(client.session, client.url, token["token"])
