"""A payload, read: the error that it tells of, and the payload as it may be kept. Costly, and without the database.

Comes in: an event out of the inbox, and what its app and project ask for. Goes out: a sighting, unless it is no error or is
ignored; and the payload without secrets where it had any. What cannot be read is said in words: nothing raises.
"""

import json
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec

from app.domain.events import (
    event_fingerprints,
    event_frames,
    grouping_rules,
    ignore_rules,
    own_events,
    sentry_events,
)
from app.domain.events.event import Event, Format, Level, Outcome, Tree
from app.domain.events.event_texts import clean
from app.domain.events.sentry_events import Feedback
from app.domain.lifecycle import Source
from app.domain.secrets import scrubbing
from app.recording.sightings import (
    MESSAGE_LIMIT,
    TITLE_LIMIT,
    Description,
    Detail,
    Origin,
    Reported,
    ShownException,
    ShownFrame,
    Sighting,
)
from app.recording.texts import name, safe
from app.scanning.events.opening import Opened, opened, together
from app.scanning.events.taking import AppRow, Taken
from app.tables import payloads, references

_log = logging.getLogger(__name__)
PROBLEM_LIMIT: Final = 500
PATHS_LIMIT: Final = 200
"""Paths of an event; in what is searched there is room for fewer."""
REFERRED: Final = timedelta(days=7)
"""Time after which an app gets a new reference, as what its events have in common changes with its versions."""
_SCALE: Final = 1 << 32
_FRAME_SIZE: Final = 500  # bytes of a frame that was read, with where it stands; in JSON it may be thirty
_PLAIN: Final = re.compile(r"[A-Za-z0-9]{1,19}|[0-9a-f-]{1,200}").fullmatch
"""What is no secret by its looks: a number, a short word, a UUID. No redaction needs to be asked."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an app and its project ask for, read once and used for many events."""

    organization_id: UUID
    project_id: UUID
    ignore: tuple[ignore_rules.Rule, ...]
    sample_rate: float
    frames: event_frames.Rules
    grouping: tuple[grouping_rules.Rule, ...]
    scrubbing: scrubbing.Scrubbing


@dataclass(slots=True)  # not frozen, which is slow to make
class Kept:
    """What is to be written to an event's row; `packed`: the payload without its secrets, None where it had none.

    `is_disguised`: the session had a secret in it. `version`: the app's, which is known from then on.
    """

    level: Level
    occurred_at: datetime
    session_id: str | None
    packed: bytes | None
    version: str | None = None
    is_disguised: bool = False


@dataclass(slots=True)  # not frozen, which is slow to make
class Read:
    """What an event came to. `outcome` is None where it is no error; `problem`: why it cannot be read.

    `size`: the bytes that it takes while its batch is held, near enough. `sample`: the payload without its secrets, where
    its app needs a reference.
    """

    taken: Taken
    outcome: Outcome | None = None
    sighting: Sighting | None = None
    kept: Kept | None = None
    feedback: Feedback | None = None
    problem: str | None = None
    size: int = 0
    sample: bytes | None = None


@lru_cache(maxsize=1000)
def rules(row: AppRow) -> Rules:
    """The rules that are stored; what makes no sense in them is left out."""
    return Rules(
        row.organization_id,
        row.project_id,
        ignore_rules.restored(payloads.tree(row.ignore_rules.encode())),
        row.sample_rate,
        event_frames.Rules(*row.in_app),
        grouping_rules.restored(payloads.tree(row.grouping_rules.encode())),
        scrubbing.restored(payloads.tree(row.scrubbing.encode())),
    )


def read(taken: Taken, row: AppRow) -> Read:
    """What the event comes to."""
    return next(read_all([(taken, row)]))


def read_all(events: Sequence[tuple[Taken, AppRow]]) -> Iterator[Read]:
    """What the events come to, in their order; those that are near one another are opened together."""
    rows = {id(row): row for _, row in events}  # one for each app
    asked_for = {which: rules(row) for which, row in rows.items()}
    for part in together([payloads.size(taken.packed) for taken, _ in events]):
        chosen = [(taken, row, asked_for[id(row)]) for taken, row in events[part]]
        found = opened([(taken, asked.scrubbing) for taken, _, asked in chosen])
        for (taken, row, asked), one in zip(chosen, found, strict=True):
            yield _read_safely(taken, row, asked, one)


def _read_safely(taken: Taken, row: AppRow, asked: Rules, one: Opened | Exception) -> Read:
    try:
        if isinstance(one, Exception):
            raise one
        return _read(taken, asked, one, _needs_reference(taken, row))
    except Exception as error:  # noqa: BLE001  whatever it is, it must not stop the others
        is_of_the_event = isinstance(error, ValueError)
        told = str(error) if is_of_the_event else type(error).__name__
        problem = safe(f"it cannot be read: {told}", PROBLEM_LIMIT)
        _log.warning(
            "an event cannot be read",
            exc_info=None if is_of_the_event else error,
            extra={"event_id": str(taken.id), "reason": problem},
        )
        return Read(taken, Outcome.SET_ASIDE, problem=problem)


def _read(taken: Taken, asked: Rules, one: Opened, needs_reference: bool) -> Read:
    payload, tree = one.payload, one.tree
    size = len(payload)
    scrubbed, is_changed = one.scrubbed()
    kept_text = _encoded(scrubbed) if is_changed or one.is_mended else payload
    packed = payloads.pack(kept_text, taken.reference) if kept_text is not payload else None
    sample = kept_text[-references.SIZE :] if needs_reference else None
    if taken.format is Format.FEEDBACK:
        kept = Kept(Level.INFO, taken.received_at, None, packed)
        return Read(taken, kept=kept, feedback=sentry_events.feedback(scrubbed), size=size)
    event = _event(taken, tree)
    session_id = _who(event.session_id, taken.app_id)
    is_disguised = session_id != event.session_id
    kept = Kept(event.level, event.occurred_at, session_id, packed, _safe(event.version), is_disguised)
    if not event.level.is_error:
        return Read(taken, kept=kept, size=size)
    if ignore_rules.ignored(event, asked.ignore):
        return Read(taken, Outcome.IGNORED, kept=kept, size=size)
    shown = _event(taken, scrubbed) if is_changed else event
    sighting = _sighting(taken, event, shown, session_id, asked)
    if event.exceptions:
        size += _frames_size(event)
    return Read(taken, Outcome.RECORDED, sighting, kept, size=size, sample=sample)


def _needs_reference(taken: Taken, row: AppRow) -> bool:
    return row.referred_at is None or taken.received_at - row.referred_at >= REFERRED


def _frames_size(event: Event) -> int:
    return _FRAME_SIZE * sum(len(exception.frames) for exception in event.exceptions)


def _encoded(tree: Tree) -> bytes:
    try:
        return msgspec.json.encode(tree)
    except UnicodeEncodeError:  # half a character, as JavaScript cuts texts
        return clean(json.dumps(tree, ensure_ascii=False)).encode()


def _event(taken: Taken, tree: Tree) -> Event:
    reader = own_events.read if taken.format is Format.OWN else sentry_events.read
    return reader(tree, taken.received_at, with_source=False)


def _sighting(taken: Taken, event: Event, shown: Event, session_id: str | None, asked: Rules) -> Sighting:
    """The fingerprint is found before anything is redacted; what people read is that of the event as it is `shown`."""
    known = event_fingerprints.spots(event, asked.frames)
    reported = Reported(
        taken.id,
        session_id,
        _who(event.user_id, taken.app_id),
        _safe(event.version),
        _safe(event.environment),
        tuple((name(key), name(value)) for key, value in shown.tags) if shown.tags else (),
        is_sampled=asked.sample_rate >= 1 or taken.id.int % _SCALE < asked.sample_rate * _SCALE,
    )
    return Sighting(
        _origin(asked.organization_id, asked.project_id, taken.app_id, event.is_dev),
        event_fingerprints.fingerprint(event, asked.frames, asked.grouping, known),
        event.occurred_at,
        event_fingerprints.kind(event),
        event_fingerprints.severity(event),
        event_fingerprints.module(shown, asked.frames, known),
        partial(_described, shown, event, known),
        reported,
        partial(_message, shown),
    )


@lru_cache(maxsize=1000)
def _origin(organization_id: UUID, project_id: UUID, app_id: UUID, is_dev: bool) -> Origin:
    return Origin(organization_id, project_id, app_id, app_id, Source.EVENT, is_dev=is_dev)


def _described(shown: Event, event: Event, known: event_fingerprints.Spots) -> Description:
    """What people read in lists and search for. All else is read from the event itself."""
    exception_type = _safe(shown.exceptions[-1].type if shown.exceptions else None)
    title, message = event_fingerprints.title(shown), _message(shown)
    is_one = title == event_fingerprints.message(shown) and len(title) <= TITLE_LIMIT
    title = message[:TITLE_LIMIT] if is_one else safe(title, TITLE_LIMIT)
    frames = tuple(
        ShownFrame(name(path), 0, None, None, is_own, None) for path, is_own in _paths(event, known)
    )
    detail = Detail((ShownException(exception_type, message, frames),))
    return Description(title, message, exception_type, detail)


def _message(shown: Event) -> str:
    return safe(event_fingerprints.message(shown), MESSAGE_LIMIT)


def _paths(event: Event, known: event_fingerprints.Spots) -> list[tuple[str, bool]]:
    """The paths by which it is searched for, and whether they are the app's own; of too many those, and the innermost."""
    paths = {
        frame.path: spot.is_own
        for exception, spots in zip(event.exceptions, known, strict=True)
        for frame, spot in zip(exception.frames, spots, strict=True)
        if frame.path is not None
    }
    found = list(paths.items())
    return found if len(found) <= PATHS_LIMIT else sorted(found, key=lambda path: path[1])[-PATHS_LIMIT:]


def _safe(text: str | None) -> str | None:
    return None if text is None else name(text)


def _who(text: str | None, app_id: UUID) -> str | None:
    """A session or a user without secrets. Those who differ in a secret alone stay two, so that they are counted as such."""
    if text is None or _PLAIN(text):
        return text
    shown = name(text)
    if shown == text:
        return shown
    return f"{shown} {sha256(f'{app_id} {text}'.encode()).hexdigest()[:12]}"
