"""What goes wrong on purpose: by hand for the next requests, or at random from a seed.

Comes in: a request's method and path. Goes out: the fault it meets, or None.
"""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """What happens to a request. Those named `..._after` and `late_commit` carry the write out."""

    SECONDARY_403 = "secondary_403"
    """403 with Retry-After; writes until then are refused as well."""
    SECONDARY_429 = "secondary_429"
    PRIMARY_403 = "primary_403"
    """403 with nothing remaining and a reset, as if the hour were used up."""
    ERROR_500 = "error_500"
    """A page of HTML."""
    BAD_GATEWAY_502 = "bad_gateway_502"
    TIMEOUT_522 = "timeout_522"
    """A status that http.HTTPStatus does not know."""
    HANG = "hang"
    """Never answers and does nothing; after `seconds` (if told) the connection is cut."""
    SLOW = "slow"
    """Answers rightly, `seconds` later; it is carried out at once."""
    DROPPED_BEFORE = "dropped_before"
    """The connection is cut. aiohttp's client repeats a GET once by itself then: `times=2` for it to be felt."""
    DROPPED_AFTER = "dropped_after"
    TRUNCATED_AFTER = "truncated_after"
    """Half of the JSON, in a well-formed answer."""
    CUT_AFTER = "cut_after"
    """The connection is cut in the middle of the answer's body."""
    BAD_GATEWAY_AFTER = "bad_gateway_after"
    """502 in HTML, though it was carried out."""
    HANG_AFTER = "hang_after"
    LATE_COMMIT = "late_commit"
    """Never answers, and is carried out `seconds` later, though the client has gone."""


ALL: tuple[FaultKind, ...] = tuple(FaultKind)


@dataclass(slots=True)
class Fault:
    """One fault. `seconds`: see the kinds (None: the kind's own default); `retry_after`: of limits, in seconds, None: no header."""

    kind: FaultKind
    seconds: float | None = None
    retry_after: int | None = 60
    method: str | None = None
    path: str | None = None
    """A regular expression found in the path (without `/api/v3`)."""
    times: int = 1

    def meets(self, method: str, path: str) -> bool:
        """Whether such a request meets it."""
        return self.method in (None, method) and (self.path is None or re.search(self.path, path) is not None)


@dataclass(slots=True)
class Faults:
    """The plan: first those asked for by hand, in order; then chance."""

    waiting: list[Fault] = field(default_factory=list)
    met: list[FaultKind] = field(default_factory=list)
    """Those that happened, oldest first."""
    rate: float = 0.0
    kinds: tuple[FaultKind, ...] = ()
    only_writes: bool = False
    seconds: float | None = None
    retry_after: int | None = 60
    chance: random.Random = field(default_factory=lambda: random.Random(0))

    def next(
        self,
        kind: FaultKind | str,
        *,
        times: int = 1,
        seconds: float | None = None,
        retry_after: int | None = 60,
        method: str | None = None,
        path: str | None = None,
    ) -> None:
        """The next `times` requests (of this method, with this pattern in the path) meet this fault."""
        self.waiting.append(Fault(FaultKind(kind), seconds, retry_after, method, path, times))

    def at_random(
        self,
        rate: float,
        seed: int,
        kinds: Iterable[FaultKind | str] = ALL,
        *,
        only_writes: bool = False,
        seconds: float | None = None,
        retry_after: int | None = 60,
    ) -> None:
        """From now on each request meets one of `kinds` with this probability (0 to 1), reproducibly by seed."""
        self.rate, self.kinds, self.only_writes = rate, tuple(map(FaultKind, kinds)), only_writes
        self.seconds, self.retry_after, self.chance = seconds, retry_after, random.Random(seed)

    def stop(self) -> None:
        """Nothing goes wrong any more, except what is already under way."""
        self.waiting.clear()
        self.rate = 0.0

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets; it is used up by that."""
        fault = self._asked_for(method, path) or self._by_chance(method)
        if fault:
            self.met.append(fault.kind)
        return fault

    def _asked_for(self, method: str, path: str) -> Fault | None:
        for fault in self.waiting:
            if fault.meets(method, path):
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None

    def _by_chance(self, method: str) -> Fault | None:
        if not self.kinds or (self.only_writes and method == "GET") or self.chance.random() >= self.rate:
            return None
        return Fault(self.chance.choice(self.kinds), self.seconds, self.retry_after)
