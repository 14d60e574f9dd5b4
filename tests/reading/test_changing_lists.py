"""While a list changes under whoever turns its pages, what stays in its place is shown exactly once."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.reading.pages import Window
from tests.reading.listings import LISTS, Id, Scene, listings
from tests.reading.stage import add_group
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

VALUES = st.integers(0, 4)  # few, so that many are equal
STEPS = st.lists(
    st.tuples(st.sampled_from(("add", "touch", "remove")), st.integers(0, 19), VALUES), max_size=3
)


async def test_every_list_is_here() -> None:
    assert sorted(listings()) == sorted(LISTS)


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(VALUES, min_size=4, max_size=9),
    between=st.lists(STEPS, min_size=4, max_size=8),
    size=st.integers(1, 3),
    is_backward=st.booleans(),
)
async def test_what_stays_in_its_place_is_shown_once(
    name: str,
    rows: list[int],
    between: list[list[tuple[str, int, int]]],
    size: int,
    is_backward: bool,
) -> None:
    listed, stage = LISTS[name], await set_up()
    hidden = await add_group(stage, status="SILENCED", last_seen_at=later(days=-1))
    scene = Scene(stage, hidden)
    there = [await listed.add(scene, value) for value in rows]
    steady, alive, touched = set(there), list(there), set[Id]()
    shown: Counter[Id] = Counter()
    cursor: str | None = None
    while True:
        window = Window(last=size, before=cursor) if is_backward else Window(first=size, after=cursor)
        page = await listed.read(scene, window)
        shown.update(node.id for node in page.nodes)
        if not (page.has_previous if is_backward else page.has_next):
            break
        cursor = page.cursors[0 if is_backward else -1]
        for step, place, value in between.pop() if between else []:
            if step == "add":
                alive.append(await listed.add(scene, value))
            elif alive and (step == "remove" or listed.touch):
                chosen = alive[place % len(alive)]
                steady.discard(chosen)
                if step == "remove":
                    alive.remove(chosen)
                    await listed.remove(scene, chosen)
                elif listed.touch:
                    touched.add(chosen)
                    await listed.touch(scene, chosen, value)
    assert {one: shown[one] for one in steady} == dict.fromkeys(steady, 1)
    assert [one for one, times in shown.items() if times > 1 and one not in touched] == []
