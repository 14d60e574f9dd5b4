"""What Snaglist tells on an issue."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.github import markers
from app.domain.github.comments import OtherIssue, comment
from app.domain.github.issue_text import BODY_LIMIT
from tests.domain.github.facts import FORGED, LINK, MARKER
from tests.domain.github.rendered import assert_nothing_alive, rendered
from tests.domain.github.test_issue_text import TEXT

NUMBERED, UNNUMBERED = UUID(int=1), UUID(int=2)
THERE = "https://snaglist.example.com/errors/other"
OTHERS = {NUMBERED: OtherIssue(12, THERE, "KeyError"), UNNUMBERED: OtherIssue(None, THERE, "Boom [x](y) `z`")}
SEE = f"[See it in Snaglist](<{LINK}>)."
TOLD: list[tuple[dict[str, Any], str]] = [
    ({"about": "auto_resolved", "days": 3}, "No occurrences for 3 days. Auto-resolved by Snaglist."),
    ({"about": "auto_resolved", "days": 1}, "No occurrences for 1 day. Auto-resolved by Snaglist."),
    ({"about": "auto_resolved"}, "No occurrences for some time. Auto-resolved by Snaglist."),
    ({"about": "resolved", "by": "Ada", "version": "1.2"}, "Resolved in version `1.2` in Snaglist by `Ada`."),
    ({"about": "resolved", "by": None, "in_next": True}, "Resolved in the next version in Snaglist."),
    (
        {"about": "resolved", "by": "Ada", "version": None, "in_next": False, "reason": "by @bob,\n fixes #1"},
        "Resolved in Snaglist by `Ada`.\n\nReason: `by @bob, fixes #1`",
    ),
    ({"about": "silenced", "by": "Ada", "reason": None}, "Silenced in Snaglist by `Ada`."),
    ({"about": "reopened", "by": "Ada", "reason": None}, "Reopened in Snaglist by `Ada`."),
    ({"about": "deleted", "by": "Ada", "reason": ""}, "The error was deleted in Snaglist by `Ada`."),
    (
        {"about": "unmerged", "by": "Ada", "reason": "no"},
        f"The merge with another error was undone in Snaglist by `Ada`. {SEE}\n\nReason: `no`",
    ),
    (
        {"about": "regressed", "at": "2026-11-22T11:00:00+01:00", "where": "Main shop", "version": "1.2"},
        f"It came back at 2026-11-22 10:00:00 UTC on `Main shop`, in version `1.2`. {SEE}",
    ),
    ({"about": "regressed", "at": "0001-01-01T00:00:00+23:00", "where": " "}, f"It came back. {SEE}"),
    (
        {"about": "merged_into", "group_id": str(NUMBERED), "by": "Ada", "reason": None},
        "Duplicate of #12\n\nMerged in Snaglist by `Ada`.",
    ),
    (
        {"about": "merged_into", "group_id": str(UNNUMBERED), "by": None},
        f"Duplicate of [`` Boom [x](y) `z` ``](<{THERE}>)\n\nMerged in Snaglist.",
    ),
    ({"about": "merged_into", "group_id": "none"}, f"Merged into another error in Snaglist. {SEE}"),
    (
        {"about": "merged", "group_ids": [str(NUMBERED), str(UNNUMBERED), str(UUID(int=3)), 4], "by": "Ada"},
        f"Other errors were merged into this one in Snaglist by `Ada`. {SEE}\n\n- #12\n- [`` Boom [x](y) `z` ``](<{THERE}>)\n- 2 more",
    ),
    ({"about": "merged", "group_ids": ["?"]}, f"Other errors were merged into this one in Snaglist. {SEE}\n\n- 1 of them"),
    ({"about": "unheard"}, f"Something about this error changed in Snaglist. {SEE}"),
    ({}, f"Something about this error changed in Snaglist. {SEE}"),
]  # fmt: skip


@pytest.mark.parametrize(("detail", "told"), TOLD)
def test_what_happened_is_told_with_a_marker(detail: dict[str, Any], told: str) -> None:
    assert comment(detail, MARKER, OTHERS, LINK) == f"{told}\n\n{markers.line(MARKER)}"


def test_a_reference_to_another_issue_of_ours_is_alive_and_nothing_else() -> None:
    page = rendered(comment({"about": "merged_into", "group_id": str(NUMBERED)}, MARKER, OTHERS, LINK))
    assert page.texts == ["Duplicate of #12", "Merged in Snaglist."]


ABOUT = st.sampled_from([str(detail["about"]) for detail, _ in TOLD if "about" in detail])
VALUE = st.one_of(
    TEXT, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(TEXT, max_size=3), st.just({})
)
IDS = st.lists(st.sampled_from([str(NUMBERED), str(UNNUMBERED), "x", None]), max_size=60)


@settings(deadline=None, max_examples=100)
@given(
    ABOUT | VALUE,
    st.dictionaries(st.sampled_from(["days", "by", "version", "in_next", "reason", "at", "where"]), VALUE),
    IDS,
    TEXT,
)
def test_nothing_that_people_say_is_alive(about: Any, detail: dict[str, Any], ids: Any, name: str) -> None:
    detail |= {"about": about, "group_ids": ids, "group_id": ids[0] if ids else name}
    others = {NUMBERED: OtherIssue(None, THERE, name), UNNUMBERED: OtherIssue(-1, name, name)}
    text = comment(detail, MARKER, others, LINK)
    assert_nothing_alive(text, links={LINK, THERE}, languages=set())
    assert markers.found(text) == [MARKER]
    assert len(text) <= BODY_LIMIT


def test_the_longest_comment_is_within_the_limit() -> None:
    huge = "x`" * 100_000
    ids = [str(UUID(int=n)) for n in range(1, 200)]
    others = {UUID(each): OtherIssue(None, f"https://a.example/{'a' * 470}", huge) for each in ids}
    detail = {"about": "merged", "group_ids": ids, "by": huge, "reason": huge + markers.line(FORGED)}
    text = comment(detail, MARKER, others, LINK)
    assert len(text) <= BODY_LIMIT
    assert text.count("a.example") == 50
    assert "- 149 more" in text
