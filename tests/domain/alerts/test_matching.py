"""Which rules are about which errors: the quick way says what the plain way says."""

from random import Random
from time import perf_counter
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.alerts.filters import EVERYTHING, SEVERITIES, AlertFilter
from app.domain.alerts.matching import Subject, match, matches

IDS = [UUID(int=number) for number in range(4)]
NAMES = ("sale", "Sale", "stock", "PRODUCTION", "production")
TAGS = [(key, value) for key in ("country", "plan") for value in ("a", "b")]
some = st.sampled_from
FILTERS = st.builds(
    AlertFilter,
    *(
        st.lists(value, max_size=2).map(tuple)
        for value in (
            some(NAMES),
            some(SEVERITIES),
            some(NAMES),
            some(IDS),
            some(IDS),
            some(NAMES),
            some(TAGS),
            some(IDS),
        )
    ),
)
SUBJECTS = st.builds(
    Subject,
    st.frozensets(some(NAMES), max_size=2),
    st.none() | some(SEVERITIES),
    st.none() | some(NAMES),
    st.frozensets(some(IDS), max_size=2),
    st.none() | some(IDS),
    st.frozensets(some(NAMES), max_size=2),
    st.frozensets(some(TAGS), max_size=3),
    st.none() | some(IDS),
)


def asked(wanted: AlertFilter, its: Subject) -> bool:
    """The definition: in each field that asks for something, the subject has any of it."""

    def folded(names: frozenset[str] | tuple[str, ...]) -> set[str]:
        return {name.casefold() for name in names}

    return all(
        (
            not wanted.environments or folded(wanted.environments) & folded(its.environments),
            not wanted.severities or its.severity in wanted.severities,
            not wanted.modules or (its.module or "").casefold() in folded(wanted.modules),
            not wanted.instance_ids or its.instance_ids & set(wanted.instance_ids),
            not wanted.app_ids or its.app_id in wanted.app_ids,
            not wanted.releases or its.releases & set(wanted.releases),
            not wanted.tags or its.tags & set(wanted.tags),
            not wanted.assignee_ids or its.assignee_id in wanted.assignee_ids,
        )
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(FILTERS, max_size=8), st.lists(SUBJECTS, max_size=40))
def test_many_at_once_are_matched_as_each_alone(filters: list[AlertFilter], subjects: list[Subject]) -> None:
    found = match(list(enumerate(filters)), subjects)
    for rule_id, wanted in enumerate(filters):
        places = [place for place, subject in enumerate(subjects) if asked(wanted, subject)]
        assert found.get(rule_id, []) == places
        assert [place for place, subject in enumerate(subjects) if matches(wanted, subject)] == places
    assert all(found.values())


def test_a_rule_without_filters_is_about_everything() -> None:
    assert match([("all", EVERYTHING)], [Subject(), Subject()]) == {"all": [0, 1]}
    assert match([("all", EVERYTHING)], []) == {}
    assert match([], [Subject()]) == {}


def test_what_is_found_for_two_rules_with_the_same_filter_is_not_the_same_list() -> None:
    found = match([(1, EVERYTHING), (2, EVERYTHING)], [Subject()])
    found[1].clear()
    assert found[2] == [0]


@pytest.mark.parametrize("name", ["PRODUCTION", "production", "Production"])
def test_environments_of_instances_and_apps_are_the_same_word(name: str) -> None:
    rules = [(1, AlertFilter(environments=("PRODUCTION",)))]
    assert match(rules, [Subject(environments=frozenset({name})), Subject()]) == {1: [0]}


def test_a_thousand_rules_over_ten_thousand_errors_take_far_less_than_a_second() -> None:
    chance = Random(20261122)
    rules = [(number, a_filter(chance)) for number in range(1_000)]
    subjects = [a_subject(chance) for _ in range(10_000)]
    started = perf_counter()
    found = match(rules, subjects)
    took = perf_counter() - started
    assert sum(map(len, found.values())) > 100_000
    for number in chance.sample(range(1_000), 3):
        assert found.get(number, []) == [
            place for place, subject in enumerate(subjects) if matches(rules[number][1], subject)
        ]
    assert took < 1


PLACES = [UUID(int=number) for number in range(200)]
MODULES = [f"module_{number}" for number in range(100)]
RELEASES = [f"17.0.{number}" for number in range(50)]


def a_filter(chance: Random) -> AlertFilter:
    """As people make them: most ask for one or two things, some for nothing."""

    def maybe(values: list[str], share: float = 0.3) -> tuple[str, ...]:
        return tuple(chance.sample(values, chance.randint(1, 3))) if chance.random() < share else ()

    def ids(share: float) -> tuple[UUID, ...]:
        return tuple(chance.sample(PLACES, chance.randint(1, 5))) if chance.random() < share else ()

    tags = (
        tuple(("plan", str(number)) for number in range(chance.randint(1, 3)))
        if chance.random() < 0.2
        else ()
    )
    environments = maybe(["PRODUCTION", "STAGING", "DEVELOPMENT"])
    severities = maybe(list(SEVERITIES))
    return AlertFilter(
        environments, severities, maybe(MODULES), ids(0.2), ids(0.05), maybe(RELEASES, 0.1), tags, ids(0.1)
    )


def a_subject(chance: Random) -> Subject:
    """An error on up to ten instances in up to five releases, with twenty tags."""
    return Subject(
        frozenset(chance.sample(["PRODUCTION", "STAGING", "DEVELOPMENT"], chance.randint(1, 3))),
        chance.choice(SEVERITIES),
        chance.choice(MODULES),
        frozenset(chance.sample(PLACES, chance.randint(1, 10))),
        chance.choice(PLACES),
        frozenset(chance.sample(RELEASES, chance.randint(1, 5))),
        frozenset((key, str(chance.randrange(10))) for key in ("plan", *MODULES[:19])),
        chance.choice(PLACES),
    )
