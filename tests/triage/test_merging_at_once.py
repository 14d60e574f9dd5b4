"""Merges, their ends, deletions and recorders at the same moment; and whatever happened, taking all apart undoes it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.lifecycle import Source
from app.errors import BadInput, InvalidTransition, NotFound
from app.recording.sightings import Origin
from app.tables.database import fetch
from app.triage import clusters
from app.triage.delete import delete
from app.triage.merge import merge
from app.triage.unmerge import unmerge
from tests.database import NOW
from tests.reading.stage import add_app, seen
from tests.recording.stage import Stage, later, recorded, set_up, sighting
from tests.triage.stage import ROBOT, standing, until_somebody_waits

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ERRORS = [f"Error{n}" for n in range(6)]
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("record"), st.lists(st.tuples(st.sampled_from(ERRORS), st.integers(-99, 99)), min_size=1)
        ),
        st.tuples(st.just("merge"), st.lists(st.sampled_from(ERRORS), min_size=2, max_size=4, unique=True)),
        st.tuples(st.just("unmerge"), st.lists(st.sampled_from(ERRORS), min_size=1, max_size=1)),
    ),
    max_size=9,
)


async def test_nothing_is_wrong_after_many_did_it_at_once() -> None:
    stage = await set_up(cooldown_seconds=0)
    chance = random.Random(7)
    heard = 0
    for _ in range(25):
        await _recorder(stage, ERRORS, stage.shop)()  # some may have been deleted, and are there again
        heard += len(ERRORS)
        groups = [row["id"] for row in await fetch("select id from error_group where deleted_at is null")]
        batches = [[chance.choice(ERRORS) for _ in range(8)] for _ in range(2)]
        heard += sum(map(len, batches))
        work = [
            *(_recorder(stage, errors, chance.choice((stage.shop, stage.warehouse))) for errors in batches),
            *(_merger(stage, *chance.sample(groups, 3)) for _ in range(4)),
            _parter(stage, chance.choice(groups)),
            _parter(stage, chance.choice(groups)),
        ]
        if chance.random() < 0.3:
            work.append(_deleter(stage, chance.choice(groups)))
        chance.shuffle(work)
        await asyncio.gather(*(each() for each in work))
        await _demand_order(heard)
    kinds = {row["kind"] for row in await fetch("select distinct kind from group_change")}
    assert {"MERGED", "UNMERGED"} <= kinds


async def test_two_merges_that_overlap_end_in_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    monkeypatch.setattr(clusters, "_PAUSE", 0)
    for turn in range(8):
        one, two, three = [await seen(stage.shop, f"{turn} {n}") for n in range(3)]
        await asyncio.gather(_merger(stage, one, two)(), _merger(stage, two, three)())
        assert {await standing(each, "merged_into_id") for each in (one, two, three)} == {None, one}
        assert await standing(one, "total_count") == 3

        four, five = [await seen(stage.shop, f"{turn} {n}") for n in (4, 5)]
        await asyncio.gather(_merger(stage, four, five)(), _merger(stage, five, four)())
        assert {await standing(each, "merged_into_id") for each in (four, five)} in (
            {None, four},
            {None, five},
        )
    await _demand_order(8 * 5)


async def test_what_a_ring_of_waits_ended_is_tried_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody locks groups in another order than all of ours do: PostgreSQL ends one of the two."""
    stage = await set_up()
    monkeypatch.setattr(clusters, "_PAUSE", 0)
    first, second = sorted([await seen(stage.shop, "KeyError"), await seen(stage.shop, "ValueError")])
    stubborn = await asyncpg.connect(database)
    try:
        await stubborn.execute("set deadlock_timeout = '10min'")
        other = stubborn.transaction()
        await other.start()
        await stubborn.execute("select from error_group where id = $1 for update", second)
        merging = asyncio.create_task(merge(stage.organization_id, first, [second], ROBOT, now=NOW))
        await until_somebody_waits(stubborn)
        await stubborn.execute("select from error_group where id = $1 for update", first)
        await other.commit()
    finally:
        await stubborn.close()
    assert (await merging).survivor_id == first
    assert await standing(second, "merged_into_id") == first


async def test_a_recorder_in_the_middle_loses_nothing(database: str) -> None:
    """It has looked, and waits for the lock that the merge holds: what it counts reaches the survivor."""
    stage = await set_up()
    first, second = await seen(stage.shop, "KeyError"), await seen(stage.shop, "ValueError")
    holder = await asyncpg.connect(database)
    try:
        held = holder.transaction()
        await held.start()
        await holder.execute("select from error_group where id = $1 for update", min(first, second))
        merging = asyncio.create_task(merge(stage.organization_id, first, [second], ROBOT, now=NOW))
        await until_somebody_waits(holder)
        recording = asyncio.create_task(
            recorded([sighting(stage.shop, "ValueError"), sighting(stage.shop, "KeyError")])
        )
        await _until_two_wait()
        await held.commit()
    finally:
        await holder.close()
    await asyncio.gather(merging, recording)
    assert await standing(first, "total_count, status") == (4, "ACTIVE")
    await _demand_order(4)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, is_of_app=st.booleans())
async def test_when_all_is_taken_apart_it_is_as_if_nothing_had_been_merged(
    steps: list[tuple[str, list[Any]]], is_of_app: bool
) -> None:
    changed = await _play(steps, is_of_app, with_merges=True)
    plain = await _play(steps, is_of_app, with_merges=False)
    assert changed == plain


async def _play(steps: list[tuple[str, list[Any]]], is_of_app: bool, *, with_merges: bool) -> list[Any]:
    """What is counted in the end, of each error that was recorded."""
    stage = await set_up(cooldown_seconds=0)
    origin = stage.shop
    if is_of_app:
        app_id = await add_app(stage)
        origin = replace(origin, id=app_id, scope_id=app_id, source=Source.EVENT)
    homes: dict[str, UUID] = {}
    for what, given_ in steps:
        if what == "record":
            await _record(origin, given_)
            await _count_users(stage)
            homes |= await _homes(origin)
        elif with_merges:
            await _change(stage, what, [homes[error] for error in given_ if error in homes])
    for home in homes.values():
        await _change(stage, "unmerge", [home])
    rows = await fetch(
        """
        select f.reason, g.total_count, g.occurrence_count, g.user_count, g.severity, g.first_seen_at, g.last_seen_at,
            g.last_stored_at, g.title, g.merged_into_id, f.home_group_id = g.id
        from error_group as g join fingerprint as f on f.group_id = g.id where g.organization_id = $1 order by 1
        """,
        stage.organization_id,
    )
    return [tuple(row) for row in rows]


async def _record(origin: Origin, heard: list[tuple[str, int]]) -> None:
    heard.sort(key=lambda each: each[1])
    await recorded([sighting(origin, error, later(hours=at)) for error, at in heard])
    for error, at in heard:
        await fetch(
            """
            insert into fingerprint_user select id, $2, $3, $3 from fingerprint where scope_id = $1 and reason like $4
            on conflict do nothing
            """,
            *(origin.scope_id, f"user {at % 3}", NOW, f"%{error}"),
        )


async def _homes(origin: Origin) -> dict[str, UUID]:
    rows = await fetch("select reason, home_group_id from fingerprint where scope_id = $1", origin.scope_id)
    return {row["reason"].rpartition(" ")[2]: row["home_group_id"] for row in rows}


async def _change(stage: Stage, what: str, groups: list[UUID]) -> None:
    if what == "merge" and len(groups) > 1:
        await _merger(stage, *groups)()
    elif what == "unmerge" and groups:
        await _parter(stage, groups[0])()


async def _count_users(stage: Stage) -> None:
    """What recording is to count, and does not yet: users of apps."""
    await fetch(
        """
        update error_group as g set user_count = (
            select count(distinct u.user_id) from fingerprint as f join fingerprint_user as u on u.fingerprint_id = f.id
            where f.group_id = g.id)
        where organization_id = $1 and source = 'EVENT'
        """,
        stage.organization_id,
    )


def _recorder(stage: Stage, errors: list[str], origin: Origin) -> Callable[[], Awaitable[object]]:
    return lambda: recorded([sighting(origin, error, later(seconds=n)) for n, error in enumerate(errors)])


def _merger(stage: Stage, primary: UUID, *others: UUID) -> Callable[[], Awaitable[object]]:
    return lambda: _tolerated(merge(stage.organization_id, primary, others, ROBOT, now=NOW))


def _parter(stage: Stage, group_id: UUID) -> Callable[[], Awaitable[object]]:
    return lambda: _tolerated(unmerge(stage.organization_id, group_id, None, ROBOT, now=NOW))


def _deleter(stage: Stage, group_id: UUID) -> Callable[[], Awaitable[object]]:
    return lambda: _tolerated(delete(stage.organization_id, [group_id], ROBOT, now=NOW))


async def _tolerated(work: Awaitable[object]) -> object:
    """What a user may be told; anything else is a fault, an error of the database above all."""
    try:
        return await work
    except (BadInput, NotFound, InvalidTransition) as refusal:
        return refusal


async def _until_two_wait() -> None:
    """Return when two wait for locks, the second one perhaps behind the first."""
    for _ in range(500):
        waiting = (
            "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        if len(await fetch(waiting)) >= 2:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("no two wait for a lock")


async def _demand_order(heard: int) -> None:
    """What must always hold, of all groups there are."""
    [found] = await fetch(
        """
        select (select sum(total_count) from fingerprint) as heard,
            (select count(*) from error_group as g where g.merged_into_id is null and g.deleted_at is null and
                (total_count, occurrence_count, first_seen_at, last_seen_at) is distinct from (
                    select (sum(f.total_count)::bigint, sum(f.occurrence_count)::bigint, min(f.first_seen_at), max(f.last_seen_at))
                    from fingerprint as f where f.group_id = g.id and f.retired_at is null)) as miscounted,
            (select count(*) from fingerprint as f join error_group as g on g.id = f.group_id
                where f.retired_at is null and (g.merged_into_id is not null or g.deleted_at is not null)) as lost,
            (select count(*) from error_group as g join error_group as s on s.id = g.merged_into_id
                where s.merged_into_id is not null or (s.deleted_at is not null and g.deleted_at is null)) as chained,
            (select count(*) from error_group as g where g.merged_into_id is not null and g.deleted_at is null
                and not exists (select from fingerprint as f where f.home_group_id = g.id
                    and f.group_id = g.merged_into_id)) as empty,
            (select count(*) from error_group where total_count < count_at_resolve) as negative
        """
    )
    assert dict(found) == {
        "heard": heard, "miscounted": 0, "lost": 0, "chained": 0, "empty": 0, "negative": 0,
    }  # fmt: skip
