"""A message as mails, one for each address, so that nobody sees the others.

Comes in: the addresses, the message, how this process sends. Goes out: nothing, or Undelivered. The mails go to the mail
server, with certificates verified; without one they are written into a folder, as files that any mail program opens. The
Message-ID is the delivery's: a mail that is sent again, because nobody knows whether it arrived, can be told from a new
one.
"""

import asyncio
import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from ssl import SSLError
from typing import Final
from uuid import UUID

import aiosmtplib

from app.alerts.channels.channel import EmailChannel, checked_address
from app.alerts.channels.failures import Undelivered, told
from app.alerts.channels.mail import mail
from app.alerts.channels.outgoing import Outgoing
from app.alerts.channels.settings import Sending, Smtp, Tls
from app.errors import BadInput

TIMEOUT: Final = 20.0
"""Seconds that the mail server has for each step."""
LONGEST: Final = 45.0
"""Seconds that it has for all of them."""

_LACKING: Final = (aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported)
"""What the library raises, itself and nothing below it, where the server does not offer what we demand."""


async def send(
    channel: EmailChannel, message: Outgoing, *, delivery_id: UUID, now: datetime, sending: Sending
) -> None:
    """Send it to each address. Undelivered: not all took it; final only where no other try can change that."""
    failure: Undelivered | None = None
    try:
        mails = {
            to: mail(message, sender=sending.sender, to=to, delivery_id=delivery_id, now=now)
            for to in map(checked_address, channel.addresses)
        }
    except BadInput as wrong:
        failure = Undelivered(wrong.message, is_final=True)
    if failure is not None:
        raise failure
    if sending.smtp is None:
        await asyncio.to_thread(_write_all, list(mails.values()), sending.mail_dir, delivery_id, now)
        return
    try:
        async with asyncio.timeout(LONGEST):
            failure = await _hand_in(mails, sending.smtp, sending.sender.addr_spec)
    except (aiosmtplib.SMTPException, OSError, SSLError, ValueError) as broken:
        failure = _told(broken, sending.smtp)
    if failure is not None:
        raise failure  # out here, so that the library's error is not in its chain


async def _hand_in(mails: dict[str, bytes], smtp: Smtp, sender: str) -> Undelivered | None:
    """Hand all of them in on one connection. The failure that says most: one that may pass before one that will not."""
    failures: list[Undelivered] = []
    client = aiosmtplib.SMTP(
        hostname=smtp.host,
        port=smtp.port,
        username=smtp.user,
        password=smtp.password,
        use_tls=smtp.tls is Tls.FROM_THE_START,
        start_tls=smtp.tls is Tls.DEMANDED,
        local_hostname=_own_name(sender),
        timeout=TIMEOUT,
    )
    await client.connect()
    try:
        for to, content in mails.items():
            try:
                await client.sendmail(sender, [to], content)
            except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError) as refused:
                failures.append(_told(refused, smtp))
                await client.rset()
    finally:
        with suppress(aiosmtplib.SMTPException, OSError):  # what was taken is taken, however they part
            await client.quit(timeout=2)
        client.close()
    return min(failures, key=lambda failure: failure.is_final, default=None)


def _told(broken: Exception, smtp: Smtp) -> Undelivered:
    match broken:
        case aiosmtplib.SMTPAuthenticationError():
            return Undelivered("The mail server does not take the user and the password of SNAGLIST_SMTP_URL")
        case aiosmtplib.SMTPRecipientsRefused(recipients=[aiosmtplib.SMTPRecipientRefused() as first, *_]):
            return _answered("The mail server refuses the address", first, smtp, is_final=first.code >= 500)
        case aiosmtplib.SMTPSenderRefused():
            return _answered("The mail server refuses SNAGLIST_MAIL_FROM", broken, smtp)
        case aiosmtplib.SMTPDataError():
            return _answered("The mail server refuses the mail", broken, smtp, is_final=broken.code >= 500)
        case aiosmtplib.SMTPResponseException():
            return _answered("The mail server does not work with us", broken, smtp)
        case aiosmtplib.SMTPException() if type(broken) in _LACKING:
            return Undelivered("The mail server lacks what SNAGLIST_SMTP_URL needs: STARTTLS, or signing in")
        case TimeoutError():
            return Undelivered("The mail server did not answer in time")
    if (
        isinstance(broken, SSLError)
        or isinstance(broken.__cause__, SSLError)
        or "certificate" in str(broken).lower()
    ):
        return Undelivered("The mail server's certificate is not one that is trusted here")
    if isinstance(broken, aiosmtplib.SMTPConnectError):
        return Undelivered("The mail server cannot be reached")
    return Undelivered("The connection to the mail server broke")


def _answered(
    what: str, answer: aiosmtplib.SMTPResponseException, smtp: Smtp, *, is_final: bool = False
) -> Undelivered:
    """With what the server said, which might have our password in it."""
    said = answer.message
    for secret in (smtp.password, smtp.user):
        said = said.replace(secret, "…") if secret else said
    return Undelivered(told(f"{what}: {answer.code} {said}"), is_final=is_final)


def _own_name(sender: str) -> str:
    """What we call ourselves: the machine's own name is nobody's business."""
    domain = sender.rpartition("@")[2]
    return domain if re.fullmatch(r"[A-Za-z0-9.-]+|\[[A-Za-z0-9.:]+\]", domain) else "localhost"


def _write_all(mails: list[bytes], folder: Path, delivery_id: UUID, now: datetime) -> None:
    """Files with the moment and the delivery in their names, whole or not there. Undelivered: they cannot be written."""
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    failure: Undelivered | None = None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for place, content in enumerate(mails):
            number = f"-{place + 1}" if len(mails) > 1 else ""
            _write(folder, f"{moment}-{delivery_id}{number}.eml", content)
    except OSError as broken:
        failure = Undelivered(f"The mail cannot be written into SNAGLIST_MAIL_DIR: {broken.strerror}")
    if failure is not None:
        raise failure


def _write(folder: Path, name: str, content: bytes) -> None:
    draft = folder / f".{name}.draft"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(folder / name)
    _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
