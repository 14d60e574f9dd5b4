"""A message to one of the many services that Apprise knows.

Comes in: the service's URL, and the message. Goes out: nothing, or Undelivered. Each message is sent by a process of its
own (`apprise_process`), which is given nothing of our environment that is secret, and is ended when its time is over.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from app.alerts.channels.apprise_services import label
from app.alerts.channels.channel import AppriseChannel
from app.alerts.channels.failures import Undelivered, not_public, told
from app.alerts.channels.outgoing import Outgoing
from app.domain.secrets.redaction import redact

TIMEOUT: Final = 30.0
"""Seconds after which the process is ended; it ends by itself before that."""

_WAITING: Final = ThreadPoolExecutor(max_workers=16, thread_name_prefix="apprise")
"""Threads of their own: in those of the loop, which are few, names are resolved, and these would wait for slow services."""

_SHORTEST_SECRET: Final = 4
_PASSED_ON: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "PYTHONPATH",
    "PYTHONHOME",
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
"""Passed on only where private addresses may be reached: a proxy would lead to them."""


async def send(channel: AppriseChannel, message: Outgoing, *, private_targets: bool) -> None:
    """Send it. Undelivered: the service did not take it, as far as Apprise knows."""
    request = {
        "url": channel.url,
        "title": _sayable(message.title),
        "text": _sayable(_rest(message)),
        "private_targets": private_targets,
    }
    name = await asyncio.to_thread(label, channel.url)
    failure: Undelivered | None = None
    try:
        failure = _told(await _asked(request, private_targets), channel.url, name)
    except subprocess.TimeoutExpired:
        failure = Undelivered(f"{name} did not answer within {TIMEOUT:.0f} seconds")
    except (OSError, ValueError):  # it was ended, for its time or its memory
        failure = Undelivered(f"{name} could not be told: the sending broke off")
    if failure is not None:
        raise failure  # out here, so that nothing else is in its chain


def _told(answer: Mapping[str, Any], url: str, name: str) -> Undelivered | None:
    match answer.get("outcome"):
        case "sent":
            return None
        case "private":
            return not_public(f"The address of {name}")
        case "unknown":
            return Undelivered(f"Apprise does not take the channel's URL: {answer.get('why')}", is_final=True)
    why = without_secrets(str(answer.get("why", "")), url, name)
    return Undelivered(f"{name} did not take the message{f': {why}' if why else ''}")


async def _asked(request: Mapping[str, Any], private_targets: bool) -> dict[str, Any]:
    """What the process answers. ValueError: nothing that can be read; OSError: it could not be started."""
    process = _started(private_targets)
    try:
        ended = partial(_ended, process, json.dumps(request).encode())
        told = await asyncio.get_running_loop().run_in_executor(_WAITING, ended)
    finally:
        process.kill()  # where we are cancelled; nothing where it has ended
    answer = json.loads(told)
    if not isinstance(answer, dict):
        raise ValueError("the process did not answer")
    return answer


def _started(private_targets: bool) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "app.alerts.channels.apprise_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(private_targets),
    )


def _ended(process: subprocess.Popen[bytes], request: bytes) -> bytes:
    """All that it writes until it ends. TimeoutExpired: it was ended, because it took too long."""
    with process:
        try:
            return process.communicate(request, timeout=TIMEOUT)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _environment(private_targets: bool) -> dict[str, str]:
    names = {*_PASSED_ON, *(_PROXIES if private_targets else ())}
    return {name: value for name, value in os.environ.items() if name in names or name.upper() in names}


def without_secrets(line: str, url: str, name: str) -> str:
    """What Apprise said, without any part of the URL that may be secret, on one line."""
    harmless = {urlsplit(url).scheme.casefold(), *name.casefold().split()}
    parts = {part for text in (url, unquote(url)) for part in re.split(r"[\s/:@?&=#,;+'\"]+", text)}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_SECRET and part.casefold() not in harmless:
            line = re.sub(re.escape(part), "…", line, flags=re.IGNORECASE)
    return told(redact(line))


def _rest(message: Outgoing) -> str:
    """The text without its first line, where the title, which stands above it in every service, says the same."""
    first, _, rest = message.text.partition("\n")
    return rest.lstrip("\n") if first in message.title and rest.strip() else message.text


def _sayable(text: str) -> str:
    """The text without what no service can be told: halves of characters, and NUL."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
