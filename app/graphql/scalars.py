"""The scalars of our own: times, integers that outgrow 32 bits, and what apps send in a shape of their own.

Comes in: values as rows have them, and as clients send them. Goes out: JSON, and values that mean one thing only.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final, NewType

import msgspec
import strawberry
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
"""For `graphql_type`: the attribute is a plain int."""

JSON = NewType("JSON", object)
"""For `graphql_type`: the attribute is plain data that JSON can carry. It is only ever answered."""

_LAST: Final = datetime.max.replace(tzinfo=UTC, microsecond=999_998)
"""The one after it is kept as infinity, which cannot be read again as a time."""

_write: Final = msgspec.json.Encoder().encode

SAFE: Final = 2**53 - 1
"""JavaScript knows no larger integer exactly."""

_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?P<fraction>\.\d+)?(?P<zone>[Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def write_time(at: datetime) -> str:
    """RFC 3339; UTC is written as Z."""
    if at.tzinfo is UTC:
        return _write(at)[1:-1].decode()  # the same text in a tenth of the time
    text = at.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def read_time(given: Any) -> datetime:
    """The time in UTC. StrawberryInputCoercionError: it is no RFC 3339, it has no zone, or there is no such time."""
    found = _RFC_3339.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise StrawberryInputCoercionError(
            "A DateTime is written like 2026-11-22T10:00:00Z or 2026-11-22T11:00:00+01:00, always with its zone."
        )
    fraction = (found["fraction"] or "")[:7]  # microseconds are the finest that a column keeps
    zone = "+00:00" if found["zone"] in "Zz" else found["zone"]
    try:
        at = datetime.fromisoformat(given[:19].replace(" ", "T").upper() + fraction + zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise StrawberryInputCoercionError("There is no such DateTime.") from None
    return min(at, _LAST)


def refuse_json(_: Any) -> Any:
    """StrawberryInputCoercionError: nobody asks for it to be sent."""
    raise StrawberryInputCoercionError("A JSON value is only ever answered.")


def read_integer(given: Any) -> int:
    """An integer that JSON can carry. StrawberryInputCoercionError: it is none."""
    if isinstance(given, int) and not isinstance(given, bool) and abs(given) <= SAFE:
        return given
    raise StrawberryInputCoercionError(f"A BigInt is a whole number between -{SAFE} and {SAFE}.")


SCALARS: Final[dict[object, ScalarDefinition]] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "A moment, as RFC 3339 has it. Answers are in UTC: `2026-11-22T10:00:00Z`, with a fraction of the second"
            " where there is one. A moment that is sent needs its zone, `Z` or an offset."
        ),
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=write_time,
        parse_value=read_time,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of up to 53 bits, as a JSON number: `Int` ends at 2,147,483,647, and counts do not.",
        serialize=int,
        parse_value=read_integer,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description=(
            "Any JSON value, in most places an object: what an app sent in a shape of its own, without secrets, and cut where"
            " it is very long. Show it as a tree of names and values."
        ),
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc8259",
        serialize=lambda value: value,
        parse_value=refuse_json,
    ),
}
