"""What one physical line of a log says by itself: who wrote it, and whether it opens a record.

Comes in: one line of bytes without its line end. Goes out: the writer and the text below container
prefixes and colours (`unwrap`), and the header of a record, if the line is one (`header`).
Both look at the line alone, so that no answer depends on where a stream was cut.
"""

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

TRACEBACK: Final = b"Traceback (most recent call last):"
HEADER_LIMIT: Final = 1000
"""Bytes at the start of a line within which its wrapping and header must end."""

_STAMP = rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_ZONE = rb"(?:Z|[+-]\d\d:?\d\d)"
_COLOUR = re.compile(rb"\x1b\[[0-9;:?]*[ -/]*[@-~]")

_OF_HOST = rb"[\w.-]{1,255} [\w./@\\-]{1,128}\[\d"
_SERVER = rb"(?:Odoo|OpenERP) Server "

# Outermost first; each part is what one tool puts in front of every line it hands on.
_WRAPPING = re.compile(
    rb"(?:\xef\xbb\xbf)?"
    rb"(?P<pod>\[pod/[^\] ]{1,300}\] )?"  # kubectl logs --prefix
    rb"(?P<service>(?:[A-Za-z0-9][\w.@-]{0,200}|\[[A-Za-z0-9][\w.-]{0,200}\]) *\| ?)?"  # compose of docker, podman; swarm
    rb"(?P<clock>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{7,9}"  # docker, kubectl --timestamps
    + _ZONE
    + rb"|(?:\.\d{1,6})?"
    + _ZONE  # below a microsecond nobody else counts; otherwise it may be a program's own time
    + rb"(?![ \[|-]{1,3}(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b))(?: |$)(?!"
    + _OF_HOST
    + rb")"
    rb"(?:(?:stdout|stderr) [FP](?: |$))?"  # container runtime interface
    rb"(?P<dyno>(?:app|heroku)[\[/][\w.-]{1,64}\]?:(?: |$))?)?"  # Heroku and its likes
    rb"(?:(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,6})? (?=[\w.-]{1,255} )"  # journald, syslog: short, -precise,
    rb"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,6})?" + _ZONE + rb"? (?=" + _OF_HOST + rb")"  # short-iso,
    rb"|[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? [A-Z]{1,5} (?="
    + _OF_HOST
    + rb")"  # -full,
    rb"|\[ {0,6}\d{1,9}\.\d{6}\] (?=(?:[\w.-]{1,255} )?[\w./@\\-]{1,128}\[\d))"  # -monotonic
    rb"(?P<process>(?:[\w.-]{1,255} )?[\w./@\\-]{1,128}(?:\[\d{1,10}\])?(?=:)|[\w.-]{1,255}(?= "
    + _SERVER
    + rb"))"
    rb":?(?: |$))?"
)

_PERHAPS_PLAIN = (
    rb"\[?\d{4}[-/]\d\d[-/]|\d{1,3}\.\d|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):(?:[A-Za-z_]| {4})|\xef|"
    + _SERVER
)
PERHAPS_PLAIN_HEADER: Final = re.compile(_PERHAPS_PLAIN)
"""What the first bytes of every header match that is neither wrapped nor coloured, and of few other lines."""
PERHAPS_HEADER: Final = (
    _PERHAPS_PLAIN + rb"|\[pod/|[A-Z][a-z]{2} (?:[ \d]\d \d\d:|\d{4}-)|\[ {0,6}\d{1,9}\.\d"
    rb"|\[[A-Za-z0-9][\w.-]{0,200}+\] *+\||[A-Za-z0-9][\w.@-]{0,200}+ *+\|"
)
"""A pattern that the first bytes of every header without colours match, wrapped or not, and of few other lines.

For readers of many lines: the full test is costly.
"""

_ODOO = re.compile(
    rb"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) (?P<pid>\d{1,10}) "
    rb"(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL) (?P<database>\S{1,255}) (?P<logger>[^\s:]{1,255}):(?: |$)",
    re.MULTILINE,
)
# Possessive, and no word begins with a separator: a line of dashes behind a time is read in one pass.
_BETWEEN = rb"[ \t|:()\[\]-]{1,8}+"
_WORD = rb"[\w.@/]{1,128}+(?:-[\w.@/]{1,128}+){0,8}?"
# Formats of Python programs: a time, at most three words (name, process, thread), a level.
_STAMPED = re.compile(
    rb"\[?(?P<time>" + _STAMP + rb"(?: ?" + _ZONE + rb")?)\]?"
    rb"(?P<words>(?:"
    + _BETWEEN
    + _WORD
    + rb"){0,3}?)"
    + _BETWEEN
    + rb"(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL)"
    rb"(?![\w.])(?:/[\w-]{1,64})?[ \t|:()\[\]-]{0,8}"
)
# Odoo's own format for a syslog, which stamps the line itself.
_SYSLOG = re.compile(
    _SERVER + rb"[\w.+~-]{1,64}:(?P<database>[^\s:]{1,255}):"
    rb"(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL):(?P<logger>[^\s:]{1,255}):"
)
# logging.basicConfig; uvicorn, which pads INFO and ERROR in this way.
_BARE = re.compile(
    rb"(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL):"
    rb"(?:(?P<logger>[A-Za-z_][\w.-]{0,255}):|(?:(?<=INFO:) {5}|(?<=ERROR:) {4})(?=\S))"
)
_POSTGRES_LEVEL = (
    rb"(?:LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG\d?|STATEMENT|DETAIL|HINT|CONTEXT|QUERY)"
)
# The database server's own log: its client logs the same error, so its lines only end other records.
_POSTGRES = re.compile(
    rb"(?P<time>"
    + _STAMP
    + rb") (?:[A-Z+\d:-]{1,6} \[\d{1,10}(?:-\d{1,9})?\]:? [^\n]{0,128}?\b"
    + _POSTGRES_LEVEL
    + rb": "
    rb"|[A-Z+\d:-]{1,6} " + _POSTGRES_LEVEL + rb":  "  # of old servers
    rb"|[A-Z]{1,5}:[^\s\[]{0,255}\[\d{1,10}\]:" + _POSTGRES_LEVEL + rb":  )"  # of a cloud's
)
# A web server's access or error line, written to the same stream; it ends the record before it and is no detection.
_REQUEST = re.compile(
    rb"\d{1,3}(?:\.\d{1,3}){3} - \S{1,100} \[\d\d/[A-Z][a-z]{2}/\d{4}[ :]\d\d:\d\d:\d\d[^\]\n]{0,10}\] \""
    rb"|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[[a-z]{4,6}\] \d{1,10}#\d{1,10}: "
)
_NAMED = re.compile(rb"(?P<logger>[A-Za-z_][\w.]{0,255})(?::\w+:\d+)?(?: - |: )")
_NAME = re.compile(rb"[A-Za-z_][\w.-]*\Z")
_NO_DATABASE: Final = (b"?", b"None", b"False")


class Header(NamedTuple):
    """The first line of a record, read.

    `time` is the time as printed, empty where there is none. `level` is one of Python's five, or `LOG` for
    lines of a database or web server, which are not detections. `message_at` is where the message begins, in bytes.
    """

    time: bytes
    level: str
    logger: str
    pid: int | None
    database: str | None
    message_at: int

    def timestamp(self) -> datetime | None:
        """The header's time in UTC, None where it has none or an impossible one. Odoo names no zone: it logs UTC."""
        date, clock = self.time[:10].decode("ascii"), self.time[11:].decode("ascii").replace(" ", "")
        try:
            time = datetime.fromisoformat(f"{date}T{clock}")
            return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return None


def unwrap(line: bytes) -> tuple[bytes, bytes]:
    """Who wrote the line, and its text without prefixes and colours.

    The writer is empty for a line without a prefix, and the same bytes for all lines of one writer.
    """
    line = uncoloured(line)
    found = _WRAPPING.match(line, 0, HEADER_LIMIT)
    if found is None or not found.end():
        return b"", line
    pod, service, clock, dyno, process = found.group("pod", "service", "clock", "dyno", "process")
    writer = (pod or b"") + (service or b"").rstrip(b" |") + (dyno or b"") + (process or b"")
    return writer or (b"clock" if clock else b""), line[found.end() :]


def uncoloured(line: bytes) -> bytes:
    """The line without colours and without the carriage return of a CRLF line end."""
    if b"\x1b" in line:
        line = _COLOUR.sub(b"", line)
    return line.rstrip(b"\r")


def header(text: bytes) -> Header | None:
    """The record header that an unwrapped line is, None where it continues a record.

    Looks at `HEADER_LIMIT` bytes. `text` may hold further lines; they are not looked at.
    """
    if found := _ODOO.match(text, 0, HEADER_LIMIT):
        return odoo_header(found)
    if found := _POSTGRES.match(text, 0, HEADER_LIMIT):
        return Header(found["time"], "LOG", "postgres", None, None, found.end())
    if found := _REQUEST.match(text, 0, HEADER_LIMIT):
        return Header(b"", "LOG", "access", None, None, found.end())
    if found := _STAMPED.match(text, 0, HEADER_LIMIT):
        return _stamped_header(text, found)
    if found := _SYSLOG.match(text, 0, HEADER_LIMIT):
        level, logger, database = found.group("level", "logger", "database")
        name = None if database in _NO_DATABASE else database.decode("utf-8", "replace")
        return Header(b"", level.decode(), logger.decode("utf-8", "replace"), None, name, found.end())
    if found := _BARE.match(text, 0, HEADER_LIMIT):
        logger = found["logger"] or b""
        return Header(
            b"", found["level"].decode(), logger.decode("utf-8", "replace"), None, None, found.end()
        )
    return None


match_odoo = _ODOO.match
"""The bound matcher of Odoo's own header, for callers with a large buffer: `match_odoo(buffer, at)`."""


def odoo_header(found: re.Match[bytes]) -> Header:
    """The header from a match of `match_odoo`; `message_at` counts from the start of the match."""
    time, pid, level, database, logger = found.groups()
    return Header(
        time,
        level.decode(),
        logger.decode("utf-8", "replace"),
        int(pid),
        None if database in _NO_DATABASE else database.decode("utf-8", "replace"),
        found.end() - found.start(),
    )


def _stamped_header(text: bytes, found: re.Match[bytes]) -> Header:
    message_at = found.end()
    words = [word.strip(b"-") for word in re.split(rb"[ \t|:()\[\]]+", found["words"])]
    names = [word for word in words if _NAME.match(word)]
    pids = [int(word) for word in words if word.isdigit() and len(word) <= 10]
    logger = names[-1] if names else b""
    if not names and (named := _NAMED.match(text, message_at, HEADER_LIMIT)):
        logger, message_at = named["logger"], named.end()
    return Header(
        found["time"],
        found["level"].decode(),
        logger.decode("utf-8", "replace"),
        pids[0] if pids else None,
        None,
        message_at,
    )
