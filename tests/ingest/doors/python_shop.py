"""A shop in Python that reports to the DSN it is given, by Sentry's SDK as it is. A program of its own: the SDK changes
the libraries of the process that it is in.

    python -m tests.ingest.doors.python_shop DSN exception|messages|logging|asgi|feedback

It writes the ids that the SDK gave.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import Any, Final

import httpx
import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.starlette import StarletteIntegration
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

Told = list[str | None]


def exception() -> Told:
    """`capture_exception`, as it is in every tutorial."""
    sentry_sdk.set_tag("tenant", "t7")
    sentry_sdk.set_user({"id": "u1"})
    sentry_sdk.add_breadcrumb(category="query", message="select 1")
    try:
        try:
            int("seven")
        except ValueError as wrong:
            raise RuntimeError("the order cannot be read") from wrong
    except RuntimeError:
        return [sentry_sdk.capture_exception()]
    return []


def messages() -> Told:
    """`capture_message`, at two levels."""
    return [
        sentry_sdk.capture_message("this is info", "info"),
        sentry_sdk.capture_message("this is error", "error"),
    ]


def logged() -> Told:
    """Something logged with an exception, after something without."""
    log = logging.getLogger("shop.orders")
    log.setLevel(logging.INFO)
    log.info("opening order %s", 7)
    try:
        raise KeyError("price")
    except KeyError:
        log.exception("order %s has no price", 7)
    return []


def asgi() -> Told:
    """A page that fails."""

    async def fail(_request: Request) -> None:
        raise ZeroDivisionError("division by zero")

    async def ask() -> None:
        shop = Starlette(routes=[Route("/orders/{id}", fail)])
        transport = httpx.ASGITransport(shop, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            await client.get("/orders/7?page=2")

    asyncio.run(ask())
    return []


def feedback() -> Told:
    """An error, and what the user says of it."""
    event_id = sentry_sdk.capture_message("lost", "error")
    report = {"event_id": event_id, "name": "Ann", "email": "ann@example.org", "comments": "it broke"}
    sent = Envelope(headers={"event_id": event_id})
    sent.add_item(Item(PayloadRef(json=report), type="user_report"))
    transport = sentry_sdk.get_client().transport
    if transport:
        transport.capture_envelope(sent)
    return [event_id]


_DEEDS: Final[dict[str, tuple[Callable[[], Told], dict[str, Any]]]] = {
    "exception": (exception, {}),
    "messages": (messages, {}),
    "logging": (logged, {"integrations": [LoggingIntegration(level=logging.INFO)]}),
    "asgi": (
        asgi,
        {"integrations": [StarletteIntegration()], "traces_sample_rate": 1.0, "auto_session_tracking": True},
    ),
    "feedback": (feedback, {}),
}


def main(dsn: str, deed: str) -> None:
    """Do it, and wait until all of it was sent."""
    do, options = _DEEDS[deed]
    sentry_sdk.init(
        dsn=dsn,
        default_integrations=False,
        auto_enabling_integrations=False,
        release="shop@1.4.2",
        environment="production",
        **options,
    )
    ids = do()
    sentry_sdk.get_client().close(timeout=20)
    sys.stdout.write("\n".join(str(told) for told in ids))


if __name__ == "__main__":
    main(*sys.argv[1:])
