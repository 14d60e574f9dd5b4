"""Versions compared as versions, and what has no order told apart from what is older."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.versions import LONGEST, is_commit, is_newer, newest, place

ORDERED = [
    # each of these, oldest first
    ["0", "0.1", "1.2", "1.9", "1.10", "1.10.1", "2"],
    ["1.0.dev1", "1.0a1", "1.0-beta.2", "1.0-rc.1", "1.0", "1.0.post1", "1.0.1"],
    [
        "1.2.3-SNAPSHOT",
        "1.2.3-alpha.beta",
        "1.2.3-beta",
        "1.2.3-rc.1.1",
        "1.2.3-rc.1.2",
        "1.2.3-rc.2",
        "1.2.3",
    ],
    ["1.2.3", "1.2.3-hotfix", "1.2.3-hotfix.2", "1.2.3-hotfix.10", "1.2.4-nightly", "1.2.4"],
    [
        "5.0.0-next.3",
        "5.0.0-next.10",
        "5.0.0-beta.1",
        "5.0.0",
        "5.0.1-experimental.1",
        "5.0.1-insider.2",
        "5.0.1",
    ],
    ["2.0.0-M1", "2.0.0-M2", "2.0.0-milestone-3", "2.0.0.CR1", "2.0.0-RC2", "2.0.0", "2.0.1-ea", "2.0.1"],
    ["1.2", "1.2-mips", "1.2-nextcloud"],
    ["1.2.3", "1.2.3-ea9f", "1.2.3-m68k"],  # an end of a hash and a machine are no milestones
    ["1.2.3-m29", "1.2.3", "1.2.3-m32", "1.2.3-m64"],
    ["shop@1.9.0", "shop@1.10.0-rc1", "shop@1.10.0", "shop@1.10.0+9", "shop@1.10.0+10"],
    ["shop-2024.1", "shop-2024.1+build7", "shop-2024.1+build10", "shop-2024.1.1", "shop-2024.10"],
    ["2024-01-15", "2024-02-01", "2024-11-01", "2025-01-01"],
    ["build7", "build10", "build100"],
    ["3.1 (44)", "3.1 (45)", "3.2 (1)"],
    ["v1.9", "1.10", "release-1.11", "@scope/shop@1.12", "1!0.1"],
    ["1234567", "1234568"],  # builds, not commits
    ["2.0.0a20261121", "2.0.0a20261122", "2.0.0b20261121", "2.0.0"],
    ["1.2-3-gf9e8d7c", "1.2-4-ga1b2c3d"],
    ["0.0.0-20261121101010-fbcdef123456", "0.0.0-20261122101010-abcdef123456"],
]
SAME = [
    ("1.0", "1.0.0"),
    ("v1.0", "shop@1"),
    ("1.0-rc1", "1.0RC1"),
    (" 1.0 ", "1.0"),
    ("ios2-1.4", "1.4"),
    ("1.0.0-SNAPSHOT", "1.0.0.dev0"),
    # The hash of a commit says nothing, also where it stands behind a version.
    ("shop@1.2.3+a1b2c3d", "shop@1.2.3+f9e8d7c"),
    ("1.2.3+exp.sha.5114f85", "1.2.3+exp.sha.9114f85"),
    ("1.2.3-a1b2c3d", "1.2.3-9e8d7c6"),
    ("1.2.3+20261122.a1b2c3d", "1.2.3+20261122.f9e8d7c"),
]
NEVER = [
    "",
    " ",
    "@",
    "shop@",
    "+1",
    "banana",
    "\0",
    "\ud800",
    "١٢",
    "²",
    "a1b2c3d",
    "shop@deadbeef",
    "main-f9e8d7c",
    "8e2b6c1e-4d2a-4b7f-9a1c-0123456789ab",
    "shop@production-9e8d7c1",
    "feature/cart.a1b2c3d4",
    "0123456789" * 4,
    "1" * (LONGEST + 1),
]


@pytest.mark.parametrize("versions", ORDERED, ids=lambda versions: versions[0])
def test_each_version_is_newer_than_all_before_it(versions: list[str]) -> None:
    for at, version in enumerate(versions):
        for older in versions[:at]:
            assert is_newer(version, older) is True, (version, older)
            assert is_newer(older, version) is False, (older, version)
    assert newest(reversed(versions)) == versions[-1]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_is_the_same_version_is_not_newer(one: str, other: str) -> None:
    assert (is_newer(one, other), is_newer(other, one)) == (False, False)


@pytest.mark.parametrize("text", NEVER)
def test_of_what_has_no_order_nobody_can_tell_whether_it_is_newer(text: str) -> None:
    assert (is_newer(text, "1.0"), is_newer("1.0", text)) == (None, None)
    assert is_newer(text, text) is False
    assert place(text) is None
    assert newest(["1.0", text]) == "1.0"


def test_where_nothing_has_an_order_nothing_is_the_newest() -> None:
    assert newest([]) is None
    assert newest(["", "a1b2c3d"]) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a1b2c3d", True),
        ("A1B2C3D", True),
        ("f" * 40, True),
        ("1" * 40, True),
        ("1234567", False),
        ("abc", False),
        ("main-a1b2c3d", True),
        ("shop@1.2.3", False),
        ("g1b2c3d", False),
        ("f" * 65, False),
    ],
)
def test_a_commit_is_told_from_a_build(text: str, expected: bool) -> None:
    assert is_commit(text) is expected


SHAPES = st.text("0123456789.-+@v!rcabetdv_ \0é²", max_size=24) | st.text(max_size=12)


@given(st.lists(SHAPES, min_size=2, max_size=6))
def test_whatever_is_called_a_version_there_is_one_order_or_none(texts: list[str]) -> None:
    placed = [found for found in map(place, texts) if found is not None]
    ordered = sorted(placed)
    assert all(one <= other for one, other in pairwise(ordered))
    assert ordered == sorted(placed, reverse=True)[::-1]
    for one in texts:
        for other in texts:
            told, back = is_newer(one, other), is_newer(other, one)
            assert not (told and back)
            assert (told is None) == (back is None)
    found = newest(texts)
    assert found is None if not placed else not any(is_newer(text, found or "") for text in texts)
