"""Which groups a filter is about after something happened to them: those in it, and those that may have been."""

from uuid import UUID

import pytest

from app.errors import BadInput
from app.reading.filters import Filter
from app.reading.watched import Happened, Watched, watched
from tests.database import NOW
from tests.reading.stage import add_app, change, delete, merge, seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

COUNTED = Happened({"COUNTED"}, frozenset())


def moved(kind: str, before: str = "ACTIVE") -> Happened:
    return Happened({kind}, {before})


async def found(stage: Stage, wanted: Filter, happened: dict[UUID, Happened]) -> Watched:
    return await watched(stage.organization_id, wanted, happened, now=NOW)


async def test_what_only_happened_again_must_be_in_the_filter_and_a_change_may_have_taken_it_out() -> None:
    stage = await set_up()
    active, resolved, muted = [await seen(stage.shop, name) for name in ("A", "B", "C")]
    await change(active, status="ACTIVE")
    await change(resolved, status="RESOLVED")
    await change(muted, status="ACTIVE", muted_at=NOW, mute_until=later(hours=1))
    open_ones = Filter(status=("ACTIVE",))
    all_of_them = (active, resolved, muted)
    assert await found(stage, open_ones, dict.fromkeys(all_of_them, COUNTED)) == Watched(
        frozenset({active}), frozenset()
    )
    happened = {active: moved("CLAIMED"), resolved: moved("RESOLVED"), muted: moved("MUTED")}
    assert await found(stage, open_ones, happened) == Watched(
        frozenset({active}), frozenset({resolved, muted})
    )
    # Resolved before, and silenced then: nobody who looks at the open ones has had it.
    was_not = {resolved: moved("SILENCED", "RESOLVED")}
    assert await found(stage, open_ones, was_not) == Watched(frozenset(), frozenset())
    by_priority = Filter(priority=("P0",), severity=("MEDIUM",), since=later(days=1), assignee_id=UUID(int=7))
    assert await found(stage, by_priority, happened) == Watched(frozenset(), frozenset(all_of_them))


@pytest.mark.parametrize(
    ("wanted", "is_in"),
    [
        (Filter(source="LOG", kind=("TRACEBACK",), module="SAL", is_dev=False), True),
        (Filter(module="stock"), False),
        (Filter(search="keyerror"), True),
        (Filter(search="nowhere"), False),
        (Filter(search="\ud800"), False),
        (Filter(environment="PRODUCTION"), True),
        (Filter(environment="STAGING"), False),
        (Filter(release="1.0"), False),
        (Filter(tag=("a", "b")), False),
        (Filter(instance_id=UUID(int=7)), False),
        (Filter(source="EVENT"), False),
    ],
)
async def test_what_no_change_can_change_is_never_left_out(wanted: Filter, is_in: bool) -> None:
    stage = await set_up()
    mine = await seen(stage.shop, "KeyError")
    happened = {mine: moved("RESOLVED", "NEW")}
    there, before = frozenset({mine}), frozenset[UUID]()
    assert await found(stage, wanted, happened) == Watched(there if is_in else before, before)
    await change(mine, status="SILENCED")
    assert await found(stage, wanted, happened) == Watched(before, there if is_in else before)


async def test_merged_and_deleted_groups_were_where_nobody_can_look_any_more() -> None:
    stage, strangers = await set_up(), await set_up()
    one, two, three = [await seen(stage.shop, name) for name in ("A", "B", "C")]
    await add_app(stage)
    await merge(one, two)
    await delete(three)
    happened = {one: moved("MERGED"), two: moved("MERGED"), three: moved("DELETED")}
    for wanted in (Filter(), Filter(instance_id=stage.shop.id), Filter(instance_id=stage.warehouse.id)):
        told = await found(stage, wanted, happened)
        assert told.matching | told.left == {one, two, three}, wanted
        assert not told.matching & {two, three}
    assert await found(strangers, Filter(), happened) == Watched(frozenset(), frozenset())


async def test_a_filter_that_makes_no_sense_is_refused() -> None:
    stage = await set_up()
    for wanted in (
        Filter(search="x" * 1001),
        Filter(module="x" * 1001),
        Filter(since=NOW.replace(tzinfo=None)),
    ):
        with pytest.raises(BadInput):
            await found(stage, wanted, {})
