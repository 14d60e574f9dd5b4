"""Quotas: never more than allowed, whoever counts; nothing where there is none."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from app.embedded import Server
from app.ingest import quotas
from app.ingest.keys import IngestApp
from app.ingest.quotas import Quotas
from app.live.quotas import lease
from tests.database import NOW
from tests.ingest.senders import clock
from tests.valkey import kill

pytestmark = pytest.mark.anyio

AT = NOW + timedelta(seconds=12.3)


def an_app(quota: int | None = None, project_quota: int | None = None) -> IngestApp:
    return IngestApp(uuid4(), 1, uuid4(), uuid4(), quota, project_quota)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much is leased, as it happens."""
    leases: list[int] = []
    original = lease

    async def noted(*what: object, **how: int) -> object:
        got = await original(*what, **how)  # type: ignore[arg-type]
        leases.append(got.granted)
        return got

    monkeypatch.setattr(quotas, "lease", noted)
    return leases


async def test_where_there_is_no_quota_nobody_is_asked(caplog: pytest.LogCaptureFixture) -> None:
    assert await quotas.take(an_app(), 1_000_000) is None
    assert await Quotas(clock()).take(an_app(), 1_000_000) is None
    assert not caplog.records


@pytest.mark.usefixtures("valkey")
async def test_the_quota_is_let_through_and_not_one_more_by_several_servers_together() -> None:
    app = an_app(quota=1000)
    servers = [Quotas(clock(AT)) for _ in range(3)]
    answers = await asyncio.gather(*(servers[n % 3].take(app, 1 + n % 4) for n in range(900)))
    let_through = sum(1 + n % 4 for n, answer in enumerate(answers) if answer is None)
    assert 1000 - 3 * (20 + 4) <= let_through <= 1000
    assert {answer for answer in answers if answer is not None} == {48}  # seconds until the minute ends
    assert [await server.take(app, 21) for server in servers] == [48] * 3


@pytest.mark.usefixtures("valkey")
async def test_a_small_quota_is_used_to_its_last_event() -> None:
    app = an_app(quota=10)
    servers = [Quotas(clock(AT)) for _ in range(2)]
    answers = [await servers[n % 2].take(app, 1) for n in range(14)]
    assert answers == [None] * 10 + [48] * 4


@pytest.mark.usefixtures("valkey")
async def test_redis_is_asked_for_leases_and_not_for_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    leases = counted(monkeypatch)
    app, server = an_app(quota=1000), Quotas(clock(AT))
    answers = [await server.take(app, 1) for _ in range(1100)]
    assert answers == [None] * 1000 + [48] * 100
    assert leases == [20] * 50
    assert await server.take(app, 1001) == 48
    assert len(leases) == 50


@pytest.mark.usefixtures("valkey")
async def test_who_asks_for_more_than_is_left_leaves_it_to_those_who_ask_for_less() -> None:
    app = an_app(quota=100)
    one, two = Quotas(clock(AT)), Quotas(clock(AT))
    assert await one.take(app, 101) == 48
    assert await one.take(app, 95) is None
    assert await two.take(app, 6) == 48
    assert await two.take(app, 5) is None
    assert await one.take(app, 1) == 48


@pytest.mark.usefixtures("valkey")
async def test_both_quotas_have_room_or_nothing_is_taken_of_either() -> None:
    server = Quotas(clock(AT))
    shop = an_app(quota=10, project_quota=12)
    till = replace(an_app(quota=10, project_quota=12), project_id=shop.project_id)
    assert await server.take(shop, 9) is None
    assert await server.take(till, 4) == 48  # the project's
    assert await server.take(till, 3) is None
    assert await server.take(till, 1) == 48
    free = replace(till, project_quota=None)
    assert await server.take(free, 7) is None  # nothing of it was taken when the project had no room
    assert await server.take(free, 1) == 48
    assert await server.take(replace(shop, project_quota=None), 1) is None


@pytest.mark.usefixtures("valkey")
async def test_a_new_minute_begins_anew_also_where_a_clock_goes_back() -> None:
    app, time = an_app(quota=5), clock(datetime.fromisoformat("2026-11-22T10:00:59.999+00:00"))
    server = Quotas(time)
    assert await server.take(app, 5) is None
    assert await server.take(app, 1) == 1
    time.set(time() + timedelta(milliseconds=1))
    assert await server.take(app, 6) == 60
    assert await server.take(app, 5) is None
    assert await server.take(app, 1) == 60
    time.set(time() - timedelta(seconds=1))
    assert await server.take(app, 1) == 1  # Redis knows


async def test_where_redis_is_away_each_server_counts_for_itself_and_says_so_once(
    own_valkey: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases = counted(monkeypatch)
    app, time = an_app(quota=100), clock(AT)
    server = Quotas(time)
    assert await server.take(app, 10) is None
    kill(own_valkey)
    answers = await asyncio.gather(*(server.take(app, 1) for _ in range(120)))
    assert answers.count(None) == 90
    assert await Quotas(time).take(app, 100) is None
    told = [record for record in caplog.records if record.name == "app.ingest.quotas"]
    assert [record.message for record in told] == ["quotas are counted by each server for itself"] * 2
    time.set(AT + timedelta(seconds=61))
    assert await server.take(app, 100) is None
    assert await server.take(app, 1) is not None
    assert len(caplog.records) == 2
    assert leases == [10]


async def test_a_redis_that_hangs_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    async def hang(*what: object, **_how: int) -> None:
        asked.append(what)
        await asyncio.sleep(60)

    monkeypatch.setattr(quotas, "lease", hang)
    monkeypatch.setattr(quotas, "LONGEST", 0.05)
    app, time = an_app(quota=10, project_quota=10), clock(AT)
    server = Quotas(time)
    answers = await asyncio.gather(*(server.take(app, 1) for _ in range(12)))
    assert answers.count(None) == 10
    assert len(asked) == 1
    time.set(AT + quotas.PAUSE)
    await server.take(app, 1)
    assert len(asked) == 2
