"""The process in which Apprise sends one message; `apprise_channel` starts it.

Comes in: JSON on the standard input: url, title, text, private_targets. Goes out: JSON on the standard output: `outcome`,
and `why`, the last that Apprise said where it did not work out, with whatever secrets it has. Apprise's plug-ins are many,
read what strangers answer, and know no limits; so they run behind fences, in a process that ends.
"""

import json
import logging
import os
import sys
from typing import Any, Final

from apprise import Apprise, AppriseAsset, NotifyFormat, OverflowMode
from apprise.result import AppriseResult

from app.alerts.channels.apprise_services import service
from app.alerts.channels.fences import Fences
from app.errors import BadInput

TIMEOUT: Final = 20
"""Seconds that the service has; some take several requests."""

_GRACE: Final = 5
_SLOWEST: Final = 10.0
"""Seconds for one connection, or one part of an answer."""


def sent(told: dict[str, Any]) -> dict[str, str]:
    """Send it behind fences, and tell how that went."""
    fences = Fences(private_targets=bool(told["private_targets"]), seconds=TIMEOUT + _GRACE)
    logger = logging.getLogger("apprise")
    logger.disabled, logger.propagate = False, False
    try:
        result = _notified(told["url"], told["title"], told["text"])
    except BadInput as wrong:
        return {"outcome": "unknown", "why": wrong.message}
    if result:
        return {"outcome": "sent", "why": ""}
    if fences.refused:
        return {"outcome": "private", "why": ""}
    lines = [entry.message for entry in result.logs()]
    return {"outcome": "failed", "why": lines[-1] if lines else ""}


def _notified(url: str, title: str, text: str) -> AppriseResult:
    asset = AppriseAsset(
        app_id="Snaglist",
        app_desc="Snaglist",
        app_url="",
        http_redirects=False,
        interpret_escapes=False,
        interpret_emojis=False,
        storage_mode="memory",
        service_timeout=TIMEOUT,
    )
    found = service(url, asset)
    found.retry, found.optional = 0, False  # the URL may say otherwise; the outbox tries again
    found.socket_connect_timeout = min(float(found.socket_connect_timeout), _SLOWEST)
    found.socket_read_timeout = min(float(found.socket_read_timeout), _SLOWEST)
    if found.overflow_mode == OverflowMode.UPSTREAM:
        found.overflow_mode = OverflowMode.TRUNCATE
    notifier = Apprise(asset=asset)
    notifier.add(found)
    return notifier.notify(
        body=text, title=title, body_format=NotifyFormat.TEXT, interpret_escapes=False, timeout=TIMEOUT
    )


def _main() -> None:
    answer = sent(json.load(sys.stdin))
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)  # without waiting for threads that a service keeps hanging


if __name__ == "__main__":
    _main()
