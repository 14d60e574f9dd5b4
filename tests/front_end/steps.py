"""What people do on the pages again and again."""

from contextlib import suppress
from typing import Final
from urllib.parse import quote

from playwright.sync_api import Locator, TimeoutError, expect  # noqa: A004  it is what a click raises

from tests.front_end.browser import Visitor

OWNER: Final = "owner@localhost"
SHORTLY: Final = 2_000.0
"""Milliseconds in which a button that is there can be pressed."""
MOST_NEWS: Final = 10
"""How often other errors may arrive before the one that is waited for."""


def sign_in(visitor: Visitor, password: str) -> None:
    """Sign in with a password, on the page that asks for it."""
    page = visitor.page
    page.get_by_label("E-mail").fill(OWNER)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in_with_token(visitor: Visitor, token: str, path: str = "/errors") -> None:
    """Follow a link that has a token in it, which does not stay in the address."""
    visitor.go(f"{path}#token={quote(token)}")
    expect(visitor.page.get_by_role("navigation", name="Main")).to_be_visible()
    expect(visitor.page).to_have_url(f"{visitor.url}{path}")


def see_error(visitor: Visitor, title: str) -> Locator:
    """The row of an error in the list that is open, once it has arrived: the list tells of it, and shows it when asked."""
    row = visitor.page.get_by_role("row", name=title)
    news = visitor.page.get_by_role("button", name="new error")
    expect(row.or_(news).first).to_be_visible()
    for _ in range(MOST_NEWS):
        if row.count():
            break
        with suppress(TimeoutError):  # an empty list shows it by itself, and the button goes
            news.click(timeout=SHORTLY)
        expect(row.or_(news).first).to_be_visible()
    expect(row).to_be_visible()
    return row
