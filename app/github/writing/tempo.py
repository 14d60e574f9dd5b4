"""How fast we write to GitHub, and how long we wait: for answers, for what was lost, and after refusals."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Tempo:
    """All that is waited for; tests are faster. What doubles does so with each failure in a row."""

    pace: timedelta = timedelta(seconds=1)
    """Between the answer to a write and the next write: GitHub asks for it."""
    timeout: timedelta = timedelta(seconds=20)
    """For which a request is waited for."""
    lease: timedelta = timedelta(seconds=60)
    """After its holder's death others take over. Longer than a request may take."""
    settled: timedelta = timedelta(seconds=30)
    """A write of which nobody knows may still be on its way for as long."""
    pause: timedelta = timedelta(seconds=30)
    """After a write failed; doubles."""
    longest_pause: timedelta = timedelta(hours=1)
    rest: timedelta = timedelta(hours=6)
    """Between attempts at what has failed too often; the longest pause of a repository, too."""
    repository_pause: timedelta = timedelta(minutes=5)
    """After a repository took nothing; doubles."""
    block: timedelta = timedelta(minutes=1)
    """After a limit that names no time; doubles."""
    longest_block: timedelta = timedelta(minutes=15)


USUAL: Final = Tempo()
