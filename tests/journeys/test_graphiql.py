"""GraphiQL in a real browser: it comes from this server alone, and asks with a token that was typed in, or a session."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.journeys.browser import page
from tests.journeys.conftest import PASSWORD
from tests.running import TOKEN, Running


def test_a_person_can_ask_with_a_token(snaglist: Running, tmp_path: Path) -> None:
    with page() as (opened, asked):
        complaints: list[str] = []
        opened.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        opened.goto(f"{snaglist.url}/graphql")
        expect(opened.locator(".graphiql-container")).to_be_visible()
        opened.evaluate("document.fonts.ready")
        opened.get_by_role("region", name="Headers").locator(".CodeMirror:visible").click()
        for key in ("Control+End", "ArrowLeft", "ArrowLeft"):
            opened.keyboard.press(key)
        opened.keyboard.insert_text(TOKEN)  # behind the "Bearer " that stands there
        opened.get_by_role("button", name="Execute query").click()
        answer = opened.get_by_role("region", name="Result Window")
        expect(answer).to_contain_text('"totalActive": 0')
        opened.screenshot(path=tmp_path / "graphiql.png")
        assert {url.removeprefix(snaglist.url)[:1] for url in asked} == {"/"}, "nothing comes from elsewhere"
        assert complaints == []


def test_a_person_can_look_around_and_watch(snaglist: Running, tmp_path: Path) -> None:
    """The explorer puts a query together; a subscription tells something at once, by a WebSocket of this server."""
    with page() as (opened, asked):
        complaints: list[str] = []
        sockets: list[str] = []
        opened.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        opened.on("websocket", lambda socket: sockets.append(socket.url))
        opened.goto(f"{snaglist.url}/graphql")
        expect(opened.locator(".graphiql-container")).to_be_visible()
        assert "OWNER" in sign_in(opened, snaglist.url)

        opened.get_by_role("button", name="Show GraphiQL Explorer").click()
        explorer = opened.locator(".graphiql-plugin")
        explorer.get_by_text("version", exact=True).first.click()
        expect(opened.locator(".graphiql-query-editor")).to_contain_text("version")
        opened.screenshot(path=tmp_path / "explorer.png")

        opened.get_by_role("tab", name="Changes").click()
        opened.get_by_role("button", name="Execute query").click()
        answer = opened.get_by_role("region", name="Result Window")
        expect(answer).to_contain_text('"cursor"')
        opened.screenshot(path=tmp_path / "subscription.png")
        opened.get_by_role("button", name="Stop query").click()
        assert [urlsplit(url).netloc for url in sockets] == [urlsplit(snaglist.url).netloc]
        assert {url.removeprefix(snaglist.url)[:1] for url in asked} == {"/"}, "nothing comes from elsewhere"
        assert complaints == []


ASK = """
async ([url, query, kind]) => {
    try {
        const how = {method: "POST", credentials: "include", headers: {"Content-Type": kind}};
        const answer = await fetch(url, {...how, body: JSON.stringify({query})});
        return await answer.text();
    } catch (error) {
        return String(error);
    }
}
"""
JSON = "application/json"


def sign_in(opened: Page, url: str) -> str:
    """What a page is told that has the browser keep the session."""
    given = f'{{email: "owner@localhost", password: "{PASSWORD}", cookie: true}}'
    query = f"mutation {{ signIn(input: {given}) {{ token viewer {{ role }} userErrors {{ code }} }} }}"
    return str(opened.evaluate(ASK, [f"{url}/graphql", query, JSON]))


def test_a_person_can_ask_with_a_session_and_a_foreign_page_cannot(snaglist: Running) -> None:
    with page() as (opened, _):
        opened.goto(f"{snaglist.url}/graphql")
        expect(opened.locator(".graphiql-container")).to_be_visible()
        assert '"token":null,"viewer":{"role":"OWNER"}' in sign_in(opened, snaglist.url)
        assert opened.evaluate("document.cookie") == ""
        opened.get_by_role("button", name="Execute query").click()
        expect(opened.get_by_role("region", name="Result Window")).to_contain_text('"totalActive": 0')

        opened.route("http://localhost/*", lambda route: route.fulfill(body="<p>foreign</p>"))
        opened.goto("http://localhost/page")
        sign_out = "mutation { signOut { signedOut } }"
        for kind in (JSON, "text/plain"):
            told = opened.evaluate(ASK, [f"{snaglist.url}/graphql", sign_out, kind])
            assert "Failed to fetch" in told
        opened.goto(f"{snaglist.url}/graphql")
        told = opened.evaluate(ASK, [f"{snaglist.url}/graphql", "{ viewer { role } }", JSON])
        assert '"role":"OWNER"' in told
