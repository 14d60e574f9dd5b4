"""What must not be lost while things happen: the focus, the filters, what is shown, and what a question is about."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.front_end.browser import Visitor
from tests.front_end.sender import Sender
from tests.front_end.steps import see_error, sign_in_with_token
from tests.journeys.shop import crash
from tests.running import TOKEN, Running

pytestmark = pytest.mark.timeout(600)  # the first test waits for the build

FAILS_FOR = 5_000.0
"""Milliseconds: longer than the error page waits before it asks again."""
FAILED = {"data": None, "errors": [{"message": "it broke", "extensions": {"code": "INTERNAL"}}]}


def test_focus_filters_and_undo(visitor: Visitor, snaglist: Running) -> None:
    sender = Sender(snaglist)
    page = visitor.page
    sign_in_with_token(visitor, TOKEN)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    sender.sends(crash("FocusError", app_version="1.0"), crash("OtherError", app_version="1.0"))
    see_error(visitor, "FocusError")
    see_error(visitor, "OtherError")

    _dialogs_give_the_focus_back(page)
    _popovers_give_the_focus_back(page)

    page.get_by_role("row", name="OtherError").get_by_role("checkbox").check()
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.get_by_role("row", name="OtherError")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Reopened 1 error")).to_be_visible()
    expect(page.get_by_role("row", name="OtherError")).to_be_visible()

    visitor.go("/errors?q=FocusError")
    page.get_by_role("row", name="FocusError").get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_contain_text("FocusError")
    page.keyboard.press("u")
    expect(page).to_have_url(f"{visitor.url}/errors?q=FocusError")


def _dialogs_give_the_focus_back(page: Page) -> None:
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("m")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("row").get_by_role("link").first).to_be_focused()


def _popovers_give_the_focus_back(page: Page) -> None:
    filters = page.get_by_role("button", name="Filter", exact=True)
    filters.click()
    page.keyboard.press("Escape")
    expect(filters).to_be_focused()
    page.get_by_role("button", name="Any time").click()
    page.get_by_role("menuitem", name="Between").or_(
        page.get_by_role("menuitemradio", name="Between")
    ).click()
    since = page.get_by_label("Last seen then or later")
    since.focus()
    since.fill("2026-01-10T10:00")
    page.keyboard.press("ArrowUp")
    expect(since).to_be_focused()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("button", name=re.compile("^Seen"))).to_be_focused()
    page.get_by_role("button", name="Show errors of any time").click()


def test_what_is_shown_stays_where_it_cannot_be_asked_again(visitor: Visitor, snaglist: Running) -> None:
    sender = Sender(snaglist)
    page = visitor.page
    sign_in_with_token(visitor, TOKEN)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    sender.sends(crash("StayError", app_version="1.0"))
    see_error(visitor, "StayError").get_by_role("link").first.click()
    card = page.get_by_role("region", name="When it happened")
    expect(card.get_by_role("img", name=re.compile("1 time in 7 days"))).to_be_visible()
    card.locator(".uplot").evaluate("(chart) => { chart.dataset.mark = 'same' }")

    asked: list[str] = []

    def fail(route: Route) -> None:
        asked.append(str((route.request.post_data_json or {}).get("operationName")))
        route.fulfill(json=FAILED)

    page.route("**/graphql", fail)
    sender.sends(crash("StayError", app_version="1.0"), crash("StayError", app_version="1.0"))
    expect(page.get_by_role("button", name="newer occurrences")).to_contain_text("of 2")
    page.wait_for_timeout(FAILS_FOR)
    assert "ErrorPage" in asked
    expect(page.get_by_role("heading", level=1)).to_contain_text("StayError")
    page.unroute("**/graphql")
    page.get_by_role("button", name="newer occurrences").click()
    page.get_by_role("button", name="Claim").click()
    expect(card.get_by_role("img", name=re.compile("3 times in 7 days"))).to_be_visible()
    expect(card.locator(".uplot")).to_have_attribute("data-mark", "same")


def test_who_signs_in_next_is_not_led_to_where_the_last_one_was(visitor: Visitor, snaglist: Running) -> None:
    Sender(snaglist)
    page = visitor.page
    sign_in_with_token(visitor, TOKEN, "/apps")
    page.route("**/graphql", lambda route: route.fulfill(json=FAILED))
    _sign_out(page)
    expect(page.get_by_text("You are still signed in")).to_be_visible()
    page.unroute("**/graphql")
    _sign_out(page)
    page.get_by_role("tab", name="Access token").click()
    page.get_by_role("textbox", name="Access token").fill(TOKEN)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{visitor.url}/errors")


def _sign_out(page: Page) -> None:
    page.get_by_role("button", name="sign out").click()
    page.get_by_role("menuitem", name="Sign out").click()
