"""A real browser: Debian's Chromium, or what `SNAGLIST_TEST_CHROMIUM` names, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, sync_playwright

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def page() -> Iterator[tuple[Page, list[str]]]:
    """An empty page, and the addresses that were asked for from then on."""
    program = (
        os.environ.get("SNAGLIST_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if program is None:
        pytest.skip("there is no Chromium on this machine (Debian's package: chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        try:
            opened = chromium.new_page(viewport={"width": 1400, "height": 900})
            asked: list[str] = []
            opened.on("request", lambda request: asked.append(request.url))
            yield opened, asked
        finally:
            chromium.close()
