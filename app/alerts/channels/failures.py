"""What goes wrong when a message is sent, as one failure with a sentence for people; never with a secret in it."""

from datetime import timedelta
from typing import Final

LONGEST: Final = 300
"""Characters of a failure's sentence."""


class Undelivered(Exception):
    """The message did not arrive, as far as we know.

    `message`: why, in one sentence, without any secret. `is_final`: trying again is of no use. `retry_after`: how long
    the receiver asks us to wait, if it does; at most an hour.
    """

    def __init__(self, message: str, *, is_final: bool = False, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.is_final = is_final
        self.retry_after = retry_after


def not_public(what: str) -> Undelivered:
    """What is said where an address may not be reached. `what`: "The webhook's address", say."""
    return Undelivered(
        f"{what} is on a private network; whoever runs Snaglist can allow that by SNAGLIST_PRIVATE_TARGETS=1",
        is_final=True,
    )


def told(text: str) -> str:
    """What a server said, on one line, with what cannot be printed left out, and not too long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
