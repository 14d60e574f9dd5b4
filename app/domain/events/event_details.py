"""What an occurrence of an event shows besides the Event: who, where, what came before, what was in memory.

Comes in: an event, and the payload that it was read of. Goes out: plain bounded data, clean and ready to be shown. Nothing
raises. Secrets are gone already where the payload has been scrubbed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.domain.events import event_exceptions
from app.domain.events.event import Event, Level, Tree
from app.domain.events.event_levels import level
from app.domain.events.event_texts import clean, pairs, text, tree_of, trees
from app.domain.events.event_times import moment

BREADCRUMBS_LIMIT: Final = 100
"""Breadcrumbs that are shown, the last ones."""
ENTRIES_LIMIT: Final = 100
"""Entries of one object or list."""
DEPTH_LIMIT: Final = 8
VALUE_LIMIT: Final = 4000
"""Characters of one text."""
CHARACTERS_LIMIT: Final = 200_000
"""Characters of all values of one part: of the contexts, of the variables ..."""
PACKAGES_LIMIT: Final = 500
CUT: Final = "…"
"""What stands for what is left out."""
_SAFE_WHOLE: Final = 2**53


@dataclass(frozen=True, slots=True)
class Breadcrumb:
    """One thing that happened before."""

    at: datetime | None
    type: str | None
    category: str | None
    level: Level | None
    message: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """The HTTP request that was being answered."""

    method: str | None
    url: str | None
    query: str | None
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[tuple[str, str], ...]
    data: Any
    environment: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventDetails:
    """What is shown of an event. `variables`: of each frame of each exception, in the order of `Event.exceptions`."""

    user: Mapping[str, Any]
    request: Request | None
    breadcrumbs: tuple[Breadcrumb, ...]
    contexts: Mapping[str, Any]
    attributes: Mapping[str, Any]
    """Our own API's `attributes`, Sentry's `extra`."""
    variables: tuple[tuple[Mapping[str, Any], ...], ...]
    packages: tuple[tuple[str, str], ...]
    """Packages of the app and their versions."""
    sdk: str | None
    """Name and version of what sent the event."""
    server_name: str | None
    distribution: str | None


def details(event: Event, tree: Tree) -> EventDetails:
    """What is shown of the event. `tree`: the payload that it was read of, scrubbed or not."""
    sdk = tree_of(tree.get("sdk"))
    return EventDetails(
        plain(tree_of(tree.get("user"))),
        _request(tree.get("request")),
        _breadcrumbs(tree.get("breadcrumbs")),
        plain(tree_of(tree.get("contexts"))),
        plain({**tree_of(tree.get("attributes")), **tree_of(tree.get("extra"))}),
        _variables(event, tree),
        _pairs(tree.get("modules"))[:PACKAGES_LIMIT],
        " ".join(filter(None, (text(sdk.get("name")), text(sdk.get("version"))))) or None,
        text(tree.get("server_name")),
        text(tree.get("dist")),
    )


def _variables(event: Event, tree: Tree) -> tuple[tuple[Mapping[str, Any], ...], ...]:
    room = _Room(CHARACTERS_LIMIT)
    told = event_exceptions.told(tree)
    innermost_first = [
        [_plain(event_exceptions.variables(frame), room, 0) for frame in reversed(frames)]
        for _, frames in reversed(told)
    ]
    found = tuple(tuple(reversed(frames)) for frames in reversed(innermost_first))
    as_read = tuple(len(exception.frames) for exception in event.exceptions)
    return found if tuple(map(len, found)) == as_read else tuple(({},) * count for count in as_read)


def _request(told: object) -> Request | None:
    request = tree_of(told)
    if not request:
        return None
    query = request.get("query_string")
    if type(query) is dict or type(query) is list:
        query = "&".join(f"{name}={value}" for name, value in _pairs(query))
    data = request.get("data")
    return Request(
        text(request.get("method")),
        text(request.get("url"), VALUE_LIMIT),
        text(query, VALUE_LIMIT),
        _pairs(request.get("headers")),
        _pairs(request.get("cookies")),
        plain(data),
        plain(tree_of(request.get("env"))),
    )


def _breadcrumbs(told: object) -> tuple[Breadcrumb, ...]:
    room = _Room(CHARACTERS_LIMIT)
    last_first = [
        Breadcrumb(
            moment(crumb.get("timestamp")),
            text(crumb.get("type")),
            text(crumb.get("category")),
            level(crumb.get("level")),
            text(crumb.get("message"), VALUE_LIMIT),
            _plain(tree_of(crumb.get("data")), room, 0),
        )
        for crumb in reversed(trees(told)[-BREADCRUMBS_LIMIT:])
    ]
    return tuple(reversed(last_first))


def _pairs(told: object) -> tuple[tuple[str, str], ...]:
    """Names and values, as texts; a text such as `a=1; b=2` has them too."""
    if type(told) is str:
        parts = (part.partition("=") for part in told[: VALUE_LIMIT * 4].split(";"))
        return tuple((clean(name.strip()), clean(value)) for name, _, value in parts if name.strip())[
            :ENTRIES_LIMIT
        ]
    found: list[tuple[str, str]] = []
    for key, value in pairs(told):
        name = text(key)
        if name is not None and len(found) < PACKAGES_LIMIT:
            shown = (
                ", ".join(text(part) or "" for part in value[:10])
                if type(value) is list
                else text(value, VALUE_LIMIT)
            )
            found.append((name, shown or ""))
    return tuple(found)


@dataclass(slots=True)
class _Room:
    """How many characters are left."""

    left: int

    def take(self, count: int) -> int:
        count = min(count, self.left)
        self.left -= count
        return count


def plain(value: object) -> Any:
    """The value as it may be shown: bounded in depth, entries and characters, with `CUT` for what is left out."""
    return _plain(value, _Room(CHARACTERS_LIMIT), 0)


def _plain(value: object, room: _Room, depth: int) -> Any:
    if type(value) is str:
        told = value if len(value) <= VALUE_LIMIT else value[: VALUE_LIMIT - 1] + CUT
        taken = room.take(len(told))
        return clean(told) if taken == len(told) else clean(told[:taken]) + CUT
    if value is None or value is True or value is False:
        return value
    room.take(10)
    if type(value) is int or type(value) is float:
        # A front end reads larger numbers wrongly, and JSON has no infinity.
        return value if -_SAFE_WHOLE < value < _SAFE_WHOLE else text(value) or CUT
    if depth >= DEPTH_LIMIT or room.left <= 0:
        return CUT
    if type(value) is dict:
        return _object(value, room, depth)
    if type(value) is list:
        shown = [_plain(entry, room, depth + 1) for entry in value[:ENTRIES_LIMIT]]
        return shown if len(value) <= ENTRIES_LIMIT else [*shown, CUT]
    return CUT


def _object(value: dict[str, Any], room: _Room, depth: int) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, held in value.items():
        if len(shown) >= ENTRIES_LIMIT or room.left <= 0:
            shown[CUT] = CUT
            break
        key = text(name) or ""
        room.take(len(key))
        shown[key] = _plain(held, room, depth + 1)
    return shown
