"""GraphiQL comes from us alone, and may ask nobody else."""

import hashlib
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from app.graphql import graphiql
from tests.graphql.door import door, post

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parent.parent.parent
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
# What stands in GraphiQL's code as text: namespaces, links to click on, comments. Nothing that is loaded.
NAMED = {
    "www.w3.org", "reactjs.org", "radix-ui.com", "github.com", "en.wikipedia.org", "commonmark.org", "codemirror.net",
}  # fmt: skip


class Page(HTMLParser):
    """What a page loads, and what it has inside."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline: list[str] = []
        self.tag = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tag = tag
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]
        self.inline += [name for name, _ in attrs if name.startswith("on") or name == "style"]

    def handle_data(self, data: str) -> None:
        if self.tag in ("script", "style") and data.strip():
            self.inline.append(data)


async def test_a_browser_sees_graphiql() -> None:
    async with door() as client:
        page = await client.get("/graphql", headers={"accept": BROWSER})
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        head = await client.head("/graphql", headers={"accept": BROWSER})
        assert head.status_code == 200
        found = Page(page.text)
        assert len(found.loaded) == 7
        for address in found.loaded[1:]:
            file = await client.get(f"/{address}")
            assert file.status_code == 200, address
            assert file.headers["content-type"].startswith(("text/css", "text/javascript")), address


async def test_the_page_may_ask_nobody_but_us() -> None:
    async with door() as client:
        page = await client.get("/graphql", headers={"accept": BROWSER})
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert not re.search(r"https?:|//|\*|unsafe-eval", page.headers["content-security-policy"])
    found = Page(page.text)
    assert found.inline == []
    assert found.loaded[0] == "data:,"
    assert all(re.fullmatch(r"graphql/files/[a-z-]+\.(js|css)", address) for address in found.loaded[1:])


def test_no_file_names_another_host_to_load_from() -> None:
    for file in graphiql.FILES.glob("*.css"):
        addresses = re.findall(r"url\(\s*[\"']?([^\"')]{5})|@import", file.read_text())
        assert set(addresses) <= {"data:"}, file
    for file in graphiql.FILES.glob("*.js"):
        text = file.read_text()
        assert set(re.findall(r"(?:https?|wss?)://([a-zA-Z0-9.-]+\.[a-z]+)", text)) <= NAMED, file
        assert not re.search(r"sourceMappingURL|new Function\b|[^.\w]eval\(", text), file


def test_the_files_are_what_the_note_says() -> None:
    note = (graphiql.FILES.parent / "README.md").read_text()
    told = dict(reversed(pair) for pair in re.findall(r"^ {4}([0-9a-f]{64})  (\S+)$", note, re.MULTILINE))
    assert told == {
        name: hashlib.sha256((graphiql.FILES / name).read_bytes()).hexdigest()
        for name in ("graphiql.js", "graphiql.css", "react.js", "react-dom.js")
    }
    licences = (graphiql.FILES / "LICENSES.txt").read_text()
    assert all(name in licences for name in ("graphiql", "react-dom", "codemirror", "MIT License"))


def test_the_wheel_has_them() -> None:
    """All of `app` goes into the wheel; nothing of it may be ignored."""
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "app" in wheel["packages"]
    assert not {"exclude", "only-include", "artifacts"} & wheel.keys()
    ignored = (ROOT / ".gitignore").read_text().split()
    assert not {"files", "files/", "*.js", "*.css", "*.txt", "*.html", "*.md"} & set(ignored)


async def test_the_first_query_is_one_that_the_graph_understands() -> None:
    script = (graphiql.FILES / "page.js").read_text()
    [query] = re.findall(r"`([^`]+)`", script)
    assert '\'{"Authorization": "Bearer "}\'' in script
    async with door() as client:
        response = await post(client, query, "")  # with the header as it stands there first
        assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["UNAUTHENTICATED"]
        answered = await post(client, "{ __schema { queryType { name } } }", "")
        assert answered.json()["data"]


async def test_programs_see_no_page() -> None:
    async with door() as client:
        for accept in ("application/json", "*/*", ""):
            assert (await client.get("/graphql", headers={"accept": accept})).status_code == 405


@pytest.mark.parametrize(
    "path", ["", "/", "/../page.html", "/%2e%2e/page.html", "/../../endpoint.py", "/nothing.js"]
)
async def test_other_files_are_not_served(path: str) -> None:
    async with door() as client:
        assert (await client.get(f"/graphql/files{path}")).status_code in (404, 405, 307)
