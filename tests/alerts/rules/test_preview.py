"""What a rule would have said over the last 7 days: told from what is stored, as far as that can tell."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.alerts.rules import past_groups, past_hours
from app.alerts.rules import preview as previews
from app.alerts.rules.preview import MANY, SLOW, Preview, preview
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import EVERYTHING, AlertFilter
from app.errors import BadInput, NotFound
from app.tables.database import fetch
from tests.alerts.rules.stage import OPENED
from tests.database import NOW
from tests.reading.stage import add_app, add_group, add_tag, change, delete, fingerprint_of, seen
from tests.recording.stage import Stage, later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

TODAY = NOW.replace(hour=0)
HOUR = timedelta(hours=1)


async def told(
    stage: Stage, condition: Condition = OPENED, wanted: AlertFilter = EVERYTHING, quiet_seconds: int = 0
) -> Preview:
    """What the rule would have said."""
    return await preview(stage.organization_id, stage.project_id, condition, wanted, quiet_seconds, now=NOW)


def by_day(found: Preview) -> tuple[list[int], list[int]]:
    """Matches and messages, day by day."""
    return [day.match_count for day in found.days], [day.message_count for day in found.days]


async def happened(group_id: UUID, counts: Iterable[tuple[datetime, int]]) -> None:
    """The group's only fingerprint was counted so often in these hours, somewhere."""
    rows = [(await fingerprint_of(group_id), hour, uuid4(), count) for hour, count in counts]
    for row in rows:
        await fetch("insert into hourly_count values ($1, $2, $3, $4)", *row)


async def test_what_opened_is_told_day_by_day() -> None:
    stage, strangers = await set_up(), await set_up()
    for place, days in enumerate((8, 6, 2, 2, 0)):
        await seen(stage.shop, f"E{place}", now=later(days=-days))
    edge = await seen(stage.shop, "edge", later(days=-30), now=TODAY - timedelta(days=6))
    await seen(stage.shop, "before", now=TODAY - timedelta(days=6, seconds=1))
    await seen(strangers.shop, "theirs")

    found = await told(stage)
    assert (found.match_count, found.message_count, found.is_estimate) == (5, 4, False)
    assert by_day(found) == ([2, 0, 0, 0, 2, 0, 1], [2, 0, 0, 0, 1, 0, 1])  # two at the same moment
    assert [day.starts_at for day in found.days] == [TODAY - timedelta(days=6 - at) for at in range(7)]
    assert len(found.group_ids) == 5
    assert found.group_ids[-1] == edge

    quiet = await told(stage, quiet_seconds=604_800)
    assert (quiet.match_count, quiet.message_count) == (5, 1)
    assert by_day(quiet) == ([2, 0, 0, 0, 2, 0, 1], [1, 0, 0, 0, 0, 0, 0])


async def test_what_nobody_is_told_of_is_left_out() -> None:
    stage = await set_up()
    left = [await seen(stage.shop, name) for name in ("silenced", "muted", "dev", "deleted", "merged")]
    over = await seen(stage.shop, "a mute that is over")
    await change(left[0], status="SILENCED")
    await change(left[1], muted_at=NOW)
    await change(left[2], is_dev=True)
    await delete(left[3])
    await change(left[4], merged_into_id=over)
    await change(over, muted_at=later(hours=-2), mute_until=NOW)
    assert (await told(stage)).group_ids == (over,)


async def test_what_came_back_is_told_each_time() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "again", now=later(days=-20))
    await change(group_id, resolved_at=later(days=-3), status="REGRESSED", last_seen_at=NOW)
    for days, kind in ((9, "REGRESSED"), (5, "REGRESSED"), (2, "RESOLVED"), (1, "REGRESSED")):
        await fetch(
            "insert into group_change (organization_id, group_id, kind, at, actor_kind) values ($1, $2, $3, $4, 'system')",
            *(stage.organization_id, group_id, kind, later(days=-days)),
        )
    found = await told(stage, Condition(ConditionKind.REGRESSED))
    assert by_day(found)[0] == [0, 1, 0, 0, 0, 1, 0]
    assert (found.group_ids, found.is_estimate) == ((group_id,), False)
    assert (await told(stage)).match_count == 0


async def test_the_filter_is_asked_as_it_will_be() -> None:
    stage = await set_up()
    app_id = await add_app(stage)
    sale = await seen(stage.shop, "sale")
    stock = await seen(stage.warehouse, "stock", module="Stock", severity="high")
    await fetch("update instance set environment = 'STAGING' where id = $1", stage.warehouse.id)
    mobile = await add_group(stage, source="EVENT", app_id=app_id, severity=1)
    await _opened(stage, mobile)
    await add_tag(await fingerprint_of(mobile), "release", "1.2")
    await add_tag(await fingerprint_of(mobile), "environment", "Beta")
    for wanted, expected in (
        (AlertFilter(severities=("CRITICAL",)), {sale}),
        (AlertFilter(modules=("stock",)), {stock}),
        (AlertFilter(environments=("production",)), {sale}),
        (AlertFilter(environments=("STAGING", "beta")), {stock, mobile}),
        (AlertFilter(instance_ids=(stage.shop.id,)), {sale}),
        (AlertFilter(app_ids=(app_id,)), {mobile}),
        (AlertFilter(releases=("1.2",)), {mobile}),
        (AlertFilter(tags=(("release", "1.2"),), severities=("HIGH",)), set()),
    ):
        assert set((await told(stage, OPENED, wanted)).group_ids) == expected, wanted


async def _opened(stage: Stage, group_id: UUID) -> None:
    await fetch(
        "insert into group_change (organization_id, group_id, kind, at, actor_kind) values ($1, $2, 'OPENED', $3, 'system')",
        *(stage.organization_id, group_id, NOW),
    )


async def test_frequency_is_told_once_until_it_was_below() -> None:
    stage = await set_up()
    group_id = await add_group(stage, total_count=100)
    at = TODAY - timedelta(days=2)
    counts = [(0, 5), (1, 9), (2, 4), (3, 5), (4, 3), (5, 3), (6, 2), (40, 5)]
    await happened(group_id, [(at + HOUR * place, count) for place, count in counts])
    await happened(group_id, [(at + HOUR * 4, 2)])  # of another instance: 5 in all
    await happened(await add_group(stage, total_count=4), [(at, 4)])

    within = Condition(ConditionKind.FREQUENCY, count=5, window_seconds=600)
    found = await told(stage, within)
    assert by_day(found)[0] == [0, 0, 0, 0, 2, 1, 0]
    assert found.group_ids == (group_id,)
    assert found.is_estimate
    assert found.note == previews.NOTES[ConditionKind.FREQUENCY]

    longer = Condition(ConditionKind.FREQUENCY, count=18, window_seconds=10_800)
    assert by_day(await told(stage, longer))[0] == [0, 0, 0, 0, 1, 0, 0]
    a_day = Condition(ConditionKind.FREQUENCY, count=39, window_seconds=86_400)
    assert (await told(stage, a_day)).match_count == 0  # 38 in a day, 5 on the next
    await happened(await add_group(stage, total_count=1000), [(TODAY - timedelta(days=6, hours=1), 1000)])
    assert (await told(stage, longer)).match_count == 1  # what was over the line before, is not told anew


async def test_a_spike_stands_out_from_the_weeks_before() -> None:
    stage = await set_up()
    start = TODAY - timedelta(days=34)
    spiky = await add_group(stage, total_count=9000, first_seen_at=start)
    young = await add_group(stage, total_count=8000, first_seen_at=TODAY - timedelta(days=3))
    hours = {start + HOUR * place: 5 for place in range(34 * 24 + 10)}
    peak = TODAY - timedelta(days=1)
    await _counted(spiky, hours | {peak + HOUR * 3: 300, peak + HOUR * 4: 280, peak + HOUR * 9: 19})
    await _counted(young, {peak: 4000})

    found = await told(stage, Condition(ConditionKind.SPIKE))
    assert by_day(found)[0] == [0, 0, 0, 0, 0, 1, 0]  # two hours of one spike
    assert found.group_ids == (spiky,)
    assert (await told(stage, Condition(ConditionKind.SPIKE, factor=100.0))).match_count == 0


async def _counted(group_id: UUID, hours: dict[datetime, int]) -> None:
    await fetch(
        "insert into hourly_count select $1, n.hour, $2, n.count from unnest($3::timestamptz[], $4::bigint[]) as n(hour, count)",
        *(await fingerprint_of(group_id), uuid4(), list(hours), list(hours.values())),
    )


async def test_users_are_told_as_far_as_their_times_are_kept() -> None:
    stage = await set_up()
    app_id = await add_app(stage)
    group_id = await add_group(stage, source="EVENT", app_id=app_id, user_count=4, total_count=9)
    at = TODAY - timedelta(days=3)
    for user, first, last in (("a", at, at), ("b", at, NOW), ("c", at, at + HOUR), ("d", NOW, NOW)):
        await fetch(
            "insert into fingerprint_user values ($1, $2, $3, $4)",
            await fingerprint_of(group_id),
            user,
            first,
            last,
        )
    for count, days in ((2, [0, 0, 0, 1, 0, 0, 1]), (3, [0, 0, 0, 1, 0, 0, 0]), (4, [0] * 7), (5, [0] * 7)):
        condition = Condition(ConditionKind.USERS, count=count, window_seconds=7200)
        found = await told(stage, condition)
        assert (by_day(found)[0], found.is_estimate) == (days, True), count


async def test_priorities_are_told_by_what_they_are_now() -> None:
    stage = await set_up()
    for days, priority in ((10, 0), (2, 0), (1, 1), (0, 2)):
        await change(await seen(stage.shop, f"E{days}", now=later(days=-days)), priority=priority)
    found = await told(stage, Condition(ConditionKind.PRIORITY, priority=1))
    assert by_day(found)[0] == [0, 0, 0, 0, 1, 1, 0]
    assert found.is_estimate


async def test_quotas_are_told_by_app_and_failing_scans_cannot_be_told() -> None:
    stage = await set_up()
    one, other = await add_app(stage), await add_app(stage)
    for app_id, outcome, at, count in (
        (one, "over_quota", NOW, 3),
        (one, "over_quota", NOW - HOUR, 3),
        (other, "over_quota", NOW - HOUR * 30, 7),
        (other, "accepted", NOW, 9),
        (other, "over_quota", later(days=-8), 9),
    ):
        await fetch("insert into app_tally values ($1, $2, $3, $4)", app_id, at, outcome, count)
    condition = Condition(ConditionKind.OVER_QUOTA)
    found = await told(stage, condition)
    assert (found.match_count, found.group_ids, found.is_estimate) == (2, (), True)
    assert by_day(found)[0] == [0, 0, 0, 0, 0, 1, 1]
    assert by_day(await told(stage, condition, AlertFilter(app_ids=(other,))))[0] == [0, 0, 0, 0, 0, 1, 0]

    untold = await told(stage, Condition(ConditionKind.SCAN_FAILING))
    assert untold == Preview(None, None, (), (), True, previews.NOTES[ConditionKind.SCAN_FAILING])


ALL = [
    OPENED,
    Condition(ConditionKind.REGRESSED),
    Condition(ConditionKind.FREQUENCY, count=1, window_seconds=60),
    Condition(ConditionKind.SPIKE),
    Condition(ConditionKind.USERS, count=1, window_seconds=60),
    Condition(ConditionKind.PRIORITY, priority=3),
    Condition(ConditionKind.SCAN_FAILING),
    Condition(ConditionKind.OVER_QUOTA),
]


@pytest.mark.parametrize("condition", ALL, ids=lambda each: each.kind)
async def test_few_statements_are_asked_and_strangers_are_told_nothing(
    condition: Condition, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, strangers = await set_up(), await set_up()
    await _opened(stage, await add_group(stage, total_count=9))
    asked = AlertFilter(environments=("x",), releases=("1",), instance_ids=(stage.shop.id,))
    statements: list[str] = []
    with noted_statements(monkeypatch, statements):
        await told(stage, condition, asked)
    assert len(statements) <= 8
    with pytest.raises(NotFound) as refused:
        await preview(strangers.organization_id, stage.project_id, condition, EVERYTHING, now=NOW)
    assert refused.value.field == "projectId"


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"condition": Condition(ConditionKind.USERS)}, "condition.count"),
    ({"wanted": AlertFilter(modules=("",))}, "filter.modules"),
    ({"wanted": AlertFilter(app_ids=(uuid4(),))}, "filter.appIds"),
    ({"quiet_seconds": -1}, "quietSeconds"),
]


@pytest.mark.parametrize(("different", "field"), REFUSED)
async def test_a_rule_that_nobody_can_have_says_nothing(different: dict[str, Any], field: str) -> None:
    stage = await set_up()
    with pytest.raises((BadInput, NotFound)) as refused:
        await told(stage, **different)
    assert refused.value.field == field


async def test_of_very_many_errors_the_newest_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    monkeypatch.setattr(past_groups, "NEWS", 2)
    monkeypatch.setitem(past_groups.FREQUENT, ConditionKind.FREQUENCY, 1)
    monkeypatch.setattr(past_hours, "SPIKES", 0)
    opened = [await seen(stage.shop, f"E{place}", now=later(minutes=-place)) for place in range(3)]
    found = await told(stage)
    assert (found.group_ids, found.is_estimate) == (tuple(opened[:2]), True)
    assert found.note.endswith(MANY)
    often = Condition(ConditionKind.FREQUENCY, count=1, window_seconds=60)
    assert MANY in (await told(stage, often)).note


async def test_what_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()

    async def slow(*_: object) -> None:
        await fetch("select pg_sleep(30)")

    monkeypatch.setattr(past_groups, "news", slow)
    monkeypatch.setattr(previews, "LONGEST", 0.05)
    assert await told(stage) == Preview(None, None, (), (), True, SLOW)
    [row] = await fetch("select current_setting('statement_timeout') as its")
    assert row["its"] == "0"
