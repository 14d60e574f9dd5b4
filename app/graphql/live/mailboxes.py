"""What waits to be sent to one subscriber, bounded however slow it is.

Comes in: payloads, as bytes that all subscribers of an operation share. Goes out: the same, in their order. Where more
would wait than may, nothing waits any more, and the subscriber has to be told that it missed something.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

MOST: Final = 256
"""Payloads that wait."""
LARGEST: Final = 256 * 1024
"""Bytes of all of them; one that comes alone may be longer."""


class Mailbox:
    """One subscriber's: nothing can be taken before `open`, and nothing comes after `end`.

    `wake` is called when there is something to take, or never will be again; `emptied` when the last payload is taken.
    """

    __slots__ = ("_emptied", "_is_open", "_size", "_waiting", "_wake", "has_ended")

    def __init__(self, wake: Callable[[], None]) -> None:
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._is_open = False
        self._wake = wake
        self._emptied: Callable[[Mailbox], None] | None = None
        self.has_ended = False

    def open(self, first: Sequence[bytes]) -> bool:
        """Let payloads be taken: these first, then those that were put meanwhile.

        False: they are too many together; it is not open, none waits now, and some were missed. One alone always fits.
        """
        size = sum(map(len, first))
        if len(first) != 1 and not self._has_room_for(len(first), size):
            self._drop_all()
            return False
        self._waiting.extendleft(reversed(first))
        self._size += size
        self._is_open = True
        self._wake()
        return True

    def put(self, payloads: Sequence[bytes], emptied: "Callable[[Mailbox], None] | None" = None) -> bool:
        """Add payloads. False: they are too many with those that wait; none waits now, and some were missed."""
        size = sum(map(len, payloads))
        is_alone = not self._waiting and len(payloads) == 1
        if not is_alone and not self._has_room_for(len(payloads), size):
            self._drop_all()
            return False
        self._emptied = emptied
        self._waiting.extend(payloads)
        self._size += size
        if self._is_open:
            self._wake()
        return True

    def take(self) -> bytes | None:
        """The next payload; None: nothing waits."""
        if not self._is_open or not self._waiting:
            return None
        payload = self._waiting.popleft()
        self._size -= len(payload)
        if not self._waiting and self._emptied is not None:
            self._emptied(self)
        return payload

    def _has_room_for(self, count: int, size: int) -> bool:
        return len(self._waiting) + count <= MOST and self._size + size <= LARGEST

    def _drop_all(self) -> None:
        self._waiting.clear()
        self._size = 0

    @property
    def is_waiting(self) -> bool:
        """Whether something waits to be taken."""
        return bool(self._waiting)

    def end(self) -> None:
        """Nothing will be put any more, and the subscriber does not know what it misses."""
        self.has_ended = True
        self._wake()
