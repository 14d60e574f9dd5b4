"""What GitHub would make of a text: an independent reading of it as CommonMark, for what is alive in it.

Comes in: Markdown. Goes out: what stands outside of code: texts, HTML, links.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from markdown_it import MarkdownIt

_MARKDOWN: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS: Final = re.compile(
    r"\s*(<details>\n<summary>[\w ,:]+</summary>|</details>|<!-- snaglist:[0-9a-f-]{36} -->)\s*"
)
ALIVE: Final = re.compile(
    r"@\w|#\d|\bGH-\d|://|\bwww\.|mailto:|[0-9a-f]{7,40}|<[a-z/!?]|\b(?:fix|clos|resolv)e[sd]? #",
    re.IGNORECASE,
)


@dataclass
class Rendered:
    """What a page would show, apart from code."""

    texts: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)


def rendered(text: str) -> Rendered:
    """Read the text."""
    found = Rendered()
    for token in (each for top in _MARKDOWN.parse(text) for each in (top, *(top.children or ()))):
        if token.type == "text":
            found.texts.append(token.content)
        elif token.type.startswith("html"):
            found.html.append(token.content)
        elif token.type in ("link_open", "image"):
            found.links.append(str(token.attrs.get("href") or token.attrs.get("src")))
        elif token.type in ("fence", "code_inline", "code_block"):
            found.code.append(token.content)
            found.languages.append(token.info)
    return found


def assert_nothing_alive(text: str, *, links: set[str], languages: set[str]) -> None:
    """Nothing of what a stranger wrote does anything: `links` and `languages` are those that we wrote."""
    page = rendered(text)
    for each in page.texts:
        assert not ALIVE.search(each), each
    for each in page.html:
        assert OURS.fullmatch(each), each
    assert set(page.links) <= links
    assert set(page.languages) <= languages | {""}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
