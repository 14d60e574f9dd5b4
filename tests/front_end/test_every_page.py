"""Every page, light and dark, wide and on a phone: pictures to look at, no barrier that axe finds, nothing to complain about."""

from dataclasses import dataclass
from time import monotonic, sleep

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.front_end import building
from tests.front_end.browser import Theme, visiting
from tests.front_end.conftest import SCREENSHOTS
from tests.front_end.steps import sign_in_with_token
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
