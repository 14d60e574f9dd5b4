"""Digests that are due: each told once, by whoever comes, whenever they come."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from app.alerts.deliveries import outbox
from app.alerts.digests import due
from app.alerts.digests.due import send_due
from app.alerts.digests.opting_out import opt_out, subscription
from app.jobs.catalogue import JOBS
from app.jobs.starting import run_here
from app.live.queue import Queue
from app.projects.update_project import ProjectChanges, update_project
from app.tables.database import fetch
from tests.alerts.digests.stage import Mail, happened, keys, mails, member, told_through
from tests.database import NOW
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database", "valkey")]


@pytest.fixture(autouse=True)
def with_keys() -> Iterator[None]:
    with keys():
        yield


def day(number: int, hour: int = 8, minute: int = 0) -> datetime:
    """A time in November, in UTC; NOW is the 22nd at ten."""
    return datetime(2026, 11, number, hour, minute, tzinfo=UTC)


async def staged(*, zone: str = "UTC", frequency: str = "DAILY") -> Stage:
    """A project with one member whose digests have begun: up to its making at ten."""
    stage = await set_up()
    await fetch("update project set time_zone = $1, alert_frequency = $2", zone, frequency)
    await member(stage.organization_id, "ann")
    assert await send_due(now=NOW) == 0
    assert await told_through(stage.project_id) == NOW
    return stage


def errors(mail: Mail) -> list[str]:
    """The exceptions that a mail tells of."""
    return re.findall(r"^\* (\w+):", mail.text, re.MULTILINE)


async def test_all_members_get_one_mail_each_and_once() -> None:
    stage = await staged()
    await member(stage.organization_id, "bea")
    await member(stage.organization_id, "gone", disabled_at=NOW)
    out = await member(stage.organization_id, "out")
    await opt_out(stage.organization_id, out, stage.project_id, now=NOW)
    await member((await set_up()).organization_id, "stranger")
    await happened(stage, "KeyError", later(hours=1), 3)
    assert await send_due(now=day(23, 7, 59)) == 0
    assert await send_due(now=day(23)) == 2
    assert await send_due(now=day(23, 9)) == await send_due(now=day(23)) == 0, "nor if a clock goes back"
    ann, bea = await mails()
    assert [ann.to, bea.to] == ["ann@acme.test", "bea@acme.test"]
    assert ann.subject == "[Odoo] 1 new error"
    assert errors(ann) == ["KeyError"]
    assert await told_through(stage.project_id) == day(23)
    assert list(ann.images) == ["trend-1@snaglist"]
    assert 'src="cid:trend-1@snaglist"' in ann.html
    assert ann.images["trend-1@snaglist"].startswith(b"\x89PNG")
    assert ann.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [link] = re.findall("<(.*)>", ann.headers["List-Unsubscribe"])
    assert link in ann.text
    assert link != bea.headers["List-Unsubscribe"].strip("<>")
    meant = await subscription(link.partition("token=")[2])
    assert ann.key == f"digest:{stage.project_id}:2026-11-23T08:00:00+00:00:{meant.membership_id}"


async def test_there_is_none_where_there_is_nothing_to_tell() -> None:
    stage = await staged()
    await happened(stage, "KeyError", later(hours=1))
    assert await send_due(now=day(23)) == 1
    await happened(stage, "KeyError", later(hours=23))
    assert await send_due(now=day(24)) == 0, "it went on, and is neither new nor back"
    assert await told_through(stage.project_id) == day(24)


async def test_what_was_missed_while_workers_were_away_is_one_digest() -> None:
    stage = await staged()
    for error, days in (("First", 0.2), ("Second", 1.2), ("Third", 2.2)):
        await happened(stage, error, later(days=days))
    assert await send_due(now=day(25, 17, 12)) == 1
    [mail] = await mails()
    assert sorted(errors(mail)) == ["First", "Second", "Third"]
    assert "Sun 22 Nov, 10:00 to Wed 25 Nov, 08:00 (UTC)" in mail.text
    assert await send_due(now=day(26, 7)) == 0
    await happened(stage, "Fourth", day(25, 12))
    assert await send_due(now=day(26, 8, 30)) == 1
    assert errors((await mails())[-1]) == ["Fourth"]


async def test_two_workers_at_once_make_one_digest() -> None:
    stage = await staged()
    await happened(stage, "KeyError", later(hours=1))
    assert sorted(await asyncio.gather(*(send_due(now=day(23)) for _ in range(4)))) == [0, 0, 0, 1]
    assert len(await mails()) == 1
    fresh = await set_up()
    await asyncio.gather(*(send_due(now=day(23)) for _ in range(4)))
    assert await told_through(fresh.project_id) == day(23), "and one begins"


@pytest.mark.parametrize("place", ["before", "after"])
async def test_whoever_dies_in_the_middle_leaves_nothing_half(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    stage, other = await staged(), await set_up()
    await member(other.organization_id, "bea")
    await send_due(now=NOW)
    for each in (stage, other):
        await happened(each, "KeyError", later(hours=1))
    add = outbox.add

    async def dying(deliveries: Any, now: datetime) -> Any:
        if deliveries[0].project_id != stage.project_id:
            return await add(deliveries, now)
        if place == "after":
            await add(deliveries, now)
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "add", dying)
        with pytest.raises(RuntimeError, match="killed"):
            await send_due(now=day(23))
    assert [mail.to for mail in await mails()] == ["bea@acme.test"], "the other one is not kept waiting"
    assert await told_through(stage.project_id) == NOW
    assert await send_due(now=day(23, 8, 1)) == 1
    assert [mail.to for mail in await mails()] == ["bea@acme.test", "ann@acme.test"]


async def test_a_database_that_is_away_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    await staged()
    asked = 0

    async def away(*_: Any, **__: Any) -> Any:
        nonlocal asked
        asked += 1
        raise asyncpg.ConnectionDoesNotExistError("gone")

    await set_up()
    monkeypatch.setattr(due, "fetch_one", away)
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await send_due(now=day(23))
    assert asked == 1


async def test_another_frequency_repeats_nothing_and_leaves_out_nothing() -> None:
    stage = await staged()
    sent: list[str] = []

    async def to(frequency: str) -> None:
        changes = ProjectChanges(alert_frequency=frequency)
        await update_project(stage.organization_id, stage.project_id, changes, now=NOW)

    start = day(22, 10, 30)
    plan = {0: "DAILY", 24: "HOURLY", 30: "SIX_HOURLY", 50: "WEEKLY", 55: "DAILY", 75: "HOURLY"}
    for hours in range(80):
        if hours in plan:
            await to(plan[hours])
        await happened(stage, f"E{hours}", start + timedelta(hours=hours))
        await send_due(now=start + timedelta(hours=hours, minutes=20))
    sent = [error for mail in await mails() for error in errors(mail)]
    ends = [mail.key.split(":", 2)[2][:13] for mail in await mails()]
    shown = sum(int(number) for mail in await mails() for number in re.findall(r"New: (\d+)", mail.text))
    assert len(sent) == len(set(sent)), "none twice"
    assert shown == 79, "each counted, up to the last hour"
    assert ends[:4] == ["2026-11-23T08", "2026-11-23T10", "2026-11-23T11", "2026-11-23T12"]
    assert ends == sorted(ends)


async def test_never_sends_nothing_but_moves_on() -> None:
    stage = await staged(frequency="NONE")
    await happened(stage, "Unheard", later(hours=1))
    assert await send_due(now=day(23, 15, 10)) == 0
    assert await told_through(stage.project_id) == day(23, 15)
    await fetch("update project set alert_frequency = 'DAILY'")
    await happened(stage, "Heard", day(23, 15, 30))
    assert await send_due(now=day(24)) == 1
    [mail] = await mails()
    assert errors(mail) == ["Heard"]


async def test_slots_are_those_of_the_projects_own_clocks() -> None:
    tokyo = await staged(zone="Asia/Tokyo")
    new_york = await set_up()
    await fetch("update project set time_zone = 'America/New_York' where id = $1", new_york.project_id)
    await member(new_york.organization_id, "bob")
    await send_due(now=NOW)
    for stage in (tokyo, new_york):
        await happened(stage, "KeyError", later(minutes=30))
    seen: dict[str, datetime] = {}
    for hours in range(30):
        await send_due(now=NOW + timedelta(hours=hours))
        for mail in await mails():
            seen.setdefault(mail.to, NOW + timedelta(hours=hours))
    assert seen == {"ann@acme.test": day(22, 23), "bob@acme.test": day(22, 13)}
    assert "(America/New_York)" in (await mails())[0].text


async def test_the_first_one_tells_what_happened_before_there_was_any() -> None:
    stage = await set_up()
    await member(stage.organization_id, "ann")
    await fetch("update project set created_at = $1", later(days=-30))
    await happened(stage, "Old", later(hours=-3))
    assert await send_due(now=NOW) == 0
    assert await told_through(stage.project_id) == day(22)
    await happened(stage, "New", later(hours=1))
    assert await send_due(now=day(23)) == 1
    assert sorted(errors((await mails())[0])) == ["New", "Old"]


async def test_what_was_committed_late_is_told_by_the_next_one() -> None:
    stage = await staged()
    await send_due(now=NOW)
    await happened(stage, "Early", later(hours=1))
    assert await send_due(now=day(23)) == 1
    await happened(stage, "Late", later(hours=2))  # bears a time that a digest has told
    await happened(stage, "Fresh", day(23) + timedelta(hours=1))
    assert await send_due(now=day(24)) == 1
    told = [sorted(errors(mail)) for mail in await mails()]
    assert told == [["Early"], ["Fresh", "Late"]]


async def test_deleted_projects_and_those_without_members_send_nothing() -> None:
    stage = await staged()
    lonely = await set_up()
    await send_due(now=NOW)
    for each in (stage, lonely):
        await happened(each, "KeyError", later(hours=1))
    await fetch("update project set deleted_at = $1 where id = $2", NOW, stage.project_id)
    assert await send_due(now=day(23)) == 0
    assert await mails() == []
    assert (await told_through(stage.project_id), await told_through(lonely.project_id)) == (NOW, day(23))


async def test_the_job_hands_over_what_is_due() -> None:
    stage = await staged()
    await happened(stage, "KeyError", later(hours=1))
    assert (JOBS["digests"].every, JOBS["digests"].queue) == (timedelta(minutes=1), Queue.TELL)
    await run_here("digests", now=day(23))
    assert len(await mails()) == 1
