"""Spikes in made-up pasts: what is found, and how rarely chance alone is taken for one."""

from datetime import UTC, datetime, timedelta
from math import exp, pi, sin
from random import Random
from time import perf_counter

import pytest

from app.domain.alerts.conditions import Condition, ConditionKind, checked
from app.domain.alerts.spikes import DAY, PAST, WEEK, Spike, is_spike, past_hours

USUAL = checked(Condition(ConditionKind.SPIKE))
EAGER = checked(Condition(ConditionKind.SPIKE, count=1, factor=1.5))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def poisson(chance: Random, rate: float) -> int:
    """A count of chance: Knuth's method, and the normal distribution where that would take long."""
    if rate > 50:
        return max(0, round(chance.gauss(rate, rate**0.5)))
    floor, count, product = exp(-rate), 0, chance.random()
    while product > floor:
        count, product = count + 1, product * chance.random()
    return count


def rate(hour: int, mean: float, *, day: float = 0.0, weekend: float = 1.0) -> float:
    """What is to be expected in an hour: `day` is how far noon and midnight are from the mean, of it."""
    of_day = 1 + day * sin(2 * pi * (hour % DAY - 6) / DAY)
    return mean * of_day * (weekend if hour % WEEK >= 5 * DAY else 1.0)


SHAPES: dict[str, dict[str, float]] = {
    "even": {},
    "day and night": {"day": 0.8},
    "weeks": {"day": 0.8, "weekend": 0.2},
}


@pytest.mark.parametrize("condition", [USUAL, EAGER], ids=["usual", "eager"])
def test_chance_is_taken_for_a_spike_in_fewer_than_one_of_10_000_hours(condition: Condition) -> None:
    chance = Random(20261122)
    hours = alarms = 0
    for shape in SHAPES.values():
        for mean in (0.1, 0.7, 2, 5, 7, 15, 60, 500):
            counts = [poisson(chance, rate(hour, mean, **shape)) for hour in range(PAST + 20 * WEEK)]
            for hour in range(WEEK, len(counts)):
                hours += 1
                alarms += is_spike(counts[hour], counts[max(0, hour - PAST) : hour], condition) is not None
    assert hours > 90_000
    assert alarms < hours / 10_000


@pytest.mark.parametrize(
    ("shape", "known", "least"),
    [("even", WEEK, 0.97), ("day and night", PAST, 0.9), ("weeks", 3 * WEEK, 0.9), ("weeks", PAST, 0.9)],
)
def test_five_times_as_many_as_usual_are_found(shape: str, known: int, least: float) -> None:
    """What is missed are hours beside far louder ones: at dawn, and where a weekend ends."""
    chance = Random(20261122)
    tried = found = 0
    for mean in (20, 60, 500):
        for _ in range(60):
            start = chance.randrange(WEEK)
            past = [
                poisson(chance, rate(hour, mean, **SHAPES[shape])) for hour in range(start, start + known)
            ]
            usual = rate(start + known, mean, **SHAPES[shape])
            if usual >= 10:
                tried += 1
                found += is_spike(poisson(chance, 5 * usual), past, USUAL) is not None
    assert tried > 100
    assert found >= least * tried


def test_nothing_is_a_spike_in_the_first_week() -> None:
    assert is_spike(10_000, [], USUAL) is None
    assert is_spike(10_000, [1] * (WEEK - 1), USUAL) is None
    assert is_spike(10_000, [1] * WEEK, USUAL) == Spike(10_000, 1.0)


@pytest.mark.parametrize(("count", "spikes"), [(19, False), (20, True)])
def test_few_are_no_spike_however_rare_they_were(count: int, spikes: bool) -> None:
    assert (is_spike(count, [0] * PAST, USUAL) is not None) is spikes


def test_even_the_most_eager_rule_takes_no_handful_for_a_spike() -> None:
    assert next(count for count in range(20) if is_spike(count, [0] * PAST, EAGER)) == 7


@pytest.mark.parametrize(("count", "spikes"), [(299, False), (300, True)])
def test_it_takes_the_factor_that_the_rule_names(count: int, spikes: bool) -> None:
    assert (is_spike(count, [100] * PAST, USUAL) is not None) is spikes


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_what_happens_every_night_or_every_week_is_no_spike_also_when_the_clock_was_changed(
    late: int,
) -> None:
    nightly = [200 if hour % DAY == late % DAY else 0 for hour in range(PAST)]
    weekly = [200 if hour % WEEK == late % WEEK else 0 for hour in range(PAST)]
    for past in (nightly, weekly):
        assert is_spike(220, past, USUAL) is None
        assert is_spike(1_000, past, USUAL) is not None


@pytest.mark.parametrize("nights", range(2, 28))
def test_a_job_that_is_some_nights_old_is_no_spike_any_more(nights: int) -> None:
    past = [200 if hour % DAY == 0 and hour >= PAST - nights * DAY else 0 for hour in range(PAST)]
    assert is_spike(200, past, USUAL) is None


def test_what_has_gone_on_for_two_days_is_no_spike_any_more() -> None:
    past = [10] * (PAST - 12) + [100] * 12
    assert is_spike(100, past, USUAL) == Spike(100, 10.0)
    assert is_spike(100, [10] * (PAST - 2 * DAY) + [100] * 2 * DAY, USUAL) is None


def test_a_past_outage_hides_no_other() -> None:
    past = [10] * PAST
    past[PAST - 5 * DAY - 3 : PAST - 5 * DAY + 3] = [5_000] * 6
    assert is_spike(100, past, USUAL) is not None


@pytest.mark.parametrize("share", [0.02, 0.05, 0.2, 0.5])
def test_bursts_are_no_spikes_of_what_comes_in_bursts(share: float) -> None:
    chance = Random(20261122)
    counts = [poisson(chance, 100) if chance.random() < share else 0 for _ in range(PAST + 6 * WEEK)]
    for hour in range(PAST, len(counts)):
        assert is_spike(counts[hour], counts[hour - PAST : hour], USUAL) is None
    assert is_spike(1_000, counts[-PAST:], USUAL) is not None


def test_an_hour_is_looked_at_in_far_less_than_a_millisecond() -> None:
    past = [Random(1).randrange(100) for _ in range(PAST)]
    started = perf_counter()
    for _ in range(100):
        is_spike(500, past, USUAL)
    assert perf_counter() - started < 0.5  # a hundred hours; 0.01 s on the developers' machine


def test_the_past_begins_with_the_hour_in_which_the_error_was_first_seen() -> None:
    counts = {NOON - HOUR: 3, NOON - 3 * HOUR: 5, NOON: 99, NOON - (PAST + 1) * HOUR: 99}
    assert past_hours(counts, NOON - 2.5 * HOUR, NOON) == [5, 0, 3]
    assert past_hours(counts, NOON - 2 * HOUR, NOON) == [0, 3]
    assert past_hours(counts, NOON + timedelta(minutes=5), NOON) == []
    assert past_hours(counts, NOON, NOON) == []
    long = past_hours(counts, NOON - timedelta(days=400), NOON)
    assert (len(long), sum(long), long[-1]) == (PAST, 8, 3)
