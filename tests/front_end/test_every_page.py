"""Every page, light and dark, wide and on a phone: pictures to look at, no barrier that axe finds, nothing to complain about."""

import re
from dataclasses import dataclass
from time import monotonic, sleep

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.front_end import building
from tests.front_end.browser import Theme, Visitor, visiting
from tests.front_end.conftest import SCREENSHOTS
from tests.front_end.sender import Sender
from tests.front_end.steps import see_error, sign_in_with_token
from tests.journeys.shop import clock, crash
from tests.running import TOKEN, Running

pytestmark = pytest.mark.timeout(600)  # the first test waits for the build

THEMES: tuple[Theme, ...] = ("light", "dark")
SIZES = ((1400, 900), (390, 844))
SAME_AS_OTHERS = ("dark", 390)
"""Has the colours of one picture and the layout of another: axe would find the same."""
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = """
async (levels) => {
    const found = await axe.run(document, {runOnly: levels, preload: false, resultTypes: ["violations"]})
    return found.violations.map((one) => `${one.id}: ${one.help}: ` + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | "))
}
"""
DRAWN = "() => document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))"
MOST_TABS = 60
ALL = "3 times in 7 days, at most 2 in an hour"
MIDDLE = "2 times in 84 hours, at most 2 in an hour"
LATE = "1 time in 84 hours, at most 1 in an hour"
ERRORS = """{
    logs: errors(first: 1, filter: {source: LOG, kind: [TRACEBACK]}) { nodes { id } }
    events: errors(first: 1, filter: {source: EVENT}) { nodes { id } }
    apps(first: 1) { nodes { id } }
    errors(first: 1) { totalCount }
}"""


@dataclass(frozen=True)
class Place:
    """A page: what its picture is called, where it is, and a heading that tells that it is there."""

    name: str
    path: str
    heading: str | None = None


def places(demo: Running) -> list[Place]:
    """Every page there is, once the demo has something to show on each."""
    deadline = monotonic() + 60
    while (told := demo.ask(ERRORS))["errors"]["totalCount"] < 15 or not all(
        told[part]["nodes"] for part in ("logs", "events", "apps")
    ):
        assert monotonic() < deadline, told
        sleep(0.2)
    first = {part: told[part]["nodes"][0]["id"] for part in ("logs", "events", "apps")}
    return [
        Place("errors", "/errors", "Errors"),
        Place("error of a log", f"/errors/{first['logs']}"),
        Place("error of an app", f"/errors/{first['events']}"),
        Place("instances", "/instances", "Instances"),
        Place("apps", "/apps", "Apps"),
        Place("app", f"/apps?app={first['apps']}", "Set it up"),
        Place("nowhere", "/nowhere", "There is no such page"),
    ]


def test_every_page_can_be_seen_by_everybody(browser: Browser, demo: Running) -> None:
    barriers: list[str] = []
    with visiting(browser, demo.url) as visitor:
        page = visitor.page
        visitor.go("/")
        expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        barriers += _look(page, "sign in")
        sign_in_with_token(visitor, TOKEN)
        for place in places(demo):
            visitor.go(place.path)
            title = page.get_by_role("heading", name=place.heading) if place.heading else page.locator("h1")
            expect(title.first).to_be_visible()
            barriers += _look(page, place.name)
        visitor.go("/instances")
        page.get_by_role("button", name="Add instance").click()
        page.get_by_role("radio", name="Over SSH").check()
        barriers += _look(page, "add instance")
        visitor.has_no_complaints()
    assert not barriers, "\n".join(barriers)


def test_the_chart_is_zoomed_without_a_mouse_and_with_one(visitor: Visitor, snaglist: Running) -> None:
    page = visitor.page
    early = clock(hours=-108).isoformat()  # of 7 days, in the first half, and in the one in the middle
    sign_in_with_token(visitor, TOKEN)
    Sender(snaglist).sends(crash("ChartError"), *[crash("ChartError", timestamp=early)] * 2)
    see_error(visitor, "ChartError").get_by_role("link").first.click()
    card = page.get_by_role("region", name="When it happened")
    expect(card.get_by_role("img")).to_have_accessible_name(ALL)
    expect(card.get_by_role("status")).to_be_empty()

    barriers = _zoom_by_buttons(page, card)
    _zoom_by_keys(page, card)
    _turn_signs_off(page, card)
    canvas = card.locator(".u-over").bounding_box()
    assert canvas
    page.mouse.move(canvas["x"] + 2, canvas["y"] + 20)
    page.mouse.down()
    page.mouse.move(canvas["x"] + canvas["width"] / 2 - 2, canvas["y"] + 20, steps=4)
    page.mouse.up()
    expect(card.get_by_role("img")).to_have_accessible_name(MIDDLE)  # as many as in the middle
    assert not barriers, "\n".join(barriers)


def _zoom_by_buttons(page: Page, card: Locator) -> list[str]:
    """Into the middle, to the end and back, by Tab and the keys that press buttons; what axe finds meanwhile."""
    told = card.get_by_role("status")
    closer, back = (card.get_by_role("button", name=name) for name in ("Zoom in", "Reset zoom"))
    expect(back).to_be_disabled()
    _tab_to(page, closer)
    page.keyboard.press("Enter")
    expect(card.get_by_role("img")).to_have_accessible_name(MIDDLE)
    hour = r"\w+, \w+ \d+, \d\d:00"
    expect(told).to_have_text(re.compile(f"^{MIDDLE}, {hour} to {hour}$"))
    expect(closer).to_be_focused()
    barriers = _look(page, "zoomed chart")
    _tab_to(page, card.get_by_role("button", name="Later"))
    page.keyboard.press("Space")
    expect(told).to_contain_text(LATE)
    expect(card.get_by_role("button", name="Later")).to_be_disabled()
    expect(card.get_by_role("button", name="Later")).to_be_focused()
    _tab_to(page, back)
    page.keyboard.press("Enter")
    expect(told).to_contain_text(ALL)
    expect(back).to_be_focused()
    return barriers


def _zoom_by_keys(page: Page, card: Locator) -> None:
    """With the focus on the chart."""
    _tab_to(page, card.get_by_role("group", name="Chart"))
    for key, words in (("+", MIDDLE), ("ArrowRight", LATE), ("-", ALL), ("=", MIDDLE), ("0", ALL)):
        page.keyboard.press(key)
        expect(card.get_by_role("status")).to_contain_text(words)
        expect(card.get_by_role("img")).to_have_accessible_name(words)


def _turn_signs_off(page: Page, card: Locator) -> None:
    """In the list of keys, which names those of the chart; then they do nothing."""
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("In the chart: zoom in")
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(card.get_by_role("group", name="Chart")).to_be_focused()
    page.keyboard.press("+")
    expect(card.get_by_role("button", name="Reset zoom")).to_be_disabled()


def _tab_to(page: Page, place: Locator) -> None:
    """Go on with Tab until the focus is there."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if place.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {place}")


def _look(page: Page, name: str) -> list[str]:
    """Keep pictures, once nothing is loading any more; what axe finds, with where it was."""
    found = []
    _load_axe(page)
    for theme in THEMES:
        for width, height in SIZES:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": height})
            expect(page.locator('[aria-busy="true"]')).to_have_count(0)
            page.evaluate(DRAWN)
            where = f"{name}, {theme}, {width}"
            page.screenshot(path=SCREENSHOTS / f"{where.replace(', ', '-').replace(' ', '_')}.png")
            if (theme, width) != SAME_AS_OTHERS:
                found += [f"{where}: {barrier}" for barrier in page.evaluate(AXE, LEVELS)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    return found


def _load_axe(page: Page) -> None:
    """Not by a script element: the pages allow none but their own."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": building.AXE.read_text()})
    session.detach()
