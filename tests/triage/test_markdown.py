"""Comments as a page shows them: what is meant to be seen is there, and nothing that does anything."""

import asyncio
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from app.triage import markdown
from app.triage.markdown import render, rendered

RELATION = 'rel="nofollow noopener noreferrer ugc"'
BARE = "blockquote br code em h1 h2 h3 h4 h5 h6 hr li p pre s strong table tbody td th thead tr ul"
ALLOWED = {tag: set[str]() for tag in BARE.split()} | {"a": {"href", "rel"}, "ol": {"start"}}


class Reader(HTMLParser):
    """Reads HTML as a browser would, and notes every tag and attribute."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")


def demand_harmless(html: str) -> None:
    """Only tags and attributes that do nothing, and links that lead where links may lead."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    for tag, attributes in reader.tags:
        assert tag in ALLOWED, tag
        assert set(attributes) <= ALLOWED[tag], attributes
        if tag == "a":
            assert attributes["rel"] == "nofollow noopener noreferrer ugc"
        if (href := attributes.get("href")) is not None:
            assert re.match(r"(https?:|mailto:)", href, re.IGNORECASE), href


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("# Why\n\nIt **is** *so*, ~~not~~ `x < y`", "<h1>Why</h1>\n<p>It <strong>is</strong> <em>so</em>, <s>not</s> <code>x &lt; y</code></p>\n"),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("```python\nif a < b:\n    pass\n```", "<pre><code>if a &lt; b:\n    pass\n</code></pre>\n"),
        ("> quoted\n\n3. three", '<blockquote>\n<p>quoted</p>\n</blockquote>\n<ol start="3">\n<li>three</li>\n</ol>\n'),
        ("[docs](https://example.com/a?b=c&d=e)", f'<p><a href="https://example.com/a?b=c&amp;d=e" {RELATION}>docs</a></p>\n'),
        ("<https://example.com>", f'<p><a href="https://example.com" {RELATION}>https://example.com</a></p>\n'),
        ("[mail](mailto:ann@acme.test)", f'<p><a href="mailto:ann@acme.test" {RELATION}>mail</a></p>\n'),
        ("a|b\n-|-\n1|2", "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n"),
        ("<record id='x'> is lost", "<p>&lt;record id='x'&gt; is lost</p>\n"),
        ("![a cat](https://example.com/cat.png)", f'<p>!<a href="https://example.com/cat.png" {RELATION}>a cat</a></p>\n'),
        ("[inside](/settings)", f"<p><a {RELATION}>inside</a></p>\n"),
        ("[elsewhere](//evil.test/x)", f"<p><a {RELATION}>elsewhere</a></p>\n"),
    ],
)  # fmt: skip
def test_markdown_is_shown_as_it_is_meant(body: str, html: str) -> None:
    assert rendered(body) == html
    demand_harmless(html)


HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.test/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<img/src=x/onerror=alert(1)//",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script></svg>",
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<base href=//evil.test/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.test/x.css>",
    "<style>@import '//evil.test/x.css';</style>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a name=currentScript id=location>clobbered</a>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php <script>alert(1)</script> ?>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](java&NewLine;script:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](\x01javascript:alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "![x](data:image/png;base64,AAAA)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://example.com/1)",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://a.test "onmouseover=alert(1)")',
    '[x](https://a.test/"onmouseover="alert(1))',
    "[x](https://a.test/\"><script>alert(1)</script>)",
    "![x](https://a.test/x.png\"onerror=alert(1))",
    "![\" onerror=\"alert(1)](https://a.test/x.png)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "`<script>alert(1)</script>`",
    "```\"><script>alert(1)</script>\nx\n```",
    "```x onload=alert(1)\nx\n```",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "a|b\n-|-\n<script>alert(1)</script>|2",
    "# <script>alert(1)</script>",
    "- <script>alert(1)</script>",
    "[<img src=x onerror=alert(1)>](https://a.test)",
    "\\<script>alert(1)</script>",
    "\u2028<script>alert(1)</script>\u2029",
    "\ufeff<script>alert(1)</script>",
    "<\0script>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE)
def test_what_would_do_something_is_text(body: str) -> None:
    demand_harmless(rendered(body))


def test_the_sanitiser_alone_would_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    careless = MarkdownIt("commonmark", {"html": True}).enable("table")
    monkeypatch.setattr(careless, "validateLink", lambda _: True)
    monkeypatch.setattr(markdown, "_MARKDOWN", careless)
    for body in HOSTILE:
        demand_harmless(rendered(body))
    assert "<script" in careless.render(HOSTILE[0])


@pytest.mark.parametrize(
    "body",
    [
        ">" * 10_000 + "deep",
        "[" * 10_000,
        "![" * 10_000,
        "[" * 10_000 + "x" + "](https://a.test)" * 3000,
        "- " * 10_000 + "deep",
        "1. " * 10_000,
        "*a **b " * 8_000,
        "*" * 65_536,
        "*_" * 32_768,
        "`" * 65_536,
        "a`b``c```" * 7_000,
        "<" * 65_536,
        "&" * 65_536,
        "|" * 8_000 + "\n" + "|-" * 8_000 + "\n" + "a\n" * 10_000,
        "[a]: b\n" * 9_000,
        "a <![CDATA[" * 5_900,
        "\n" * 65_536,
    ],
    ids=lambda body: repr(body[:6]),
)
def test_text_that_is_made_to_take_long_is_rendered_all_the_same(body: str) -> None:
    html = rendered(body)
    demand_harmless(html)
    assert len(html) < 20 * len(body) + 100, "it does not grow without end"
    assert html.count("<blockquote>") + html.count("<ul>") + html.count("<ol>") <= 10_000


@pytest.mark.anyio
async def test_others_are_served_while_a_comment_is_rendered() -> None:
    turns = 0
    rendering = asyncio.create_task(render("![" * 32_768))
    while not rendering.done():
        await asyncio.sleep(0)
        turns += 1
    assert "![" in await rendering
    assert turns > 10
