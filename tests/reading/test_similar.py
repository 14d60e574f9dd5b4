"""Errors that are probably the same one, found by their keys among others."""

from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from app.domain.fingerprints import Fingerprint, of_message
from app.domain.lifecycle import Source
from app.domain.similarity import Ground
from app.errors import BadInput
from app.reading import similar as reading_similar
from app.reading.merged import LISTED, fingerprints, merged_groups
from app.reading.similar import similar
from app.recording.sightings import Description, Origin
from app.tables.database import fetch
from app.triage.delete import delete
from app.triage.merge import merge
from tests.database import NOW
from tests.reading.stage import add_app, change, seen
from tests.recording.stage import recorded, set_up, sighting
from tests.triage.stage import ROBOT

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

SALE = ("sale/models/order.py confirm", "sale/models/order.py _check", "sale/models/line.py _price")


async def met(
    origin: Origin, *frames: str, exception: str = "KeyError", message: str = "'price'", **more: Any
) -> UUID:
    """The group of an error with these frames."""
    reason = "\n".join(
        [f"v1 traceback\ntype {exception}", *(f"frame {frame}" for frame in frames), "module sale"]
    )
    fingerprint = Fingerprint(1, sha256(reason.encode()).hexdigest(), reason)
    told = Description(f"{exception}: {message}", message, exception)
    return await seen(origin, exception, fingerprint=fingerprint, describe=lambda: told, **more)


async def said(origin: Origin, message: str) -> UUID:
    """The group of a record without traceback."""
    fingerprint = of_message("message", "odoo.addons.sale", message)
    return await seen(
        origin,
        message,
        fingerprint=fingerprint,
        kind="message",
        describe=lambda: Description(message, message),
    )


async def test_the_most_alike_come_first_and_what_is_unlike_not_at_all() -> None:
    stage = await set_up()
    asked = await met(stage.shop, *SALE)
    renamed = await met(stage.shop, *SALE[:2], "sale/models/line.py _compute_price")
    by_wizard = await met(stage.warehouse, "sale/wizard/mass.py run", *SALE)
    for frame in range(9):
        await met(stage.shop, *SALE[:2], f"sale/models/other_{frame}.py run", message=f"'{frame}'")
    await met(stage.shop, *SALE, exception="ValueError")
    printer = await said(stage.shop, "The printer of the shop is out of paper")
    scanner = await said(stage.shop, "The printer of this shop is out of paper")
    await said(stage.shop, "The printer is on fire")

    found = await similar(stage.organization_id, [asked, printer, scanner], 5)

    assert [(each.group_id, each.likeness.ground) for each in found[asked]] == [
        (by_wizard, Ground.FRAMES), (renamed, Ground.FRAMES),
    ]  # fmt: skip
    assert found[asked][0].likeness.words == "KeyError in both, 3 of 4 frames in common"
    assert [each.group_id for each in found[printer]] == [scanner]
    assert [each.group_id for each in found[scanner]] == [printer]
    assert [each.group_id for each in (await similar(stage.organization_id, [asked], 1))[asked]] == [
        by_wizard
    ]


async def test_only_what_is_alive_and_of_the_same_kind_of_origin_is_suggested() -> None:
    stage, strangers = await set_up(), await set_up()
    app_id = await add_app(stage)
    of_app = replace(stage.shop, id=app_id, scope_id=app_id, source=Source.EVENT)
    asked = await met(stage.shop, *SALE)
    await met(strangers.shop, *SALE, "a.py f")
    await met(of_app, *SALE, "a.py f", message="'price'")
    await met(replace(stage.shop, is_dev=True), *SALE, "a.py f")
    gone = await met(stage.shop, "gone.py f", *SALE)
    await delete(stage.organization_id, [gone], ROBOT, now=NOW)
    hidden = await met(stage.shop, "muted.py f", *SALE)
    await change(hidden, muted_at=NOW, status="RESOLVED")

    found = await similar(stage.organization_id, [asked], 5)
    assert [each.group_id for each in found[asked]] == [hidden]
    assert await similar(strangers.organization_id, [asked], 5) == {}


async def test_what_is_merged_is_suggested_as_what_it_is_in() -> None:
    stage = await set_up()
    asked = await met(stage.shop, *SALE)
    other = await met(stage.shop, "sale/wizard/mass.py run", *SALE)
    unlike = await met(stage.shop, "stock/models/move.py run")
    await merge(stage.organization_id, unlike, [other], ROBOT, now=NOW)

    found = await similar(stage.organization_id, [asked, unlike, other], 5)
    assert [each.group_id for each in found[asked]] == [unlike]
    assert [each.group_id for each in found[unlike]] == [asked]
    assert other not in found

    await merge(stage.organization_id, asked, [unlike], ROBOT, now=NOW)
    assert await similar(stage.organization_id, [asked], 5) == {}


async def test_what_is_merged_or_deleted_stands_before_nothing_that_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of each key the newest are looked at, and those may all be the group's own, or of what was deleted."""
    monkeypatch.setattr(reading_similar, "OF_A_KEY", 2)
    stage = await set_up()
    old, *others = [await met(stage.shop, *SALE, f"sale/wizard/{n}.py run") for n in range(7)]
    organization_id = stage.organization_id
    await merge(organization_id, others[0], others[1:3], ROBOT, now=NOW)
    await delete(organization_id, others[3:], ROBOT, now=NOW)

    found = await similar(organization_id, [others[0], old], 5)

    assert [each.group_id for each in found[others[0]]] == [old]
    assert [each.group_id for each in found[old]] == [others[0]]


async def test_errors_from_before_there_were_keys_find_others() -> None:
    stage = await set_up()
    asked = await met(stage.shop, *SALE)
    await fetch("delete from fingerprint_likeness")
    other = await met(stage.shop, "sale/wizard/mass.py run", *SALE)
    assert [each.group_id for each in (await similar(stage.organization_id, [asked], 5))[asked]] == [other]


@pytest.mark.parametrize("first", [0, -1, 21])
async def test_how_many_is_bounded(first: int) -> None:
    stage = await set_up()
    with pytest.raises(BadInput):
        await similar(stage.organization_id, [], first)


async def test_of_a_key_that_thousands_have_the_newest_are_read_from_the_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    asked = await met(stage.shop, *SALE)
    [own] = await fetch("select id from fingerprint where group_id = $1", asked)
    await fetch(
        "insert into fingerprint_likeness select key, 1000000 + n from fingerprint_likeness, generate_series(1, 2000) as n"
        " where fingerprint_id = $1",
        own["id"],
    )
    await fetch("analyze fingerprint_likeness")
    original, plans = fetch, list[str]()

    async def explaining(sql: str, *values: object) -> Any:
        plans.append("\n".join(row[0] for row in await original(f"explain {sql}", *values)))
        return await original(sql, *values)

    monkeypatch.setattr(reading_similar, "fetch", explaining)
    await similar(stage.organization_id, [asked], 5)
    assert len(plans) == 2
    assert "Backward using fingerprint_likeness_pkey" in plans[1]
    assert "Bitmap Index Scan on fingerprint_likeness_pkey" not in plans[1]


async def test_a_group_lists_what_it_is_made_of() -> None:
    stage = await set_up()
    first, second, third = [await met(stage.shop, f"{n}.py f", severity="high") for n in "abc"]
    await recorded([sighting(stage.shop, "OSError")])
    await merge(stage.organization_id, first, [second, third], ROBOT, now=NOW)

    made_of = await fingerprints(stage.organization_id, [first, second])
    assert made_of[first][0].home_group_id == first
    assert {each.home_group_id for each in made_of[first]} == {first, second, third}
    assert made_of[first][0].reason == "v1 traceback\ntype KeyError\nframe a.py f\nmodule sale"
    assert made_of[second] == []
    found = await merged_groups(stage.organization_id, [first, second])
    assert (set(found[first]), found[second]) == ({second, third}, [])
    strangers = await set_up()
    assert await fingerprints(strangers.organization_id, [first]) == {first: []}
    assert await merged_groups(strangers.organization_id, [first]) == {first: []}
    assert LISTED == 100
