"""What goes wrong with GitHub, told apart by what is to be done about it.

Goes out: one of these for every failure of `github.api.client`; nothing else comes out of it but cancellation, and ValueError
for what a caller should have checked. All but Unknown mean that nothing was written. `message` is a sentence to show: it
has no secret of ours, and at most 200 printable characters of what the server said.
"""

from collections.abc import Sequence
from datetime import datetime


class GithubFailure(Exception):
    """The root of them."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unknown(GithubFailure):
    """Nobody knows whether a write was carried out: a time-out, a cut connection, a 5xx, an answer nobody can read."""


class Limited(GithubFailure):
    """A primary or secondary limit. `until` is when the server wants to hear of us again, None where it does not tell;
    it is later than now and at most a day away."""

    def __init__(self, message: str, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class Refused(GithubFailure):
    """This one thing is refused: 422 and other 4xx. `codes` are GitHub's for what is wrong with the fields of a 422,
    such as "already_exists"."""

    def __init__(self, message: str, status: int, codes: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.codes = tuple(codes)


class BadCredentials(GithubFailure):
    """The token or the App's key is not accepted, or the App is not installed there any more."""


class NotAllowed(GithubFailure):
    """403 that is no limit: a permission is missing, the repository is archived, the installation is suspended."""


class Missing(GithubFailure):
    """404. Of a repository: it is gone, or access is lost. Of an issue: it is gone or was transferred."""


class Gone(GithubFailure):
    """410: issues are disabled in the repository, or this issue was deleted."""


class Moved(GithubFailure):
    """301, 302, 307 or 308: it has another address now; the repository was renamed, or the issue transferred."""
