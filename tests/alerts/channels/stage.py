"""What the tests of channels send, and whom they send it to: receivers and mail servers of their own, on this machine."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import UUID

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.alerts.channels.outgoing import Outgoing
from app.alerts.channels.settings import Sending, Smtp, Tls

NOW = datetime(2026, 11, 22, 9, 30, 15, 250_000, tzinfo=UTC)
DELIVERY = UUID("0199a000-0000-7000-8000-0000000000d1")
MESSAGE = Outgoing(
    title="Snaglist: 3 new errors in Webshop – Überraschung",
    text="Three errors were opened.\n\nhttps://snaglist.example.com/errors/1\n",
    html='<p>Three errors were <b>opened</b>. <img src="cid:spark"></p>',
    data={"event": "alert", "rule": "New errors", "total": 3},
    images=(("spark", b"\x89PNG\r\n\x1a\n" + bytes(range(64))),),
)

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Received:
    """One request that a receiver got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An HTTP server that answers as it is told, and remembers."""

    url: str = ""
    port: int = 0
    got: list[Received] = field(default_factory=list)
    answer: Answer | None = None


@asynccontextmanager
async def receiver(answer: Answer | None = None) -> AsyncIterator[Receiver]:
    """One on a free port of 127.0.0.1; without `answer` it says 200 to everything."""
    told = Receiver(answer=answer)

    async def take(request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        told.got.append(Received(request.method, request.path, headers, await request.read()))
        return await told.answer(request) if told.answer else web.json_response({})

    app = web.Application(client_max_size=1 << 24)
    app.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    told.port = runner.addresses[0][1]
    told.url = f"http://127.0.0.1:{told.port}"
    try:
        yield told
    finally:
        await runner.cleanup()


@dataclass
class MailServer:
    """A mail server's letter box, and what it answers at each step instead of yes."""

    port: int = 0
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    signed_in: list[tuple[bytes, bytes]] = field(default_factory=list)
    rcpt: dict[str, str] = field(default_factory=dict)
    sender: str | None = None
    data: str | None = None
    hangs_up: bool = False

    async def handle_MAIL(  # noqa: N802  as aiosmtpd looks for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The sender."""
        if self.sender is None:
            envelope.mail_from = address
        return self.sender or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A recipient."""
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The mail."""
        if self.hangs_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 nobody hears this"
        if self.data is not None:
            return self.data
        assert isinstance(envelope.content, bytes)
        self.mails.append((str(envelope.mail_from), list(envelope.rcpt_tos), envelope.content))
        return "250 OK"

    def sign_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, told: Any
    ) -> AuthResult:
        """Who signs in; only one password is right."""
        self.signed_in.append((told.login, told.password))
        return AuthResult(success=told.password == "se cret@/ü".encode(), handled=False)


@asynccontextmanager
async def mail_server(
    certificate: Path | None = None, *, from_the_start: bool = False, auth: bool = False
) -> AsyncIterator[MailServer]:
    """One on a free port of 127.0.0.1; with a certificate it offers STARTTLS, or speaks TLS from the start."""
    box = MailServer()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    options: dict[str, Any] = {"hostname": "mail.test", "enable_SMTPUTF8": False}
    if context is not None and not from_the_start:
        options["tls_context"] = context
    if auth:
        options |= {
            "authenticator": box.sign_in,
            "auth_required": True,
            "auth_require_tls": context is not None,
        }
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(box, loop=loop, **options), "127.0.0.1", 0, ssl=context if from_the_start else None
    )
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()


def certificate(folder: Path) -> Path:
    """A self-made certificate of localhost and 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)  # noqa: TID251  OpenSSL asks the real clock
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]),
            False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        made.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return file


def by_mail_server(box: MailServer, tls: Tls = Tls.NONE, **who: str) -> Sending:
    """How a process sends that was told of this mail server."""
    return Sending(Smtp("127.0.0.1", box.port, tls, **who), sender(), Path("nowhere"), private_targets=False)


def by_folder(folder: Path) -> Sending:
    """How a process sends that has no mail server."""
    return Sending(None, sender(), folder, private_targets=False)


def sender() -> Address:
    """Whom the mails are from."""
    return Address("Snaglist", addr_spec="snaglist@example.com")


def opened(content: bytes) -> EmailMessage:
    """A mail as a mail program reads it."""
    read = message_from_bytes(content, policy=default)
    assert isinstance(read, EmailMessage)
    return read
