"""Letting subscriptions in, as far as a query would be: parsed, judged, validated, guarded and counted.

Comes in: a document with its variables, and the context of its caller. Goes out: an operation, which is executed for
each update, with a key that it shares with all operations whose results are the same.
"""

import re
from collections.abc import Hashable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from app.accounts.roles import Caller
from app.errors import SnaglistError, Unavailable
from app.graphql import masking
from app.graphql.context import Context
from app.graphql.ids import NOBODY
from app.graphql.limits.costs import MAXIMUM
from app.graphql.live import telling
from app.graphql.live.updates import Update
from app.graphql.live.wanted import Begun
from app.graphql.requests import Asked

PERSONAL: Final = ("canDelete", "canEdit")
"""The fields that are not the same for all with the same role and scopes."""
_PERSONAL: Final = re.compile(rf"\b({'|'.join(PERSONAL)})\b")


_NO_SUBSCRIPTION: Final = (CannotGetOperationTypeError, InvalidOperationTypeError, MissingQueryError)


class NotLetIn(Exception):
    """The subscription does not begin; `errors` are for the client."""

    def __init__(self, errors: Sequence[masking.Shown]) -> None:
        super().__init__()
        self.errors = list(errors)


@dataclass(frozen=True, slots=True)
class Operation:
    """A subscription that was let in.

    `caller`: nobody in particular, unless the operation asks for what is personal. `cost`: points of one update.
    """

    document: str
    name: str | None
    variables: dict[str, Any] | None
    caller: Caller
    begun: Begun
    key: Hashable
    cost: int


async def let_in(schema: BaseSchema, document: str, asked: Asked, context: Context) -> Operation:
    """Execute the operation with an update that holds nothing. Raises NotLetIn; nothing was told to anybody then."""
    begins = await schema.subscribe(
        document,
        variable_values=asked.variables,
        context_value=context,
        operation_name=asked.operation_name,
    )
    try:
        async with aclosing(begins):
            first = await anext(begins)
    except GraphQLError as wrong:  # it cannot be parsed
        raise NotLetIn([masking.shown(wrong)]) from None
    if first.errors or context.begun is None:
        raise NotLetIn([_shown(error) for error in first.errors or ()])
    try:
        await telling.check(context.organization_id, context.begun.wanted, now=context.now)
    except SnaglistError as wrong:
        raise NotLetIn([masking.of_exception(wrong)]) from None
    caller = context.signed_in
    if not _PERSONAL.search(document):
        caller = replace(caller, person_id=None, membership_id=None, token_id=NOBODY)
    named = {
        name: given for name, given in (asked.variables or {}).items() if name not in context.begun.spare
    }
    key = (caller, document, asked.operation_name, msgspec.json.encode(named, order="sorted"))
    cost = context.cost.points if context.cost else MAXIMUM
    return Operation(document, asked.operation_name, asked.variables, caller, context.begun, key, cost)


async def executed(
    schema: BaseSchema, operation: Operation, update: Update, context: Context
) -> dict[str, Any]:
    """The payload of an update. Unavailable: the database is away for the moment."""
    result = await schema.execute(
        operation.document,
        variable_values=operation.variables,
        context_value=context,
        root_value=update,
        operation_name=operation.name,
        allowed_operation_types=(OperationType.SUBSCRIPTION,),
    )
    errors = [masking.shown(error) for error in result.errors or ()]
    if any(error["extensions"]["code"] == masking.UNAVAILABLE for error in errors):
        raise Unavailable("an update could not be read")
    found: dict[str, Any] = {"data": result.data}
    return {"errors": errors, **found} if errors else found


def _shown(error: GraphQLError) -> masking.Shown:
    if isinstance(error.original_error, _NO_SUBSCRIPTION):
        said = "there is no such subscription in the document; queries and mutations are asked by POST"
        return {"message": said, "extensions": {"code": masking.BAD_USER_INPUT}}
    return masking.shown(error)
