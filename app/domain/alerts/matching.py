"""Which rules are about which errors, for many of both at once.

Comes in: the filters of rules, and errors with what is known of them; all of one project. Goes out: for each rule the
places of the errors that it is about.

Each value that a rule asks for has a set of the errors that have it, as the bits of one number: a rule is then a few
operations on numbers, however many errors there are.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TypeVar
from uuid import UUID

from app.domain.alerts.filters import AlertFilter


@dataclass(frozen=True, slots=True)
class Subject:
    """What filters ask of an error, an instance or an app. An error can be on several instances and in several releases;
    what is not known is None or empty, and no filter that asks for it finds the subject."""

    environments: frozenset[str] = frozenset()
    severity: str | None = None
    module: str | None = None
    instance_ids: frozenset[UUID] = frozenset()
    app_id: UUID | None = None
    releases: frozenset[str] = frozenset()
    tags: frozenset[tuple[str, str]] = frozenset()
    assignee_id: UUID | None = None


RuleId = TypeVar("RuleId", bound=Hashable)

_Field = tuple[Callable[[AlertFilter], Iterable[Hashable]], Callable[[Subject], Iterable[Hashable]]]
_FIELDS: tuple[_Field, ...] = (
    (lambda wanted: map(str.casefold, wanted.environments), lambda its: map(str.casefold, its.environments)),
    (lambda wanted: wanted.severities, lambda its: _one(its.severity)),
    (
        lambda wanted: map(str.casefold, wanted.modules),
        lambda its: _one(its.module and its.module.casefold()),
    ),
    (lambda wanted: wanted.instance_ids, lambda its: its.instance_ids),
    (lambda wanted: wanted.app_ids, lambda its: _one(its.app_id)),
    (lambda wanted: wanted.releases, lambda its: its.releases),
    (lambda wanted: wanted.tags, lambda its: its.tags),
    (lambda wanted: wanted.assignee_ids, lambda its: _one(its.assignee_id)),
)
"""Of each field what a filter asks for, and what a subject has."""
_DENSE = 8
"""Of so many subjects one that is meant: then it is faster to look at all than to search for each."""
_FLAGS = bytes.maketrans(b"01", b"\0\1")


def match(
    rules: Sequence[tuple[RuleId, AlertFilter]], subjects: Sequence[Subject]
) -> dict[RuleId, list[int]]:
    """For each rule that is about any of the subjects their places in `subjects`, in order.

    The same as asking `matches` of each rule and each subject, but in far less time.
    """
    filters = {wanted for _, wanted in rules}
    left = dict.fromkeys(filters, (1 << len(subjects)) - 1)
    for of_filter, of_subject in _FIELDS:
        asked = {wanted: values for wanted in filters if (values := tuple(of_filter(wanted)))}
        if not asked:
            continue
        having = _having({value for values in asked.values() for value in values}, of_subject, subjects)
        for wanted, values in asked.items():
            any_of = 0
            for value in values:
                any_of |= having[value]
            left[wanted] &= any_of
    places = {bits: _places(bits) for bits in set(left.values()) if bits}
    return {rule_id: places[left[wanted]].copy() for rule_id, wanted in rules if left[wanted]}


def matches(wanted: AlertFilter, subject: Subject) -> bool:
    """Whether the filter is about this one subject."""
    for of_filter, of_subject in _FIELDS:
        values = set(of_filter(wanted))
        if values and values.isdisjoint(of_subject(subject)):
            return False
    return True


def _having(
    values: set[Hashable], of_subject: Callable[[Subject], Iterable[Hashable]], subjects: Sequence[Subject]
) -> Mapping[Hashable, int]:
    """For each of the values the subjects that have it, as bits: the lowest is the first."""
    size = len(subjects) // 8 + 1
    having = {value: bytearray(size) for value in values}
    for place, subject in enumerate(subjects):
        for value in of_subject(subject):
            found = having.get(value)
            if found is not None:
                found[place >> 3] |= 1 << (place & 7)
    return {value: int.from_bytes(found, "little") for value, found in having.items()}


def _places(bits: int) -> list[int]:
    """Which bits are set, the lowest first."""
    digits = bin(bits)[:1:-1]  # the lowest first, without `0b`
    if bits.bit_count() * _DENSE > len(digits):
        return list(compress(range(len(digits)), digits.encode().translate(_FLAGS)))
    places: list[int] = []
    place = digits.find("1")
    while place >= 0:
        places.append(place)
        place = digits.find("1", place + 1)
    return places


def _one(value: Hashable | None) -> tuple[Hashable, ...]:
    return () if value is None else (value,)
