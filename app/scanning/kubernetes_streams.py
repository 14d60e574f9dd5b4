"""Streams of `kubernetes` that are not just the text of a container's log.

Comes in: a stream, or none. Goes out: a stream that says at its end whether it was the right log; or one without text.
"""

from collections.abc import Callable, Mapping

from app.scanning.stamped_stream import StampedStream


class UnprovenStream:
    """The text of a log in which nothing is known, so that nothing in it says whose it is.

    That is asked when all was read and the command has ended: a host runs few at once, and whoever waits for a second
    one while he keeps the first may wait for somebody who does the same.
    """

    def __init__(
        self, stream: StampedStream, end_command: Callable[[], None], is_the_same: Callable[[], bool]
    ) -> None:
        self.start, self.behind, self.inside = stream.start, stream.behind, stream.inside
        self.is_final = False
        self._stream = stream
        self._end_command = end_command
        self._is_the_same = is_the_same

    @property
    def missed(self) -> str:
        """What could not be read before it, in words; empty: nothing."""
        return self._stream.missed

    @missed.setter
    def missed(self, told: str) -> None:
        self._stream.missed = told

    def read(self, size: int) -> bytes:
        """The next bytes of text. Raises SourceUnreadable."""
        text = self._stream.read(size)
        self.is_final = self._stream.is_final
        return text

    def is_intact(self) -> bool:
        """Whether the log is that of the container that it was opened for. Raises SourceUnreadable."""
        self._end_command()
        return self._is_the_same()

    def place(self, at: int, inside: Mapping[bytes, int]) -> tuple[str, bool]:
        """The position at an offset, and whether there is more to read at once."""
        return self._stream.place(at, inside)


class Nothing:
    """No text, where no pod that is left can be read: the others were. The next scan begins with all of them again."""

    start = 0
    behind = b""
    inside: Mapping[bytes, int] = {}
    is_final = False

    def __init__(self, position: str, missed: str) -> None:
        self._position = position
        self.missed = missed

    def read(self, size: int) -> bytes:
        """None."""
        return b""

    def is_intact(self) -> bool:
        """Always."""
        return True

    def place(self, at: int, inside: Mapping[bytes, int]) -> tuple[str, bool]:
        """The same position, for the next scan."""
        return self._position, False
