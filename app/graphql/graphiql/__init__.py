"""GraphiQL, served by ourselves: it works without the internet, and the page may ask nobody but us.

Comes in: what a browser accepts. Goes out: the page, its headers, and the folder of its files (README.md says what
they are made of).
"""

from pathlib import Path
from typing import Final

FILES: Final = Path(__file__).parent / "files"
PAGE: Final = (Path(__file__).parent / "page.html").read_bytes()

HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
        # GraphiQL's menus put a style element into the page; scripts are what must never be inline
        " style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    "Vary": "Accept",
}


def is_for(accept: str) -> bool:
    """Whether who accepts this is a browser that opens a page."""
    return "text/html" in accept.lower()
