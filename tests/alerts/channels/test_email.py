"""Mails: what arrives by a real mail server, guarded and signed in, and what is made of each way in which it does not."""

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest

from app.alerts.channels import email
from app.alerts.channels.channel import EmailChannel
from app.alerts.channels.failures import Undelivered
from app.alerts.channels.settings import Sending, Smtp, Tls
from tests.alerts.channels.stage import (
    DELIVERY,
    MESSAGE,
    NOW,
    by_folder,
    by_mail_server,
    certificate,
    mail_server,
    opened,
    sender,
)

pytestmark = pytest.mark.anyio

WHO = {"user": "snag@example.com", "password": "se cret@/ü"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A scratch folder."""
    made = Path(mkdtemp())
    yield made
    rmtree(made)


async def _send(sending: Sending, *addresses: str) -> None:
    channel = EmailChannel(addresses or ("ann@example.com",))
    await email.send(channel, MESSAGE, delivery_id=DELIVERY, now=NOW, sending=sending)


async def _refused(sending: Sending, *addresses: str) -> Undelivered:
    with pytest.raises(Undelivered) as refusal:
        await _send(sending, *addresses)
    assert refusal.value.__context__ is None
    assert not any(secret in repr(refusal.value) for secret in WHO.values())
    return refusal.value


async def test_each_address_gets_a_mail_of_its_own() -> None:
    async with mail_server() as box:
        await _send(by_mail_server(box), "ann@example.com", "ben@example.com")
    assert [(mail_from, to) for mail_from, to, _ in box.mails] == [
        ("snaglist@example.com", ["ann@example.com"]),
        ("snaglist@example.com", ["ben@example.com"]),
    ]
    assert b"ben@" not in box.mails[0][2]
    mail = opened(box.mails[0][2])
    assert mail["From"] == "Snaglist <snaglist@example.com>"
    assert mail["To"] == "ann@example.com"
    assert mail["Subject"] == MESSAGE.title
    assert mail["Message-ID"] == f"<{DELIVERY}@example.com>"
    assert mail["Date"].datetime == NOW.replace(microsecond=0)
    assert mail["Auto-Submitted"] == "auto-generated"


async def test_starttls_is_demanded_and_its_certificate_verified(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = certificate(folder)
    async with mail_server(own, auth=True) as box:
        unknown = await _refused(by_mail_server(box, Tls.DEMANDED, **WHO))
        assert "certificate" in unknown.message
        assert box.signed_in == []
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        await _send(by_mail_server(box, Tls.DEMANDED, **WHO))
        assert len(box.mails) == 1
        assert box.signed_in == [(b"snag@example.com", "se cret@/ü".encode())]
        wrong = await _refused(by_mail_server(box, Tls.DEMANDED, **{**WHO, "password": "wrong one"}))
        assert "SNAGLIST_SMTP_URL" in wrong.message
        assert not wrong.is_final
        assert len(box.mails) == 1
    async with mail_server() as box:
        none = await _refused(by_mail_server(box, Tls.DEMANDED, **WHO))
        assert "STARTTLS" in none.message
        assert not none.is_final
        assert box.mails == []


async def test_tls_from_the_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = certificate(folder)
    async with mail_server(own, from_the_start=True) as box:
        unknown = await _refused(by_mail_server(box, Tls.FROM_THE_START))
        assert "certificate" in unknown.message
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        await _send(by_mail_server(box, Tls.FROM_THE_START))
        assert len(box.mails) == 1


async def test_an_address_that_is_refused_keeps_nobody_else_from_their_mail() -> None:
    async with mail_server() as box:
        box.rcpt["gone@example.com"] = "550 5.1.1 no such user"
        box.rcpt["full@example.com"] = "452 4.2.2 mailbox full"
        final = await _refused(by_mail_server(box), "gone@example.com", "ann@example.com")
        assert final.message == "The mail server refuses the address: 550 5.1.1 no such user"
        assert final.is_final
        passing = await _refused(
            by_mail_server(box), "gone@example.com", "full@example.com", "ben@example.com"
        )
        assert "mailbox full" in passing.message
        assert not passing.is_final
    assert [to for _, to, _ in box.mails] == [["ann@example.com"], ["ben@example.com"]]


async def test_a_mail_that_is_refused_is_tried_again_unless_for_good() -> None:
    async with mail_server() as box:
        box.data = "451 4.7.1 greylisted"
        assert not (await _refused(by_mail_server(box))).is_final
        word = "pass-word"
        box.data = f"554 5.7.1 looks like spam to {word}"
        refused = await _refused(by_mail_server(box, password=word))
        assert refused.is_final
        assert "looks like spam to …" in refused.message
        box.data, box.sender = None, "553 5.7.1 not yours"
        foreign = await _refused(by_mail_server(box))
        assert "SNAGLIST_MAIL_FROM" in foreign.message
        assert not foreign.is_final
    assert box.mails == []


async def test_a_server_that_hangs_up_or_is_not_there_is_tried_again() -> None:
    async with mail_server() as box:
        box.hangs_up = True
        cut = await _refused(by_mail_server(box))
    away = await _refused(by_mail_server(box))
    assert cut.message == "The connection to the mail server broke"
    assert away.message == "The mail server cannot be reached"
    assert not cut.is_final
    assert not away.is_final


async def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(email, "TIMEOUT", 0.2)
    async with mail_server(certificate(folder), from_the_start=True) as box:
        silent = await _refused(by_mail_server(box, Tls.NONE))  # it waits for TLS, and we for its greeting
        monkeypatch.setattr(email, "TIMEOUT", 20.0)
        monkeypatch.setattr(email, "LONGEST", 0.2)
        slow = await _refused(by_mail_server(box, Tls.NONE))
    assert silent.message == slow.message == "The mail server did not answer in time"
    assert not silent.is_final
    assert not slow.is_final


async def test_an_address_that_cannot_be_written_to_is_given_up() -> None:
    nowhere = Sending(Smtp("127.0.0.1", 9, Tls.NONE), sender(), Path("nowhere"), private_targets=False)
    for address in ("jürgen@example.com", "a b@example.com", "x@example.com>\r\nRCPT TO:<y@example.com"):
        assert (await _refused(nowhere, address)).is_final, address


async def test_without_a_mail_server_mails_are_files(folder: Path) -> None:
    there = folder / "data" / "mail"
    await _send(by_folder(there))
    [file] = there.iterdir()
    assert file.name == f"20261122T093015.250000Z-{DELIVERY}.eml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert opened(file.read_bytes())["To"] == "ann@example.com"
    await _send(by_folder(there))  # once more, as after a crash: the same mail, not one more
    assert [one.name for one in there.iterdir()] == [file.name]


async def test_a_folder_that_cannot_be_written_is_tried_again(folder: Path) -> None:
    (folder / "mail").write_text("a file stands here")
    refusal = await _refused(by_folder(folder / "mail"))
    assert "SNAGLIST_MAIL_DIR" in refusal.message
    assert not refusal.is_final
