"""People in front of a browser, and what the browser complains about while they look.

A visitor has a window of a size, in light or dark. All that their pages ask for, and all that goes wrong in them, is kept.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.journeys.browser import QUIET

PATIENCE = 30_000.0
"""Milliseconds after which something that is not to be seen will not come any more; a loaded machine is slow."""
Theme = Literal["light", "dark"]
expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class Visitor:
    """Somebody who looks at the Snaglist at `url`."""

    page: Page
    url: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of it."""
        self.page.goto(f"{self.url}{path}")

    def has_no_complaints(self) -> None:
        """Nothing was refused by the Content-Security-Policy, thrown, logged as an error, or asked of another machine."""
        home = urlsplit(self.url).netloc
        abroad = [url for url in self.asked if urlsplit(url).netloc not in ("", home)]
        assert not abroad, f"something leaves the machine: {abroad}"
        assert not self.complaints, self.complaints


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or what `SNAGLIST_TEST_CHROMIUM` names."""
    program = (
        os.environ.get("SNAGLIST_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if program is None:
        pytest.skip("there is no Chromium on this machine (Debian's package: chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(
    browser: Browser, url: str, *, theme: Theme = "light", width: int = 1400, height: int = 900
) -> Iterator[Visitor]:
    """A visitor with a browser window of their own, and nothing remembered in it."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(PATIENCE)
    try:
        visitor = Visitor(context.new_page(), url)
        _listen(context, visitor)
        yield visitor
    finally:
        context.close()


def _listen(context: BrowserContext, visitor: Visitor) -> None:
    context.on("request", lambda request: visitor.asked.append(request.url))
    visitor.page.on("websocket", lambda socket: visitor.asked.append(socket.url))
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(f"thrown: {error}"))

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            visitor.complaints.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    visitor.page.on("console", hear)
