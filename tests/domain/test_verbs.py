"""What people do with groups: every verb, from every status, of both sources."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.lifecycle import Mute, Source, State, Status
from app.domain.verbs import KINDS, LEADS_TO, REFUSED, Verb, after, assigned, deleted, muted, unmuted
from app.errors import InvalidTransition

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEFORE = NOON - timedelta(days=1)
NO = "refused"
STAYS = "stays"

# What becomes of a group; the statuses across are where it stood.
TABLE = {
    #              NEW            ACTIVE         IN_PROGRESS   RESOLVED    REGRESSED      SILENCED
    Verb.CLAIM:   ("IN_PROGRESS", "IN_PROGRESS", STAYS,        NO,         "IN_PROGRESS", "IN_PROGRESS"),
    Verb.RESOLVE: ("RESOLVED",    "RESOLVED",    "RESOLVED",   STAYS,      "RESOLVED",    "RESOLVED"),
    Verb.REOPEN:  (STAYS,         NO,            "NEW",        "NEW",      NO,            "NEW"),
    Verb.SILENCE: ("SILENCED",    "SILENCED",    "SILENCED",   "SILENCED", "SILENCED",    STAYS),
}  # fmt: skip
CELLS = [
    (verb, status, expected)
    for verb, row in TABLE.items()
    for status, expected in zip(Status, row, strict=True)
]


def standing(status: Status, source: Source = Source.LOG) -> State:
    """A group with something in every field, resolved the day before if it ever was."""
    was_resolved = status in (Status.RESOLVED, Status.REGRESSED)
    return State(
        source,
        status,
        7,
        BEFORE if was_resolved else None,
        "1.2" if was_resolved else None,
        was_resolved,
        Mute(BEFORE, until_count=99),
        UUID(int=1),
    )


def test_the_table_has_every_cell() -> None:
    assert set(TABLE) == set(Verb) == set(KINDS) == set(LEADS_TO) == set(REFUSED)
    assert len(CELLS) == len(Verb) * len(Status)


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize(("verb", "status", "expected"), CELLS)
def test_what_each_verb_does_from_each_status(
    verb: Verb, status: Status, expected: str, source: Source
) -> None:
    state = standing(status, source)
    if expected == NO:
        with pytest.raises(InvalidTransition, match=KINDS[verb].lower()):
            after(verb, state, NOON)
        return
    became = after(verb, state, NOON, in_version="1.3", in_next=True)
    if expected == STAYS:
        assert became is state
        return
    assert became.status == expected
    resolution = {
        Verb.RESOLVE: (NOON, "1.3", True),
        Verb.REOPEN: (None, None, False),
    }.get(verb, (state.resolved_at, state.resolved_in_version, state.resolved_in_next))
    assert (became.resolved_at, became.resolved_in_version, became.resolved_in_next) == resolution
    # All else is as it was.
    assert replace(state, status=became.status, **dict(zip(RESOLUTION, resolution, strict=True))) == became  # type: ignore[arg-type]


RESOLUTION = ("resolved_at", "resolved_in_version", "resolved_in_next")


def test_a_refusal_says_where_the_group_stands() -> None:
    with pytest.raises(InvalidTransition) as refused:
        after(Verb.REOPEN, standing(Status.REGRESSED), NOON)
    assert refused.value.message == "an error that is regressed cannot be reopened"


def test_what_is_resolved_without_a_version_forgets_the_one_from_before() -> None:
    became = after(Verb.RESOLVE, standing(Status.REGRESSED), NOON)
    assert (became.resolved_in_version, became.resolved_in_next) == (None, False)


@pytest.mark.parametrize("status", list(Status))
def test_a_mute_is_a_flag_beside_every_status(status: Status) -> None:
    state = replace(standing(status), mute=None)
    assert muted(state, NOON, None, None) == replace(state, mute=Mute(NOON))
    assert muted(state, NOON, NOON + timedelta(1), 3).mute == Mute(NOON, NOON + timedelta(1), 10)
    assert unmuted(muted(state, NOON, None, None), NOON) == state
    assert unmuted(state, NOON) is state


def test_what_is_muted_is_muted_anew_unless_that_is_the_same() -> None:
    tomorrow = NOON + timedelta(1)
    for_good = replace(standing(Status.NEW), mute=Mute(BEFORE))
    assert muted(for_good, NOON, None, None) is for_good
    until = muted(for_good, NOON, tomorrow, None)
    assert until.mute == Mute(NOON, tomorrow)
    assert muted(until, NOON + timedelta(hours=1), tomorrow, None) is until
    counted = muted(until, NOON, None, 5)
    assert counted.mute == Mute(NOON, None, 12)
    assert muted(counted, NOON, None, 5) is counted
    later = replace(counted, total_count=8)  # it happened once more: five more are others than before
    assert muted(later, NOON, None, 5).mute == Mute(NOON, None, 13)


def test_a_mute_whose_time_has_passed_is_none() -> None:
    over = replace(standing(Status.NEW), mute=Mute(BEFORE, NOON))
    assert unmuted(over, NOON) is over  # it ends by itself
    assert unmuted(over, NOON - timedelta(seconds=1)).mute is None
    assert muted(over, NOON, NOON + timedelta(1), None).mute == Mute(NOON, NOON + timedelta(1))


@pytest.mark.parametrize("status", list(Status))
def test_every_group_can_be_assigned_and_deleted(status: Status) -> None:
    state = standing(status)
    assert assigned(state, UUID(int=1)) is state
    assert assigned(state, UUID(int=2)) == replace(state, assignee_id=UUID(int=2))
    assert assigned(state, None) == replace(state, assignee_id=None)
    assert deleted(state, NOON) == replace(state, deleted_at=NOON)
    assert deleted(deleted(state, BEFORE), NOON).deleted_at == BEFORE
