"""What may stand in the address of a request to GitHub.

Comes in: what people typed, and what servers sent. Goes out: the same, or ValueError. Pure.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from app.config import is_guarded

PUBLIC: Final = "https://api.github.com"
"""The base URL of github.com's API."""

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_.-]{1,39}/[A-Za-z0-9_.-]{1,100}")
_BASE_URL: Final = re.compile(r"https?://[A-Za-z0-9_.:\[\]-]+(/[A-Za-z0-9_.~-]+)*", re.IGNORECASE)
_LONGEST_BASE_URL: Final = 500


def checked_repository(name: str) -> str:
    """The name, where it is `owner/name` as GitHub has them (39 and 100 characters at most); ValueError otherwise."""
    if not _REPOSITORY.fullmatch(name) or ".." in name or "." in name.split("/"):
        raise ValueError("a repository is named owner/name, in letters, digits, - _ and .")
    return name


def checked_base_url(url: str) -> str:
    """The base URL of an API without a slash at its end: https, or http to this very machine. ValueError otherwise.

    It has a host, perhaps a port and a path, and nothing else: no user, no query, no dots that climb.
    """
    base = url.removesuffix("/")
    is_plain = len(base) <= _LONGEST_BASE_URL and _BASE_URL.fullmatch(base) and is_guarded(base)
    if not is_plain or {".", ".."} & set(base.split("/")):
        raise ValueError("the base URL is https://api.github.com, or https://HOST/api/v3")
    try:
        _ = urlsplit(base).port
    except ValueError as error:
        raise ValueError("the base URL has a port that is none") from error
    return base
