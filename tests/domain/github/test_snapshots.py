"""Whole issues, as they were when somebody last read them."""

import pytest

from app.domain.github.issue_text import BODY_LIMIT
from tests.domain.github.bodies import BODIES, SNAPSHOTS, snapshot
from tests.domain.github.facts import LINK
from tests.domain.github.rendered import assert_nothing_alive

HOW = "the issue reads differently now; if it is meant to: python -m tests.domain.github.renew_snapshots"


@pytest.mark.parametrize("name", BODIES)
def test_an_issue_reads_as_it_did(name: str) -> None:
    kept = (SNAPSHOTS / f"{name}.md").read_bytes().decode()
    assert snapshot(BODIES[name]) == kept, HOW
    text = kept.partition("\n----\n")[2].removesuffix("\n")
    assert len(text) <= BODY_LIMIT
    assert_nothing_alive(text, links={LINK}, languages={"python", "typescript"})


def test_each_snapshot_belongs_to_an_error() -> None:
    assert {path.stem for path in SNAPSHOTS.iterdir()} == set(BODIES), HOW
