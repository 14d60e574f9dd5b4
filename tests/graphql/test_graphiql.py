"""GraphiQL comes from us alone, and may ask nobody else."""

import hashlib
import json
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, get_introspection_query, parse, validate

from app.graphql import graphiql
from app.graphql.limits.shape import oversteps
from app.graphql.schema import schema
from tests.accounts.stage import set_up
from tests.graphql.door import door, post

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parent.parent.parent
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
# What stands in GraphiQL's code as text: namespaces, links to click on, comments. Nothing that is loaded.
NAMED = {
    "www.w3.org", "reactjs.org", "github.com", "en.wikipedia.org", "commonmark.org", "codemirror.net",
    "www.onegraph.com", "yarnpkg.com",
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
        assert len(found.loaded) == 5
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
        for name in ("graphiql.js", "graphiql.css")
    }
    licences = (graphiql.FILES / "LICENSES.txt").read_text()
    named = (
        "graphiql 4",
        "@graphiql/plugin-explorer",
        "react-dom",
        "codemirror",
        "graphql-ws",
        "MIT License",
    )
    assert all(name in licences for name in named)


def test_the_recipe_names_no_address_and_pins_everything() -> None:
    recipe = graphiql.FILES.parent / "build"
    lock = (recipe / "package-lock.json").read_text()
    assert "resolved" not in lock
    packages = json.loads(lock)["packages"]
    assert all(package.get("integrity") for path, package in packages.items() if path)
    wanted = json.loads((recipe / "package.json").read_text())["devDependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert not re.search(r"https?://", (recipe / ".npmrc").read_text())


def test_the_wheel_has_them() -> None:
    """All of `app` goes into the wheel; nothing of it may be ignored."""
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "app" in wheel["packages"]
    assert not {"exclude", "only-include", "artifacts"} & wheel.keys()
    ignored = (ROOT / ".gitignore").read_text().split()
    assert not {"files", "files/", "*.js", "*.css", "*.txt", "*.html", "*.md"} & set(ignored)


async def test_the_examples_are_ones_that_the_graph_understands() -> None:
    script = (graphiql.FILES / "page.js").read_text()
    examples = re.findall(r"^  `([^`]+)`", script, re.MULTILINE)
    kinds = []
    for example in examples:
        document = parse(example)
        assert validate(schema._schema, document) == [], example
        assert oversteps(document) == []
        kinds += [
            node.operation.value for node in document.definitions if isinstance(node, OperationDefinitionNode)
        ]
    assert kinds == ["query", "query", "subscription", "mutation"]
    assert 'headers: \'{"Authorization": "Bearer "}\'' in script
    async with door() as client:
        for example in examples[:2]:
            response = await post(client, example, "")  # with the header as it stands there first
            assert {error["extensions"]["code"] for error in response.json()["errors"]} == {"UNAUTHENTICATED"}


@pytest.mark.usefixtures("database")
async def test_what_graphiql_asks_first_and_the_examples_are_not_too_much() -> None:
    """Its introspection too is below the limits, and the queries are answered."""
    examples = re.findall(r"^  `([^`]+)`", (graphiql.FILES / "page.js").read_text(), re.MULTILINE)
    secret = (await (await set_up()).token()).secret
    whole = get_introspection_query(
        input_value_deprecation=True, schema_description=True, specified_by_url=True
    )
    async with door() as client:
        for query in (*examples[:2], whole):
            assert "errors" not in (await post(client, query, secret)).json()


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
