"""Which of Apprise's services may be told something, and what they are called.

Comes in: a URL, Apprise's own (`slack://...`) or one of the service (`https://hooks.slack.com/...`). Goes out: the
service's name; or BadInput. Only services that Apprise speaks to by HTTP are taken, and no plug-in that shows something on
this machine, starts programs or reads files. Nothing is sent here.
"""

import logging
import warnings
from contextlib import suppress
from importlib import import_module
from typing import Any, Final

from apprise import Apprise, AppriseAsset, AppriseAttachment
from apprise.plugins import N_MGR, NotifyBase, url_to_dict

from app.errors import BadInput

_PLUGINS: Final = "apprise.plugins."

REFUSED: Final = frozenset(
    f"{_PLUGINS}{name}"
    for name in (
        "amqp",
        "aprs",
        "blink1",
        "dbus",
        "glib",
        "gnome",
        "growl",
        "irc",
        "macosx",
        "mqtt",
        "nostr",
        "rsyslog",
        "smpp",
        "syslog",
        "vapid",
        "windows",
        "xmpp",
    )
)
"""Modules of those that work on this very machine, or by something else than HTTP."""

_INSTEAD: Final = {
    f"{_PLUGINS}custom_form": "a webhook",
    f"{_PLUGINS}custom_json": "a webhook",
    f"{_PLUGINS}custom_xml": "a webhook",
    f"{_PLUGINS}email": "e-mail",
}
"""What Snaglist does itself, and better."""

with warnings.catch_warnings(), suppress(ImportError):
    warnings.simplefilter("ignore", DeprecationWarning)
    import_module("imghdr")  # as Apprise does later, which is no place to warn us; Python 3.13 has it no more

logging.getLogger("apprise").disabled = True  # its lines have parts of URLs in them


def label(url: str) -> str:
    """What the service is called, as "Slack"; "Apprise" where this version of it does not know the URL any more."""
    try:
        return str(service(url).service_name)
    except BadInput:
        return "Apprise"


def service(url: str, asset: AppriseAsset | None = None) -> NotifyBase:
    """Apprise's object for it.

    BadInput: Apprise does not know it, or it is one that may not be used; the message has nothing of the URL.
    """
    try:
        told: dict[str, Any] | None = url_to_dict(url)  # type: ignore[no-untyped-call]
        refuse_module(_module(told))
        found = Apprise.instantiate(told, asset=asset) if told else None
    except BadInput:
        raise
    except Exception:  # noqa: BLE001  a hundred plug-ins that read what somebody typed
        found = None
    if found is None:
        raise BadInput(
            "Apprise cannot read this URL; what it should look like stands on https://appriseit.com/services/",
            field="url",
        )
    for part in type(found).__mro__:
        refuse_module(part.__module__)
    if any(isinstance(value, AppriseAttachment) and len(value) for value in vars(found).values()):
        raise BadInput("this URL names a file to be read, which is not done here", field="url")
    return found


def refuse_module(module: str) -> None:
    """BadInput: a plug-in of this module may not be used."""
    if not module.startswith(_PLUGINS):
        return
    package = ".".join(module.split(".")[:3])
    if package in _INSTEAD:
        raise BadInput(
            f"this is what Snaglist does without Apprise: use {_INSTEAD[package]} as the channel", field="url"
        )
    if package in REFUSED:
        raise BadInput("this service of Apprise cannot be used here: only those on the web can", field="url")


def _module(told: dict[str, Any] | None) -> str:
    """Where the plug-in is that would be made, before it is made."""
    return "" if told is None else N_MGR[str(told["schema"])].__module__
