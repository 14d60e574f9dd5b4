"""Which services may be used: those on the web, and none that does something on this machine or reads its files."""

import re
from collections.abc import Iterator
from pathlib import Path

import apprise
import pytest
from apprise.plugins import N_MGR

from app.alerts.channels import apprise_services
from app.alerts.channels.apprise_services import REFUSED, label, refuse_module, service
from app.errors import BadInput

PLUGINS = Path(apprise.__file__).parent / "plugins"
OTHER_WAYS = re.compile(
    r"^\s*(?:import|from)\s+(?:[\w.]*\b(?:socket|asyncio|smtplib|subprocess|ctypes|http\.client|pika|paho|slixmpp"
    r"|gntp|smpplib|dbus|gi|hid|win32api|syslog|aiohttp|websockets?)\b|urllib\.request)",
    re.MULTILINE,
)
"""How a plug-in would reach out by something else than HTTP, or do something on this machine."""


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("slack://T1JJ3T3L2/A1BRTD4JD/" + "aBcDeFgHiJkLmNoPqRsTuVwX", "Slack"),
        (
            "https://discord.com/api/webhooks/123456789012345678/" + "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789",
            "Discord",
        ),
        ("tgram://123456789:" + "abcdefghijklmnopqrstuvwxyzabcdefghi/12315544", "Telegram"),
        ("NTFY://example.com/topic", "ntfy"),
        ("gotify://example.com/" + "abcdefghijklmno", "Gotify"),
        ("pagerduty://" + "intkeyintkeyintkeyin@apikeyapikey", "Pager Duty"),
        ("matrix://user:word@example.com/#room", "Matrix"),
    ],
)
def test_services_on_the_web_are_called_by_their_names(url: str, name: str) -> None:
    assert label(url) == name
    service(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "slack",
        "://",
        "slack://",
        "nosuch://example.com",
        "https://example.com/hook",
        "file:///etc/passwd",
        "exec:///bin/sh",
        "dbus://",
        "qt://",
        "kde://",
        "glib://",
        "gnome://",
        "macosx://",
        "windows://",
        "syslog://",
        "rsyslog://127.0.0.1",
        "growl://127.0.0.1",
        "mqtt://127.0.0.1/topic",
        "xmpp://user:word@example.com",
        "irc://127.0.0.1/#room",
        "amqp://user:word@127.0.0.1/queue",
        "vapid://a@example.com/a@example.com",
        "deltachat://user:word@example.com",
        "SYSLOG://",
        "slack://T1JJ3T3L2/A1BRTD4JD/aBcDeFgHiJkLmNoPqRsTuVwX?template=/etc/passwd",
        "fcm://project/target?keyfile=/etc/passwd",
    ],
)
def test_others_are_refused_without_a_word_of_the_url(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(BadInput) as refusal:
        service(url)
    assert "passwd" not in refusal.value.message + caplog.text
    assert label(url) == "Apprise"


@pytest.mark.parametrize(
    ("url", "instead"),
    [
        ("json://example.com", "a webhook"),
        ("xmls://example.com", "a webhook"),
        ("form://example.com", "a webhook"),
        ("mailto://user:word@example.com", "e-mail"),
    ],
)
def test_what_snaglist_does_itself_is_named(url: str, instead: str) -> None:
    with pytest.raises(BadInput, match=f"use {instead} "):
        service(url)


def test_every_plugin_that_is_taken_speaks_by_http_alone() -> None:
    """One that a later Apprise brings or changes shows here, before it is taken by us."""
    taken = {module for module in _modules() if not _is_refused(module)}
    assert len(taken) > 100
    others = [module for module in sorted(taken) if any(map(OTHER_WAYS.search, _sources(module)))]
    assert others == []
    assert {module for module in REFUSED if not any(_sources(module))} == set()


def _modules() -> Iterator[str]:
    for plugin in N_MGR.plugins():  # type: ignore[no-untyped-call]
        yield ".".join(plugin.__module__.split(".")[:3])


def _sources(module: str) -> Iterator[str]:
    place = PLUGINS / module.rpartition(".")[2]
    files = place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]
    return (file.read_text(encoding="utf-8") for file in files if file.exists())


def _is_refused(module: str) -> bool:
    try:
        refuse_module(module)
    except BadInput:
        return True
    return False


def test_apprise_says_nothing_in_our_logs(caplog: pytest.LogCaptureFixture) -> None:
    assert apprise_services.label("slack://user:pass-word@example.com/") == "Apprise"
    assert caplog.text == ""
