"""What is told: one message for one or for ten thousand, in which nothing that a stranger wrote is alive."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.domain.alerts import told as its
from app.domain.alerts.alert_text import LISTED, Message, Told, detail, message
from app.domain.alerts.conditions import Condition, ConditionKind, checked
from app.domain.alerts.defusing import address, defused, escaped, line

AT = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
PAGE = "https://snaglist.example/errors"
GROUP = UUID(int=7)


def an_error(title: str = "ValueError: no stock", kind: ConditionKind = ConditionKind.OPENED) -> Told:
    return Told(kind, GROUP, title, "CRITICAL", "Shop", "sale_stock", 1_234, AT, f"{PAGE}/abc")


def test_one_error_is_named_in_the_title() -> None:
    said = message("Night watch", [an_error()], 1, PAGE)
    assert said.title == "New error in Shop: ValueError: no stock"
    assert said.text.splitlines() == [
        "New error in Shop",
        "",
        "• ValueError: no stock",
        "  Critical · sale\u2009".replace("sale\u2009", "sale_stock")
        + " · 1,234 times · 2026-11-22 15:30 UTC",
        f"  {PAGE}/abc",
        "",
        f"See {PAGE}",
        "Told by the rule “Night watch”",
    ]
    assert f'<a href="{PAGE}/abc">ValueError: no stock</a>' in said.html


def test_ten_thousand_are_one_short_message() -> None:
    said = message("Night watch", [an_error(f"Error {place}") for place in range(20)], 10_000, PAGE)
    assert said.title == "10,000 errors opened in Shop"
    assert "• Error 9\n" in said.text
    assert "Error 10" not in said.text
    for form in (said.text, said.html):
        assert "and 9,990 more" in form
    assert len(said.text) < 2_000
    assert len(said.data["items"]) == LISTED
    assert said.data["total"] == 10_000


def test_programs_are_told_the_same_under_names_that_stay() -> None:
    data = message("Night watch", [an_error("a <b> @here")], 1, PAGE).data
    assert list(data) == ["event", "rule", "condition", "total", "title", "text", "items", "link"]
    assert (data["event"], data["rule"], data["condition"], data["link"]) == (
        "alert",
        "Night watch",
        "OPENED",
        PAGE,
    )
    assert data["items"] == [
        {
            "condition": "OPENED",
            "errorId": "RXJyb3JHcm91cDowMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDc",
            "title": "a <b> @here",
            "severity": "CRITICAL",
            "project": "Shop",
            "module": "sale_stock",
            "count": 1_234,
            "detail": None,
            "at": "2026-11-22T15:30:00Z",
            "link": f"{PAGE}/abc",
        }
    ]


@pytest.mark.parametrize("kind", ConditionKind)
def test_each_kind_has_a_sentence_for_one_and_for_many(kind: ConditionKind) -> None:
    one, many = (message("Rule", [an_error(kind=kind)], total, None) for total in (1, 12))
    assert one.title.endswith(" in Shop: ValueError: no stock")
    assert "12 " in many.title
    assert many.title.endswith(" in Shop")
    assert one.title.split()[0] not in {"12", "1"}
    assert "alert" not in one.title + many.title


def test_what_was_asked_otherwise_meanwhile_is_told_all_the_same() -> None:
    mixed = [an_error(), an_error(kind=ConditionKind.SPIKE)]
    assert message("Rule", mixed, 2, None).title == "2 alerts in Shop"
    assert message("Rule", mixed, 2, None).data["condition"] is None
    assert message("Rule", [], 3, None).title == "3 alerts in Rule"
    assert message("Rule", mixed, 0, None).data["total"] == 2


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition(ConditionKind.OPENED), None),
        (Condition(ConditionKind.FREQUENCY, 10, 300), "1,000 times within 5 minutes"),
        (Condition(ConditionKind.FREQUENCY, 10, 90), "1,000 times within 90 seconds"),
        (Condition(ConditionKind.USERS, 10, 3600), "1,000 users within an hour"),
        (Condition(ConditionKind.SPIKE), "1,000 times this hour, about 42 expected"),
        (Condition(ConditionKind.PRIORITY, priority=1), "P1 or more urgent"),
        (Condition(ConditionKind.SCAN_FAILING), "no complete scan for 15 minutes"),
        (Condition(ConditionKind.OVER_QUOTA, window_seconds=86_400), "1,000 events refused within a day"),
    ],
)
def test_what_was_found_is_said_in_a_few_words(condition: Condition, words: str | None) -> None:
    assert detail(checked(condition), 1_000, 41.7) == words


HOSTILE = (
    "<!channel>", "<!here|x>", "<@U123>", "<#C123|general>", "&lt;!channel&gt;", "@everyone", "@here", "<@123>", "<@&9>",
    "@channel", "@ann_b", "#general", "/start", "*bold*", "**bold**", "_it_", "__under__", "a__b__c", "~~no~~", "~no~",
    "`code`", "```", "||spoiler||", "[x](http://evil.com)", "![x](//evil.com)", "[x]: http://evil.com", "<http://evil.com|x>",
    "https://evil.com", "www.evil.com", "evil.co.uk", "mailto:a@evil.de", "<b>x</b>", "<script>", "\"><img src=x>", "&#42;x&#42;",
    "\n", "\r", "\u2028", "\x00", "\x1b[31m", "\u202e", "\u200b", "\ud800", "\U000e0041", "# x", "> x", "- x", "---", "\\", "{}", "%s",
    "password=correct-horse-battery",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=5), max_size=8).map("".join) | st.lists(
    st.sampled_from(HOSTILE), max_size=6
).map(" ".join)
THINGS = st.builds(
    Told,
    kind=st.sampled_from(ConditionKind),
    group_id=st.none() | st.uuids(),
    title=TEXTS,
    severity=st.sampled_from(["CRITICAL", "HIGH", "MEDIUM", None]) | TEXTS,
    project=TEXTS,
    where=st.none() | TEXTS,
    count=st.none() | st.integers(0, 2**63),
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    link=st.sampled_from([None, f"{PAGE}/abc"]),
    detail=st.none() | TEXTS,
)
ALIVE = (
    r"[<>*`~|]", r"@\w", r"#\w", r"(?<![^\s(])/[a-z]", r"__", r"(?<![^\W_])_|_(?![^\W_])", r"\]\(", r"\]:", r"!\[.*\]\(",
    r"\bwww\.", r"\w\.(com|co|uk|de)\b", r"&#?\w+;", r"mailto:\w",
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]",
)  # fmt: skip
MARKDOWN = MarkdownIt("commonmark").enable(["strikethrough", "table"])


def assert_dead(text: str) -> None:
    """Nothing in the text is anything to Slack, Discord, Teams, Telegram or Markdown."""
    for sign in ALIVE:
        found = re.search(sign, text, re.IGNORECASE)
        assert found is None, (sign, text)
    assert "://" not in text
    assert "correct-horse" not in text
    for block in MARKDOWN.parse("said: " + text):
        assert block.type in {"paragraph_open", "paragraph_close", "inline"}
        assert {part.type for part in block.children or ()} <= {"text", "softbreak", "hardbreak"}


class Tags(HTMLParser):
    """What a mail program finds in HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name != "style"]

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def assert_html_dead(html: str) -> None:
    """The HTML has our few elements, our links, and no words that would become a link."""
    found = Tags(html)
    assert found.tags <= {"div", "h2", "p", "b", "br", "span", "a"}
    assert set(found.links) <= {PAGE, f"{PAGE}/abc"}
    words = " ".join(found.words)
    assert not re.search(r"://|\bwww\.|\w\.(com|co|uk|de)\b|@\w|mailto:\w", words, re.IGNORECASE)
    assert "correct-horse" not in words


def lines(said: Message) -> int:
    return said.text.count("\n")


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.lists(THINGS, max_size=12), st.integers(0, 10_000))
def test_nothing_that_strangers_wrote_is_alive(rule_name: str, told: list[Told], total: int) -> None:
    said = message(rule_name, told, total, PAGE)
    assert "\n" not in said.title
    assert len(said.title) <= 200
    assert_dead(said.title)
    assert_dead(said.text.replace(f"{PAGE}/abc", "").replace(PAGE, "").replace("\n", " "))
    assert lines(said) <= 5 + 4 * LISTED
    assert said.text.count(PAGE) == 1 + sum(one.link is not None for one in told[:LISTED])
    assert_html_dead(said.html)
    plain = json.dumps(said.data)
    assert "correct-horse" not in plain
    json.dumps(said.data, ensure_ascii=False).encode()
    for item in said.data["items"]:
        assert not any(re.search(ALIVE[-1] + "|\n", text) for text in item.values() if isinstance(text, str))


@settings(max_examples=150, deadline=None)
@given(TEXTS | st.text(), st.integers(1, 60))
@example("[x]: http://evil.comhttps://evil.com", 22)
@example("#`", 2)
@example("0000000000000@@@0_00", 22)
def test_a_line_of_a_stranger_is_short_and_dead(text: str, limit: int) -> None:
    assert len(defused(text, limit)) <= limit
    assert len(line(text, limit)) <= limit
    assert_dead(defused(text, limit))
    assert_html_dead(escaped(text, limit))


@pytest.mark.parametrize(
    "name",
    [
        "odoo.exceptions.UserError",
        "res_partner",
        "sale.order.line",
        "a > b".replace(">", "›"),
        "x = 1 / 2",
        "Größe 日本語 👩‍👩‍👧",
    ],
)
def test_names_stay_as_they_can_be_copied(name: str) -> None:
    assert defused(name, 100) == name


def test_a_text_of_megabytes_is_cut_before_it_is_read() -> None:
    said = message("Rule", [an_error("x\n" * 5_000_000)], 1, None)
    assert len(said.text) < 1_000


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        (f"{PAGE}/ä b", f"{PAGE}/%C3%A4%20b"),
        (f'{PAGE}"><b>', f"{PAGE}%22%3E%3Cb%3E"),
        (f"{PAGE}\nx", f"{PAGE}%0Ax"),
        ("javascript:alert(1)", None),
        (f"{PAGE}/{'a' * 500}", None),
        ("", None),
        (None, None),
    ],
)
def test_a_link_is_a_web_address_and_nothing_else(link: str | None, shown: str | None) -> None:
    assert address(link) == shown


@settings(max_examples=50, deadline=None)
@given(THINGS)
def test_what_is_kept_until_it_is_told_comes_back(told: Told) -> None:
    kept = json.loads(json.dumps(its.stored(told)))
    json.dumps(kept, ensure_ascii=False).encode()
    assert "\\u0000" not in json.dumps(kept)
    assert "correct-horse" not in json.dumps(kept)
    again = its.read(kept)
    assert again is not None
    assert (again.kind, again.group_id, again.count, again.at, again.link) == (
        told.kind, told.group_id, told.count, told.at, told.link,
    )  # fmt: skip
    assert its.stored(again) == kept


@pytest.mark.parametrize(
    "change", [{"kind": "NEXT_YEARS"}, {"at": "soon"}, {"at": "0001-01-01T00:00:00+14:00"}, {"groupId": "x"}]
)
def test_what_a_newer_version_kept_is_only_counted(change: dict[str, str]) -> None:
    assert its.read({**its.stored(an_error()), **change}) is None
    assert its.read(["x"]) is None
