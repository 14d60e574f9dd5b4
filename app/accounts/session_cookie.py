"""The cookie of a session, and the rules by which it counts. Pure: headers come in, headers go out.

A browser sends the cookie with whatever any page has it ask of us. So a cookie counts only where the browser says that a
page of ours asks: `Sec-Fetch-Site` is `same-origin` (or `none`: the person), or, from browsers and addresses that know
no such header, `Origin` is ours. Where neither is sent, the cookie does not count: programs send tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http.cookies import Morsel
from typing import Final
from urllib.parse import urlsplit

from app.accounts.sessions import LONGEST

_OWN: Final = ("same-origin", "none")
_LONGEST_HEADER: Final = 16_384
_SCHEMES: Final = {"ws": "http", "wss": "https"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is, and what its cookies are called; `base_url` is SNAGLIST_BASE_URL."""

    base_url: str

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it with TLS."""
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        """Its origin, as browsers write it."""
        split = urlsplit(self.base_url.lower())
        return f"{split.scheme}://{split.netloc}".removesuffix(":443" if split.scheme == "https" else ":80")

    def cookie_name(self, what: str = "") -> str:
        """The name of the session's cookie, or of another one that is about `what`."""
        name = f"snaglist_{what}" if what else "snaglist_session"
        secure = f"__Host-snaglist-{what}" if what else "__Host-snaglist"
        return secure if self.is_secure else name


def set_cookie(
    place: Place, value: str, *, what: str = "", seconds: int = int(LONGEST.total_seconds())
) -> str:
    """The value of `Set-Cookie`; the browser keeps it for so long. The empty value takes the cookie away."""
    morsel: Morsel[str] = Morsel()
    morsel.set(place.cookie_name(what), value, value)
    morsel["path"] = "/"
    morsel["httponly"] = True
    morsel["samesite"] = (
        "Lax"  # with Strict, whoever comes by a link from a mail or a chat would seem signed out
    )
    morsel["max-age"] = seconds if value else 0
    if place.is_secure:
        morsel["secure"] = True
    return morsel.OutputString()


def read_cookie(place: Place, sent: Sequence[str], *, what: str = "") -> str | None:
    """The value of our cookie in the `Cookie` headers; None: there is none, or there are several."""
    name = place.cookie_name(what)
    pairs = [part.strip().partition("=") for line in sent for part in line[:_LONGEST_HEADER].split(";")]
    values = [value.strip() for key, _, value in pairs if key == name]
    return values[0] if len(values) == 1 and values[0] else None


def is_own_page(
    place: Place, *, sec_fetch_site: str | None, origin: str | None, scheme: str, host: str | None
) -> bool:
    """Whether a page of ours asks, by what the browser says; `scheme` and `host` are the request's own."""
    if sec_fetch_site is not None:
        return sec_fetch_site.lower() in _OWN
    if origin is None:
        return False
    requested = f"{_SCHEMES.get(scheme, scheme)}://{host}".lower() if host else None
    return origin.lower() in (place.origin, requested)
