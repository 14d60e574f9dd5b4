"""Links into this Snaglist, for what leaves it: issues, mails, messages.

Comes in: the settings, once, when the process begins. Goes out: addresses of pages of the front end.
"""

from typing import Final
from uuid import UUID

from app.config import Settings
from app.domain import global_ids


class _Place:
    """What the process was told."""

    base_url = "http://localhost:8000"


_PLACE: Final = _Place()


def use(settings: Settings) -> None:
    """Take the address that the settings name, from now on."""
    _PLACE.base_url = settings.base_url


def base_url() -> str:
    """Where this Snaglist is found, without a slash at its end."""
    return _PLACE.base_url


def error_page(group_id: UUID) -> str:
    """The page of a group."""
    return f"{_PLACE.base_url}/errors/{global_ids.encode('ErrorGroup', group_id)}"
