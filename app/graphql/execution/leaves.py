"""Leaves: scalars and enumerations as JSON has them.

Comes in: a leaf type. Goes out: a function that completes its values just as the type itself does, but faster where
that takes long; it raises where the type does, and for what it does not know.
"""

import math
from array import array
from collections.abc import Callable
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)

from app.reading.series import Series

Complete = Callable[[Any], Any]

SMALLEST: Final = -(2**31)
LARGEST: Final = 2**31 - 1


class Unusual(Exception):
    """What graphql-core has to look at: an error, or a value of an unexpected kind."""


def completion(type_: GraphQLLeafType) -> Complete:
    """The function that completes values of the type, other than None."""
    if type_ is GraphQLInt:
        return _integer
    if type_ is GraphQLFloat:
        return _number
    if isinstance(type_, GraphQLEnumType):
        return _Names(type_).__getitem__
    return _scalar(type_.coerce_output_value)


def as_it_is(type_: GraphQLLeafType) -> type | None:
    """The Python type whose values are completed already, if there is one."""
    if type_ is GraphQLString or type_ is GraphQLID:
        return str
    if type_ is GraphQLBoolean:
        return bool
    return int if type_.coerce_output_value is int else None


def integers(values: list[Any]) -> list[int]:
    """A list of `Int!`: all of them at once where they are what they should be."""
    if type(values) is Series:
        return values
    try:
        return array("i", values).tolist()
    except (TypeError, OverflowError):
        return [_integer(value) for value in values]


def _integer(value: Any) -> Any:
    if type(value) is int and SMALLEST <= value <= LARGEST:
        return value
    return _slow_integer(value)


def _number(value: Any) -> Any:
    if type(value) is float and math.isfinite(value):
        return value
    return _slow_number(value)


class _Names(dict[Any, Any]):
    """The names of an enumeration by their values; what is no such value is for the type itself to say."""

    def __init__(self, type_: GraphQLEnumType) -> None:
        super().__init__(
            {value.value: name for name, value in type_.values.items() if isinstance(value.value, str)}
        )
        self.slow = _scalar(type_.coerce_output_value)

    def __missing__(self, value: Any) -> Any:
        return self.slow(value)


def _scalar(coerce: Complete) -> Complete:
    def completed(value: Any) -> Any:
        found = coerce(value)
        if found is None or found is Undefined:
            raise Unusual
        return found

    return completed


_slow_integer: Final = _scalar(GraphQLInt.coerce_output_value)
_slow_number: Final = _scalar(GraphQLFloat.coerce_output_value)
