"""Slots: on the clocks of each zone, none left out, none twice, and none that drifts."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.alerts.slots import Frequency, newest_slot

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",  # half an hour
        "Australia/Lord_Howe",  # goes forward by half an hour
        "America/Sao_Paulo",  # went forward at midnight
        "Africa/Cairo",  # goes forward at midnight
        "Asia/Kathmandu",
        "Pacific/Apia",  # left out a day
    )
]
MINUTE = timedelta(minutes=1)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("frequency", "now", "slot"),
    [
        (Frequency.HOURLY, "2026-11-22 10:00", "2026-11-22 10:00"),
        (Frequency.HOURLY, "2026-11-22 10:59:59.999999", "2026-11-22 10:00"),
        (Frequency.NONE, "2026-11-22 10:59", "2026-11-22 10:00"),
        (Frequency.SIX_HOURLY, "2026-11-22 05:59", "2026-11-22 00:00"),
        (Frequency.SIX_HOURLY, "2026-11-22 06:00", "2026-11-22 06:00"),
        (Frequency.SIX_HOURLY, "2026-11-22 23:59", "2026-11-22 18:00"),
        (Frequency.DAILY, "2026-11-22 07:59:59", "2026-11-21 08:00"),
        (Frequency.DAILY, "2026-11-22 08:00", "2026-11-22 08:00"),
        (Frequency.WEEKLY, "2026-11-22 23:59", "2026-11-16 08:00"),
        (Frequency.WEEKLY, "2026-11-23 07:59", "2026-11-16 08:00"),
        (Frequency.WEEKLY, "2026-11-23 08:00", "2026-11-23 08:00"),
        # Clocks go forward at 2:00 and back at 3:00; neither moves what is told in the morning.
        (Frequency.DAILY, "2026-03-29 08:00", "2026-03-29 08:00"),
        (Frequency.DAILY, "2026-10-25 07:59", "2026-10-24 08:00"),
        (Frequency.SIX_HOURLY, "2026-10-25 05:59", "2026-10-25 00:00"),
    ],
)
def test_slots_are_where_clocks_say(frequency: Frequency, now: str, slot: str) -> None:
    found = newest_slot(frequency, BERLIN, at(now))
    assert found == at(slot)
    assert found.tzinfo is UTC


def test_an_hour_that_comes_twice_is_two_and_one_that_does_not_come_is_none() -> None:
    autumn = {
        newest_slot(Frequency.HOURLY, BERLIN, datetime(2026, 10, 24, 22, tzinfo=UTC) + MINUTE * n)
        for n in range(300)
    }
    assert autumn == {datetime(2026, 10, 24, 22, tzinfo=UTC) + timedelta(hours=n) for n in range(5)}
    spring = {
        newest_slot(Frequency.HOURLY, BERLIN, datetime(2026, 3, 29, tzinfo=UTC) + MINUTE * n)
        for n in range(180)
    }
    assert [slot.astimezone(BERLIN).hour for slot in sorted(spring)] == [1, 3, 4]


def test_where_midnight_is_left_out_its_slot_is_not() -> None:
    cairo = ZoneInfo("Africa/Cairo")  # 0:00 to 1:00
    [gone] = {
        newest_slot(Frequency.SIX_HOURLY, cairo, at(f"2026-04-24 {hour}", cairo))
        for hour in ("01:00", "05:59")
    }
    assert f"{gone.astimezone(cairo):%d %H:%M}" == "24 01:00"


times = st.integers(1_230_854_400, 2_082_758_400).map(lambda second: datetime.fromtimestamp(second, UTC))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(Frequency), st.sampled_from(ZONES), times)
@example(Frequency.HOURLY, ZoneInfo("Australia/Lord_Howe"), datetime(2026, 4, 4, 15, 10, tzinfo=UTC))
@example(Frequency.SIX_HOURLY, ZoneInfo("Pacific/Apia"), datetime(2011, 12, 30, 12, tzinfo=UTC))
def test_slots_only_go_forward_and_are_the_newest(
    frequency: Frequency, zone: ZoneInfo, now: datetime
) -> None:
    slot = newest_slot(frequency, zone, now)
    assert slot <= now
    assert newest_slot(frequency, zone, slot) == slot, "a slot is its own"
    before = newest_slot(frequency, zone, slot - timedelta(microseconds=1))
    assert before < slot
    between = [newest_slot(frequency, zone, slot + (now - slot) * part / 7) for part in range(8)]
    assert between == [slot] * 8, "there is none between it and now"
    longest = {Frequency.WEEKLY: 24 * 8 + 1, Frequency.DAILY: 49, Frequency.SIX_HOURLY: 31}.get(frequency, 2)
    assert now - slot < timedelta(hours=longest)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(ZONES[:-1]), st.dates(date(2009, 1, 2), date(2036, 1, 1)))
@example(BERLIN, date(2026, 3, 25))
@example(BERLIN, date(2026, 10, 21))
def test_each_day_has_exactly_one_daily_slot_at_eight(zone: ZoneInfo, day: date) -> None:
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    slots = {newest_slot(Frequency.DAILY, zone, midnight + MINUTE * 10 * n) for n in range(6 * 24 * 10)}
    local = sorted(slot.astimezone(zone) for slot in slots)[1:]  # the first is of the day before
    assert [slot.date() for slot in local] == [day + timedelta(days=n) for n in range(len(local))]
    assert {slot.time() for slot in local} == {time(8)}
    assert len(local) in (9, 10)


def test_a_day_that_was_left_out_has_no_digest_of_its_own() -> None:
    apia = ZoneInfo("Pacific/Apia")  # after the 29th came the 31st
    start = datetime(2011, 12, 29, 20, tzinfo=UTC)
    slots = sorted({newest_slot(Frequency.DAILY, apia, start + timedelta(hours=n)) for n in range(60)})
    assert [slot.astimezone(apia).day for slot in slots] == [29, 31, 1]
    assert all(later - earlier <= timedelta(days=1) for earlier, later in pairwise(slots))
