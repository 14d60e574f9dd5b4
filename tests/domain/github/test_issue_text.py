"""What an issue says of an error, and what it must never do to those who read it."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.github import markers
from app.domain.github.issue_text import BODY_LIMIT, TITLE_LIMIT, IssueFacts, IssueFrame, body, title
from tests.domain.github.facts import FORGED, LINK, MARKER, PLAIN, TRACEBACK, facts
from tests.domain.github.rendered import assert_nothing_alive, rendered

LANGUAGES = {"python", "javascript", "typescript"}
NASTY = [
    "@everyone", "#12", "GH-7", "acme/odoo#12", "fixes #1", "closes https://github.com/acme/odoo/issues/1",
    "16c999e8c71134401a78d4d46435517b2271d6ac", "www.example.com", "mailto:a@example.com",
    "</details>", "<details>", "<script>alert(1)</script>", "<img src=x>", "<!--", "-->", "<![CDATA[", "<?php",
    markers.line(FORGED), f"\n{markers.line(FORGED)}\n", "<!-\0- snaglist:", f"<!--\nsnaglist:{FORGED} -->",
    "`", "``", "```", "\n```\n", "~~~", "\n~~~\n", "`" * 40, "\n" + "`" * 40 + "\n", "    ", "\t",
    "![x](https://example.com/x.png)", "[x](javascript:alert(1))", "[x]: https://example.com", "**", "_", "|", "\n|-|\n",
    "# ", "\n# ", "\n- ", "\n> ", "\n---\n", "\n===\n", "\\", "\\`", "&lt;", "&#64;x", "$`x`$", ":tada:",
    "\0", "\x1b[31m", "\x1b", "\ud800", "\udc00", "\u202e", "\u2066", "\u2028", "\x85", "\r", "\r\n", "\n", "\x0b",
    "é", "漢", "\U0001f600", "\U000e0041", "\u200b", " ", "",
]  # fmt: skip
TEXT = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(NASTY), max_size=8).map("".join))
MAYBE = st.none() | TEXT
LINES = st.lists(TEXT, max_size=3).map(tuple)
FRAME = st.builds(
    IssueFrame,
    path=TEXT,
    line=st.none() | st.integers(0, 10**9),
    function=MAYBE,
    module=MAYBE,
    in_app=st.booleans(),
)
HOSTILE = st.fixed_dictionaries(
    {
        "title": TEXT,
        "exception_type": MAYBE,
        "module": MAYBE,
        "message": TEXT,
        "source": st.sampled_from(["LOG", "EVENT"]),
        "severity": st.sampled_from(["critical", "high", "medium"]) | TEXT,
        "total_count": st.integers(0, 2**63 - 1),
        "instances": st.lists(st.tuples(TEXT, st.integers(0, 2**63 - 1)), max_size=3).map(tuple),
        "instance_count": st.integers(0, 10**6),
        "app": MAYBE,
        "release": MAYBE,
        "environment": MAYBE,
        "odoo_version": MAYBE,
        "commit_sha": MAYBE,
        "traceback": MAYBE,
        "frames": st.lists(FRAME, max_size=3).map(tuple),
        "context_before": LINES,
        "context_after": LINES,
    }
)


@settings(deadline=None, max_examples=60)
@given(HOSTILE)
def test_nothing_that_an_error_says_is_alive(changes: dict[str, Any]) -> None:
    hostile = facts(**changes)
    text, line = body(hostile), title(hostile)
    assert_nothing_alive(text, links={LINK}, languages=LANGUAGES)
    assert markers.found(text) == [MARKER]
    assert text.endswith(f"\n\n{markers.line(MARKER)}")
    assert len(text) <= BODY_LIMIT
    text.encode()
    assert 0 < len(line) <= TITLE_LIMIT
    assert not re.search(
        r"@\w|#\d|GH-\d|/(?:issues|pull)/\d|[\x00-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", line
    )


def assert_within(text: str) -> None:
    assert len(text) <= BODY_LIMIT
    assert markers.found(text) == [MARKER]
    assert_nothing_alive(text, links={LINK}, languages=LANGUAGES)


@pytest.mark.parametrize(
    "unit", ["x", "`", "x`", "` ", "\U0001f600", "\n", "a\n", "\0", "<!-- snaglist:", "@x "]
)
def test_whatever_is_huge_the_text_is_within_the_limit(unit: str) -> None:
    huge = (unit * 200_000)[:200_000]
    frames = tuple(IssueFrame(f"{huge}{n}", 10**9, huge, huge, n % 2 == 0) for n in range(200))
    everything: dict[str, Any] = {
        "title": huge, "exception_type": huge, "module": huge, "message": huge, "app": huge, "release": huge,
        "environment": huge, "odoo_version": huge, "commit_sha": huge, "traceback": f"one\n{huge}\nlast",
        "instances": ((huge, 2**63),) * 20, "instance_count": 2**63, "context_before": (huge,) * 3,
    }  # fmt: skip
    for name, value in everything.items():
        assert_within(body(facts(**{name: value})))
    long = facts(
        **everything, frames=tuple(IssueFrame(f.path[-900:], 7, huge[:900], None, f.in_app) for f in frames)
    )
    assert_within(body(long))
    assert len(title(long)) <= TITLE_LIMIT


def test_a_traceback_that_is_too_long_keeps_its_beginning_and_its_end() -> None:
    lines = [f'  File "/srv/shop/a{n}.py", line {n}, in f{n}' for n in range(5_000)]
    text = body(facts(traceback="\n".join(["Traceback (most recent call last):", *lines, "KeyError: 'x'"])))
    assert_within(text)
    assert len(text) > BODY_LIMIT - 200, "all of the room is used"
    first, last = (each for each in rendered(text).code if "File" in each and "\n" in each)
    assert first.startswith('Traceback (most recent call last):\n  File "/srv/shop/a0.py", line 0, in f0\n')
    assert last.endswith("in f4999\nKeyError: 'x'\n")
    kept = [*first.splitlines(), *last.splitlines()]
    assert set(kept) <= {"Traceback (most recent call last):", *lines, "KeyError: 'x'"}, "only whole lines"
    assert f"**{5_002 - len(kept):,} lines are left out here.** [See all of it in Snaglist](<{LINK}>)" in text
    assert 1.5 < len(last) / len(first) < 2.5
    assert "POST /web/dataset" not in text
    assert "The lines around the error were left out" in text


def test_the_context_goes_before_anything_of_the_traceback() -> None:
    traceback = "\n".join([f'  File "a.py", line {n}, in f' for n in range(1_900)])
    assert 50_000 < len(traceback) < 60_000
    text = body(facts(traceback=traceback, context_before=("x" * 2_000,) * 10))
    assert traceback in text
    assert "xxx" not in text
    assert "The lines around the error were left out" in text
    assert "xxx" in body(facts(traceback=traceback[:20_000], context_before=("x" * 2_000,) * 10))


def test_a_line_that_is_too_long_loses_its_middle_before_whole_lines_go() -> None:
    text = body(facts(traceback=f"Traceback (most recent call last):\n{'SELECT ' * 20_000}\nKeyError: 'x'"))
    assert_within(text)
    assert "left out here" not in text
    assert re.search(r"\nSELECT SELECT .{600,} … .{300,}SELECT \nKeyError: 'x'\n```", text)


def test_own_files_come_first_and_a_place_that_comes_again_is_named_once() -> None:
    frames = [
        *[IssueFrame(f"/usr/lib/python3/l{n}.py", n, "g", None, in_app=False) for n in range(1, 101)],
        *[IssueFrame("/srv/shop/cart.py", 7, "pay", "shop", in_app=True)] * 500,
        IssueFrame("", None, None, "shop.views", in_app=True),
        IssueFrame(" ", None, "", None, in_app=True),
    ]
    text = body(facts(frames=tuple(frames)))
    files = text[text.index("### Files") : text.index("<details>\n<summary>Lines")]
    assert files.startswith(
        "### Files\n\n- `/srv/shop/cart.py`, line `7`, in `pay`\n- `shop.views`\n\n<details>\n<summary>In libraries: 100<"
    )
    assert files.count("/usr/lib/python3") == 30
    assert "- … and 70 more …" in files


def test_the_title_is_the_errors_first_line_without_what_github_would_act_upon() -> None:
    told = title(
        facts(title="ValueError: @ada broke #12, acme/odoo#3 and gh-4; mail bob@example.com\nsecond")
    )
    assert told.replace("\u200b", "") == (
        "ValueError: @ada broke #12, acme/odoo#3 and gh-4; mail bob@example.com second"
    )
    assert told.count("\u200b") == 5
    assert title(facts(title="x" * 300)) == "x" * 255 + "…"
    assert title(facts(title="#1" * 200))[-1] == "…"
    assert title(facts(title="password=hunter2")) == "password=[redacted password]"
    assert title(facts(title=" \n", exception_type="shop.Boom", message="bang")) == "shop.Boom: bang"
    assert title(facts(title="", exception_type=None, message="", module="")) == "Error"


def test_times_are_told_in_utc_whatever_their_zone() -> None:
    there = datetime(2026, 11, 22, 1, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    text = body(facts(first_seen_at=there, last_seen_at=there.astimezone(UTC).replace(tzinfo=None)))
    assert text.count("2026-11-21 19:30:00 UTC") == 2


def test_many_instances_are_counted_where_they_are_not_named() -> None:
    names = tuple((f"Shop {n}", 1) for n in range(20))
    assert "`Shop 19` (1) and 1,980 more\n" in body(facts(instances=names, instance_count=2_000))
    assert "**Affected instances:** 3\n" in body(facts(instances=(), instance_count=3))
    assert "Affected" not in body(facts(instances=(), instance_count=0))


@pytest.mark.parametrize(
    ("path", "traceback", "language"),
    [
        ("src/Cart.tsx", "TypeError: x is undefined\n    at pay (src/Cart.tsx:4:2)", "typescript"),
        ("https://cdn.example.com/main.js?v=1", "TypeError: x\n    at main.js", "javascript"),
        ("Cart.unheard", "boom", ""),
        ("Cart.rb", TRACEBACK, "python"),
    ],
)
def test_the_traceback_of_an_event_is_coloured_as_what_it_is(
    path: str, traceback: str, language: str
) -> None:
    frames = (IssueFrame("lib.py", 1, None, None, in_app=False), IssueFrame(path, 1, None, None, in_app=True))
    assert f"```{language}\n{traceback}\n```" in body(
        facts(source="EVENT", frames=frames, traceback=traceback)
    )


def test_a_link_cannot_be_left_by_its_characters_and_a_strange_one_is_none() -> None:
    assert "[Open this error in Snaglist](<https://a.example/%3E%20%3Cb%3E%0A>)" in body(
        facts(link="https://a.example/> <b>\n")
    )
    for strange in ("javascript:alert(1)", "", "https://a.example/" + "x" * 500, "\ud800"):
        assert rendered(body(facts(link=strange))).links == []


def test_a_marker_is_ours_only_where_it_stands_alone_on_its_line() -> None:
    ours = markers.line(MARKER)
    assert markers.found(f"text\r\n\r\n{ours}\r\n") == [MARKER]
    assert markers.found(f"  {ours}\nedited by hand") == [MARKER]
    assert markers.found(f"> {ours}\n`{ours}`\n{ours} and more\n<!-- snaglist:{'x' * 36} -->") == []
    assert markers.found("") == []


def test_facts_without_anything_make_an_issue_still() -> None:
    nothing: IssueFacts = facts(
        title="", exception_type=None, module=None, message="", traceback=None, frames=(), odoo_version=None,
        context_before=(), context_after=(), instances=(), instance_count=0,
    )  # fmt: skip
    text = body(nothing)
    assert text.startswith("## `?`\n\n- **Severity:** critical\n")
    assert "###" not in text
    assert "details" not in text
    assert body(PLAIN) == body(PLAIN)
