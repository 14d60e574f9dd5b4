"""Digests, and the page behind their link, in Chromium: on phones and in the dark, and nothing is asked of anybody."""

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route

from app.alerts.digests.sparkline_images import sparkline
from app.domain.alerts.digest_text import digest
from app.unsubscribe_door import _BUTTON, _page
from tests.domain.alerts.digest_samples import HARM, ORDINARY, UNSUBSCRIBE, content, error, section
from tests.front_end.browser import Theme, chromium

HARMFUL = content(
    section(
        error(title=HARM * 3, module=HARM, places=(HARM, HARM)), error(2, title="x" * 500, module="y" * 300)
    ),
    project=HARM,
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("width", [390, 800])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_digest_fits_and_is_seen(browser: Browser, theme: Theme, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda _: asked.append("a dialog"))
        for shown in (ORDINARY, HARMFUL):
            errors = shown.new.errors + shown.regressed.errors
            pictures = {
                each.link: f"data:image/png;base64,{base64.b64encode(sparkline(each.trend.counts)).decode()}"
                for each in errors
            }
            page.set_content(digest(shown, pictures).html_for(UNSUBSCRIBE))
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert page.evaluate("[...document.images].every(one => one.naturalWidth === 240)")
            assert page.locator(".card").bounding_box()["width"] <= 600  # type: ignore[index]
            colour = page.locator("h1").evaluate("one => getComputedStyle(one).color")
            assert colour == ("rgb(23, 24, 28)" if theme == "light" else "rgb(233, 234, 238)")
        assert [url for url in asked if not url.startswith("data:image/png")] == []


def test_the_button_does_what_it_says_under_the_pages_own_policy(browser: Browser) -> None:
    posted: list[str] = []

    def answer(route: Route) -> None:
        done = route.request.method == "POST"
        if done:
            posted.append(route.request.url)
        shown = _page(200, "Done" if done else "Unsubscribe?", "of Odoo", "" if done else _BUTTON)
        route.fulfill(body=bytes(shown.body), headers=dict(shown.headers))

    with browser.new_context() as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda told: complaints.append(told.text))
        page.route("http://snaglist.test/unsubscribe*", answer)
        page.goto("http://snaglist.test/unsubscribe?token=abc")
        assert page.locator("main").evaluate("one => getComputedStyle(one).borderRadius") == "8px", (
            "styles hold"
        )
        page.get_by_role("button", name="Unsubscribe").click()
        page.get_by_role("heading", name="Done").wait_for()
        assert posted == ["http://snaglist.test/unsubscribe?token=abc"]
        assert complaints == []
