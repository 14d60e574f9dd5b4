"""Digests in words: as people see them, and harmless whatever errors say."""

import re
from html.parser import HTMLParser

import pytest

from app.domain.alerts.defusing import lifeless
from app.domain.alerts.digest_content import Trend
from app.domain.alerts.slots import Frequency
from tests.domain.alerts.digest_samples import (
    HARM,
    ORDINARY,
    SNAPSHOTS,
    UNSUBSCRIBE,
    content,
    error,
    mail,
    section,
    shown,
)

ELEMENTS = set(re.findall(r"\w+", "html head meta title style body table tr td h1 h2 p a span br img"))


class Page(HTMLParser):
    """What an HTML page is made of: tags with their attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "each element ends where it should"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.text += data

    def all(self, tag: str, attribute: str) -> list[str | None]:
        return [attributes.get(attribute) for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("name", ["digest.html", "digest.txt"])
def test_an_ordinary_digest_looks_as_it_did(name: str) -> None:
    assert shown(ORDINARY)[name] == (SNAPSHOTS / name).read_text(), (
        "look at what changed: python -m tests.domain.alerts.digest_samples"
    )


def test_subjects_say_what_is_told() -> None:
    some, none = section(error()), section()
    many = section(error(), total=1500)
    assert [
        mail(content(*both)).subject for both in ((some, none), (many, some), (none, many), (none, none))
    ] == [
        "[Odoo of the shop] 1 new error",
        "[Odoo of the shop] 1,500 new errors, 1 regressed",
        "[Odoo of the shop] 1,500 regressed",
        "[Odoo of the shop] nothing new",
    ]


def test_the_page_asks_nothing_of_anybody_and_runs_nothing() -> None:
    html = mail(ORDINARY).html_for(UNSUBSCRIBE)
    page = Page(html)
    assert page.open == []
    assert {tag for tag, _ in page.tags} <= ELEMENTS
    assert page.all("img", "src") == [f"cid:trend-{place}" for place in range(1, 5)]
    assert page.all("img", "alt") == [
        "Trend: up to 81 in one hour of 24",
        "Trend: up to 2 in one hour of 24",
        "Trend: up to 1 in one hour of 24",
        "Trend: up to 81 in one hour of 24",
    ]
    assert not re.search(r"url\(|@import|src=.http|<link|javascript:", html)
    assert all(str(link).startswith("https://errors.example/") for link in page.all("a", "href"))
    assert page.all("a", "href")[-1] == UNSUBSCRIBE
    assert max(map(len, html.encode().split(b"\n"))) < 4000
    assert len(html) < 102_400, "Gmail cuts what is longer"


def test_texts_of_errors_do_no_harm() -> None:
    harmful = error(title=HARM, module=HARM, places=(HARM, HARM), place_count=2, severity="CRITICAL")
    made = mail(content(section(harmful), project=HARM, organization=HARM))
    html, text = made.html_for(UNSUBSCRIBE), made.text_for(UNSUBSCRIBE)
    page = Page(html)
    assert "script" not in {tag for tag, _ in page.tags}
    assert page.all("img", "src") == ["cid:trend-1"]
    assert page.all("img", "onerror") == [None]
    assert page.text.count("<script>") >= 3, "it is seen as it is"
    for form in (html, text, made.subject):
        form.encode()
        assert "hunter22" not in form
        assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\ud800-\udfff]", form)
    assert "\n" not in made.subject
    for alive in ("http://evil", "www.evil", "evil.com", "@evil"):
        assert alive not in text
    links = re.findall(r"https?://\S+", text)
    assert links == [harmful.link, UNSUBSCRIBE]
    outside = re.sub("<a .*?</a>", "", html, flags=re.DOTALL)
    assert "://evil" not in outside


@pytest.mark.parametrize(
    "harmless",
    ["odoo.exceptions.UserError: sale.order(4, 7)", "File a.xml:12, in write", "1.5 of 2.0, e.g. 10:30", ""],
)
def test_what_is_no_address_stays_as_it_is(harmless: str) -> None:
    assert lifeless(harmless, 140) == harmless


def test_long_texts_are_cut_and_the_rest_is_counted() -> None:
    errors = [error(place, title="x" * 5000, module="y" * 5000, places=("z" * 5000,)) for place in range(10)]
    made = mail(content(section(*errors, total=1234)))
    assert len(made.html_for(UNSUBSCRIBE)) < 40_000
    assert "and 1,224 more" in made.html_for(UNSUBSCRIBE)
    assert "and 1,224 more: https://errors.example/errors?" in made.text_for(UNSUBSCRIBE)
    assert "x" * 139 + "…" in made.text_for(UNSUBSCRIBE)
    assert (
        "more" not in Page(mail(content(section(error(places=(), place_count=0)))).html_for(UNSUBSCRIBE)).text
    )


def test_each_member_has_another_link_and_all_else_is_the_same() -> None:
    made = mail(ORDINARY)
    one, other = made.html_for("https://a.example/?b=1&c=2"), made.html_for('https://a.example/"><script>')
    assert 'href="https://a.example/?b=1&amp;c=2"' in one
    assert "<script>" not in other
    assert one.replace("https://a.example/?b=1&amp;c=2", "") == made.html_for("")
    assert made.text_for("https://a.example/?b=1&c=2").endswith(": https://a.example/?b=1&c=2\n")


def test_nothing_to_tell_and_days_without_errors_can_be_shown() -> None:
    empty = mail(content(frequency=Frequency.NONE))
    assert "Nothing is new, and nothing came back." in Page(empty.html_for(UNSUBSCRIBE)).text
    assert "Nothing is new, and nothing came back." in empty.text_for(UNSUBSCRIBE)
    odd = error(severity="LOUD", trend=Trend((), "day"), title="")
    page = Page(mail(content(section(odd))).html_for(UNSUBSCRIBE))
    assert "LOUD" in page.text
    assert "an error without a title" in page.text
