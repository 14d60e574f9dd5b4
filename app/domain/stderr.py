"""Which tracebacks in a log came from standard error, though they stand below a record."""

import re
from typing import Final

from app.domain import addons, log_lines, tracebacks

_ANNOUNCED: Final = (
    b"Exception in thread ",
    b"Exception ignored in",
    b"Exception occurred during processing of request",  # socketserver
    b"Exception happened during processing of request",
    b"--- Logging error ---",
    b"Error in atexit._run_exitfuncs:",
)
_OUTERMOST_OF_THREAD = re.compile(r"_bootstrap|.*Greenlet\.run\Z|_run_module_as_main\Z")
_LOGGING = re.compile(r".*[/\\]logging[/\\](?:__init__|handlers)\.py\Z")
_REQUEST = re.compile(rb' "[A-Z]+ \S+ HTTP/')


def is_uncaught(traceback: bytes, under: bytes) -> bool:
    """Whether a traceback below an INFO or DEBUG record came from standard error instead of that record.

    It did when it tells of a thread, when the record is a finished request's or a database server's, or when its
    outermost frame is a thread's, a program's or the logging of a record that failed: a logged exception begins
    where it was caught. The code of a server action is no program: it can log what it caught.
    """
    owner, _, between = under.partition(b"\n")
    if between.rstrip().rpartition(b"\n")[2].startswith(_ANNOUNCED):
        return True
    head = log_lines.header(owner)
    if head is None or head.level == "LOG" or (head.logger == "werkzeug" and _REQUEST.search(owner)):
        return True
    frames = tracebacks.split(tracebacks.straighten(traceback, 0))[-1].frames
    if not frames:
        return False
    path, _, function = tracebacks.read_frame(frames[0])
    if function and _OUTERMOST_OF_THREAD.match(function):
        return True
    if function == "emit" and _LOGGING.match(path):
        return True
    outermost = addons.place(path)
    is_program = outermost.owner != "library" and not path.startswith("ir.actions.server(")
    return function == "<module>" and is_program and outermost.addon is None
