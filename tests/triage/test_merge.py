"""Errors that are merged into one, and taken apart again."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.errors import BadInput, NotFound, SnaglistError
from app.reading.groups import group, groups
from app.reading.occurrences import occurrences
from app.tables.database import fetch
from app.triage.delete import delete
from app.triage.merge import Merged, merge
from app.triage.unmerge import Unmerged, unmerge
from tests.database import NOW
from tests.reading.stage import add_app, add_group, change, fingerprint_of, seen
from tests.recording.stage import Stage, later, recorded, set_up, sighting
from tests.triage.stage import ROBOT, everything, kinds, standing, steps

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

COUNTS = "total_count, occurrence_count, severity, first_seen_at, last_seen_at, last_stored_at, user_count"


async def joined(stage: Stage, primary: UUID | None, *others: UUID | None, **more: Any) -> Merged:
    return await merge(stage.organization_id, primary, others, ROBOT, now=NOW, **more)


async def parted(stage: Stage, group_id: UUID, *fingerprint_ids: int | None) -> Unmerged:
    return await unmerge(stage.organization_id, group_id, fingerprint_ids or None, ROBOT, now=NOW)


async def three(stage: Stage) -> list[UUID]:
    """Three errors, seen once, twice, and three times."""
    return [
        await seen(stage.shop, "KeyError", later(minutes=-1), severity="medium"),
        await seen(stage.warehouse, "ValueError", later(hours=-9), later(hours=-3)),
        await seen(
            stage.shop, "TypeError", *[later(hours=-n, minutes=-2) for n in (1, 4, 2)], severity="high"
        ),
    ]


async def test_one_error_is_left_with_all_that_was_counted_of_the_others() -> None:
    stage = await set_up()
    primary, *others = await three(stage)

    done = await joined(stage, primary, *others, reason="one cause, password=hunter2")

    assert done.survivor_id == primary
    assert await standing(primary, COUNTS) == (
        6,
        6,
        3,
        later(hours=-9),
        later(minutes=-1),
        later(minutes=-1),
        0,
    )
    [only] = (await groups(stage.organization_id, now=NOW)).nodes
    assert (only.id, only.title, only.status) == (primary, "KeyError: 'partner_id'", "ACTIVE")
    assert len((await occurrences(stage.organization_id, primary)).nodes) == 6
    for other in others:
        tombstone = await group(stage.organization_id, other)
        assert tombstone
        assert tombstone.merged_into_id == primary
    step = (await steps(primary))[-1]
    assert (step["kind"], step["status_before"], step["status_after"]) == ("MERGED", "NEW", "ACTIVE")
    assert (step["actor_kind"], step["actor_id"]) == ("agent", ROBOT.id)
    assert step["reason"].startswith("one cause")
    assert "hunter2" not in step["reason"]
    assert step["detail"] == {"from": [str(other) for other in others]}
    assert (await steps(others[0]))[-1]["detail"] == {"into": str(primary)}
    assert [change.entry.move.group_id for change in done.changes] == [primary, *others]
    [waiting] = await fetch("select count(*) from outbox where change_kind = 'MERGED'")
    assert waiting[0] == 3


async def test_what_is_merged_already_stays_so_and_nothing_is_written() -> None:
    stage = await set_up()
    primary, *others = await three(stage)
    await joined(stage, primary, *others)
    before = await everything()

    assert await joined(stage, primary, *others) == Merged(primary, ())
    # The primary may be named by what went into it: somebody's page is old.
    assert await joined(stage, others[0], others[1]) == Merged(primary, ())
    assert await joined(stage, others[0], primary) == Merged(primary, ())
    assert await everything() == before


async def test_a_chain_has_one_step() -> None:
    stage = await set_up()
    first, second, third = await three(stage)
    await joined(stage, first, second)

    done = await joined(stage, third, first)

    assert done.survivor_id == third
    assert [await standing(each, "merged_into_id") for each in (first, second, third)] == [third, third, None]
    assert (await standing(third, COUNTS))[0] == 6
    # And who names a tombstone as the primary means what it went into.
    fourth = await seen(stage.shop, "OSError")
    assert (await joined(stage, second, fourth)).survivor_id == third
    assert await standing(fourth, "merged_into_id") == third


async def test_later_occurrences_reach_the_survivor_and_leave_it_its_texts() -> None:
    stage = await set_up()
    primary, other, _ = await three(stage)
    await joined(stage, primary, other)

    done = await recorded([sighting(stage.shop, "ValueError", later(hours=1))])

    assert done.opened == 0
    assert await standing(primary, "title, exception_type, total_count, last_seen_at, last_stored_at") == (
        "KeyError: 'partner_id'", "KeyError", 4, later(hours=1), later(hours=1),
    )  # fmt: skip
    assert await standing(other, "total_count") == 2
    await recorded(
        [sighting(stage.shop, "KeyError", later(hours=2)), sighting(stage.shop, "ValueError", later(hours=2))]
    )
    assert await standing(primary, "title, total_count, occurrence_count") == ("KeyError: 'partner_id'", 6, 5)


async def test_one_cooldown_holds_for_all_that_is_merged() -> None:
    stage = await set_up(cooldown_seconds=300)
    primary, other, _ = await three(stage)
    await joined(stage, primary, other)
    assert (await recorded([sighting(stage.shop, "ValueError", later(minutes=2))])).stored == 0
    assert (await recorded([sighting(stage.shop, "ValueError", later(minutes=9))])).stored == 1


async def test_users_who_met_both_count_once() -> None:
    stage = await set_up()
    app_id = await add_app(stage)
    one, other = [await add_group(stage, source="EVENT", app_id=app_id, user_count=2) for _ in range(2)]
    for group_id, users in ((one, ("ann", "bob")), (other, ("bob", "cid"))):
        for user in users:
            await fetch(
                "insert into fingerprint_user values ($1, $2, $3, $3)",
                await fingerprint_of(group_id),
                user,
                NOW,
            )

    await joined(stage, one, other)
    assert await standing(one, "user_count") == 3

    await parted(stage, one)
    assert [await standing(each, "user_count") for each in (one, other)] == [2, 2]


async def test_what_cannot_be_merged_is_refused_and_nothing_changes() -> None:
    stage, strangers = await set_up(), await set_up()
    primary, other, third = await three(stage)
    theirs = await seen(strangers.shop, "KeyError")
    app_id = await add_app(stage)
    of_app = await add_group(stage, source="EVENT", app_id=app_id)
    of_other_app = await add_group(stage, source="EVENT", app_id=await add_app(stage))
    of_developers = await add_group(stage, is_dev=True)
    gone = await add_group(stage)
    await delete(stage.organization_id, [gone], ROBOT, now=NOW)
    elsewhere = await seen(stage.shop, "OSError")
    await joined(stage, third, elsewhere)
    project_id = uuid4()
    await fetch(
        "insert into project (id, organization_id, name, slug, created_at) values ($1, $2, 'B', 'b', $3)",
        *(project_id, stage.organization_id, NOW),
    )
    of_other_project = await add_group(stage, project_id=project_id)
    before = await everything()
    refused: list[tuple[type[SnaglistError], str, UUID | None, list[UUID | None]]] = [
        (BadInput, "secondaryIds", primary, []),
        (BadInput, "secondaryIds", primary, [uuid4() for _ in range(51)]),
        (BadInput, "secondaryIds.1", primary, [other, primary]),
        (BadInput, "secondaryIds.1", primary, [other, other]),
        (NotFound, "primaryId", None, [other]),
        (NotFound, "primaryId", uuid4(), [other]),
        (NotFound, "primaryId", theirs, [other]),
        (NotFound, "primaryId", gone, [other]),
        (NotFound, "secondaryIds.1", primary, [other, None]),
        (NotFound, "secondaryIds.1", primary, [other, uuid4()]),
        (NotFound, "secondaryIds.1", primary, [other, theirs]),
        (NotFound, "secondaryIds.1", primary, [other, gone]),
        (BadInput, "secondaryIds.0", primary, [of_app]),
        (BadInput, "secondaryIds.0", of_app, [of_other_app]),
        (BadInput, "secondaryIds.1", primary, [other, of_developers]),
        (BadInput, "secondaryIds.1", primary, [other, of_other_project]),
        (BadInput, "secondaryIds.1", primary, [other, elsewhere]),
    ]
    for kind, field, primary_id, others in refused:
        with pytest.raises(kind) as failed:
            await joined(stage, primary_id, *others)
        assert (type(failed.value), failed.value.field) == (kind, field), others
    with pytest.raises(BadInput):
        await joined(stage, primary, other, reason="x" * 1001)
    with pytest.raises(NotFound):
        await merge(strangers.organization_id, primary, [other], ROBOT, now=NOW)
    assert await everything() == before


async def test_a_merge_is_undone_and_all_is_where_its_fingerprint_says() -> None:
    stage = await set_up()
    ids = await three(stage)
    primary, other, third = ids
    before = [await standing(each, COUNTS) for each in ids]
    await joined(stage, primary, other, third)

    done = await parted(stage, primary)

    assert set(done.group_ids) == {other, third}
    assert [await standing(each, COUNTS) for each in ids] == before
    assert [await standing(each, "merged_into_id") for each in ids] == [None] * 3
    assert await standing(primary) == "ACTIVE"
    assert (await kinds(other))[-2:] == ["MERGED", "UNMERGED"]
    assert (await steps(other))[-1]["detail"] == {"from": str(primary)}
    assert set((await steps(primary))[-1]["detail"]["to"]) == {str(other), str(third)}
    before_again = await everything()
    assert await parted(stage, primary) == Unmerged((), ())
    assert await everything() == before_again


async def test_some_go_back_with_what_came_later_and_others_stay() -> None:
    stage = await set_up(cooldown_seconds=0)
    primary, other, third = await three(stage)
    await change(other, status="RESOLVED", resolved_at=later(hours=-2), count_at_resolve=2)
    fingerprint = await fingerprint_of(other)
    await joined(stage, primary, other, third)
    await recorded(
        [sighting(stage.shop, error, later(hours=1)) for error in ("ValueError", "TypeError", "KeyError")]
    )

    done = await parted(stage, primary, fingerprint)

    assert done.group_ids == (other,)
    assert await standing(other, "status, total_count, count_at_resolve, last_seen_at") == (
        "REGRESSED", 3, 2, later(hours=1),
    )  # fmt: skip
    assert await standing(primary, "total_count") == 6
    assert await standing(third, "merged_into_id") == primary
    # It is back already; and what comes now comes to it.
    assert await parted(stage, primary, fingerprint) == Unmerged((), ())
    await recorded([sighting(stage.shop, "ValueError", later(hours=2))])
    assert await standing(other, "status, total_count") == ("ACTIVE", 4)
    assert await standing(primary, "total_count") == 6


async def test_what_was_merged_in_two_steps_comes_apart_in_one() -> None:
    stage = await set_up()
    first, second, third = await three(stage)
    counts = [await standing(each, COUNTS) for each in (first, second, third)]
    await joined(stage, first, second)
    await joined(stage, third, first)

    await parted(stage, third)

    assert [await standing(each, COUNTS) for each in (first, second, third)] == counts


async def test_what_cannot_be_taken_apart_is_refused_and_nothing_changes() -> None:
    stage, strangers = await set_up(), await set_up()
    primary, other, third = await three(stage)
    own, its, apart = [await fingerprint_of(each) for each in (primary, other, third)]
    theirs = await fingerprint_of(await seen(strangers.shop, "KeyError"))
    fourth = await seen(stage.shop, "OSError")
    elsewhere = await fingerprint_of(fourth)
    await joined(stage, primary, other)
    await joined(stage, third, fourth)
    before = await everything()
    refused: list[tuple[type[SnaglistError], str, UUID, list[int | None]]] = [
        (NotFound, "id", uuid4(), [its]),
        (NotFound, "id", uuid4(), []),
        (BadInput, "id", other, [its]),
        (BadInput, "id", other, []),
        (BadInput, "fingerprintIds.1", primary, [its, own]),
        (NotFound, "fingerprintIds.1", primary, [its, None]),
        (NotFound, "fingerprintIds.1", primary, [its, 2**62]),
        (NotFound, "fingerprintIds.1", primary, [its, theirs]),
        (BadInput, "fingerprintIds.1", primary, [its, elsewhere]),
        (BadInput, "fingerprintIds", primary, [its] * 101),
    ]
    for kind, field, group_id, fingerprint_ids in refused:
        with pytest.raises(kind) as failed:
            await parted(stage, group_id, *fingerprint_ids)
        assert (type(failed.value), failed.value.field) == (kind, field), fingerprint_ids
    with pytest.raises(BadInput):
        await unmerge(stage.organization_id, primary, [], ROBOT, now=NOW)
    with pytest.raises(NotFound):
        await unmerge(strangers.organization_id, primary, None, ROBOT, now=NOW)
    assert await everything() == before
    # What never left is where it belongs.
    assert await parted(stage, primary, apart) == Unmerged((), ())


async def test_what_is_deleted_together_does_not_come_back() -> None:
    stage = await set_up()
    primary, other, _ = await three(stage)
    await joined(stage, primary, other)
    await delete(stage.organization_id, [primary], ROBOT, now=NOW)
    with pytest.raises(NotFound):
        await parted(stage, primary)
    assert (await recorded([sighting(stage.shop, "ValueError", later(hours=1))])).opened == 1


async def test_counts_since_a_resolution_survive() -> None:
    stage = await set_up()
    primary, other, _ = await three(stage)
    await change(primary, status="SILENCED", resolved_at=NOW - timedelta(days=1), count_at_resolve=0)
    await joined(stage, primary, other)
    found = await group(stage.organization_id, primary)
    assert found
    assert found.count_since_resolved == 1
