"""How a process sends, as the operator wrote it."""

from pathlib import Path

import pytest

from app import config
from app.alerts.channels import settings
from app.alerts.channels.settings import Smtp, Tls
from app.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings._TOLD, "sending", None)


def _told(**environment: str) -> settings.Sending:
    settings.use(config.from_environment(environment))
    return settings.sending()


@pytest.mark.parametrize(
    ("url", "smtp"),
    [
        ("smtp://mail.example.com", Smtp("mail.example.com", 587, Tls.DEMANDED)),
        ("smtp://mail.example.com:2525/", Smtp("mail.example.com", 2525, Tls.DEMANDED)),
        (
            "smtp://snag%40example.com:p%40ss%3A%2F%C3%BC@mail.example.com",
            Smtp("mail.example.com", 587, Tls.DEMANDED, "snag@example.com", "p@ss:/ü"),
        ),
        (
            "smtps://user:word@mail.example.com",
            Smtp("mail.example.com", 465, Tls.FROM_THE_START, "user", "word"),
        ),
        ("smtp://localhost", Smtp("localhost", 25, Tls.NONE)),
        ("smtp://[::1]:1025", Smtp("::1", 1025, Tls.NONE)),
    ],
)
def test_a_mail_server_is_read_from_its_url(url: str, smtp: Smtp) -> None:
    told = _told(SNAGLIST_SMTP_URL=url)
    assert told.smtp == smtp
    assert "word" not in repr(told)


@pytest.mark.parametrize(
    "url",
    [
        "smtp://",
        "smtp://user:word@",
        "smtp://mail.example.com:99999",
        "smtp://mail.example.com:x",
        "smtp://user:pa#ss@mail.example.com",
        "smtp://user:pa/ss@mail.example.com",
        "smtp://user:p%ff@mail.example.com",
        "smtp://mail.example.com?x=1",
        "smtp://[::1",
    ],
)
def test_a_url_that_means_nothing_is_refused_without_a_word_of_its_secrets(url: str) -> None:
    with pytest.raises(ConfigurationError, match="SNAGLIST_SMTP_URL") as refusal:
        _told(SNAGLIST_SMTP_URL=url)
    assert "pa" not in refusal.value.message.replace("password", "")


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("snaglist@example.com", "", "snaglist@example.com"),
        ("Snag, Ltd <snaglist@example.com>", "", ""),
        ("Überwacher <snaglist@example.com>", "Überwacher", "snaglist@example.com"),
        ('"Snag, Ltd" <snaglist@example.com>', "Snag, Ltd", "snaglist@example.com"),
        ("snaglist@::1", "", "snaglist@[IPv6:::1]"),
        ("snaglist@", "", ""),
        ("snaglist", "", ""),
        ("a@example.com\r\nBcc: b@example.com", "", ""),
        ("jürgen@example.com", "", ""),
        ("<>", "", ""),
        ("a b@example.com", "", ""),
    ],
)
def test_the_sender_is_an_address_with_or_without_a_name(text: str, name: str, address: str) -> None:
    if not address:
        with pytest.raises(ConfigurationError, match="SNAGLIST_MAIL_FROM"):
            _told(SNAGLIST_MAIL_FROM=text)
        return
    sender = _told(SNAGLIST_MAIL_FROM=text).sender
    assert (sender.display_name, sender.addr_spec) == (name, address)


def test_without_settings_mails_are_files_and_private_targets_are_not_reached() -> None:
    told = _told()
    assert told.smtp is None
    assert told.mail_dir == Path("data/mail")
    assert told.sender.addr_spec == "snaglist@127.0.0.1"
    assert not told.private_targets
    assert _told(HOST="::1").sender.addr_spec == "snaglist@[IPv6:::1]"
