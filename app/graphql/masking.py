"""What a client learns of an error: all of what it can put right, and nothing of what went wrong inside.

Comes in: an error of an operation, or an exception. Goes out: the error as JSON has it, always with a code. What
nobody expected is logged with its traceback under an id, and the client is told the id.
"""

import logging
import re
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

from graphql import FieldNode, GraphQLError

from app.errors import ConfigurationError, RateLimited, SnaglistError
from app.tables.absence import why_away

UNAVAILABLE: Final = "UNAVAILABLE"
BAD_USER_INPUT: Final = "BAD_USER_INPUT"
INTERNAL: Final = "INTERNAL"

LONGEST: Final = 500
"""Characters of a message."""

_SENT: Final = re.compile(r"(?:, found: |(?<=String cannot represent a non string value): ).*", re.DOTALL)

Shown = dict[str, Any]

_log = logging.getLogger(__name__)
# Strawberry logs every error of every client, with what was sent; ours are logged here.
logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)


def shown(error: GraphQLError) -> Shown:
    """The error for the client: `message`, `locations`, `path`, and `extensions` with its `code`."""
    found: Shown = {}
    if error.locations:
        found["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        found["path"] = error.path
    cause = _cause(error)
    if cause is None:
        told = {"code": BAD_USER_INPUT, **(error.extensions or {})}
        return {"message": _short(error.message), **found, "extensions": told}
    return {**of_exception(cause, error.path), **found}


def of_exception(cause: BaseException, path: Sequence[str | int] | None = None) -> Shown:
    """The error that an exception becomes; logged, unless somebody expected it."""
    if (
        isinstance(cause, SnaglistError)
        and not isinstance(cause, ConfigurationError)
        and cause.code != INTERNAL
    ):
        told: dict[str, Any] = {"code": cause.code} | ({"field": cause.field} if cause.field else {})
        if isinstance(cause, RateLimited) and cause.retry_after is not None:
            told["retryAfter"] = cause.retry_after
        return {"message": cause.message, "extensions": told}
    if away := why_away(cause):
        _log.warning(away, extra={"reason": type(cause).__name__})
        return {"message": f"{away}; ask again", "extensions": {"code": UNAVAILABLE}}
    number = uuid4().hex
    place = ".".join(map(str, path)) if path else None
    _log.error("an operation failed", exc_info=cause, extra={"error_id": number, "field_path": place})
    return {"message": "Internal error", "extensions": {"code": INTERNAL, "id": number}}


def _short(message: str) -> str:
    """The message, without objects and texts that were sent: there may be a password in them, or a key."""
    message = _SENT.sub("", message)
    return message if len(message) <= LONGEST else f"{message[:LONGEST]} ..."


def _cause(error: GraphQLError) -> BaseException | None:
    """What happened inside; None where the client can put it right."""
    inner: BaseException | None = error
    while isinstance(inner, GraphQLError) and inner.original_error is not None:
        inner = inner.original_error
    if isinstance(inner, SnaglistError):
        return inner
    if (
        error.path is None
    ):  # not executed: the document or its variables, unless it belongs to no place in them
        return None if inner is error or error.nodes else inner
    if isinstance(inner, GraphQLError):
        # Errors of arguments point at the argument. What points at a field is a value that its resolver gave.
        about_field = not inner.nodes or any(isinstance(node, FieldNode) for node in inner.nodes)
        return inner if about_field and not inner.extensions else None
    return inner
