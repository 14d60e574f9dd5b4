"""What can go wrong that somebody expected, as one tree; each has a stable code and a sentence for people.

    SnaglistError
    ├── ConfigurationError    CONFIGURATION     a setting is missing or makes no sense
    ├── Unauthenticated       UNAUTHENTICATED   nobody, or nobody any more, is signed in
    ├── Forbidden             FORBIDDEN         the caller's role or scopes do not reach
    ├── BadInput              BAD_USER_INPUT    what was sent cannot be understood
    ├── NotFound              NOT_FOUND         there is no such thing, or not in the caller's organization
    ├── Taken                 TAKEN             a name that must be unique is in use
    ├── LastOwner             LAST_OWNER        an organization always has an owner
    ├── InvalidTransition     INVALID_TRANSITION the group's status does not allow that step
    ├── RateLimited           RATE_LIMITED      too often; ask again later
    │   └── Overloaded        RATE_LIMITED      too much comes at once; nothing of it was kept
    ├── WrongCredentials      WRONG_CREDENTIALS the e-mail address or the password is wrong
    ├── SourceUnreadable      SOURCE_UNREADABLE a log could not be read
    ├── AlreadyScanning       ALREADY_SCANNING  somebody else scans the instance at this moment
    ├── DocumentNotFound      PERSISTED_QUERY_NOT_FOUND a hash was sent alone, and nobody has sent its document before
    ├── DocumentNotAllowed    DOCUMENT_NOT_ALLOWED only the front end's own documents are answered here
    └── Unavailable           UNAVAILABLE       the database or Redis is away for the moment

No HTTP here: the graph and the doors translate the codes.
"""

from typing import ClassVar


class SnaglistError(Exception):
    """The root; `field` names the input that is at fault, if one is."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class ConfigurationError(SnaglistError):
    """A setting is missing or makes no sense."""

    code = "CONFIGURATION"


class Unauthenticated(SnaglistError):
    """Nobody, or nobody any more, is signed in."""

    code = "UNAUTHENTICATED"


class Forbidden(SnaglistError):
    """The caller's role or scopes do not reach."""

    code = "FORBIDDEN"


class BadInput(SnaglistError):
    """What was sent cannot be understood."""

    code = "BAD_USER_INPUT"


class NotFound(SnaglistError):
    """There is no such thing, or not in the caller's organization: both look the same."""

    code = "NOT_FOUND"


class Taken(SnaglistError):
    """A name that must be unique is in use."""

    code = "TAKEN"


class LastOwner(SnaglistError):
    """An organization always has an owner."""

    code = "LAST_OWNER"


class InvalidTransition(SnaglistError):
    """The group's status does not allow that step."""

    code = "INVALID_TRANSITION"


class RateLimited(SnaglistError):
    """Too often; ask again after `retry_after` seconds, if that is known."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, *, field: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message, field=field)
        self.retry_after = retry_after


class Overloaded(RateLimited):
    """More comes at once than can be kept; nothing of what was refused was kept."""


class WrongCredentials(SnaglistError):
    """Who somebody says to be is not shown by what was sent with it; which of both is wrong is not said."""

    code = "WRONG_CREDENTIALS"


class SourceUnreadable(SnaglistError):
    """A log could not be read."""

    code = "SOURCE_UNREADABLE"


class AlreadyScanning(SnaglistError):
    """Somebody else scans the instance at this moment."""

    code = "ALREADY_SCANNING"


class DocumentNotFound(SnaglistError):
    """A hash was sent alone, and nobody has sent its document before; the code and the message are Apollo's."""

    code = "PERSISTED_QUERY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class DocumentNotAllowed(SnaglistError):
    """Only the front end's own documents are answered here, and this is none of them."""

    code = "DOCUMENT_NOT_ALLOWED"


class Unavailable(SnaglistError):
    """The database or Redis is away for the moment: ask again."""

    code = "UNAVAILABLE"
