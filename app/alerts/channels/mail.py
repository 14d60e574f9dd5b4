"""What a mail looks like on the wire.

Comes in: the message, from whom and to whom, the delivery's id, the moment. Goes out: the bytes of RFC 5322, in ASCII,
with short lines; nothing in a title or a header can begin a header of its own.
"""

import re
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import Any, Final
from uuid import UUID

from app.alerts.channels.outgoing import Outgoing

LONGEST_TITLE: Final = 250

_NO_WIDTH: Final = "\u200b"
"""It keeps addresses in texts from being links; no program makes links in a subject, and filters of spam take fright."""

_OURS: Final = frozenset(
    ("from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "mime-version", "auto-submitted")
)
"""What a message cannot set by its headers; nor what begins with Content-."""


class _AsItIs(UnstructuredHeader, BaseHeader):
    """A header that is not read: what looks like an encoded word in it is not decoded, as line ends may come out of that,
    and with them headers. Nor is it folded: a link that is longer than a line would come out as an encoded word."""

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"], kwds["decoded"] = None, value

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Subject(_AsItIs, BaseHeader):
    """On one line, where that is ASCII in which nobody finds encoded words; all of it in encoded words otherwise."""

    def fold(self, *, policy: Policy) -> str:
        if self.isascii() and "=?" not in self:
            return super().fold(policy=policy)
        encoded = Header(str(self), "utf-8", header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {encoded}{policy.linesep}"


def _headers() -> HeaderRegistry:
    made = HeaderRegistry(default_class=_AsItIs)
    made.map_to_type("subject", _Subject)
    return made


_POLICY: Final = SMTP.clone(header_factory=_headers(), cte_type="7bit")


def mail(message: Outgoing, *, sender: Address, to: str, delivery_id: UUID, now: datetime) -> bytes:
    """The mail. ValueError: a header that the message brings is none."""
    made = EmailMessage(policy=_POLICY)
    made["From"] = sender
    made["To"] = Address(addr_spec=to)
    made["Subject"] = _line(message.title.replace(_NO_WIDTH, ""))[:LONGEST_TITLE]
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{delivery_id}@{sender.domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Snaglist-Delivery"] = str(delivery_id)
    for name, value in message.headers.items():
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,70}", name) is None or not _is_free(name.lower()):
            raise ValueError("the message brings a header that is none")
        made[name] = _line(value)
    made.set_content(_text(message.text), cte="quoted-printable")
    if message.html is not None:
        made.add_alternative(_text(message.html), subtype="html", cte="quoted-printable")
        _add_images(made, message.images)
    return made.as_bytes()


def _add_images(made: EmailMessage, images: tuple[tuple[str, bytes], ...]) -> None:
    """Beside the HTML, in its alternative."""
    alternatives = made.get_payload()
    html = alternatives[-1] if isinstance(alternatives, list) else None
    if not isinstance(html, MIMEPart):
        raise TypeError("a mail with alternatives has parts")
    for cid, png in images:
        if re.fullmatch(r"[A-Za-z0-9._@-]{1,100}", cid) is None:
            raise ValueError("the message brings an image without a name")
        html.add_related(png, "image", "png", cid=f"<{cid}>", filename=f"{cid}.png", disposition="inline")


def _is_free(name: str) -> bool:
    return name not in _OURS and not name.startswith("content-")


def _line(text: str) -> str:
    """On one line, without what is not printable."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _text(text: str) -> str:
    """Without halves of characters, and without NUL."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
