"""What the demo's apps send: errors of a front end as a browser's Sentry SDK has them, and of a mobile app by our own API.

Comes in: chance, a time, and an id. Goes out: events as JSON has them. Nothing here knows the clock or a connection.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID, uuid5

DAYS: Final = 7
"""Days of the past that an app begins with."""
A_DAY: Final = 36
"""Events of an app in a day of the past."""
_RELEASED_AGO: Final = timedelta(days=1, hours=5)
"""How long before its start an app got its newest release."""

Tree = dict[str, Any]
_Frame = tuple[str, str, int, bool]
"""File or module, function, line, whether it is the app's own."""

_CART: Final[tuple[_Frame, ...]] = (
    ("https://shop.example/assets/vendor.8f3a1c.js", "dispatchEvent", 2, False),
    ("https://shop.example/assets/cart.4be910.js", "onQuantityChange", 118, True),
    ("https://shop.example/assets/cart.4be910.js", "totalOf", 64, True),
)
_CHECKOUT: Final[tuple[_Frame, ...]] = (
    ("https://shop.example/assets/checkout.77d0aa.js", "submitOrder", 201, True),
    ("https://shop.example/assets/api.1c02ef.js", "post", 33, True),
)
_SCAN: Final[tuple[_Frame, ...]] = (
    ("Scanner/ScannerView.swift", "ScannerView.didScan(_:)", 88, True),
    ("Orders/OrderStore.swift", "OrderStore.add(barcode:)", 142, True),
)
_SYNC: Final[tuple[_Frame, ...]] = (
    ("com.example.shop.sync.SyncWorker", "doWork", 57, True),
    ("com.example.shop.orders.OrderParser", "parse", 112, True),
)


@dataclass(frozen=True, slots=True)
class Glitch:
    """Something that goes wrong in an app: its type and message (`{number}` is filled in), its frames, how often it comes."""

    type: str | None
    message: str
    frames: Sequence[_Frame] = ()
    weight: int = 10
    level: str = "error"
    environment: str | None = None
    only_new: bool = False
    """Only of the newest release."""


FRONT_END: Final = (
    Glitch("TypeError", "Cannot read properties of undefined (reading 'price')", _CART, 30),
    Glitch("ApiError", "POST /shop/cart/update answered 502", _CHECKOUT, 12),
    Glitch("ChunkLoadError", "Loading chunk {number} failed.", _CART[:1], 8),
    Glitch("RangeError", "Invalid currency code : EURO", _CHECKOUT[:1], 14, only_new=True),
    Glitch(None, "Cart took {number} ms to load", weight=20, level="warning"),
)
MOBILE: Final = (
    Glitch("BarcodeError", "no product has the barcode 40{number}", _SCAN, 16, environment="ios"),
    Glitch(
        "java.lang.IllegalStateException", "order {number} has no lines", _SYNC, 12, environment="android"
    ),
    Glitch(None, "Timed out loading /orders/{number} after 30 s", weight=14, environment="android"),
    Glitch(None, "Signed in again after {number} hours", weight=10, level="info", environment="ios"),
)


def glitch(known: Sequence[Glitch], chance: Random, *, is_new: bool) -> Glitch:
    """One of the glitches."""
    possible = [one for one in known if is_new or not one.only_new]
    [chosen] = chance.choices(possible, [one.weight for one in possible])
    return chosen


def by_sentry(found: Glitch, event_id: UUID, at: datetime, chance: Random, *, is_new: bool) -> Tree:
    """The event as a browser's Sentry SDK sends it."""
    message = found.message.format(number=chance.randint(2, 900))
    frames = [
        {"abs_path": file, "filename": file, "function": function, "lineno": line, "in_app": is_own}
        for file, function, line, is_own in found.frames
    ]
    exception = {"type": found.type, "value": message, "stacktrace": {"frames": frames}}
    told = {"exception": {"values": [exception]}} if found.type else {"message": message}
    url = chance.choice(("https://shop.example/shop/cart", "https://shop.example/shop/checkout"))
    return told | {
        "event_id": event_id.hex,
        "timestamp": at.timestamp(),
        "platform": "javascript",
        "level": found.level,
        "release": "shop-front@2.4.0" if is_new else "shop-front@2.3.1",
        "environment": "production",
        "user": {"id": f"customer-{chance.randint(1, 60)}"},
        "tags": {"browser": chance.choice(("Firefox 132", "Chrome 131", "Safari 18"))},
        "request": {"url": url},
        "breadcrumbs": [
            {"category": "ui.click", "message": "button.add-to-cart", "timestamp": at.timestamp() - 2}
        ],
        "sdk": {"name": "sentry.javascript.browser", "version": "8.40.0"},
    }


def by_own_api(found: Glitch, event_id: UUID, at: datetime, chance: Random, *, is_new: bool) -> Tree:
    """The event as our own API takes it."""
    number = chance.randint(2, 900)
    message = found.message.format(number=number)
    frames = [
        {"filename": file, "function": function, "lineno": line, "in_app": is_own}
        for file, function, line, is_own in found.frames
    ]
    exception = {"type": found.type, "value": message, "stacktrace": {"frames": frames}}
    return ({"exception": exception} if found.type else {}) | {
        "id": str(event_id),
        "timestamp": at.isoformat(),
        "level": found.level,
        "message": message,
        "source_module": "orders",
        "session_id": f"session-{at:%Y%m%d}-{chance.randint(1, 40)}",
        "user_id": f"driver-{chance.randint(1, 25)}",
        "app_version": "5.1.0" if is_new else "5.0.2",
        "environment": found.environment,
        "tags": {"device": chance.choice(("iPhone 15", "Pixel 8", "Galaxy S24"))},
        "attributes": {"order": number},
    }


Write = Callable[..., Tree]


def past(known: Sequence[Glitch], write: Write, app_id: UUID, began_at: datetime) -> list[Tree]:
    """What an app sent in the days before `began_at`: the same each time, ids too, so that sending it twice is no harm."""
    chance = Random(app_id.int)  # noqa: S311  no secrets
    found = []
    for number, at in enumerate(sorted(_times(began_at, chance))):
        is_new = at > began_at - _RELEASED_AGO
        chosen = glitch(known, chance, is_new=is_new)
        found.append(write(chosen, uuid5(app_id, f"past {number}"), at, chance, is_new=is_new))
    return found


def live(
    known: Sequence[Glitch], write: Write, event_id: UUID, now: datetime, chance: Random
) -> Mapping[str, Any]:
    """What an app sends now."""
    return write(glitch(known, chance, is_new=True), event_id, now, chance, is_new=True)


def _times(began_at: datetime, chance: Random) -> Iterator[datetime]:
    for _ in range(DAYS * A_DAY):
        yield began_at - timedelta(days=DAYS) * chance.random()
