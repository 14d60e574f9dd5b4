"""Mutes: for good, until a time, until so many more occurrences; and how they end by themselves."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.accounts.actors import SYSTEM
from app.errors import BadInput
from app.jobs.catalogue import JOBS
from app.jobs.starting import run_here
from app.reading.groups import Filter, groups
from app.reading.stats import stats
from app.tables.database import fetch
from app.timeline import Change
from app.triage import end_mutes as ending
from app.triage import merge as merging
from app.triage.delete import delete
from app.triage.end_mutes import end_mutes
from app.triage.mute import mute
from app.triage.unmerge import unmerge
from app.triage.unmute import unmute
from tests.database import NOW
from tests.reading.stage import merge
from tests.recording.stage import Stage, later, recorded, sighting
from tests.triage.stage import ROBOT, errors, everything, kinds, standing, steps

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

MUTE = "muted_at, mute_until, mute_until_count"


async def shown(stage: Stage, now: datetime) -> set[UUID]:
    """The groups of the default list."""
    page = await groups(stage.organization_id, Filter(), now=now)
    numbers = await stats(stage.organization_id, now=now)
    assert numbers.total_active == len(page.nodes)
    return {group.id for group in page.nodes}


async def happens(stage: Stage, times: int, at: datetime) -> None:
    await recorded([sighting(stage.shop, "Error0", at) for _ in range(times)], now=at)


async def test_a_mute_hides_and_counts_and_lets_the_status_change() -> None:
    stage, [group] = await errors(1)
    await fetch("update error_group set status = 'NEW'")
    await mute(stage.organization_id, [group], ROBOT, now=NOW)

    assert await standing(group, MUTE) == (NOW, None, None)
    assert await shown(stage, later(days=999)) == set()
    await happens(stage, 5, later(minutes=1))
    assert await standing(group, "status, total_count, muted_at") == ("ACTIVE", 7, NOW)
    assert await end_mutes(now=later(days=9999)) == 0


async def test_lists_show_a_group_from_the_moment_its_mute_is_over() -> None:
    stage, [group] = await errors(1)
    until = later(hours=1)
    await mute(stage.organization_id, [group], ROBOT, until=until, now=NOW)

    assert (await steps(group))[0]["detail"] == {
        "until": until.isoformat(),
        "after_occurrences": None,
        "until_count": None,
    }
    assert await shown(stage, until - timedelta(microseconds=1)) == set()
    assert await shown(stage, until) == {group}  # though nobody has ended it yet
    assert await end_mutes(now=until - timedelta(microseconds=1)) == 0
    assert await end_mutes(now=until) == 1
    assert await end_mutes(now=until) == 0
    assert await standing(group, MUTE) == (None, None, None)
    _, unmuted = await steps(group)
    assert (unmuted["kind"], unmuted["actor_kind"], unmuted["at"], unmuted["detail"]) == (
        "UNMUTED",
        SYSTEM.kind,
        until,
        {"because": "TIME"},
    )


async def test_a_mute_ends_with_the_last_of_so_many_occurrences() -> None:
    stage, [group] = await errors(1)
    await mute(stage.organization_id, [group], ROBOT, after_occurrences=3, now=NOW)

    assert await standing(group, MUTE) == (NOW, None, 5)
    await happens(stage, 2, later(minutes=1))
    assert await shown(stage, later(minutes=1)) == set()
    await happens(stage, 1, later(minutes=2))
    assert await shown(stage, later(minutes=2)) == {group}
    assert await standing(group, MUTE) == (None, None, None)
    _, unmuted = await steps(group)
    assert (unmuted["kind"], unmuted["actor_kind"], unmuted["at"]) == ("UNMUTED", "system", later(minutes=2))
    assert unmuted["detail"] == {
        "because": "COUNT",
        "seen_at": later(minutes=2).isoformat(),
        "origin_id": str(stage.shop.id),
    }
    await happens(stage, 9, later(minutes=3))
    assert await kinds(group) == ["MUTED", "UNMUTED"]


async def test_what_is_muted_and_merged_away_comes_back_unmuted_where_enough_came_meanwhile() -> None:
    stage, [survivor, enough, few] = await errors(3)
    await mute(stage.organization_id, [enough], ROBOT, after_occurrences=2, now=NOW)
    await mute(stage.organization_id, [few], ROBOT, after_occurrences=4, now=NOW)
    await merging.merge(stage.organization_id, survivor, [enough, few], ROBOT, now=NOW)
    await recorded([sighting(stage.shop, error, later(minutes=1)) for error in ("Error1", "Error2") * 3])

    done = await unmerge(stage.organization_id, survivor, None, ROBOT, now=later(minutes=2))

    assert await standing(enough, MUTE) == (None, None, None)
    assert await standing(few, MUTE) == (NOW, None, 6)
    assert await shown(stage, later(minutes=2)) == {survivor, enough}
    assert await kinds(enough) == ["MUTED", "MERGED", "UNMERGED", "UNMUTED"]
    assert (await steps(enough))[-1]["detail"] == {"because": "COUNT"}
    assert await kinds(few) == ["MUTED", "MERGED", "UNMERGED"]
    assert [change.entry.move.kind for change in done.changes] == ["UNMERGED"] * 3 + ["UNMUTED"]


async def test_of_a_time_and_a_number_what_comes_first_ends_it() -> None:
    stage, both = await errors(2)
    await mute(stage.organization_id, both, ROBOT, until=later(hours=1), after_occurrences=1, now=NOW)
    await happens(stage, 1, later(minutes=1))
    assert await end_mutes(now=later(hours=1)) == 1
    for group in both:
        assert await kinds(group) == ["MUTED", "UNMUTED"]


async def test_a_new_mute_takes_the_place_of_the_old_one() -> None:
    stage, [group] = await errors(1)
    for minutes, until in enumerate((later(days=1), None, later(days=2))):
        await mute(stage.organization_id, [group], ROBOT, until=until, now=later(minutes=minutes))
        assert await standing(group, MUTE) == (later(minutes=minutes), until, None)
    assert await end_mutes(now=later(days=1)) == 0
    assert await kinds(group) == ["MUTED"] * 3


async def test_what_is_over_is_not_unmuted_by_hand_but_may_be_muted_anew() -> None:
    stage, [group] = await errors(1)
    await mute(stage.organization_id, [group], ROBOT, until=later(hours=1), now=NOW)
    assert await unmute(stage.organization_id, [group], ROBOT, now=later(hours=1)) == []
    await mute(stage.organization_id, [group], ROBOT, now=later(hours=2))
    assert await end_mutes(now=later(hours=3)) == 0
    assert await kinds(group) == ["MUTED", "MUTED"]


@pytest.mark.parametrize(
    ("until", "after_occurrences", "field"),
    [
        (NOW, None, "until"),
        (later(days=-1), 5, "until"),
        (None, 0, "afterOccurrences"),
        (None, -1, "afterOccurrences"),
        (None, 1_000_000_001, "afterOccurrences"),
    ],
)
async def test_a_mute_that_makes_no_sense_changes_nothing(
    until: datetime | None, after_occurrences: int | None, field: str
) -> None:
    stage, [group] = await errors(1)
    before = await everything()
    with pytest.raises(BadInput) as refused:
        await mute(
            stage.organization_id, [group], ROBOT, until=until, after_occurrences=after_occurrences, now=NOW
        )
    assert refused.value.field == field
    assert await everything() == before


async def test_mutes_end_in_batches_of_all_organizations_whatever_is_merged_or_deleted_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ending, "AT_ONCE", 2)
    told: list[Change] = []

    async def noting(changes: list[Change]) -> None:
        assert len(changes) <= 2
        told.extend(changes)

    monkeypatch.setattr(ending, "announce", noting)
    stage, some = await errors(7)
    other, more = await errors(2)
    await mute(stage.organization_id, some, ROBOT, until=later(hours=1), now=NOW)
    await mute(other.organization_id, more, ROBOT, until=later(hours=2), now=NOW)
    await merge(some[0], some[1])
    await delete(stage.organization_id, [some[2]], ROBOT, now=NOW)

    assert await end_mutes(now=later(hours=2)) == 7

    assert sorted(change.entry.move.group_id for change in told) == sorted([some[0], *some[3:], *more])
    assert {change.entry.organization_id for change in told} == {stage.organization_id, other.organization_id}
    assert await standing(some[1], "mute_until") == later(hours=1)
    assert await standing(some[2], "mute_until") == later(hours=1)


async def test_several_that_end_mutes_at_once_write_each_end_once() -> None:
    stage, some = await errors(5)
    await mute(stage.organization_id, some, ROBOT, until=later(hours=1), now=NOW)

    ended = await asyncio.gather(*(end_mutes(now=later(hours=1)) for _ in range(4)))

    assert sum(ended) == 5
    for group in some:
        assert await kinds(group) == ["MUTED", "UNMUTED"]


async def test_the_job_ends_mutes() -> None:
    stage, [group] = await errors(1)
    await mute(stage.organization_id, [group], ROBOT, until=later(hours=1), now=NOW)
    await run_here("end-mutes", now=later(hours=1))
    assert await standing(group, "muted_at") is None
    assert JOBS["end-mutes"].every == timedelta(minutes=1)
