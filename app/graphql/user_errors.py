"""Errors as data: what a user can put right, beside the result of a mutation.

Comes in: an expected failure. Goes out: a UserError with the input's path, a sentence, and a stable code; failures that
are not the user's to mend (not signed in, not allowed, a server that is away) are raised on.
"""

from enum import Enum
from typing import Final

import strawberry

from app.errors import (
    AlreadyScanning,
    BadInput,
    InvalidTransition,
    LastOwner,
    NotFound,
    SnaglistError,
    SourceUnreadable,
    Taken,
    WrongCredentials,
)


@strawberry.enum(description="What kind of mistake it is: for programs; the message is for people.")
class UserErrorCode(Enum):
    """What kind of mistake it is."""

    BAD_INPUT = strawberry.enum_value("BAD_INPUT", description="The value makes no sense here.")
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="There is no such thing, or not for you.")
    TAKEN = strawberry.enum_value("TAKEN", description="A name that must be unique is in use.")
    LAST_OWNER = strawberry.enum_value(
        "LAST_OWNER", description="The organization would be left without an owner."
    )
    INVALID_TRANSITION = strawberry.enum_value(
        "INVALID_TRANSITION", description="The error's status does not allow that step."
    )
    WRONG_CREDENTIALS = strawberry.enum_value(
        "WRONG_CREDENTIALS", description="The e-mail address or the password is wrong; which one is not said."
    )
    SOURCE_UNREADABLE = strawberry.enum_value("SOURCE_UNREADABLE", description="The log could not be read.")
    ALREADY_SCANNING = strawberry.enum_value(
        "ALREADY_SCANNING", description="The instance is being scanned at this moment: ask again."
    )


CODES: Final[dict[type[SnaglistError], UserErrorCode]] = {
    BadInput: UserErrorCode.BAD_INPUT,
    NotFound: UserErrorCode.NOT_FOUND,
    Taken: UserErrorCode.TAKEN,
    LastOwner: UserErrorCode.LAST_OWNER,
    InvalidTransition: UserErrorCode.INVALID_TRANSITION,
    WrongCredentials: UserErrorCode.WRONG_CREDENTIALS,
    SourceUnreadable: UserErrorCode.SOURCE_UNREADABLE,
    AlreadyScanning: UserErrorCode.ALREADY_SCANNING,
}


@strawberry.type(description="Something about the input that a user can put right.")
class UserError:
    """Something about the input that a user can put right."""

    field: list[str] | None = strawberry.field(
        description='Path of the input field at fault, for example `["slug"]`; null where it is none in particular.'
    )
    message: str = strawberry.field(description="A sentence to show.")
    code: UserErrorCode = strawberry.field(description="What kind of mistake it is.")


def user_error(failure: SnaglistError, field: str | None = None) -> UserError:
    """The failure as data; `field`, in dots, stands in where it names none.

    Raises the failure itself where it is not a user's to mend.
    """
    code = next((CODES[kind] for kind in type(failure).__mro__ if kind in CODES), None)
    if code is None:
        raise failure
    path = failure.field or field
    return UserError(field=path.split(".") if path else None, message=failure.message, code=code)
