"""What groups are worth: the SPEC's points, the projects' own, and the words for both."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import priority
from app.domain.priority import DEFAULT, Facts, ReasonCode, Step, Weights, checked, restored, score, stored
from app.errors import BadInput

SMALL = st.integers(0, 30)
STEPS = st.lists(st.tuples(st.integers(0, 50), SMALL), max_size=4, unique_by=lambda step: step[0]).map(
    lambda steps: tuple(Step(*step) for step in sorted(steps, reverse=True))
)
WEIGHTS = st.builds(Weights, STEPS, STEPS, SMALL, SMALL, SMALL)


@pytest.mark.parametrize(
    ("facts", "points", "its_priority"),
    [
        (Facts(), 0, 3),
        (Facts(occurrences=10, users=10), 0, 3),
        (Facts(occurrences=11), 2, 3),
        (Facts(occurrences=100), 2, 3),
        (Facts(occurrences=101), 5, 3),
        (Facts(occurrences=1000), 5, 3),
        (Facts(occurrences=1001), 10, 2),
        (Facts(users=11), 5, 3),
        (Facts(users=100), 5, 3),
        (Facts(users=101), 10, 2),
        (Facts(is_production=True), 5, 3),
        (Facts(is_regressed=True), 8, 3),
        (Facts(is_new=True), 3, 3),
        (Facts(occurrences=101, is_production=True), 10, 2),
        (Facts(occurrences=1001, is_production=True), 15, 1),
        (Facts(occurrences=101, users=11, is_production=True), 15, 1),
        (Facts(occurrences=1001, users=101), 20, 0),
        (Facts(occurrences=1001, users=101, is_production=True, is_regressed=True, is_new=True), 36, 0),
    ],
)
def test_points_are_those_of_the_specification(facts: Facts, points: int, its_priority: int) -> None:
    found = score(facts)
    assert (found.points, found.priority) == (points, its_priority)
    assert sum(reason.points for reason in found.reasons) == points


def test_each_reason_says_in_words_what_it_is() -> None:
    found = score(Facts(1234, 11, is_production=True, is_regressed=True, is_new=True))
    assert [(reason.code, reason.points, reason.message) for reason in found.reasons] == [
        (ReasonCode.OCCURRENCES, 10, "more than 1,000 occurrences in 24 hours: 1,234"),
        (ReasonCode.USERS, 5, "more than 10 users in 24 hours: 11"),
        (ReasonCode.PRODUCTION, 5, "seen in production"),
        (ReasonCode.REGRESSED, 8, "came back after it was resolved"),
        (ReasonCode.FIRST_SEEN, 3, "first seen within 24 hours"),
    ]


def test_what_weighs_nothing_is_no_reason() -> None:
    weightless = Weights((Step(0, 0),), (), 0, 0, 0)
    assert score(Facts(5, 5, is_production=True, is_regressed=True, is_new=True), weightless).reasons == ()


@given(weights=WEIGHTS, occurrences=st.integers(0, 60), users=st.integers(0, 60))
def test_weights_come_back_as_they_were_stored(weights: Weights, occurrences: int, users: int) -> None:
    again = restored(json.loads(json.dumps(stored(checked(weights)))))
    assert again == checked(weights)
    facts = Facts(occurrences, users, is_production=True)
    assert score(facts, again) == score(facts, weights)
    most = max(
        (step for step in weights.occurrences if occurrences > step.over), default=None, key=lambda s: s.over
    )
    of_it = [
        reason.points for reason in score(facts, weights).reasons if reason.code is ReasonCode.OCCURRENCES
    ]
    assert of_it == ([most.points] if most and most.points else [])


def test_the_defaults_are_stored_as_nothing_and_nonsense_counts_as_them() -> None:
    assert stored(DEFAULT) == {}
    assert restored({}) == DEFAULT
    nonsense = {
        "occurrences": [[1]],
        "users": "many",
        "production": None,
        "regressed": True,
        "first_seen": "3",
        "x": 1,
    }
    assert restored(nonsense) == DEFAULT


@pytest.mark.parametrize(
    ("weights", "field"),
    [
        (Weights(production=-1), "production"),
        (Weights(regressed=1001), "regressed"),
        (Weights(first_seen=1001), "firstSeen"),
        (Weights(occurrences=(Step(-1, 1),)), "occurrences"),
        (Weights(users=(Step(1, -1),)), "users"),
        (Weights(users=(Step(1, 1), Step(1, 2))), "users"),
        (Weights(occurrences=tuple(Step(n, 1) for n in range(11))), "occurrences"),
        (Weights(occurrences=(Step(2**31, 1),)), "occurrences"),
    ],
)
def test_weights_that_nobody_can_mean_are_refused(weights: Weights, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked(weights)
    assert refused.value.field == f"priorityWeights.{field}"


def test_steps_may_come_in_any_order() -> None:
    mixed = checked(Weights(occurrences=(Step(1, 1), Step(100, 3), Step(10, 2))))
    assert [step.over for step in mixed.occurrences] == [100, 10, 1]
    assert (
        score(Facts(occurrences=50), Weights(occurrences=(Step(1, 1), Step(100, 3), Step(10, 2)))).points == 2
    )


def test_what_can_go_away_is_told_from_what_stays() -> None:
    assert not Facts(is_production=True).is_fleeting
    for facts in (Facts(1), Facts(users=1), Facts(is_regressed=True), Facts(is_new=True)):
        assert facts.is_fleeting
    assert priority.WINDOW.total_seconds() == 86_400
