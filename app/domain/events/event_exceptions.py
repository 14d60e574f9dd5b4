"""The exceptions of an event and their frames, in the shape of our own API and in Sentry's, which are read alike.

Comes in: a decoded payload. Goes out: its exceptions, earliest first, with frames, the outermost call first. Nothing raises.

    exception: {type, value, module, stacktrace: {frames: [...]}, cause: {...}, chain: [...]}     or a list of these
    exception: {values: [...]}      threads: {values: [{stacktrace, crashed, current}]}      stacktrace: {frames: [...]}
"""

from functools import lru_cache
from typing import Any, Final

from app.domain.events.event import EventException, EventFrame, Tree
from app.domain.events.event_texts import first, flag, lines, text, tree_of, trees, whole

EXCEPTIONS_LIMIT: Final = 50
FRAMES_LIMIT: Final = 200
"""Frames of one exception: the outermost quarter and the innermost rest are kept."""
MESSAGE_LIMIT: Final = 64 * 1024
LINES_LIMIT: Final = 20
"""Lines of source before, and after, the line of a frame."""
LINE_LIMIT: Final = 2000
PATH_LIMIT: Final = 4096
NAME_LIMIT: Final = 1000

_HOLDERS: Final = frozenset(("exception", "stacktrace", "threads"))
_LONGEST_USUAL: Final = 500
"""Characters of the names of a frame that is remembered."""
_MOST_USUAL: Final = 16_384
_BEYOND_LINES: Final = 2**31

Frame = dict[str, Any] | EventFrame
"""A frame as it was told, or one that was read before."""
Told = tuple[dict[str, Any], list[Frame]]
"""An exception as it was told, and those of its frames that are kept."""


def told(tree: Tree) -> list[Told]:
    """The exceptions that are kept. Where none has frames, the last has those of the thread that failed."""
    if _HOLDERS.isdisjoint(tree):
        return []
    found = [
        (exception, _frames(exception))
        for listed in trees(tree.get("exception"))
        for exception in _with_causes(listed)
    ]
    found = [entry for entry in found if entry[1] or _is_told(entry[0])][-EXCEPTIONS_LIMIT:]
    if any(frames for _, frames in found):
        return found
    last = found.pop()[0] if found else {}
    if frames := _frames_beside(tree, last):
        found.append((last, frames))
    elif last:
        found.append((last, []))
    return found


def exceptions(found: list[Told], *, with_source: bool = True) -> tuple[EventException, ...]:
    """The exceptions that `told` gave, read. Without source, which takes most of the time, frames have no lines of code."""
    if not found:
        return ()
    read = _frame if with_source else _frame_alone
    return tuple(
        EventException(
            text(exception.get("type"), NAME_LIMIT),
            text(first(exception, "value", "message"), MESSAGE_LIMIT) or "",
            text(exception.get("module"), NAME_LIMIT),
            tuple([read(frame) for frame in frames]),
        )
        for exception, frames in found
    )


def _is_told(exception: dict[str, Any]) -> bool:
    return any(text(exception.get(name)) for name in ("type", "value", "message"))


def _with_causes(exception: dict[str, Any]) -> list[dict[str, Any]]:
    """The exception behind those that led to it: `chain` lists them, earliest first; `cause` is the one right before."""
    found = [exception]
    cause = exception.get("cause")
    while type(cause) is dict and len(found) < EXCEPTIONS_LIMIT:
        found.append(cause)
        cause = cause.get("cause")
    found.reverse()
    chain = exception.get("chain")
    return found if chain is None else [*trees(chain)[-EXCEPTIONS_LIMIT:], *found]


def _frames(holder: dict[str, Any]) -> list[Frame]:
    for name in ("stacktrace", "raw_stacktrace"):
        if (stack := holder.get(name)) is not None and (frames := _listed(stack)):
            return frames
    return _listed(holder)


def _listed(stack: object) -> list[Frame]:
    frames = stack.get("frames") if type(stack) is dict else stack
    if type(frames) is not list:
        return []
    if len(frames) > FRAMES_LIMIT:
        frames = frames[: FRAMES_LIMIT // 4] + frames[-(FRAMES_LIMIT - FRAMES_LIMIT // 4) :]
    return [frame for frame in frames if type(frame) is dict or type(frame) is EventFrame]


def _frames_beside(tree: Tree, exception: dict[str, Any]) -> list[Frame]:
    """Frames that stand beside the exceptions: at the top, or with the thread that failed."""
    if stack := _listed(tree.get("stacktrace")):
        return stack
    threads = [thread for thread in trees(tree.get("threads")) if _frames(thread)]
    of_exception = exception.get("thread_id")
    for thread in threads:
        if of_exception is not None and thread.get("id") == of_exception:
            return _frames(thread)
    for name in ("crashed", "current"):
        for thread in threads:
            if flag(thread.get(name)):
                return _frames(thread)
    return _frames(threads[0]) if len(threads) == 1 else []


def _frame(frame: Frame) -> EventFrame:
    found = _frame_alone(frame)
    if isinstance(frame, EventFrame):
        return found
    get = frame.get
    return EventFrame(
        found.path,
        found.function,
        found.module,
        found.line,
        found.in_app,
        _source(get("context_line")),
        lines(get("pre_context"), LINES_LIMIT, LINE_LIMIT, from_end=True),
        lines(get("post_context"), LINES_LIMIT, LINE_LIMIT),
    )


def _frame_alone(frame: Frame) -> EventFrame:
    if isinstance(frame, EventFrame):
        return frame
    return usual_frame(frame) or _unusual_frame(frame)


def usual_frame(frame: dict[str, Any]) -> EventFrame | None:
    """The frame without its lines of code; None where its names are long, or not what most SDKs send."""
    get = frame.get
    path, function, module, line, is_own = (
        get("filename"),
        get("function"),
        get("module"),
        get("lineno"),
        get("in_app"),
    )
    if (
        type(path) is str
        and type(function) is str
        and (module is None or type(module) is str)
        and type(line) is int
        and 0 < line < _BEYOND_LINES
        and (is_own is None or type(is_own) is bool)
        and path
        and function
        and len(path) + len(function) + len(module or "") <= _LONGEST_USUAL
    ):
        return _usual_frame(path, function, module, line, is_own)
    return None


@lru_cache(maxsize=_MOST_USUAL)
def _usual_frame(path: str, function: str, module: str | None, line: int, is_own: bool | None) -> EventFrame:
    return _unusual_frame(
        {"filename": path, "function": function, "module": module, "lineno": line, "in_app": is_own}
    )


def _unusual_frame(frame: dict[str, Any]) -> EventFrame:
    get = frame.get
    is_own = get("in_app")
    return EventFrame(
        text(get("filename"), PATH_LIMIT)
        or text(first(frame, "path", "file", "abs_path", "package"), PATH_LIMIT),
        text(get("function"), NAME_LIMIT) or text(get("method"), NAME_LIMIT),
        text(get("module"), NAME_LIMIT),
        whole(get("lineno")) or whole(first(frame, "line", "line_number")),
        flag(is_own) if is_own is not None else None,
    )


def _source(line: object) -> str | None:
    return "" if line == "" else text(line, LINE_LIMIT)


def variables(frame: Frame) -> dict[str, Any]:
    """The variables that a frame as it was told shows."""
    return tree_of(first(frame, "vars", "variables", "locals")) if type(frame) is dict else {}
