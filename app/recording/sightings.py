"""A sighting: one detection, where it was heard of, and when.

What is costly to find out - texts without secrets, frames, context - is asked for only when an occurrence is stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from app.domain import enrichment
from app.domain.detections import Detection, ExceptionPart
from app.domain.enrichment import Enrichment
from app.domain.fingerprints import Fingerprint
from app.domain.lifecycle import Source
from app.domain.neighbourhood import Neighbourhood
from app.domain.severity import Kind, Severity
from app.recording.shown_events import ShownEvent, Surroundings
from app.recording.texts import name, safe, safe_lines

TITLE_LIMIT: Final = 300
MESSAGE_LIMIT: Final = 8 * 1024
FRAME_LIMIT: Final = 200
"""Frames kept of one exception, the outermost quarter and the innermost rest."""
EXCEPTION_LIMIT: Final = 50
LINE_LIMIT: Final = 2000
NOTHING_TOLD: Final = Enrichment()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where detections come from: `id` is the instance (LOG) or the app (EVENT), `scope_id` the project or the app."""

    organization_id: UUID
    project_id: UUID
    scope_id: UUID
    id: UUID
    source: Source
    is_dev: bool = False
    environment: str | None = None
    odoo_version: str | None = None
    commit_sha: str | None = None


@dataclass(slots=True)  # not frozen, which is slow to make
class Reported:
    """What an event of an app brings along. Texts are short, and as they may be stored.

    `is_sampled`: whether the app wants it as an occurrence of its own; it counts in any case.
    """

    event_id: UUID
    session_id: str | None = None
    user_id: str | None = None
    version: str | None = None
    environment: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    is_sampled: bool = True


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """One frame of a traceback as it is stored; its line is 0 where an app does not tell it."""

    path: str
    line: int
    function: str | None
    module: str | None
    in_app: bool
    source: str | None
    around: Surroundings | None = None
    """Of an event's frame; None for a log's."""


@dataclass(frozen=True, slots=True)
class ShownException:
    """One exception of a chain, earliest first, as it is stored."""

    type: str | None
    message: str
    frames: tuple[ShownFrame, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """What an occurrence keeps as JSON; nothing in it holds a secret that we know of."""

    exceptions: tuple[ShownException, ...] = ()
    context_before: tuple[str, ...] = ()
    context_after: tuple[str, ...] = ()
    enrichment: Enrichment = NOTHING_TOLD
    odoo_version: str | None = None
    commit_sha: str | None = None
    event: ShownEvent | None = None
    """What an event says, where it is gone; None for a log."""


@dataclass(frozen=True, slots=True)
class Description:
    """What people read about one time it happened: redacted, and safe to store."""

    title: str
    message: str
    exception_type: str | None = None
    detail: Detail = Detail()


@dataclass(slots=True)  # not frozen, which is slow to make
class Sighting:
    """One detection heard of at `seen_at` (log time; where the log has none, the time of receipt).

    `describe` is called once at most, and only where an occurrence is stored; of an event, `brief` is where no more than
    the message is asked for.
    """

    origin: Origin
    fingerprint: Fingerprint
    seen_at: datetime
    kind: Kind
    severity: Severity
    module: str | None
    describe: Callable[[], Description]
    reported: Reported | None = None
    """Of an event; None for a log."""
    brief: Callable[[], str] | None = None
    """The message of the description; None for a log."""


def from_detection(
    detection: Detection, origin: Origin, *, text: bytes, around: Neighbourhood, received_at: datetime
) -> Sighting:
    """The sighting that a detection in a log is; `text` and `around` are kept until it is recorded."""
    return Sighting(
        origin,
        detection.fingerprint,
        detection.timestamp or received_at,
        detection.kind,
        detection.severity,
        detection.module,
        lambda: described(detection, text, around),
    )


def described(detection: Detection, text: bytes, around: Neighbourhood) -> Description:
    """What people read about a detection, all of it redacted."""
    exceptions = tuple(_shown(part) for part in detection.exceptions[-EXCEPTION_LIMIT:])
    message = exceptions[-1].message if exceptions else safe(detection.message, MESSAGE_LIMIT)
    exception_type = exceptions[-1].type if exceptions else None
    first_line = message.strip().partition("\n")[0]
    short = (exception_type or "").rpartition(".")[2]
    title = f"{short}: {first_line}" if short and first_line else short or first_line or detection.kind
    above = around.context_before()
    context = safe_lines(above + around.context_after())
    return Description(
        title[:TITLE_LIMIT],
        message,
        exception_type,
        Detail(
            exceptions,
            tuple(context[: len(above)]),
            tuple(context[len(above) :]),
            _safe_enrichment(enrichment.enrich(detection, text, around)),
        ),
    )


@lru_cache(maxsize=512)  # repeats of a traceback share their parts
def _shown(part: ExceptionPart) -> ShownException:
    frames = part.frames
    if len(frames) > FRAME_LIMIT:
        frames = frames[: FRAME_LIMIT // 4] + frames[-FRAME_LIMIT * 3 // 4 :]
    # Redacted as a traceback prints them: source code and values are told apart by the frame above them.
    printed = safe_lines(
        [
            line
            for frame in frames
            for line in (
                f'  File "{frame.path}", line {frame.line}, in {frame.function or "?"}',
                f"    {(frame.source or '')[:LINE_LIMIT]}",
            )
        ]
    )
    return ShownException(
        _name(part.type),
        safe(part.message, MESSAGE_LIMIT),
        tuple(
            ShownFrame(
                _name(frame.path) or "",
                frame.line,
                _name(frame.function),
                _name(frame.module),
                frame.in_app,
                None if frame.source is None else source[4:],
            )
            for frame, source in zip(frames, printed[1::2], strict=True)
        ),
    )


def _safe_enrichment(found: Enrichment) -> Enrichment:
    return Enrichment(
        cron_job_name=_name(found.cron_job_name),
        server_action_id=found.server_action_id,
        odoo_model=_name(found.odoo_model),
        database_name=_name(found.database_name),
        http_url=_name(found.http_url),
        acl_operation=_name(found.acl_operation),
        acl_uid=found.acl_uid,
    )


def _name(text: str | None) -> str | None:
    return None if text is None else name(text)
