"""How a process of ours holds its memory: one heap for all threads, rings of garbage looked for seldom.

Comes in and goes out: nothing; the process is another one afterwards.
"""

import ctypes
import gc
import sys
from contextlib import suppress
from typing import Final

_M_ARENA_MAX: Final = -8  # as glibc's malloc.h has it
_GARBAGE: Final = (20_000, 20, 20)


def use_one_heap() -> None:
    """Have all threads allocate from one heap, where the C library is glibc; to be done before there are any.

    glibc makes up to eight heaps a processor, and what was freed in one is of no use to the others: threads that take
    turns at Python's lock fill one after the other with what one could hold.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library, which has no such heaps
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def keep_for_good() -> None:
    """Never look for garbage again in what there is now: after the imports, and before a fork that is to share it.

    To look at an object is to write to it, and then its page is shared no more.
    """
    gc.collect()
    gc.freeze()


def collect_seldom() -> None:
    """Have Python look for garbage in rings more seldom than it does by itself: for workers, once they are prepared.

    It looks after each 700 objects more. A batch of events is some hundred thousand, none of which is garbage before the
    batch ends: a quarter of a scan's time went into looking at them. What the start has made is not looked at again.
    """
    keep_for_good()
    gc.set_threshold(*_GARBAGE)
