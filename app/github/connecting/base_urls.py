"""Where a GitHub is: the address of its API, and of its website. Pure.

Comes in: an address as somebody typed it. Goes out: the one that is stored, or BadInput; the address itself is never
repeated in the words, as a password might stand in it.
"""

from typing import Final
from urllib.parse import urlsplit

from app.errors import BadInput
from app.github.api.names import PUBLIC, checked_base_url

_API: Final = "/api/v3"
_PUBLIC_HOSTS: Final = ("github.com", "www.github.com", "api.github.com")


def api_address(text: str) -> str:
    """The address of the API, for what is its address or its website's. BadInput (`baseUrl`): it is neither."""
    try:
        parts = urlsplit(checked_base_url(text.strip()))
    except ValueError:
        raise _refusal() from None
    host, place = (parts.hostname or "").lower(), f"{parts.scheme}://{parts.netloc.lower()}"
    if not host or parts.path.rstrip("/") not in ("", _API):
        raise _refusal()
    if host in _PUBLIC_HOSTS and parts.scheme == "https" and parts.port in (None, 443):
        return PUBLIC
    return place if _is_cloud_api(host) else place + _API


def is_plain(base_url: str) -> bool:
    """Whether it is reached without TLS, which only this very machine is."""
    return base_url.startswith("http://")


def website(base_url: str) -> str:
    """The website that belongs to the address of an API, without a slash at its end."""
    if base_url == PUBLIC:
        return "https://github.com"
    scheme, _, rest = base_url.partition("://")
    host = rest.removesuffix(_API)
    return f"{scheme}://{host.removeprefix('api.') if _is_cloud_api(host) else host}"


def _is_cloud_api(host: str) -> bool:
    """GitHub's own servers with data residence: https://api.NAME.ghe.com."""
    return host.startswith("api.") and host.endswith(".ghe.com")


def _refusal() -> BadInput:
    return BadInput(
        "this is https://api.github.com, or the address of a GitHub Enterprise Server, like https://github.example.com:"
        " https, no user, no path but /api/v3",
        field="baseUrl",
    )
