"""Digests of what is large: organizations of very many members, and projects in which very much has just opened."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import pytest

from app.alerts.deliveries import outbox
from app.alerts.deliveries.outbox import NewDelivery
from app.alerts.digests import due
from app.alerts.digests.due import send_due
from app.tables.database import fetch
from tests.alerts.digests.stage import happened, keys, mails, member
from tests.database import NOW
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database", "valkey")]

MORNING: Final = later(hours=22)


@pytest.fixture(autouse=True)
def with_keys() -> Iterator[None]:
    with keys():
        yield


async def _begun() -> Stage:
    stage = await set_up()
    assert await send_due(now=NOW) == 0
    await happened(stage, "KeyError", later(hours=1))
    return stage


async def test_the_mails_of_many_members_are_never_all_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await _begun()
    for number in range(7):
        await member(stage.organization_id, f"m{number}")
    sizes: list[int] = []

    async def noted(deliveries: Sequence[NewDelivery], now: datetime) -> list[UUID]:
        sizes.append(len(deliveries))
        return await add(deliveries, now)

    add = outbox.add
    monkeypatch.setattr(outbox, "add", noted)
    monkeypatch.setattr(due, "_TOGETHER", 3)
    assert await send_due(now=MORNING) == 7
    assert sizes == [3, 3, 1]
    assert len({mail.to for mail in await mails()}) == 7
    assert await send_due(now=MORNING) == 0


async def test_a_storm_that_the_planner_knows_nothing_of_is_told_at_once() -> None:
    stage = await _begun()
    await member(stage.organization_id, "ann")
    await fetch(
        "create temporary table storm as select gen_random_uuid() as id, n from generate_series(1, 6000) as n"
    )
    for table, own in (
        ("error_group", {"id": "storm.id"}),
        ("group_instance", {"group_id": "storm.id"}),
        ("group_change", {"id": "storm.n + 1000000", "group_id": "storm.id"}),
    ):
        columns = await fetch(
            "select column_name from information_schema.columns where table_name = $1 and is_generated = 'NEVER'",
            table,
        )
        names = [row["column_name"] for row in columns]
        values = ", ".join(own.get(name, f"first.{name}") for name in names)
        await fetch(
            f"insert into {table} ({', '.join(names)}) overriding system value select {values} from {table} as first, storm"  # noqa: S608  names of columns
        )
    await fetch(
        "insert into digest_item select id, $1, at from group_change where id > 1000000", stage.project_id
    )
    await fetch("set statement_timeout = '3s'")
    assert await send_due(now=MORNING) == 1
    [mail] = await mails()
    assert mail.subject == "[Odoo] 6,001 new errors"
