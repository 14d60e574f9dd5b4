"""How a group of a log is resolved by itself when nothing was heard of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lifecycle import OPEN, RECENT, Move, MoveKind, Quiet, Source, State, Status, resolve_quiet
from tests.domain.test_lifecycle import KNOWN, NOON, ONE, THREE, TWO, at, known, moves

DAYS = timedelta(days=3)
TICK = timedelta(microseconds=1)


def quiet(
    state: State | None = None, seen: timedelta = DAYS, read: timedelta | None = timedelta(0), days: int = 3
) -> Quiet:
    """A group that was last seen, and whose logs were last read, so long before noon."""
    read_through = None if read is None else NOON - read
    return Quiet(state or known(Status.ACTIVE), NOON - seen, read_through, timedelta(days=days))


def resolved(*groups: Quiet) -> list[UUID]:
    ids = (ONE, TWO, THREE)[: len(groups)]
    return [move.group_id for move in resolve_quiet(dict(zip(ids, groups, strict=True)), NOON)]


def test_a_group_that_was_quiet_for_long_enough_is_resolved_as_of_now() -> None:
    before = State(Source.LOG, Status.REGRESSED, KNOWN, at(-9999))

    assert resolve_quiet({TWO: quiet(days=4), ONE: quiet(before)}, NOON) == [
        Move(MoveKind.RESOLVED, ONE, Status.REGRESSED, State(Source.LOG, Status.RESOLVED, KNOWN, NOON), 1)
    ]


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("status", list(Status))
def test_only_open_groups_of_logs_are_resolved(status: Status, source: Source) -> None:
    is_one = source is Source.LOG and status in {Status.NEW, Status.ACTIVE, Status.REGRESSED}
    assert resolved(quiet(known(status, source))) == ([ONE] if is_one else [])


@pytest.mark.parametrize(
    ("group", "is_over"),
    [
        (quiet(seen=DAYS), True),
        (quiet(seen=DAYS - TICK), False),
        (quiet(seen=DAYS - TICK, days=2), True),
        (quiet(seen=timedelta(days=365) - TICK, days=365), False),
        (quiet(seen=timedelta(days=365), days=365), True),
        (quiet(seen=timedelta(days=-1)), False),  # the log's clock is ahead
        (quiet(seen=NOON - datetime.min.replace(tzinfo=UTC)), True),
        (quiet(seen=timedelta(days=9), read=None), False),
        (quiet(seen=timedelta(days=9), read=RECENT), True),
        (quiet(seen=timedelta(days=9), read=RECENT + TICK), False),
        (quiet(seen=timedelta(days=9), read=timedelta(days=1)), False),
        (quiet(seen=DAYS + RECENT, read=RECENT), True),
        (quiet(seen=DAYS + RECENT - TICK, read=RECENT), False),  # was not read through all of its three days
        (quiet(seen=DAYS, read=-RECENT), True),  # another clock than ours read it
        (quiet(seen=DAYS - TICK, read=-RECENT), False),
    ],
)
def test_how_long_a_group_must_have_been_quiet_and_listened_to(group: Quiet, is_over: bool) -> None:
    assert resolved(group) == ([ONE] if is_over else [])


def test_each_group_goes_by_its_own_time() -> None:
    two_days = timedelta(days=2)
    assert resolved(quiet(seen=two_days), quiet(seen=two_days, days=2), quiet()) == [TWO, THREE]


@pytest.mark.parametrize("status", sorted(OPEN))
def test_what_is_late_for_a_quiet_group_is_only_counted_and_what_is_later_brings_it_back(
    status: Status,
) -> None:
    [move] = resolve_quiet({ONE: quiet(known(status))}, NOON)

    assert moves(move.after, NOON - DAYS, at(-1), NOON) == []
    assert moves(move.after, at(-1), at(1), at(0), at(1)) == [MoveKind.REGRESSED, MoveKind.ACTIVATED]


@given(
    groups=st.dictionaries(
        st.integers(0, 50).map(lambda number: UUID(int=number)),
        st.builds(
            Quiet,
            st.builds(known, st.sampled_from(Status), st.sampled_from(Source)),
            st.integers(-4, 4).map(lambda hours: NOON - DAYS + timedelta(hours=hours)),
            st.none() | st.integers(-30, 5).map(at),
            st.just(DAYS),
        ),
        max_size=20,
    ),
    data=st.data(),
)
def test_in_whatever_batches_and_order_the_same_groups_are_resolved_and_never_twice(
    groups: dict[UUID, Quiet], data: st.DataObject
) -> None:
    whole = {move.group_id: move.after for move in resolve_quiet(groups, NOON)}
    order = data.draw(st.permutations(sorted(groups)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=4)))

    now_at, in_parts = dict(groups), {}
    for start, end in zip(
        [0, *cuts, 0], [*cuts, len(order), len(order)], strict=True
    ):  # at last all once more
        batch = {group_id: now_at[group_id] for group_id in order[start:end]}
        for move in resolve_quiet(batch, NOON):
            assert move.group_id not in in_parts
            assert move.group_id == list(batch)[move.heard]
            in_parts[move.group_id] = move.after
            now_at[move.group_id] = replace(now_at[move.group_id], state=move.after)

    assert in_parts == whole
    assert all(groups[group_id].state.status in OPEN for group_id in whole)
    assert all(state == State(Source.LOG, Status.RESOLVED, KNOWN, NOON) for state in whole.values())
