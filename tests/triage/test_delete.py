"""Deleting: gone everywhere, and the same error seen later is a new one."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from app.errors import BadInput, InvalidTransition
from app.reading.groups import group as read
from app.reading.groups import groups as listed
from app.tables.database import fetch, transaction
from app.triage.choose import Refused
from app.triage.delete import delete
from tests.database import NOW
from tests.reading.stage import merge, seen
from tests.recording.stage import later, recorded, sighting
from tests.triage.stage import ROBOT, errors, everything, kinds, standing, until_somebody_waits

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_what_is_deleted_is_gone_and_the_same_error_opens_a_new_group() -> None:
    stage, [group, other] = await errors(2)

    await delete(stage.organization_id, [group], ROBOT, now=NOW)

    assert await standing(group, "deleted_at") == NOW
    assert await kinds(group) == ["DELETED"]
    assert await read(stage.organization_id, group) is None
    assert [each.id for each in (await listed(stage.organization_id, now=NOW)).nodes] == [other]
    again = await seen(stage.shop, "Error0", later(minutes=1))
    assert again != group
    assert await standing(again, "status, total_count") == ("NEW", 1)
    assert await standing(group, "total_count") == 2
    assert await seen(stage.shop, "Error1", later(minutes=1)) == other
    # And the new one can be deleted as well.
    await delete(stage.organization_id, [again], ROBOT, now=NOW)
    assert await seen(stage.shop, "Error0", later(minutes=2)) not in (group, again)


async def test_what_was_merged_into_a_group_goes_with_it() -> None:
    stage, [survivor, one, two, other] = await errors(4)
    await merge(survivor, one, two)

    changes = await delete(stage.organization_id, [other, survivor], ROBOT, now=NOW)

    assert [change.entry.move.group_id for change in changes] == [other, survivor, *sorted([one, two])]
    assert await fetch("select from error_group where deleted_at is null") == []
    assert await fetch("select from fingerprint where retired_at is null") == []
    for error in ("Error0", "Error1", "Error2", "Error3"):
        assert await seen(stage.shop, error, later(minutes=1)) not in (survivor, one, two, other)


async def test_what_was_merged_away_is_not_deleted_by_itself() -> None:
    stage, [survivor, merged, other] = await errors(3)
    await merge(survivor, merged)
    before = await everything()
    with pytest.raises(Refused) as refused:
        await delete(stage.organization_id, [other, merged], ROBOT, now=NOW)
    assert [(type(each), each.field) for each in refused.value.failures] == [(InvalidTransition, "ids.1")]
    assert await everything() == before


async def test_a_recorder_that_waits_for_a_deletion_opens_a_new_group(database: str) -> None:
    stage, [group] = await errors(1)
    holder = await asyncpg.connect(database)
    try:
        held = holder.transaction()
        await held.start()
        await holder.execute("select from error_group for no key update")
        deleting = asyncio.create_task(delete(stage.organization_id, [group], ROBOT, now=NOW))
        await until_somebody_waits(holder)
        recording = asyncio.create_task(recorded([sighting(stage.shop, "Error0", later(minutes=1))]))
        await until_somebody_waits(holder, 2)
        await held.commit()
    finally:
        await holder.close()

    await deleting
    assert (await recording).opened == 1
    rows = await fetch("select id = $1, deleted_at, total_count from error_group order by created_at", group)
    assert sorted(map(tuple, rows), reverse=True) == [(True, NOW, 2), (False, None, 1)]


async def test_deletions_and_recorders_at_once_lose_and_double_nothing() -> None:
    stage, _ = await errors(3)
    heard = 0

    async def record(rounds: int) -> None:
        nonlocal heard
        for _ in range(rounds):
            batch = [sighting(stage.shop, f"Error{n}", later(minutes=1)) for n in (2, 0, 1, 1)]
            counted = (await recorded(batch, now=later(minutes=1))).counted
            heard += counted

    async def remove(rounds: int) -> int:
        done = 0
        for _ in range(rounds):
            await record(1)
            alive = [row[0] for row in await fetch("select id from error_group where deleted_at is null")]
            with suppress(BadInput):  # somebody else was faster
                done += len(await delete(stage.organization_id, alive, ROBOT, now=NOW))
        return done

    results = await asyncio.gather(record(6), record(6), remove(5), remove(5))

    [row] = await fetch(
        """
        select (select sum(total_count) from error_group)::int as groups,
            (select sum(total_count) from fingerprint)::int as fingerprints,
            (select count(*) from error_group where deleted_at is not null)::int as deleted,
            (select count(*) from group_change where kind = 'DELETED')::int as told,
            (select count(*) from fingerprint as f join error_group as g on g.id = f.group_id
                where (f.retired_at is null) <> (g.deleted_at is null))::int as halves
        """
    )
    deleted = sum(each for each in results if each is not None)
    assert dict(row) == {
        "groups": heard + 6,
        "fingerprints": heard + 6,
        "deleted": deleted,
        "told": deleted,
        "halves": 0,
    }
    assert deleted > 0


async def test_a_deletion_that_dies_leaves_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, groups = await errors(2)
    before = await everything()

    async def dying(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("app.triage.delete.timeline.write", dying)
    with pytest.raises(ConnectionError):
        await delete(stage.organization_id, groups, ROBOT, now=NOW)
    assert await everything() == before
    async with transaction():
        await fetch("select from error_group for update nowait")
