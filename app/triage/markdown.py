"""Markdown of comments to HTML that a page can show as it is.

Comes in: text that anybody wrote. Goes out: HTML of a few plain tags. Two libraries stand one behind the other: the
renderer lets no HTML of the text through, but shows it as text, and the sanitiser lets nothing through but the tags
below. Links lead to http, https and mailto, by full addresses, and say that nobody here vouches for them. Pictures
are links to them: one that a browser loads would tell its server who reads the comment, and when.

Some texts take a second and more to render. `render` is therefore called on a thread, and for few at a time, so that
others are answered meanwhile; what it gives is stored, and made again only where `EDITION` has changed since.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import nh3
from markdown_it import MarkdownIt

EDITION: Final = 1
"""To be raised with every change of what a text is rendered to."""
AT_ONCE: Final = 2
"""Texts that a process renders at the same time."""

_TAGS: Final = frozenset(
    [
        "a",
        "blockquote",
        "br",
        "code",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_RELATION: Final = "nofollow noopener noreferrer ugc"

# The preset nests up to 20 deep, which is also what keeps the sanitiser fast: it takes time with the depth's square.
_MARKDOWN: Final = (
    MarkdownIt("commonmark", {"html": False, "breaks": True})
    .enable(["table", "strikethrough"])
    .disable("image")
)
_THREADS: Final = ThreadPoolExecutor(AT_ONCE, "markdown")  # of its own: sign-in must not wait for comments


async def render(body: str) -> str:
    """The HTML of a comment."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, rendered, body)


def rendered(body: str) -> str:
    """The HTML of a comment; this may take seconds."""
    return nh3.clean(
        _MARKDOWN.render(body),
        tags=_TAGS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        link_rel=_RELATION,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
    )
