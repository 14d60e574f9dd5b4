"""What a log line looks like: structured, one object a line, and without secrets.

Comes in: records of the standard library's `logging`, ours and those of every library. Goes out, on standard error:
a JSON object a line, or coloured text where that is a terminal.

    {"time": "2026-11-22T10:00:00.000000Z", "level": "info", "event": "...", "logger": "app.server", "status": 200}

Secrets go out by four ways: the settings' own values wherever they stand, our tokens by their shape, whatever a key
such as `token` holds, and what `domain.redaction` knows. Everything else is made plain first, so that nothing comes
by unread, and no text, whatever it holds, can begin a line of its own.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, TextIO
from urllib.parse import quote, unquote

from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import JSONRenderer, format_exc_info
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import EventDict, Processor

from app.config import Settings
from app.domain.secrets.redaction import redact

LONGEST: Final = 100_000
"""Characters of a text that are read; what is behind them is left out."""

_REDACTED: Final = "[redacted]"
_SHORTEST_SECRET: Final = 6  # a shorter one would be found in every second word
_DEEPEST: Final = 6
_MOST: Final = 200
_MARGIN: Final = 1_000  # at the end of what was cut off may stand the half of a secret
_SECRET_KEY = re.compile(r"token|secret|passw|pwd|authorization|credential|cookie|dsn|key", re.IGNORECASE)
_TOLD_ABOUT = re.compile(r".*_(?:ids?|count|at|kind|type|name)", re.IGNORECASE)
_TOKEN = re.compile(r"snag_[A-Za-z0-9_-]{8,}")
_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[nrt])")
_KEPT: Final = "_event"  # out of the way of an extra that is called `event`
_OWN: Final = ("time", "level", "event", "logger", "exception", "stack")

_Redact = Callable[[str], str]


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Have everything that is logged in this process come out on `stream` (standard error), from the settings' level on.

    Done twice, the second one counts. An exception that nobody caught is logged too, instead of being printed.
    """
    stream = stream or sys.stderr
    root = logging.getLogger()
    root.handlers[:] = [_Lines(stream, settings.secrets)]
    root.setLevel(settings.log_level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
        # On its way up and down it tells what we tell ourselves.
        logger.setLevel(logging.NOTSET if settings.log_level < logging.INFO else logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def formatter(secrets: Iterable[str], *, for_people: bool) -> logging.Formatter:
    """What makes a line of a record; `secrets` are values that are to be seen nowhere."""
    redacted = _redactor(secrets)
    render: list[Processor] = (
        [
            _for_people,
            ConsoleRenderer(timestamp_key="time", exception_formatter=plain_traceback, sort_keys=False),
        ]
        if for_people
        else [JSONRenderer(allow_nan=False)]
    )
    return ProcessorFormatter(
        foreign_pre_chain=[_keep_event, ExtraAdder(), _told, format_exc_info],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            lambda _logger, _name, entry: _plain_entry(entry, redacted),
            *render,
        ],
    )


class _Lines(logging.StreamHandler[TextIO]):
    """Writes the lines; a record that cannot be written leaves a line that says so, and nothing of what it holds."""

    def __init__(self, stream: TextIO, secrets: Iterable[str]) -> None:
        super().__init__(stream)
        self._is_failing = False
        self.setFormatter(formatter(secrets, for_people=stream.isatty()))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name that logging gave it
        if self._is_failing:  # the stream is gone: there is no one to tell
            return
        self._is_failing = True
        try:
            broken = type(sys.exc_info()[1]).__name__
            extra = {"broken_logger": record.name, "line": record.lineno, "error": broken}
            told = logging.LogRecord(__name__, logging.ERROR, __file__, 0, "a log record is broken", (), None)
            told.__dict__.update(extra)
            self.emit(told)
        finally:
            self._is_failing = False


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    raised = error or kind()
    logging.getLogger(__name__).critical("nobody caught this", exc_info=(kind, raised, trace))


def _keep_event(_logger: object, _name: str, entry: EventDict) -> EventDict:
    entry[_KEPT] = entry["event"]
    return entry


def _told(_logger: object, _name: str, entry: EventDict) -> EventDict:
    """What each line says; after the extras, so that none of them takes its place."""
    record: logging.LogRecord = entry["_record"]
    written = datetime.fromtimestamp(record.created, UTC)
    entry["time"] = written.isoformat(timespec="microseconds").replace("+00:00", "Z")
    entry["level"] = record.levelname.lower()
    entry["event"] = entry.pop(_KEPT)
    entry["logger"] = record.name
    return entry


def _plain_entry(entry: EventDict, redacted: _Redact) -> EventDict:
    extras = {str(key): value for key, value in entry.items() if key not in _OWN}
    plain: dict[str, Any] = {key: _plain(entry[key], redacted) for key in _OWN[:4] if key in entry}
    plain |= _plain_mapping(extras, redacted, 0)
    plain |= {key: _plain(entry[key], redacted) for key in _OWN[4:] if entry.get(key)}
    return plain


def _plain(value: object, redacted: _Redact, depth: int = 0) -> Any:
    """The value as JSON has it, without secrets; what goes too deep or too far is left out."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and type(value) is int and value.bit_length() <= 64:
        return value
    if isinstance(value, float) and abs(value) < float("inf"):  # no NaN either
        return float(value)
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return _plain_mapping(value, redacted, depth + 1)
    if isinstance(value, list | tuple | set | frozenset) and depth < _DEEPEST:
        return [_plain(one, redacted, depth + 1) for one in list(value)[:_MOST]]
    return redacted(_text(value))


def _plain_mapping(mapping: Mapping[Any, object], redacted: _Redact, depth: int) -> dict[str, Any]:
    plain = {}
    for key, value in list(mapping.items())[:_MOST]:
        name = _text(key)[:_MARGIN]
        is_secret = _SECRET_KEY.search(name) and not _TOLD_ABOUT.fullmatch(name)
        hidden = is_secret and value is not None and not isinstance(value, bool)
        plain[redacted(name)] = _REDACTED if hidden else _plain(value, redacted, depth)
    return plain


def _text(value: object) -> str:
    """The value's text, if it has one."""
    try:
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value[:LONGEST]).decode(errors="replace")
        return str(value)
    except Exception:  # noqa: BLE001  whatever its __str__ does, the rest of the line must come out
        return f"<{type(value).__name__} without a text>"


def _redactor(secrets: Iterable[str]) -> _Redact:
    """What takes the secrets out of a text, in whatever way they are usually written, and its length above `LONGEST`."""
    writings = {
        written
        for secret in secrets
        if len(secret) >= _SHORTEST_SECRET
        for written in (secret, quote(secret), quote(secret, safe=""), unquote(secret))
        for written in (written, repr(written)[1:-1], json.dumps(written)[1:-1])
    }
    longest_first = sorted(writings, key=len, reverse=True)
    known = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def redacted(text: str) -> str:
        is_cut = len(text) > LONGEST
        text = _TOKEN.sub(_REDACTED, known.sub(_REDACTED, text[:LONGEST]))
        text = _without_named_or_shaped(text)
        return f"{text[:-_MARGIN]} ... cut" if is_cut else text

    return redacted


def _without_named_or_shaped(text: str) -> str:
    """The text redacted, and once more with its escapes set apart: in the repr of a text, a letter ends them."""
    redacted = redact(text)
    if "\\" not in redacted:
        return redacted
    apart = redact(_ESCAPE.sub(r"\g<0> ", redacted))
    return apart if apart.count("[redacted") > redacted.count("[redacted") else redacted


def _for_people(_logger: object, _name: str, entry: EventDict) -> EventDict:
    """Nothing of what is printed on a terminal steers it, and only an exception has lines, which are indented."""
    for key, value in entry.items():
        if key in ("exception", "stack"):
            entry[key] = "\n".join(f"    {_visible(line)}" for line in str(value).splitlines())
        else:
            entry[key] = _visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return entry


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
