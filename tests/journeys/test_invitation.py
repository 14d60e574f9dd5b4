"""Somebody is invited, opens the link in a browser, and is in."""

from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.browser import page
from tests.running import Running

INVITE = 'mutation { memberInvite(input: {email: "ada@example.com", role: VIEWER}) { link } }'


def test_whoever_has_the_link_joins_and_nobody_twice(snaglist: Running, tmp_path: Path) -> None:
    link = str(snaglist.ask(INVITE)["memberInvite"]["link"])
    assert link.startswith(f"{snaglist.url}/invite#snag_")
    with page() as (opened, asked):
        opened.goto(link)
        assert opened.url == f"{snaglist.url}/invite", "the secret is in no history"
        opened.screenshot(path=tmp_path / "invite.png")
        opened.get_by_label("Your name").fill("Ada")
        opened.get_by_label("Password").fill("short")
        opened.get_by_role("button").click()
        expect(opened.get_by_role("alert")).to_contain_text("10")
        opened.get_by_label("Password").fill("long enough for that")
        opened.get_by_role("button").click()
        opened.wait_for_url(lambda url: "/invite" not in url)
        expect(opened.get_by_role("heading", level=1)).to_be_visible()
        opened.goto("about:blank")
        opened.goto(link)
        opened.get_by_label("Password").fill("long enough for that")
        opened.get_by_role("button").click()
        expect(opened.get_by_role("alert")).to_contain_text("not valid")
        assert all("snag_" not in url for url in asked), "the secret is sent in no address"
    members = snaglist.ask("{ members { nodes { name role } } }")["members"]["nodes"]
    assert {"name": "Ada", "role": "VIEWER"} in members
