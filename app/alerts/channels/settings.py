"""What the process was told about sending.

Comes in: the settings, once, when the process begins. Goes out: those that channels need, read and checked.
"""

import re
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from app.config import Settings
from app.errors import ConfigurationError

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_IPV6: Final = re.compile(r"@([0-9a-fA-F]*:[0-9a-fA-F:]+)$")
"""What stands after the @ where Snaglist has no name but only such an address."""


class Tls(StrEnum):
    """How a connection to the mail server is guarded."""

    FROM_THE_START = "FROM_THE_START"
    DEMANDED = "DEMANDED"
    """By STARTTLS; a server that has none is given nothing."""
    NONE = "NONE"
    """Only to this very machine."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server, and who we are there."""

    host: str
    port: int
    tls: Tls
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Sending:
    """What channels need to know. Without `smtp`, mails are written into the folder."""

    smtp: Smtp | None
    sender: Address
    mail_dir: Path
    private_targets: bool


class _Told:
    """What the process was told."""

    sending: Sending | None = None


_TOLD: Final = _Told()


def use(settings: Settings) -> None:
    """Send as these settings say, from now on. ConfigurationError: nothing can be sent like that."""
    _TOLD.sending = Sending(
        smtp=_smtp(settings.smtp_url) if settings.smtp_url else None,
        sender=_sender(settings.mail_from),
        mail_dir=settings.mail_dir,
        private_targets=settings.private_targets,
    )


def sending() -> Sending:
    """How this process sends. ConfigurationError: nobody told it."""
    if _TOLD.sending is None:
        raise ConfigurationError("this process was not told how to send messages")
    return _TOLD.sending


def private_targets() -> bool:
    """Whether messages may go to machines of the own network; not where nobody said so."""
    return _TOLD.sending is not None and _TOLD.sending.private_targets


def _smtp(url: str) -> Smtp:
    try:
        split = urlsplit(url)
        host, port = split.hostname, split.port
        user, password = (unquote(part, errors="strict") if part else None for part in _who(split.netloc))
    except ValueError:
        host = None
    if not host or split.path not in ("", "/") or split.query or split.fragment:
        raise ConfigurationError(
            "SNAGLIST_SMTP_URL must look like smtp://user:password@host:587, or smtps:// for TLS from the start;"
            " what is special in the user or password (as @ : / # ?) is written percent-encoded"
        )
    if split.scheme == "smtps":
        return Smtp(host, port or 465, Tls.FROM_THE_START, user, password)
    if host in _LOOPBACK:
        return Smtp(host, port or 25, Tls.NONE, user, password)
    return Smtp(host, port or 587, Tls.DEMANDED, user, password)


def _who(netloc: str) -> tuple[str, str]:
    user, _, password = netloc.rpartition("@")[0].partition(":")
    return user, password


def _sender(text: str) -> Address:
    """An address alone, or with a name before it. An IPv6 address as the domain is written as mail wants it."""
    name, address = parseaddr(_IPV6.sub(r"@[IPv6:\1]", text))
    try:
        if not text.isprintable() or not address.isascii() or "@" not in address[1:]:
            raise ValueError("not an address")
        return Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError, MessageError):
        raise ConfigurationError(
            "SNAGLIST_MAIL_FROM must be an e-mail address, as snaglist@example.com or"
            f" Snaglist <snaglist@example.com>, not {text[:80]!r}"
        ) from None
