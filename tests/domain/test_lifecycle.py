"""How a group moves by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lifecycle import (
    MOVING,
    OPEN,
    RECENT,
    Move,
    MoveKind,
    Quiet,
    Source,
    State,
    Status,
    follow,
    resolve_quiet,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
KNOWN = 5


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def known(status: Status, source: Source = Source.LOG) -> State:
    """A group that was seen before, and resolved at noon if it ever was."""
    resolved = NOON if status in (Status.RESOLVED, Status.REGRESSED) else None
    return State(source, status, KNOWN, resolved)


def moves(state: State, *heard: datetime) -> list[MoveKind]:
    return [move.kind for move in follow({ONE: state}, [(ONE, seen_at) for seen_at in heard])[1]]


def test_a_group_opens_with_its_first_detection_and_stays_new() -> None:
    states, told = follow({ONE: State(Source.LOG)}, [(ONE, NOON)])

    assert states == {ONE: State(Source.LOG, Status.NEW, 1)}
    assert told == [Move(MoveKind.OPENED, ONE, None, State(Source.LOG, Status.NEW, 1), 0)]


def test_the_second_detection_makes_it_active_and_the_third_changes_nothing() -> None:
    states, told = follow({ONE: State(Source.LOG)}, [(ONE, NOON)] * 3)

    assert states == {ONE: State(Source.LOG, Status.ACTIVE, 3)}
    assert told[1:] == [
        Move(MoveKind.ACTIVATED, ONE, Status.NEW, State(Source.LOG, Status.ACTIVE, 2), 1),
    ]


def test_a_resolved_error_that_reappears_later_regresses_and_is_active_at_the_next() -> None:
    assert moves(known(Status.RESOLVED), at(1)) == [MoveKind.REGRESSED]
    assert moves(known(Status.RESOLVED), at(1), at(1)) == [MoveKind.REGRESSED, MoveKind.ACTIVATED]
    assert moves(known(Status.REGRESSED), at(2)) == [MoveKind.ACTIVATED]


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.REGRESSED])
@pytest.mark.parametrize("minutes", [-1, 0])
def test_a_line_that_is_not_later_than_the_resolution_is_only_counted(status: Status, minutes: int) -> None:
    states, told = follow({ONE: known(status)}, [(ONE, at(minutes))] * 2)

    assert told == []
    assert states == {ONE: State(Source.LOG, status, KNOWN + 2, NOON)}


def test_a_late_line_between_two_others_changes_nothing() -> None:
    assert moves(known(Status.RESOLVED), at(-5), at(5), at(-4), at(6), at(-3)) == [
        MoveKind.REGRESSED,
        MoveKind.ACTIVATED,
    ]


@pytest.mark.parametrize("status", [Status.SILENCED, Status.IN_PROGRESS, Status.ACTIVE])
def test_what_people_decided_stays_and_what_is_active_too(status: Status) -> None:
    assert status not in MOVING
    states, told = follow({ONE: known(status)}, [(ONE, at(1))] * 9)
    assert told == []
    assert states[ONE].total_count == KNOWN + 9


@pytest.mark.parametrize("status", list(Status))
def test_a_group_of_events_moves_by_versions_and_not_by_time(status: Status) -> None:
    assert moves(known(status, Source.EVENT), at(1), at(2)) == []
    assert moves(State(Source.EVENT), at(1), at(2)) == [MoveKind.OPENED]


def test_a_reopened_group_is_active_at_its_next_detection() -> None:
    assert moves(known(Status.NEW), at(1)) == [MoveKind.ACTIVATED]


def test_groups_that_were_not_heard_of_stay_as_they_are() -> None:
    states, told = follow({ONE: known(Status.RESOLVED), TWO: known(Status.NEW)}, [(TWO, at(1))])
    assert states[ONE] == known(Status.RESOLVED)
    assert [move.group_id for move in told] == [TWO]


def test_what_is_given_is_not_changed() -> None:
    given_states = {ONE: State(Source.LOG)}
    follow(given_states, [(ONE, NOON)])
    assert given_states == {ONE: State(Source.LOG)}


def test_an_unknown_group_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        follow({}, [(ONE, NOON)])


@given(
    states=st.fixed_dictionaries(
        {
            group: st.one_of(
                st.builds(State, st.sampled_from(Source)),
                st.builds(known, st.sampled_from(Status), st.sampled_from(Source)),
            )
            for group in (ONE, TWO, THREE)
        }
    ),
    heard=st.lists(st.tuples(st.sampled_from((ONE, TWO, THREE)), st.integers(-3, 3).map(at)), max_size=30),
    cuts=st.lists(st.integers(0, 30), max_size=5),
)
def test_however_a_log_is_cut_the_moves_are_the_same(
    states: dict[UUID, State], heard: list[tuple[UUID, datetime]], cuts: list[int]
) -> None:
    whole, told = follow(states, heard)

    ends = sorted({min(cut, len(heard)) for cut in cuts} | {len(heard)})
    for steps in (ends, range(1, len(heard) + 1)):
        now_at, in_parts, start = states, [], 0
        for end in steps:
            now_at, more = follow(now_at, heard[start:end])
            in_parts += [(m.kind, m.group_id, m.before, m.after, m.heard + start) for m in more]
            start = end
        assert now_at == whole
        assert in_parts == [(m.kind, m.group_id, m.before, m.after, m.heard) for m in told]


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
