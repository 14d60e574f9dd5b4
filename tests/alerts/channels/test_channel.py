"""Channels: what is taken, what everybody may see of it, and that only its organization reads it again."""

from uuid import UUID

import pytest

from app import config
from app.accounts import keys_in_force
from app.alerts.channels import settings
from app.alerts.channels.channel import (
    AppriseChannel,
    Channel,
    ChannelKind,
    EmailChannel,
    WebhookChannel,
    checked,
    checked_all,
    kind,
    sealed,
    shown,
    unsealed,
)
from app.errors import BadInput

ORGANIZATION = UUID("0199a000-0000-7000-8000-000000000001")
ANOTHER = UUID("0199a000-0000-7000-8000-000000000002")
SECRET = "correct horse battery"  # noqa: S105
CHANNELS: tuple[Channel, ...] = (
    EmailChannel(("ann@example.com", "ben@example.com")),
    WebhookChannel("https://hooks.example.com/in/t0ken?key=k3y", SECRET),
    AppriseChannel("ntfy://user:pass-word@example.com/t0pic"),
)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings._TOLD, "sending", None)
    keys_in_force.use_keys("a key of sixteen characters or more")


@pytest.fixture
def private_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with SNAGLIST_PRIVATE_TARGETS=1."""
    monkeypatch.setattr(settings._TOLD, "sending", None)
    settings.use(config.from_environment({"SNAGLIST_PRIVATE_TARGETS": "1"}))


def test_only_the_same_organization_reads_its_channels_again() -> None:
    encrypted = sealed(ORGANIZATION, CHANNELS)
    assert b"t0ken" not in encrypted
    assert unsealed(ORGANIZATION, encrypted) == CHANNELS
    with pytest.raises(ValueError, match="damaged, or belong elsewhere"):
        unsealed(ANOTHER, encrypted)


def test_what_everybody_may_see_has_nothing_secret() -> None:
    assert [shown(channel) for channel in CHANNELS] == [
        {"kind": "EMAIL", "label": "ann@example.com, ben@example.com"},
        {"kind": "WEBHOOK", "label": "https://hooks.example.com/…"},
        {"kind": "APPRISE", "label": "ntfy"},
    ]
    assert [kind(channel) for channel in CHANNELS] == list(ChannelKind)
    seen = repr(CHANNELS)
    assert [secret for secret in ("t0ken", "k3y", SECRET, "pass-word", "t0pic") if secret in seen] == []
    many = EmailChannel(tuple(f"a{number}@example.com" for number in range(50)))
    assert shown(many)["label"] == "a0@example.com, a1@example.com, a2@example.com and 47 more"


def test_addresses_are_kept_once_and_as_mail_knows_them() -> None:
    given = EmailChannel(
        (" Ann@Example.COM ", "Ann@example.com", "o'neil+x@bücher.example", "owner@localhost")
    )
    kept = EmailChannel(("Ann@example.com", "o'neil+x@xn--bcher-kva.example", "owner@localhost"))
    assert checked(given) == kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "=?utf-8?q?x=0D=0ABcc=3A_eve?=@example.com",
        "@",
        "ann",
        "ann@",
        "@example.com",
        "ann@@example.com",
        "ann@exa mple.com",
        "a nn@example.com",
        "ann@example.com\nBcc: eve@example.com",
        "ann\r\n@example.com",
        "ann\0@example.com",
        "Ann <ann@example.com>",
        "ann@example.com,eve@example.com",
        '"ann"@example.com',
        ".ann@example.com",
        "ann..b@example.com",
        "ann@-example.com",
        "ann@example..com",
        "ann@[127.0.0.1]",
        "jürgen@example.com",
        "\ud800@example.com",
        "ann@\ud800.com",
        "a" * 65 + "@example.com",
        "ann@" + "a." * 200 + "com",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        checked(EmailChannel(("ben@example.com", address)))


@pytest.mark.parametrize("count", [0, 51])
def test_a_channel_has_some_addresses_and_not_too_many(count: int) -> None:
    with pytest.raises(BadInput, match="from 1 to 50"):
        checked(EmailChannel(tuple(f"a{number}@example.com" for number in range(count))))


def test_a_webhook_without_a_secret_is_given_one() -> None:
    first = checked(WebhookChannel(" https://hooks.example.com/in#part "))
    second = checked(WebhookChannel("https://hooks.example.com/in"))
    assert isinstance(first, WebhookChannel)
    assert isinstance(second, WebhookChannel)
    assert first.url == second.url == "https://hooks.example.com/in"
    assert len(first.secret) >= 32
    assert first.secret != second.secret
    given = WebhookChannel("http://[2606:4700:4700::1111]:8080/in?x=1", SECRET)
    assert checked(given) == given


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com/in",
        "ftp://hooks.example.com/in",
        "file:///etc/passwd",
        "https://",
        "https:///in",
        "https://user@hooks.example.com/in",
        "https://user:word@hooks.example.com/in",
        "https://hooks.example.com:99999/in",
        "https://hooks.example.com:0/in",
        "https://hooks.example.com:x/in",
        "https://hooks..example.com/in",
        "https://[::1/in",
        "https://hooks.example.com\\@evil.example/in",
        "https://hooks.example.com/i n",
        "https://hooks.example.com/in\r\nX: y",
        "https://hooks.example.com/\0",
        "https://hooks.example.com/\ud800",
        "https://hooks.example.com/" + "x" * 2000,
        "http://localhost/in",
        "http://127.0.0.1/in",
        "http://2130706433/in",
        "http://0x7f.1/in",
        "http://[::1]/in",
        "http://[::ffff:127.0.0.1]/in",
        "http://169.254.169.254/latest/meta-data",
    ],
)
def test_what_is_no_webhook_is_refused(url: str) -> None:
    with pytest.raises(BadInput) as refusal:
        checked(WebhookChannel(url, SECRET))
    assert refusal.value.field == "url"


@pytest.mark.usefixtures("private_targets")
def test_private_webhooks_are_taken_where_the_operator_allows_them() -> None:
    given = WebhookChannel("http://127.0.0.1:8080/in", SECRET)
    assert checked(given) == given


@pytest.mark.parametrize("secret", ["short", "x" * 15, "x" * 201, "ä" * 20, "x" * 20 + "\n", "\ud800" * 20])
def test_a_secret_is_neither_short_nor_odd(secret: str) -> None:
    with pytest.raises(BadInput) as refusal:
        checked(WebhookChannel("https://hooks.example.com/in", secret))
    assert refusal.value.field == "secret"
    assert secret not in refusal.value.message


@pytest.mark.parametrize(
    "url", ["", "x" * 2001, "slack://\0", "json://example.com", "ntfy://\ud800", "nothing"]
)
def test_a_service_that_apprise_does_not_know_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        checked(AppriseChannel(url))


def test_a_rule_has_each_channel_once_and_ten_at_most() -> None:
    assert checked_all([*CHANNELS, *CHANNELS]) == CHANNELS
    for count in (0, 11):
        with pytest.raises(BadInput, match="from 1 to 10"):
            checked_all([CHANNELS[0]] * count)
