"""What a Sentry SDK sends, and an app whose events have been scanned."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.events.event import Format
from app.recording.sightings import Origin
from tests.database import NOW
from tests.recording.stage import Stage
from tests.scanning.events.stage import put, scanned, with_app


def sent(number: int = 1, **different: Any) -> dict[str, Any]:
    """What a Sentry SDK sends."""
    return {
        "event_id": f"{number:032x}",
        "level": "error",
        "platform": "node",
        "timestamp": (NOW + timedelta(seconds=number)).isoformat(),
        "release": "shop@1.2.3",
        "environment": "production",
        "transaction": "POST /cart",
        "server_name": "web-1",
        "sdk": {"name": "sentry.javascript.node", "version": "9.1.0"},
        "tags": {"plan": "pro", "session_id": "s-1"},
        "user": {"id": 7, "email": "ann@acme.test", "ip_address": "10.0.0.7", "name": "Ann"},
        "contexts": {"os": {"name": "Linux"}},
        "extra": {"cart": [1, 2], "api_key": "abcdef123456789"},
        "request": {
            "method": "POST",
            "url": "https://shop.test/cart",
            "query_string": "a=1",
            "headers": {"Host": "shop.test", "Authorization": "Bearer abc123def456ghi789"},
            "data": {"item": 5},
        },
        "breadcrumbs": [
            {"timestamp": NOW.timestamp(), "category": "ui.click", "message": "buy", "level": "info"}
        ],
        "exception": {
            "values": [
                {
                    "type": "TypeError",
                    "value": "x is undefined",
                    "stacktrace": {
                        "frames": [
                            {
                                "filename": "node:internal/run",
                                "function": "run",
                                "lineno": 1,
                                "in_app": False,
                            },
                            {
                                "filename": "src/cart.js",
                                "function": "pay",
                                "lineno": 12,
                                "colno": 5,
                                "context_line": "  x.y()",
                                "pre_context": ["function pay() {"],
                                "post_context": ["}"],
                                "vars": {"x": None},
                                "in_app": True,
                            },
                        ]
                    },
                }
            ]
        },
        **different,
    }


async def stage_with(*trees: dict[str, Any]) -> tuple[Stage, Origin, list[UUID]]:
    """An app whose events have been scanned."""
    stage, app = await with_app()
    event_ids = await put(app, *trees, format=Format.SENTRY)
    await scanned()
    return stage, app, event_ids
