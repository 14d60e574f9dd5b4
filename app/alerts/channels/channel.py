"""Where the messages of a rule go.

Comes in: channels as somebody gave them. Goes out: the same, checked; encrypted for the database, and read again; and
what everybody may see of them. What is secret in them shows in no repr.
"""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from app.accounts.keys_in_force import encryption
from app.alerts.channels import apprise_services, settings
from app.alerts.channels.addresses import is_plainly_private
from app.errors import BadInput

MOST_CHANNELS: Final = 10
"""Of one rule."""
MOST_ADDRESSES: Final = 50
LONGEST_URL: Final = 2000
SHORTEST_SECRET: Final = 16
LONGEST_SECRET: Final = 200

_LONGEST_ADDRESS: Final = 254
_SHOWN_ADDRESSES: Final = 3
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.IGNORECASE)


class ChannelKind(StrEnum):
    """The ways by which a message leaves."""

    EMAIL = "EMAIL"
    WEBHOOK = "WEBHOOK"
    APPRISE = "APPRISE"


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """Mails, one for each address."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """JSON, posted to a URL and signed with the secret; `checked` makes one where it is empty."""

    url: str = field(repr=False)
    secret: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class AppriseChannel:
    """A service that Apprise knows, by Apprise's URL for it or by the service's own."""

    url: str = field(repr=False)


Channel = EmailChannel | WebhookChannel | AppriseChannel


def kind(channel: Channel) -> ChannelKind:
    """Of which kind it is."""
    match channel:
        case EmailChannel():
            return ChannelKind.EMAIL
        case WebhookChannel():
            return ChannelKind.WEBHOOK
        case AppriseChannel():
            return ChannelKind.APPRISE


def checked_all(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """The channels of one rule, each `checked` and there once. BadInput: none, too many, or one is wrong."""
    if not 1 <= len(channels) <= MOST_CHANNELS:
        raise BadInput(f"a rule has from 1 to {MOST_CHANNELS} channels", field="channels")
    return tuple(dict.fromkeys(checked(channel) for channel in channels))


def checked(channel: Channel) -> Channel:
    """The channel as it is kept: each address once, in a form that mail knows; with a secret.

    BadInput: nothing can be sent there, or must not be.
    """
    match channel:
        case EmailChannel(addresses):
            if not 1 <= len(addresses) <= MOST_ADDRESSES:
                raise BadInput(
                    f"an e-mail channel has from 1 to {MOST_ADDRESSES} addresses", field="addresses"
                )
            return EmailChannel(tuple(dict.fromkeys(map(checked_address, addresses))))
        case WebhookChannel(url, secret):
            return WebhookChannel(_checked_url(url), _checked_secret(secret))
        case AppriseChannel(url):
            stripped = _sendable_url(url)
            apprise_services.service(stripped)
            return AppriseChannel(stripped)


def shown(channel: Channel) -> dict[str, str]:
    """What everybody may see of it: `{"kind": ..., "label": ...}`, without anything secret."""
    return {"kind": kind(channel), "label": _label(channel)}


def sealed(organization_id: UUID, channels: Sequence[Channel]) -> bytes:
    """The channels, encrypted; only for the same organization they are read again. ConfigurationError: no key."""
    told = [{"kind": kind(channel), **_fields(channel)} for channel in channels]
    return encryption().encrypt(json.dumps(told).encode(), _context(organization_id))


def unsealed(organization_id: UUID, encrypted: bytes) -> tuple[Channel, ...]:
    """The channels. ConfigurationError: their key is not here. ValueError: damaged, or another organization's."""
    told: Any = json.loads(encryption().decrypt(encrypted, _context(organization_id)))
    return tuple(_read(one) for one in told)


def checked_address(text: str) -> str:
    """An e-mail address as it stands on an envelope: ASCII, the domain in small letters. BadInput: it is none."""
    local, _, domain = text.strip().rpartition("@")
    try:
        ascii_domain = domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = ""
    address = f"{local}@{ascii_domain}"
    if (
        len(address) > _LONGEST_ADDRESS
        or len(local) > 64
        or "=?" in local  # which the libraries of mail read as an encoded word
        or _LOCAL.fullmatch(local) is None
        or _DOMAIN.fullmatch(ascii_domain) is None
    ):
        raise BadInput(f"{text[:80]!a} is not an e-mail address that can be written to", field="addresses")
    return address


def _sendable_url(url: str) -> str:
    stripped = url.strip()
    if not 1 <= len(stripped) <= LONGEST_URL:
        raise BadInput(f"a URL has from 1 to {LONGEST_URL:,} characters", field="url")
    if not stripped.isprintable():  # as neither controls nor lone surrogates are
        raise BadInput("the URL has characters that no URL has", field="url")
    return stripped


def _checked_url(url: str) -> str:
    stripped = _sendable_url(url)
    try:
        split = urlsplit(stripped)
        host = split.hostname or ""
        is_known = bool(host if ":" in host else host.encode("idna")) and split.port != 0
    except (ValueError, UnicodeError):
        is_known = False
    if not is_known or " " in stripped or "\\" in stripped:
        raise BadInput("this is not a URL that can be posted to", field="url")
    if split.scheme not in ("http", "https"):
        raise BadInput("a webhook's URL begins with https:// or http://", field="url")
    if "@" in split.netloc:
        raise BadInput("a webhook's URL has no user and no password in it: it is signed instead", field="url")
    if is_plainly_private(host) and not settings.private_targets():
        raise BadInput(
            "this address is on a private network; whoever runs Snaglist can allow that by SNAGLIST_PRIVATE_TARGETS=1",
            field="url",
        )
    return stripped.partition("#")[0]


def _checked_secret(secret: str) -> str:
    made = secret or secrets.token_urlsafe(32)
    if not SHORTEST_SECRET <= len(made) <= LONGEST_SECRET or not made.isascii() or not made.isprintable():
        raise BadInput(
            f"a webhook's secret has from {SHORTEST_SECRET} to {LONGEST_SECRET} printable ASCII characters",
            field="secret",
        )
    return made


def _label(channel: Channel) -> str:
    match channel:
        case EmailChannel(addresses):
            named = ", ".join(addresses[:_SHOWN_ADDRESSES])
            more = len(addresses) - _SHOWN_ADDRESSES
            return f"{named} and {more} more" if more > 0 else named
        case WebhookChannel(url):
            split = urlsplit(url)
            return f"{split.scheme}://{split.netloc.rpartition('@')[2]}/…"
        case AppriseChannel(url):
            return apprise_services.label(url)


def _fields(channel: Channel) -> dict[str, Any]:
    match channel:
        case EmailChannel(addresses):
            return {"addresses": addresses}
        case WebhookChannel(url, secret):
            return {"url": url, "secret": secret}
        case AppriseChannel(url):
            return {"url": url}


def _read(told: Mapping[str, Any]) -> Channel:
    match told:
        case {"kind": ChannelKind.EMAIL, "addresses": addresses}:
            return EmailChannel(tuple(map(str, addresses)))
        case {"kind": ChannelKind.WEBHOOK, "url": url, "secret": secret}:
            return WebhookChannel(str(url), str(secret))
        case {"kind": ChannelKind.APPRISE, "url": url}:
            return AppriseChannel(str(url))
    raise ValueError("this is no channel")


def _context(organization_id: UUID) -> str:
    return f"organization {organization_id} channels"
