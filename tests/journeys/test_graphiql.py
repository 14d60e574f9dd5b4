"""GraphiQL in a real browser: it comes from this server alone, and asks with the token that was typed in."""

from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.browser import page
from tests.running import TOKEN, Running


def test_a_person_can_ask_with_a_token(snaglist: Running, tmp_path: Path) -> None:
    with page() as (opened, asked):
        complaints: list[str] = []
        opened.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        opened.goto(snaglist.url)
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
