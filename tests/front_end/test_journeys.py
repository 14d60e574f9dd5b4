"""Journeys: from the first sign-in to an app whose events are seen and an instance whose log is read; and an error's whole life.

The first one begins with an empty Snaglist; the others are content with whatever is there.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from time import time
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.front_end.browser import Visitor
from tests.front_end.sender import Sender, project_of
from tests.front_end.steps import see_error, sign_in, sign_in_with_token
from tests.ingest.doors.stage import envelope, event
from tests.journeys.conftest import PASSWORD
from tests.journeys.shop import crash
from tests.journeys.test_first_look import LOG
from tests.running import TOKEN, Running
from tests.scanning.ssh.stage import sshd

pytestmark = pytest.mark.timeout(600)  # the first test waits for the build


def test_an_app_is_made_and_its_first_events_are_seen(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/apps")
    sign_in(visitor, "wrong " + PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("password is wrong")
    sign_in(visitor, PASSWORD)
    expect(page).to_have_url(f"{visitor.url}/apps")  # where one wanted to go

    expect(page.get_by_role("heading", name="First, a project")).to_be_visible()
    page.get_by_role("button", name="New project").click()
    page.get_by_label("Name").fill("Shop")
    page.get_by_role("button", name="Make project").click()

    dialog = page.get_by_role("dialog", name="New app")
    dialog.get_by_role("button", name="Make app").click()
    name = dialog.get_by_label("Name")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    name.fill("Web")
    dialog.get_by_label("Platform").select_option("browser")
    dialog.get_by_role("button", name="Make app").click()

    expect(page.get_by_role("heading", name="Web", level=1)).to_be_visible()
    expect(page.get_by_role("radio", name="Browser")).to_be_checked()
    dsn = urlsplit(page.get_by_text(re.compile(r"^http://[0-9a-f]{32}@")).inner_text())
    page.get_by_role("radio", name="curl").check()
    curl = page.get_by_role("region", name="Our own API").inner_text()
    _send(visitor.url, dsn.username or "", dsn.path.strip("/"), curl)

    page.get_by_role("link", name="Its errors").click()
    see_error(visitor, "Payment 4711 was refused")
    see_error(visitor, "OrderError")

    page.go_back()
    page.get_by_role("button", name="Rotate key").click()
    page.get_by_role("button", name="Make a new key").click()
    expect(page.get_by_text("Works with no end")).to_have_count(1)
    expect(page.get_by_text(re.compile("Works until"))).to_have_count(1)
    expect(page.get_by_text(dsn.username or "")).to_have_count(1)  # the DSN has the new one


def _send(url: str, key: str, number: str, curl: str) -> None:
    """What an SDK sends with the DSN, and what the copied curl does."""
    exception = {"values": [{"type": "OrderError", "value": "no lines"}]}
    body = envelope(event(event_id=uuid4().hex, exception=exception))
    taken = httpx.post(f"{url}/api/{number}/envelope/?sentry_key={key}", content=body)
    assert taken.status_code == 200, taken.text
    headers = dict(re.findall(r'-H "([^:"]+): ([^"]+)"', curl))
    address = re.findall(r"curl (\S+)", curl)[0]
    taken = httpx.post(address, headers=headers, content=curl.partition("-d '")[2].rpartition("'")[0])
    assert taken.json()["accepted"] == 1


def test_an_instance_is_added_read_changed_and_deleted(
    visitor: Visitor, snaglist: Running, tmp_path: Path
) -> None:
    project_of(snaglist)
    log = tmp_path / "odoo.log"
    yesterday = datetime.fromtimestamp(time() - 86400, UTC)
    log.write_bytes(LOG.read_bytes().replace(b"2026-11-21", f"{yesterday:%Y-%m-%d}".encode()))
    page = visitor.page
    visitor.go("/instances")
    sign_in(visitor, PASSWORD)

    page.get_by_role("button", name="Add instance").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Odoo")
    path = dialog.get_by_label("Path of the log")
    path.fill("odoo.log")
    dialog.get_by_role("button", name="Test connection").click()
    expect(path).to_have_attribute("aria-invalid", "true")
    path.fill(str(log))
    dialog.get_by_role("button", name="Test connection").click()
    expect(dialog.get_by_role("status")).to_contain_text("The log is there and can be read")
    dialog.get_by_role("button", name="Add instance").click()

    card = page.get_by_role("article", name="Odoo")
    expect(card).to_contain_text(str(log))
    expect(card).to_contain_text("Up to date")
    card.get_by_role("button", name="Scan now").click()
    expect(card.get_by_role("status").first).to_contain_text(re.compile("Read|Nothing new"))
    card.get_by_role("link", name="Its errors").click()
    expect(page.get_by_role("row")).not_to_have_count(0)

    page.go_back()
    log.rename(tmp_path / "elsewhere.log")
    card.get_by_role("button", name="Scan now").click()
    expect(card).to_contain_text("Failing")
    expect(card).to_contain_text("Its end was last reached")

    card.get_by_role("button", name="More about Odoo").click()
    page.get_by_role("menuitem", name="Edit").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Odoo of the shop")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    card = page.get_by_role("article", name="Odoo of the shop")
    card.get_by_role("button", name="More about").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete instance").click()
    expect(card).to_have_count(0)
    expect(page.get_by_role("heading", name="No instances")).to_be_visible()


def test_a_log_over_ssh_is_read_once_the_machines_key_was_accepted(
    visitor: Visitor, snaglist: Running, tmp_path: Path
) -> None:
    project_of(snaglist)
    log = tmp_path / "remote.log"
    log.write_bytes(LOG.read_bytes())
    page = visitor.page
    with sshd() as server:
        sign_in_with_token(visitor, TOKEN, "/instances")
        page.get_by_role("button", name="Add instance").first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name").fill("Far away")
        dialog.get_by_role("radio", name="Over SSH").check()
        dialog.get_by_label("Host").fill("127.0.0.1")
        dialog.get_by_label("Port").fill(str(server.port))
        dialog.get_by_label("User").fill(server.user)
        dialog.get_by_role("textbox", name="Private key").fill(server.key.export_private_key().decode())
        dialog.get_by_label("Path of the log").fill(str(log))
        dialog.get_by_role("button", name="Test connection").click()
        expect(dialog.get_by_text(server.host_key.get_fingerprint(), exact=True)).to_be_visible()
        dialog.get_by_role("button", name="Accept this key").click()
        expect(dialog.get_by_text("The log is there and can be read")).to_be_visible()
        dialog.get_by_role("button", name="Add instance").click()
        card = page.get_by_role("article", name="Far away")
        expect(card).to_contain_text(f"{server.user}@127.0.0.1")

        card.get_by_role("button", name="More about").click()
        page.get_by_role("menuitem", name="Edit").click()
        expect(dialog.get_by_text("One is stored")).to_be_visible()
        expect(dialog.get_by_role("textbox", name="Private key")).to_have_value("")
        dialog.get_by_role("button", name="Test connection").click()  # with the key that is stored
        expect(dialog.get_by_text("The log is there and can be read")).to_be_visible()


def test_an_error_arrives_is_muted_merged_resolved_and_comes_back(
    visitor: Visitor, snaglist: Running
) -> None:
    sender = Sender(snaglist)
    page = visitor.page
    sign_in_with_token(visitor, TOKEN)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()

    sender.sends(crash("PriceError", app_version="1.0", user_id="ann"))
    row = see_error(visitor, "PriceError")
    expect(row).to_contain_text("New")
    sender.sends(crash("PriceError", app_version="1.0", user_id="bob"))
    expect(row.get_by_role("cell", name="2", exact=True)).to_have_count(2)  # twice, to two users

    row.get_by_role("link").first.click()
    _mute_and_unmute(page)

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Errors").click()
    sender.sends(crash("VoucherError", app_version="1.0"))
    see_error(visitor, "VoucherError")
    _merge(page, "PriceError", "VoucherError")
    row = page.get_by_role("row", name="PriceError")
    expect(row.get_by_role("cell", name="3", exact=True)).to_be_visible()
    expect(page.get_by_role("row", name="VoucherError")).to_have_count(0)

    row.get_by_role("link").first.click()
    _resolve_in_version(page, "1.0")
    state = page.get_by_role("main").get_by_text("Resolved", exact=True).first
    expect(state).to_be_visible()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    sender.sends(
        crash("VoucherError", app_version="2.0")
    )  # of the one that was merged into it, in a newer version
    expect(page.get_by_role("main").get_by_text("Regressed", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="Resolve", exact=True)).to_be_visible()


def _mute_and_unmute(page: Page) -> None:
    page.get_by_role("button", name="Mute", exact=True).click()
    page.get_by_role("dialog", name="Mute this error").get_by_role("button", name="hour").first.click()
    unmute = page.get_by_role("button", name="Unmute")
    expect(unmute).to_be_visible()
    page.reload()
    unmute.click()
    expect(page.get_by_role("button", name="Mute", exact=True)).to_be_visible()


def _resolve_in_version(page: Page, version: str) -> None:
    page.get_by_role("button", name="Resolve in").click()
    page.get_by_role("menuitem", name="In a version").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Version").fill(version)
    dialog.get_by_role("button", name="Resolve").click()


def _merge(page: Page, *titles: str) -> None:
    for title in titles:
        page.get_by_role("row", name=title).get_by_role("checkbox").check()
    page.get_by_role("toolbar", name="Selected errors").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Merge").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=titles[0]).check()
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(dialog).to_have_count(0)


def test_graphiql_asks_with_the_session(visitor: Visitor) -> None:
    visitor.go("/errors")
    sign_in(visitor, PASSWORD)
    expect(visitor.page.get_by_role("navigation", name="Main")).to_be_visible()
    visitor.go("/graphql")
    visitor.page.get_by_role("button", name="Execute query").click()
    expect(visitor.page.get_by_role("region", name="Result Window")).to_contain_text('"totalActive"')
