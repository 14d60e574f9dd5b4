"""The keys by which this process reads and writes what is secret in the database.

Comes in: the settings, once, when the process begins. Goes out: the encryption, for whoever stores or needs a secret.
It is made when somebody first asks: who keeps no secrets needs no key.
"""

from collections.abc import Callable
from typing import Final

from app.accounts.encryption import Encryption, from_settings
from app.config import Settings
from app.errors import ConfigurationError


class _Keys:
    """What the process was told."""

    make: Callable[[], Encryption] | None = None
    made: Encryption | None = None


_KEYS: Final = _Keys()


def use(settings: Settings) -> None:
    """Take the keys that the settings name, from now on."""
    _KEYS.make, _KEYS.made = lambda: from_settings(settings), None


def use_keys(*keys: str) -> None:
    """Take these, from now on."""
    _KEYS.make, _KEYS.made = lambda: Encryption(keys), None


def encryption() -> Encryption:
    """The keys in force. ConfigurationError: there is none, or it cannot be used."""
    if _KEYS.made is None:
        if _KEYS.make is None:
            raise ConfigurationError("this process was given no SNAGLIST_SECRET_KEY")
        _KEYS.made = _KEYS.make()
    return _KEYS.made
