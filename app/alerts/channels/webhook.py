"""A message as JSON, posted to somebody's URL.

Comes in: the URL, the secret, the message. Goes out: nothing, or Undelivered.

    POST with    {"delivery": id, "sentAt": moment, ...what the message's data says}
    X-Snaglist-Delivery     the id; the same delivery sent again has the same
    X-Snaglist-Event        what it is, as in the body
    X-Snaglist-Timestamp    seconds since 1970
    X-Snaglist-Signature    sha256= and HMAC-SHA256 by the secret, in hex, over the timestamp, a full stop, the body

2xx: it has arrived. Redirects are not followed, cookies not kept, proxies of the environment not used; of an answer
64 KiB are read, and thrown away. Every refusal but 410 is tried again, because receivers are mended.
"""

import asyncio
import hmac
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from uuid import UUID

import aiohttp
from yarl import URL

from app.alerts.channels.addresses import Sockets
from app.alerts.channels.channel import WebhookChannel
from app.alerts.channels.failures import Undelivered, not_public
from app.alerts.channels.outgoing import Outgoing

TIMEOUT: Final = 10.0
"""Seconds that a receiver has."""
LONGEST_WAIT: Final = timedelta(hours=1)
"""So long at most a receiver can make us wait."""

_LARGEST: Final = 64 * 1024
_PATIENCE: Final = 1.0
"""Seconds for reading what nobody keeps: some receivers take fright at a connection that is cut at once."""
_NO_EVENT: Final = "message"
_BROKEN: Final = (aiohttp.ClientError, OSError, ValueError)
"""What the library raises for what servers do; ValueError for addresses that are none."""


async def send(
    channel: WebhookChannel, message: Outgoing, *, delivery_id: UUID, now: datetime, private_targets: bool
) -> None:
    """Post it. Undelivered: it was not taken."""
    headers, body = signed(channel.secret, message.data, delivery_id=delivery_id, now=now)
    sockets = Sockets(private_targets=private_targets)
    failure: Undelivered | None = None
    try:
        failure = await _post(channel.url, headers, body, sockets, now)
    except TimeoutError:
        failure = Undelivered(f"The receiver did not answer within {TIMEOUT:.0f} seconds")
    except _BROKEN as broken:
        failure = not_public("The webhook's address") if sockets.refused else _told(broken)
    if failure is not None:
        raise failure  # out here, so that the library's error, which knows the URL, is not in its chain


def signed(
    secret: str, data: Mapping[str, Any], *, delivery_id: UUID, now: datetime
) -> tuple[dict[str, str], bytes]:
    """The headers and the body. ValueError: the data is nothing that JSON can say."""
    sent_at = now.astimezone(UTC).isoformat(timespec="milliseconds")
    told = {**data, "delivery": str(delivery_id), "sentAt": sent_at}
    body = json.dumps(told, allow_nan=False).encode("ascii")
    timestamp = str(int(now.timestamp()))
    signature = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()
    event = data.get("event")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Snaglist",
        "Accept-Encoding": "identity",
        "X-Snaglist-Delivery": str(delivery_id),
        "X-Snaglist-Event": event if isinstance(event, str) and _is_word(event) else _NO_EVENT,
        "X-Snaglist-Timestamp": timestamp,
        "X-Snaglist-Signature": f"sha256={signature}",
    }
    return headers, body


async def _post(
    url: str, headers: Mapping[str, str], body: bytes, sockets: Sockets, now: datetime
) -> Undelivered | None:
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, socket_factory=sockets),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        ) as session,
        session.post(URL(url), data=body, headers=headers, allow_redirects=False) as answer,
    ):
        if not 200 <= answer.status < 300:
            return _refusal(answer.status, answer.headers.get("Retry-After", ""), now)
        with suppress(aiohttp.ClientError, OSError):  # it has arrived, whatever becomes of the answer's rest
            async with asyncio.timeout(_PATIENCE):
                await answer.content.read(_LARGEST)
        return None


def _refusal(status: int, retry_after: str, now: datetime) -> Undelivered:
    if 300 <= status < 400:
        return Undelivered(
            f"The receiver answered with a redirect ({status}), which is not followed: give the address it leads to"
        )
    if status == 410:
        return Undelivered("The receiver says that it is gone for good (410)", is_final=True)
    wait = asked_wait(retry_after, now)
    return Undelivered(f"The receiver answered with the status {status}", retry_after=wait)


def asked_wait(retry_after: str, now: datetime) -> timedelta | None:
    """What a Retry-After asks for: seconds or a date; at most an hour. None where it asks for nothing sensible."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:6])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return min(wait, LONGEST_WAIT) if wait > timedelta() else None


def _is_word(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", text) is not None


def _told(broken: Exception) -> Undelivered:
    """The same in our own words: the library's have the address in them."""
    if isinstance(broken, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return Undelivered("The receiver's certificate is not one that is trusted here")
    if isinstance(broken, aiohttp.ClientConnectorDNSError):
        return Undelivered("The receiver's host has no address")
    if isinstance(broken, aiohttp.ClientConnectorError):
        return Undelivered("The receiver cannot be reached")
    if isinstance(broken, aiohttp.InvalidURL | ValueError):
        return Undelivered("The webhook's URL is none that can be reached", is_final=True)
    return Undelivered("The connection to the receiver broke")
