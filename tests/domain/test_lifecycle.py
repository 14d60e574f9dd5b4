"""How a group moves by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lifecycle import (
    MOVING,
    Heard,
    Move,
    MoveKind,
    Mute,
    Source,
    State,
    Status,
    end_mutes,
    follow,
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


def event(resolved_in: str | None, *, in_next: bool = False) -> State:
    """A group of events that was resolved at noon."""
    return State(Source.EVENT, Status.RESOLVED, KNOWN, NOON, resolved_in, in_next)


def comes_back(state: State, version: str | None, minutes: int = 1, *, without_version: bool = False) -> bool:
    """Whether an event of this version brings the group back."""
    lenient = {ONE} if without_version else set[UUID]()
    _, told = follow({ONE: state}, [(ONE, at(minutes), version)], without_version=lenient)
    assert [move.kind for move in told] in ([], [MoveKind.REGRESSED])
    return bool(told)


@pytest.mark.parametrize(
    ("resolved_in", "version", "strict", "lenient"),
    [
        ("1.9", "1.10", True, True),
        ("1.10", "1.9", False, False),
        ("1.10", "1.10.0", False, False),
        ("shop@1.10", "shop@1.10.1", True, True),
        ("a1b2c3d", "a1b2c3d", False, False),  # the very commit that has the repair
        # What nobody can compare counts only if the project says so.
        (None, "1.10", False, True),
        ("1.10", None, False, True),
        (None, None, False, True),
        ("1.10", "nonsense", False, True),
        ("a1b2c3d", "f1b2c3d", False, True),
    ],
)
def test_a_group_of_events_comes_back_in_a_newer_version(
    resolved_in: str | None, version: str | None, strict: bool, lenient: bool
) -> None:
    assert comes_back(event(resolved_in), version) is strict
    assert comes_back(event(resolved_in), version, without_version=True) is lenient
    assert comes_back(event(resolved_in, in_next=True), version) is strict
    # What is older than the resolution is late, whatever its version.
    assert not comes_back(event(resolved_in), version, 0, without_version=True)


def test_of_many_events_the_first_newer_one_brings_the_group_back_and_it_stays_so() -> None:
    heard: list[Heard] = [(ONE, at(1), "1.1"), (ONE, at(2)), (ONE, at(3), "1.3"), (ONE, at(4), "1.4")]
    states, told = follow({ONE: event("1.2")}, heard)
    assert [(move.kind, move.heard, move.after.total_count) for move in told] == [
        (MoveKind.REGRESSED, 2, KNOWN + 3)
    ]
    assert states[ONE].status is Status.REGRESSED
    assert states[ONE].resolved_in_version == "1.2"


def test_a_version_means_nothing_to_a_group_of_a_log() -> None:
    state = replace(known(Status.RESOLVED), resolved_in_version="9.0")
    assert comes_back(state, "1.0")
    assert not comes_back(state, "10.0", 0)


def test_a_project_that_regresses_without_versions_is_meant_alone() -> None:
    states = {ONE: event(None), TWO: event(None)}
    _, told = follow(states, [(ONE, at(1)), (TWO, at(1))], without_version={TWO})
    assert [move.group_id for move in told] == [TWO]


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("status", list(Status))
def test_a_mute_ends_with_the_last_of_so_many_occurrences(status: Status, source: Source) -> None:
    state = replace(known(status, source), mute=Mute(NOON, until_count=KNOWN + 2))
    states, told = follow({ONE: state}, [(ONE, at(-1))] * 3)  # late for what is resolved
    [unmuted] = [move for move in told if move.kind is MoveKind.UNMUTED]
    assert (unmuted.heard, unmuted.after.total_count) == (1, KNOWN + 2)
    assert (unmuted.before, unmuted.after.mute) == (unmuted.after.status, None)
    assert states[ONE].mute is None


def test_where_the_same_occurrence_ends_the_mute_and_changes_the_status_the_mute_ends_first() -> None:
    state = replace(known(Status.RESOLVED), mute=Mute(NOON, until_count=KNOWN + 1))
    _, told = follow({ONE: state}, [(ONE, at(1))])
    assert [(move.kind, move.before, move.after.status, move.after.mute) for move in told] == [
        (MoveKind.UNMUTED, Status.RESOLVED, Status.RESOLVED, None),
        (MoveKind.REGRESSED, Status.RESOLVED, Status.REGRESSED, None),
    ]


def test_a_mute_for_good_or_until_a_time_is_not_ended_by_occurrences() -> None:
    for mute in (Mute(NOON), Mute(NOON, at(1))):
        state = replace(known(Status.RESOLVED), mute=mute)
        assert moves(state, at(2), at(3)) == [MoveKind.REGRESSED, MoveKind.ACTIVATED]
        assert follow({ONE: state}, [(ONE, at(2))])[0][ONE].mute == mute


def test_mutes_end_when_their_time_has_come() -> None:
    mutes = {ONE: Mute(NOON, at(1)), TWO: Mute(NOON), THREE: Mute(NOON, at(2), 99)}
    states = {group: replace(known(Status.SILENCED), mute=mute) for group, mute in mutes.items()}
    assert end_mutes(states, NOON) == []
    assert end_mutes(states | {TWO: known(Status.NEW)}, at(1)) == [
        Move(MoveKind.UNMUTED, ONE, Status.SILENCED, known(Status.SILENCED), 0)
    ]
    assert [move.group_id for move in end_mutes(states, at(2))] == [ONE, THREE]


MUTES = st.none() | st.builds(
    Mute, st.just(NOON), st.none() | st.just(at(1)), st.none() | st.integers(KNOWN, KNOWN + 9)
)
VERSIONS = st.sampled_from((None, "", "1.9", "1.10", "1.11-rc1", "a1b2c3d"))


@given(
    states=st.fixed_dictionaries(
        {
            group: st.builds(
                lambda state, mute, version: replace(state, mute=mute, resolved_in_version=version),
                st.one_of(
                    st.builds(State, st.sampled_from(Source)),
                    st.builds(known, st.sampled_from(Status), st.sampled_from(Source)),
                ),
                MUTES,
                VERSIONS,
            )
            for group in (ONE, TWO, THREE)
        }
    ),
    heard=st.lists(
        st.tuples(st.sampled_from((ONE, TWO, THREE)), st.integers(-3, 3).map(at), VERSIONS), max_size=30
    ),
    cuts=st.lists(st.integers(0, 30), max_size=5),
    lenient=st.frozensets(st.sampled_from((ONE, TWO))),
)
def test_however_a_log_is_cut_the_moves_are_the_same(
    states: dict[UUID, State],
    heard: list[tuple[UUID, datetime, str | None]],
    cuts: list[int],
    lenient: frozenset[UUID],
) -> None:
    whole, told = follow(states, heard, without_version=lenient)

    ends = sorted({min(cut, len(heard)) for cut in cuts} | {len(heard)})
    for steps in (ends, range(1, len(heard) + 1)):
        now_at, in_parts, start = states, [], 0
        for end in steps:
            now_at, more = follow(now_at, heard[start:end], without_version=lenient)
            in_parts += [(m.kind, m.group_id, m.before, m.after, m.heard + start) for m in more]
            start = end
        assert now_at == whole
        assert in_parts == [(m.kind, m.group_id, m.before, m.after, m.heard) for m in told]
