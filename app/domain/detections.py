"""A detection: one thing that went wrong, made from one log record.

Comes in: the text of a record and its header (the scanner's blocks). Goes out: a `Detection`, or None where the
record is none. What a fingerprint does not need is computed when it is asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Final

from app.domain import addons, fingerprints, record_kinds, severity, stderr, tracebacks
from app.domain.fingerprints import Fingerprint
from app.domain.log_lines import Header
from app.domain.severity import Kind, Severity
from app.domain.tracebacks import Part

BUILT_IN_IGNORES: Final = (
    "odoo.modules.loading: Modules loaded",
    "odoo.service.server: HTTP service",
    "DeprecationWarning:",
    "PendingDeprecationWarning:",
    "ResourceWarning: unclosed",
    "UserWarning: Fields",
    "odoo.tools.translate: unable to find translation",
)
SEEN_LIMIT: Final = 2048
"""How many different tracebacks are kept."""
KEY_SIZE: Final = 300
"""Bytes of a traceback's end that tell most tracebacks apart."""
CACHED_TEXT_LIMIT: Final = 16 * 1024
"""Bytes up to which a traceback's text is kept to recognise its next repeat."""

_ESCAPED_LINE_END: Final = b"#012"


@dataclass(frozen=True, slots=True)
class Rules:
    """What one instance asks for: its own ignore patterns and addon folders, added to the built-in ones."""

    ignore: tuple[str, ...] = ()
    addon_folders: tuple[str, ...] = ()

    @property
    def ignored(self) -> tuple[str, ...]:
        """Every pattern, the built-in ones first."""
        return BUILT_IN_IGNORES + tuple(pattern for pattern in self.ignore if pattern)

    @property
    def known_folders(self) -> tuple[str, ...]:
        """Every folder whose addons are custom, the instance's own first."""
        own = tuple(folder.replace("\\", "/").rstrip("/") for folder in self.addon_folders)
        return tuple(folder for folder in own if folder) + addons.KNOWN_FOLDERS


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a traceback. `in_app`: the user's own code, not Odoo's, a library's or generated."""

    path: str
    line: int
    function: str | None
    module: str | None
    in_app: bool
    source: str | None


@dataclass(frozen=True, slots=True)
class ExceptionPart:
    """One exception of a chain, earliest first."""

    type: str | None
    message: str
    frames: tuple[Frame, ...]


@dataclass(frozen=True)
class _Analysis:
    """What the text of a traceback and its logger say, the same for each repeat."""

    text: bytes
    parts: list[Part]
    fingerprint: Fingerprint
    module: str | None
    known_folders: tuple[str, ...]
    severity: Severity
    first_line: str
    is_ignored: bool

    @cached_property
    def exceptions(self) -> tuple[ExceptionPart, ...]:
        shown = tracebacks.exceptions(self.text)
        places = [
            [addons.place(frame.path, self.known_folders) for frame in frames] for _, _, frames in shown
        ]
        cores = frozenset(place.core for part in places for place in part)
        return tuple(
            ExceptionPart(
                type_,
                message,
                tuple(
                    Frame(f.path, f.line, f.function, place.addon, addons.is_in_app(place, cores), f.source)
                    for f, place in zip(frames, part, strict=True)
                ),
            )
            for (type_, message, frames), part in zip(shown, places, strict=True)
        )


@dataclass(slots=True)
class Detection:
    """One thing that went wrong. `level`, `database` ... come from the record's header, None without one."""

    kind: Kind
    severity: Severity
    fingerprint: Fingerprint
    module: str | None
    header: Header | None
    record_message: str
    analysis: _Analysis | None = field(repr=False)

    @property
    def timestamp(self) -> datetime | None:
        """The record's time, UTC."""
        return self.header.timestamp() if self.header else None

    @property
    def exceptions(self) -> tuple[ExceptionPart, ...]:
        """The chain, earliest first; empty where there is no traceback."""
        return self.analysis.exceptions if self.analysis else ()

    @property
    def chain(self) -> list[str]:
        """Exception types in printed order, without the ones that were cut off."""
        return [part.type for part in self.exceptions if part.type]

    @property
    def exception_type(self) -> str | None:
        """The type of the last exception of the chain, None where there is none or it was cut off."""
        return self.exceptions[-1].type if self.exceptions else None

    @property
    def message(self) -> str:
        """What the last exception says; of a record without traceback, the record's own message."""
        if self.exceptions:
            return self.exceptions[-1].message
        return tracebacks.PERFORMANCE_TAIL.sub("", self.record_message.rstrip()).strip()

    @property
    def frames(self) -> list[Frame]:
        """The frames of every part of the chain, in printed order."""
        return [frame for part in self.exceptions for frame in part.frames]


class Detector:
    """Turns records into detections by one instance's rules; repeats of the same traceback are recognised cheaply."""

    def __init__(self, rules: Rules = Rules()) -> None:
        self._ignored = rules.ignored
        self._known_folders = rules.known_folders
        self._spots = fingerprints.Spots(self._known_folders)
        self._seen: dict[tuple[int, int, str, bool, bytes], tuple[bytes, _Analysis]] = {}

    def detect(
        self,
        text: bytes,
        header: Header | None,
        under: bytes = b"",
        denied: Callable[[str], bool] = lambda _: False,
    ) -> Detection | None:
        """The detection that a record is, if it is one.

        `text`: the record, LF, unwrapped. `header`: its header; None for a traceback that begins `text` by itself,
        `under` then being the record that it stands below, if any. `denied(message)` says whether the log denied
        just before what a warning with this message tells; it is asked only for warnings.
        """
        if header is not None and not header.time:  # of a syslog, which may write many lines as one
            text = text.replace(_ESCAPED_LINE_END, b"\n")
        at = tracebacks.find(text)
        if header is None:
            return self._headerless(text, at, under)
        if at >= 0:
            return (
                self._traceback(text, at, header)
                if header.level in ("WARNING", "ERROR", "CRITICAL")
                else None
            )
        return self._without_traceback(text, header, denied)

    def _headerless(self, text: bytes, at: int, under: bytes) -> Detection | None:
        if at < 0 or (under and not stderr.is_uncaught(text[at:], under)):
            return None
        return self._traceback(text, at, None)

    def _traceback(self, text: bytes, at: int, header: Header | None) -> Detection | None:
        logger, start = (header.logger, header.message_at) if header else ("", at)
        record = text[start:]
        found = self._analyse(record, at - start, logger, header is not None)
        if found.is_ignored:
            return None
        return Detection(
            "traceback", found.severity, found.fingerprint, found.module, header, found.first_line, found
        )

    def _analyse(self, record: bytes, at: int, logger: str, is_headed: bool) -> _Analysis:
        if len(record) > CACHED_TEXT_LIMIT:
            return self._analysis(record, at, logger, is_headed)
        # Hashing a whole traceback costs more than all else that a repeat needs; comparing it costs next to nothing.
        key = (len(record), at, logger, is_headed, record[-KEY_SIZE:])
        seen = self._seen.get(key)
        if seen is not None and seen[0] == record:
            return seen[1]
        found = self._analysis(record, at, logger, is_headed)
        if len(self._seen) >= SEEN_LIMIT:
            self._seen.clear()
        self._seen[key] = (record, found)
        return found

    def _without_traceback(
        self, text: bytes, header: Header, denied: Callable[[str], bool]
    ) -> Detection | None:
        message = text[header.message_at :].decode("utf-8", "replace")
        if self._is_ignored(header.logger, message.partition("\n")[0]):
            return None
        outline = record_kinds.outline(message).translate(fingerprints.DIGITS_TO_ZERO)
        is_denied = header.level == "WARNING" and denied(message)
        judged = _judge(header.level, header.logger, outline, is_denied)
        if judged is None:
            return None
        return Detection(*judged, header, message, None)

    def _is_ignored(self, logger: str, line: str) -> bool:
        stated = f"{logger}: {line}" if logger else line
        for pattern in self._ignored:  # noqa: SIM110  a generator takes twice as long, and this is asked of every record
            if pattern in stated:
                return True
        return False

    def _analysis(self, record: bytes, at: int, logger: str, is_headed: bool) -> _Analysis:
        straight = tracebacks.straighten(record, at)
        parts = tracebacks.split(straight)
        first_line = record.partition(b"\n")[0].decode("utf-8", "replace").strip() if is_headed else ""
        final_line = parts[-1].exception.decode("utf-8", "replace")
        has_frames = any(part.frames for part in parts)
        if has_frames:
            fingerprint, module = fingerprints.of_traceback(parts, logger, self._spots, straight)
        else:
            fingerprint = fingerprints.of_message("traceback", logger, final_line)
            module = addons.addon_of_logger(logger)
        return _Analysis(
            straight,
            parts,
            fingerprint,
            module,
            self._known_folders,
            severity.severity("traceback", has_frames=has_frames),
            first_line,
            self._is_ignored("", final_line) or self._is_ignored(logger, first_line),
        )


@lru_cache(maxsize=4096)
def _judge(
    level: str, logger: str, outline: str, is_denied: bool
) -> tuple[Kind, Severity, Fingerprint, str | None] | None:
    """Kind, severity, fingerprint and module of a record without traceback; `outline` is its message, every digit a 0.

    Digits change none of them, so that a message is judged once however many numbers it comes with.
    """
    message = tracebacks.PERFORMANCE_TAIL.sub("", outline.rstrip()).strip()
    kind = record_kinds.kind(level, logger, message, denied=is_denied)
    if kind is None:
        return None
    grouping = record_kinds.database_error(message) if kind == "database" else message
    fingerprint = fingerprints.of_message(kind, logger, grouping)
    return kind, severity.severity(kind, has_frames=False), fingerprint, addons.addon_of_logger(logger)
