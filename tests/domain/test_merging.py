"""Where groups stand when they become one, and when they come apart: the whole table."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.lifecycle import Mute, Source, State, Status
from app.domain.merging import Standing, awakened, merged, parted

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOMEBODY = UUID(int=7)


def group(
    status: str, *, seen: int = 0, resolved: int | None = None, source: Source = Source.LOG, total: int = 5
) -> Standing:
    """A group that was seen and resolved so many hours after `NOW`."""
    resolved_at = None if resolved is None else NOW + resolved * HOUR
    return Standing(State(source, Status(status), total, resolved_at), NOW + seen * HOUR)


@pytest.mark.parametrize(
    ("primary", "other", "became"),
    [
        # left only by hand
        (group("IN_PROGRESS"), group("REGRESSED", seen=9), "IN_PROGRESS"),
        (group("SILENCED"), group("ACTIVE", seen=9), "SILENCED"),
        # open already
        (group("ACTIVE"), group("RESOLVED", resolved=1), "ACTIVE"),
        (group("REGRESSED", resolved=-1), group("SILENCED"), "REGRESSED"),
        # seen twice, together
        (group("NEW"), group("NEW"), "ACTIVE"),
        (group("NEW"), group("RESOLVED", resolved=1), "ACTIVE"),
        # resolved, and seen later under the other name
        (group("RESOLVED", resolved=1), group("NEW", seen=2), "REGRESSED"),
        (group("RESOLVED", resolved=1), group("ACTIVE", seen=2), "REGRESSED"),
        (group("RESOLVED", resolved=1), group("IN_PROGRESS", seen=2), "REGRESSED"),
        (group("RESOLVED", resolved=1), group("REGRESSED", seen=2, resolved=0), "REGRESSED"),
        # resolved, and the other is late, or done with
        (group("RESOLVED", resolved=1), group("ACTIVE", seen=1), "RESOLVED"),
        (group("RESOLVED", resolved=1), group("SILENCED", seen=2), "RESOLVED"),
        (group("RESOLVED", resolved=1), group("RESOLVED", seen=2, resolved=3), "RESOLVED"),
    ],
)
def test_the_status_of_what_stays(primary: Standing, other: Standing, became: str) -> None:
    after = merged(primary, [other], 10)
    assert after.state.status == became
    assert after.state.total_count == 10
    assert after.last_seen_at == max(primary.last_seen_at, other.last_seen_at)

    # Among several, one is enough.
    assert merged(primary, [group("SILENCED", seen=-5), other], 10).state.status == became


@pytest.mark.parametrize("status", Status)
def test_groups_of_apps_keep_their_status(status: Status) -> None:
    primary = group(status, resolved=1, source=Source.EVENT)
    assert merged(primary, [group("ACTIVE", seen=9, source=Source.EVENT)], 10).state.status is status


def test_of_two_resolutions_the_later_one_says_what_is_late() -> None:
    early, late = group("RESOLVED", resolved=1), group("RESOLVED", seen=2, resolved=3)
    assert merged(early, [late], 10).state.resolved_at == NOW + 3 * HOUR
    assert merged(late, [early], 10).state.resolved_at == NOW + 3 * HOUR
    assert merged(group("ACTIVE"), [late], 10).state.resolved_at is None


def test_what_people_said_of_the_one_that_stays_stays() -> None:
    state = State(Source.LOG, Status.ACTIVE, 5, mute=Mute(NOW, NOW + HOUR, 12), assignee_id=SOMEBODY)
    other = replace(group("ACTIVE"), state=State(Source.LOG, Status.ACTIVE, 20, mute=Mute(NOW)))
    after = merged(Standing(state, NOW), [other], 25).state
    assert after.assignee_id == SOMEBODY
    # Seven more were waited for, and are still.
    assert after.mute == Mute(NOW, NOW + HOUR, 32)

    assert parted(Standing(after, NOW), 5, NOW, grown=0).state == state


def test_what_was_counted_since_a_resolution_is_still_counted_since() -> None:
    primary = replace(group("RESOLVED", resolved=1, total=10), count_at_resolve=8)
    after = merged(primary, [group("SILENCED", total=90)], 100)
    assert (after.state.total_count, after.count_at_resolve) == (100, 98)

    # Three more of its own and four of the other: those go with it.
    grown = replace(after, state=replace(after.state, total_count=107))
    assert parted(grown, 13, NOW, grown=4).count_at_resolve == 8


@pytest.mark.parametrize(("at_resolve", "total", "grown"), [(50, 3, 0), (0, 3, 0), (49, 3, 40), (50, 0, 99)])
def test_nothing_counts_below_zero(at_resolve: int, total: int, grown: int) -> None:
    left = parted(replace(group("ACTIVE", total=50), count_at_resolve=at_resolve), total, NOW, grown=grown)
    assert left.count_at_resolve is not None
    assert 0 <= total - left.count_at_resolve <= 50 - at_resolve
    back = awakened(replace(group("ACTIVE", total=50), count_at_resolve=at_resolve), total, total, NOW)
    assert back.count_at_resolve is not None
    assert total - back.count_at_resolve >= 0


@pytest.mark.parametrize(
    ("tombstone", "more", "seen", "became"),
    [
        (group("NEW"), 0, 0, "NEW"),
        (group("NEW"), 1, 2, "ACTIVE"),
        (group("NEW"), 1, 0, "ACTIVE"),  # an older line, read late
        (group("ACTIVE"), 1, 2, "ACTIVE"),
        (group("IN_PROGRESS"), 1, 2, "IN_PROGRESS"),
        (group("SILENCED"), 1, 2, "SILENCED"),
        (group("REGRESSED", resolved=-1), 1, 2, "REGRESSED"),
        (group("RESOLVED", resolved=1), 0, 0, "RESOLVED"),
        (group("RESOLVED", resolved=1), 3, 1, "RESOLVED"),  # late
        (group("RESOLVED", resolved=1), 1, 2, "REGRESSED"),
        (group("RESOLVED", resolved=1, source=Source.EVENT), 1, 2, "RESOLVED"),
        (group("NEW", source=Source.EVENT), 1, 2, "NEW"),
    ],
)
def test_what_comes_back_stands_as_if_it_had_never_been_away(
    tombstone: Standing, more: int, seen: int, became: str
) -> None:
    buried = replace(
        tombstone, state=replace(tombstone.state, merged_into_id=SOMEBODY, mute=Mute(NOW, None, 9))
    )
    after = awakened(replace(buried, count_at_resolve=4), 5 + more, 5 + more, NOW + seen * HOUR)
    assert after.state.status == became
    assert after.state.merged_into_id is None
    assert (after.state.total_count, after.count_at_resolve) == (5 + more, 4)
    assert after.state.mute == Mute(NOW, None, 9)


@pytest.mark.parametrize(("total", "is_muted"), [(8, True), (9, False), (30, False)])
def test_what_a_mute_waited_for_may_have_come_while_it_was_away(total: int, is_muted: bool) -> None:
    tombstone = group("ACTIVE")
    waiting = replace(tombstone, state=replace(tombstone.state, mute=Mute(NOW, None, 9)))
    assert awakened(waiting, total, total, NOW).state.mute == (Mute(NOW, None, 9) if is_muted else None)


def test_what_had_others_in_it_comes_back_without_them() -> None:
    tombstone = replace(group("ACTIVE", total=100), count_at_resolve=98)
    muted = replace(tombstone, state=replace(tombstone.state, mute=Mute(NOW, None, 103)))
    after = awakened(muted, 30, 30, NOW)
    assert (after.state.total_count, after.count_at_resolve, after.state.mute) == (
        30,
        28,
        Mute(NOW, None, 33),
    )
