"""Conditions and filters: what is refused, what is meant where nothing is said, and what comes back from storage."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.alerts import conditions, filters
from app.domain.alerts.conditions import COUNT_LIMIT, Condition, ConditionKind
from app.domain.alerts.filters import EVERYTHING, SEVERITIES, TEXT_LIMIT, VALUES_LIMIT, AlertFilter
from app.errors import BadInput

KINDS = ConditionKind
COUNTS = st.integers(1, COUNT_LIMIT)
WINDOWS = st.integers(60, 86_400)
CONDITIONS = (
    st.sampled_from([Condition(KINDS.OPENED), Condition(KINDS.REGRESSED), Condition(KINDS.SPIKE)])
    | st.builds(
        Condition,
        st.sampled_from([KINDS.FREQUENCY, KINDS.USERS, KINDS.OVER_QUOTA]),
        count=COUNTS,
        window_seconds=WINDOWS,
    )
    | st.builds(Condition, st.just(KINDS.SPIKE), count=COUNTS, factor=st.floats(1.5, 1000))
    | st.builds(Condition, st.just(KINDS.PRIORITY), priority=st.integers(0, 3))
    | st.builds(Condition, st.just(KINDS.SCAN_FAILING), window_seconds=WINDOWS)
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
TEXTS = st.text("aé字 ", min_size=1, max_size=20).filter(str.strip)
FILTERS = st.builds(
    AlertFilter,
    *(
        st.lists(value, max_size=4).map(tuple)
        for value in (
            TEXTS, st.sampled_from(SEVERITIES), TEXTS, st.uuids(), st.uuids(), TEXTS, st.tuples(TEXTS, TEXTS), st.uuids(),
        )
    ),
)  # fmt: skip


@given(CONDITIONS)
def test_a_condition_comes_back_as_it_was_checked(condition: Condition) -> None:
    complete = conditions.checked(condition)
    assert conditions.checked(complete) == complete
    assert conditions.read(json.loads(json.dumps(conditions.stored(complete)))) == complete


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        (Condition(KINDS.SPIKE), Condition(KINDS.SPIKE, count=20, factor=3.0)),
        (Condition(KINDS.SPIKE, factor=5), Condition(KINDS.SPIKE, count=20, factor=5.0)),
        (Condition(KINDS.SCAN_FAILING), Condition(KINDS.SCAN_FAILING, window_seconds=900)),
        (Condition(KINDS.OVER_QUOTA), Condition(KINDS.OVER_QUOTA, count=1, window_seconds=300)),
    ],
)
def test_what_is_not_said_is_filled_in(condition: Condition, meant: Condition) -> None:
    assert conditions.checked(condition) == meant


OFTEN = Condition(KINDS.FREQUENCY, 10, 60)


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        (replace(OFTEN, count=None), "count"),
        (replace(OFTEN, count=0), "count"),
        (replace(OFTEN, count=COUNT_LIMIT + 1), "count"),
        (replace(OFTEN, count=True), "count"),
        (replace(OFTEN, window_seconds=None), "windowSeconds"),
        (replace(OFTEN, window_seconds=59), "windowSeconds"),
        (replace(OFTEN, window_seconds=86_401), "windowSeconds"),
        (replace(OFTEN, factor=3.0), "factor"),
        (replace(OFTEN, kind=KINDS.OPENED), "count"),
        (Condition(KINDS.SPIKE, factor=1.4), "factor"),
        (Condition(KINDS.SPIKE, factor=float("nan")), "factor"),
        (Condition(KINDS.SPIKE, factor=float("inf")), "factor"),
        (Condition(KINDS.PRIORITY), "priority"),
        (Condition(KINDS.PRIORITY, priority=4), "priority"),
        (Condition(KINDS.PRIORITY, priority=-1), "priority"),
    ],
)
def test_a_condition_that_nobody_can_mean_is_refused(condition: Condition, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        conditions.checked(condition)
    assert refused.value.field == f"condition.{field}"
    assert conditions.read(conditions.stored(condition)) is None


@settings(max_examples=200)
@given(
    JSON
    | st.fixed_dictionaries(
        {"kind": st.sampled_from(KINDS) | JSON, "count": JSON, "factor": JSON, "priority": JSON}
    )
)
def test_whatever_is_stored_is_read_or_not_understood(plain: Any) -> None:
    found = conditions.read(plain)
    assert found is None or conditions.checked(found) == found


def test_a_condition_of_a_newer_version_is_not_understood() -> None:
    assert conditions.read({"kind": "ANOMALY", "count": 1}) is None
    assert conditions.read({"kind": "OPENED", "model": "new"}) is None


@given(FILTERS)
def test_a_filter_comes_back_as_it_was_checked(wanted: AlertFilter) -> None:
    complete = filters.checked(wanted)
    assert filters.checked(complete) == complete
    assert filters.read(json.loads(json.dumps(filters.stored(complete)))) == complete


def test_each_value_counts_once_and_spaces_around_it_do_not() -> None:
    assert filters.checked(
        AlertFilter(modules=(" sale", "sale "), severities=("HIGH", "HIGH"))
    ) == AlertFilter(modules=("sale",), severities=("HIGH",))
    assert filters.stored(EVERYTHING) == {}
    assert filters.read({}) == EVERYTHING


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (AlertFilter(environments=("",)), "environments"),
        (AlertFilter(modules=("  ",)), "modules"),
        (AlertFilter(releases=("1\0",)), "releases"),
        (AlertFilter(releases=("\ud800",)), "releases"),
        (AlertFilter(modules=("x" * (TEXT_LIMIT + 1),)), "modules"),
        (AlertFilter(severities=("LOW",)), "severities"),
        (AlertFilter(tags=(("plan", ""),)), "tags"),
        (AlertFilter(instance_ids=tuple(UUID(int=n) for n in range(VALUES_LIMIT + 1))), "instanceIds"),
        (AlertFilter(assignee_ids=(UUID(int=1),) * (VALUES_LIMIT + 1)), "assigneeIds"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(wanted: AlertFilter, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        filters.checked(wanted)
    assert refused.value.field == f"filter.{field}"
    assert filters.read(filters.stored(wanted)) is None


@settings(max_examples=200)
@given(
    JSON
    | st.dictionaries(
        st.sampled_from(["tags", "modules", "instanceIds", "severities", "new"]), JSON, max_size=2
    )
)
def test_whatever_filter_is_stored_is_read_or_not_understood(plain: Any) -> None:
    found = filters.read(plain)
    assert found is None or filters.checked(found) == found


def test_a_filter_that_asks_more_than_we_know_is_not_taken_for_one_that_asks_less() -> None:
    assert filters.read({"modules": ["sale"], "countries": ["de"]}) is None
