"""An error's issue on the error page: it is made on a GitHub, which the tests stand in for, and goes on with the error."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.front_end import building
from tests.front_end.browser import Visitor
from tests.front_end.conftest import SCREENSHOTS
from tests.front_end.sender import Sender, project_of
from tests.front_end.steps import see_error, sign_in_with_token
from tests.front_end.test_every_page import AXE, LEVELS, SIZES, THEMES
from tests.github.stand_in.process import RemoteStandIn
from tests.github.stand_in.process import running as running_github
from tests.journeys.shop import crash
from tests.running import TOKEN, Running

pytestmark = pytest.mark.timeout(600)  # the first test waits for the build

SOON = 45_000.0
"""Milliseconds in which an issue is made and shown: 10 seconds where nothing else runs on the machine."""
MOST_TABS = 80
CONNECT = """
mutation ($input: ProjectConnectGithubInput!) {
  projectConnectGithub(input: $input) { project { id } userErrors { field message } }
}
"""
DISCONNECT = """
mutation ($id: ID!) { projectDisconnectGithub(input: {projectId: $id}) { userErrors { message } } }
"""


@pytest.fixture
def github() -> Iterator[RemoteStandIn]:
    """A GitHub with a repository, in a process of its own."""
    with running_github() as github:
        yield github


def test_an_error_is_an_issue_on_github(visitor: Visitor, snaglist: Running, github: RemoteStandIn) -> None:
    sender = Sender(snaglist)
    page = visitor.page
    sign_in_with_token(visitor, TOKEN)
    sender.sends(crash("EarlyError"))
    see_error(visitor, "EarlyError").get_by_role("link").first.click()
    expect(page.get_by_role("complementary")).to_contain_text("projectConnectGithub")
    expect(_card(page)).to_have_count(0)

    repository = _connect(snaglist, github)
    page.reload()
    barriers = _ask_for_an_issue(page, github, repository)

    visitor.go("/errors")
    sender.sends(crash("TillError"))
    see_error(visitor, "TillError").get_by_role("link").first.click()
    _follow(page, github, repository)

    github.do("delete_repository")
    page.get_by_role("button", name="Reopen").click()
    expect(_card(page)).to_contain_text(
        f"Not yet brought up to date: {repository} is not there", timeout=SOON
    )
    expect(_card(page)).to_contain_text(re.compile(r"Tried again in \d+ min"))
    barriers += _look(page, "broken repository")
    _retry(page, snaglist)
    assert not barriers, "\n".join(barriers)


def _connect(snaglist: Running, github: RemoteStandIn) -> str:
    """Give the project a repository, in which errors become issues when they happen; its name."""
    shop = github.furnish()
    wanted = {"repository": shop.name, "baseUrl": github.url, "credentials": {"token": shop.token}}
    given = {"projectId": project_of(snaglist), **wanted}
    assert snaglist.ask(CONNECT, input=given)["projectConnectGithub"]["userErrors"] == []
    return shop.name


def _ask_for_an_issue(page: Page, github: RemoteStandIn, repository: str) -> list[str]:
    """For an error that came before there was a repository, by keyboard; what axe finds meanwhile."""
    card = _card(page)
    expect(card).to_contain_text("It has no issue yet")
    barriers = _look(page, "no issue")
    button = card.get_by_role("button", name="Create issue")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if button.evaluate("(element) => element === document.activeElement"):
            break
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(card).to_contain_text("It is being made")
    expect(button).to_have_count(0)
    expect(card.locator(":focus")).to_have_count(1)  # it does not go with the button
    link = card.get_by_role("link", name="#1")
    expect(link).to_be_visible(timeout=SOON)
    expect(link).to_have_attribute("href", f"{github.url}/{repository}/issues/1")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener")
    expect(card.get_by_role("link", name=repository)).to_have_attribute("href", f"{github.url}/{repository}")
    expect(card).to_contain_text("Open")
    expect(card).not_to_contain_text("being made")
    return barriers + _look(page, "open issue")


def _follow(page: Page, github: RemoteStandIn, repository: str) -> None:
    """The issue of an error that has just arrived comes by itself, and is closed when the error is resolved."""
    card = _card(page)
    expect(card.get_by_role("link", name="#2")).to_be_visible(timeout=SOON)
    expect(card).to_contain_text("Open")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(card).to_contain_text("Closed", timeout=SOON)
    issues = github.state()["repositories"][repository]["issues"]
    issue = issues["2"] if isinstance(issues, dict) else issues[1]
    assert (issue["number"], issue["state"], issue["state_reason"]) == (2, "closed", "completed")
    assert "TillError" in issue["title"]


def _retry(page: Page, snaglist: Running) -> None:
    """In vain, as the repository is gone; and refused, once somebody has taken it away from the project."""
    card = _card(page)
    retry = card.get_by_role("button", name="Retry")
    retry.click()
    expect(page.get_by_text("It is tried again")).to_be_visible()
    expect(retry).to_have_count(0)
    expect(retry).to_be_visible(timeout=SOON)
    assert not snaglist.ask(DISCONNECT, id=project_of(snaglist))["projectDisconnectGithub"]["userErrors"]
    retry.click()
    expect(page.get_by_text("no issue that is followed")).to_be_visible()
    expect(card).to_contain_text(
        "It is not followed any more: the project has another repository now, or none"
    )
    expect(card.get_by_role("link", name="#2")).to_be_visible()
    expect(card.get_by_role("button")).to_have_count(0)


def _card(page: Page) -> Locator:
    return page.get_by_role("region", name="GitHub")


def _look(page: Page, name: str) -> list[str]:
    """Keep pictures of the card in light and dark, and of the page on a phone; what axe finds in the card."""
    found = []
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": building.AXE.read_text()})
    session.detach()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            where = f"github card, {name}, {theme}, {width}"
            _card(page).scroll_into_view_if_needed()
            place = SCREENSHOTS / f"{where.replace(', ', '-').replace(' ', '_')}.png"
            if width == SIZES[0][0]:
                _card(page).screenshot(path=place)
            else:
                page.screenshot(path=place)
            found += [f"{where}: {barrier}" for barrier in page.evaluate(AXE, LEVELS)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    return found
