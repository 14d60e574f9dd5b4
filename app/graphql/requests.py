"""What a request asks for: its body, read with a limit on everything.

Comes in: bytes. Goes out: a query, or the hash of one (`app.graphql.persisted`), and its variables, or Refused with a
status and a sentence.
"""

import re
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
    document_id: str | None = None

    @property
    def digest(self) -> str | None:
        """The SHA-256 that names the document, 64 hex digits; None where none does. Refused: it cannot be understood."""
        apollos = (self.extensions or {}).get("persistedQuery")
        named = set()
        if self.document_id is not None:
            named.add(
                _hash(self.document_id.removeprefix("sha256:"), "documentId", "sha256: and 64 hex digits")
            )
        if apollos is not None:
            given = apollos.get("sha256Hash") if isinstance(apollos, dict) else None
            named.add(
                _hash(given, "extensions.persistedQuery", "version 1 with a sha256Hash of 64 hex digits")
            )
            if apollos.get("version", 1) != 1:
                raise Refused(400, "`extensions.persistedQuery` has another version than 1")
        if len(named) > 1:
            raise Refused(400, "`documentId` and `extensions.persistedQuery` name two documents")
        return named.pop() if named else None


_SHA_256: Final = re.compile("[0-9a-fA-F]{64}")
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
    if asked.digest is None and not asked.query:
        raise Refused(400, "there is no `query` in the body")
    _check(asked.variables)
    return asked


def _hash(given: object, where: str, expected: str) -> str:
    if not isinstance(given, str) or not _SHA_256.fullmatch(given):
        raise Refused(400, f"`{where}` must be {expected}")
    return given.lower()


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
