"""The level of an event, by the words that apps, loggers and SDKs use.

Comes in: what an app says. Goes out: a `Level`, or None where nobody can tell.
"""

from typing import Final

from app.domain.events.event import Level
from app.domain.events.event_texts import text

_WORDS: Final = {
    Level.DEBUG: ("debug", "trace", "verbose", "fine", "silly"),
    Level.INFO: ("info", "log", "information", "notice", "default"),
    Level.WARNING: ("warning", "warn"),
    Level.ERROR: ("error", "err", "exception", "severe"),
    Level.FATAL: ("fatal", "critical", "crit", "alert", "emergency", "emerg", "panic"),
}
_LEVELS: Final = {
    **{word: level for level, words in _WORDS.items() for word in words},
    **{str(level.value): level for level in Level},
}


def level(value: object) -> Level | None:
    """The level that a word in any case, or one of the numbers 10, 20 ... 50 of Python's loggers, stands for."""
    if type(value) is str and (known := _LEVELS.get(value)) is not None:
        return known
    return _LEVELS.get((text(value, 20) or "").strip().lower().removesuffix(".0"))
