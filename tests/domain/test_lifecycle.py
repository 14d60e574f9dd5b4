"""How a group moves by itself."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lifecycle import MOVING, Move, MoveKind, Source, State, Status, follow

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
