"""What batches may keep in memory, all of a process together.

Comes in: the bytes that a batch takes on. Goes out: whether it may take on more. Nobody waits for memory, since
whoever has it may be waiting for a host: a batch that gets no more ends, and the rest of the log is the next one's.
"""

import threading
from typing import Final

OWN: Final = 256 * 1024
"""Bytes that every batch may keep."""
COMMON: Final = 24 * 1024 * 1024
"""Bytes that all batches of the process share beyond those."""

PARSING: Final = threading.Lock()
"""Whoever parses holds this, and so may share a detector with others.

Several at once would only be in each other's way, and in that of the event loop.
"""


class Share:
    """What one batch keeps; a context, at whose end it keeps nothing any more."""

    _lock: Final = threading.Lock()
    _taken = 0

    def __init__(self) -> None:
        self._size = 0
        self._common = 0
        self._is_over = False

    def take(self, size: int) -> bool:
        """Take on bytes that are there already; whether there is room for more."""
        with self._lock:
            self._size += size
            common = max(0, self._size - OWN)
            if not self._is_over:
                Share._taken += common - self._common
                self._common = common
            return not self._is_over and (not common or Share._taken < COMMON)

    def __enter__(self) -> "Share":
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            Share._taken -= self._common
            self._common = 0
            self._is_over = True
