"""What a request asks for: its body, read with a limit on everything.

Comes in: bytes. Goes out: a query and its variables, or Refused with a status and a sentence.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

MOST_VALUES: Final = 2_000
"""Numbers, texts, lists and objects in the variables, all together."""

DEEPEST: Final = 16
"""Lists and objects of the variables inside of one another."""


class Refused(Exception):
    """This is no request that could be answered; `status` is HTTP's."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


class Asked(msgspec.Struct, frozen=True, rename="camel"):
    """The body of a request; what else it holds is ignored, as the specification wants it."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


_DECODER: Final = msgspec.json.Decoder(Asked)


def read(body: bytes) -> Asked:
    """What the body asks for. Refused: it is no JSON, no such object, or its variables are too many or too deep."""
    try:
        asked = _DECODER.decode(body)
    except msgspec.ValidationError as wrong:
        raise Refused(400, f"this is no GraphQL request: {wrong}") from None
    except (msgspec.DecodeError, UnicodeError):
        raise Refused(400, "the body is no JSON") from None
    except RecursionError:
        raise Refused(400, "the body is too deep") from None
    if not asked.query:
        raise Refused(400, "there is no `query` in the body")
    _check(asked.variables)
    return asked


def _check(variables: dict[str, Any] | None) -> None:
    """Refuse variables that are too many, too deep, or hold what no column can."""
    level: list[Any] = [variables] if variables else []
    count = depth = 0
    while level:
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
                below += value.keys()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str) and "\0" in value:
                raise Refused(400, "a variable holds a NUL character")
        count, depth, level = count + len(below), depth + 1, below
        if count > MOST_VALUES or depth > DEEPEST:
            raise Refused(
                400, f"the variables hold more than {MOST_VALUES} values, or are deeper than {DEEPEST}"
            )
