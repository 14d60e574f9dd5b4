"""What the text of a record and the records around it tell beside the error: job, model, database, URL, access.

Comes in: a detection and the raw bytes of the stream just before and behind its record. A neighbour counts when it
is of the same process id. With threads one process serves many requests at once: the URL is then a guess.
The texts are those of Odoo 13 to 19.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.domain import log_lines, record_kinds
from app.domain.detections import Detection
from app.domain.log_lines import Header
from app.domain.neighbourhood import Neighbourhood, lines_back, lines_on

DENIAL_WINDOW: Final = 8 * 1024
LAST_LINE_WINDOW: Final = 4 * 1024
WINDOW: Final = 32 * 1024
_MESSAGE_START: Final = 400
URL_SECONDS: Final = 60
"""How long after an error the end of its request may be logged, by log time."""

_DENIAL = re.compile(
    rb"Access Denied by (?:ACLs for operation: (?P<acl>\w+)|record rules for operation: (?P<rule>\w+) on record ids: .*?)"
    rb",(?: uid: (?P<uid>\d+),)? (?:user: \S+, )?model: (?P<model>[\w.]+)"
)
_ACTION = re.compile(rb"server action #(\d+) failed|ir\.actions\.server\((\d+),")
_CRON = re.compile(
    rb"Call from cron (.{1,255}) for server action #\d+ failed|Job '(.{1,255}?)' \(\d+\) |Job \"(.{1,255}?)\" \(\d+\) "
)
_JOB_STARTS = re.compile(rb"Starting job `(.+?)`\.|Job ['\"](.+?)['\"] \(\d+\) starting")
_JOB_ENDS = re.compile(
    rb"Job done: `|Job `.+` done\.|Call from cron .+ for server action #\d+ failed"
    rb"|Job ['\"].+?['\"] \(\d+\) (?:done|fully done|partially done|processed|failed|timed out)"
)
_REQUEST = re.compile(rb"\"[A-Z]+ (\S+) HTTP/\d")
_INIT_DATABASE = re.compile(
    rb"Failed to initialize database `([^`\n]+)`|database \"([^\"\n]+)\" does not exist"
)
_CALL = re.compile(rb"/(?:call_kw|call_button|call)/([a-z_][\w]*(?:\.\w+)+)/")
_MODEL = re.compile(
    rb"(?m)^ *Model: ([a-z_]\w*(?:\.\w+)+)|'view\.model': '([a-z_][\w.]+)'"
    rb"|\(([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)\)|(?<![\w.])([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)\((?:\d+,|<NewId)"
)
_NO_MODEL = re.compile(
    rb"(?:www|http|odoo|openerp|psycopg2?|werkzeug|requests|urllib3|xmlrpc|ir\.actions\.server\Z)(?:\.|\Z)|.*\.(?:py|xml|js|com|org|net)\Z"
)


@dataclass(frozen=True, slots=True)
class Enrichment:
    """Everything is None where nothing tells it."""

    cron_job_name: str | None = None
    server_action_id: int | None = None
    odoo_model: str | None = None
    database_name: str | None = None
    http_url: str | None = None
    acl_operation: str | None = None
    acl_uid: int | None = None


def denied(header: Header, message: str, before: bytes, writer: bytes = b"") -> bool:
    """Whether the process logged, just before, that it denied the access that a warning tells of.

    Either the process's last line before it is the denial, or an earlier one names the model that the text names:
    with threads, other requests log between the two.
    """
    return _denial(header, message, before, writer) is not None


def enrich(detection: Detection, text: bytes, around: Neighbourhood) -> Enrichment:
    """What `text`, the detection's record, and the records around it tell."""
    header = detection.header
    cron = _first(_CRON.match(text, header.message_at)) if header else None
    if cron is None and header and not _serves_requests(header):
        cron = _running_job(header, around)
    url = None if cron or header is None else _url(header, text, around)
    denial = None
    if header and (detection.kind == "access" or (detection.exception_type or "").endswith("AccessError")):
        denial = _denial(header, detection.message, around.before, around.writer)
    action = _ACTION.search(text)
    return Enrichment(
        cron_job_name=cron,
        server_action_id=int((action[1] or action[2])[:18]) if action else None,
        odoo_model=denial["model"].decode() if denial else _model(detection, text, url),
        database_name=_database(header, text, around),
        http_url=url,
        acl_operation=(denial["acl"] or denial["rule"]).decode("utf-8", "replace") if denial else None,
        acl_uid=int(denial["uid"][:18]) if denial and denial["uid"] else None,
    )


def _first(found: re.Match[bytes] | None) -> str | None:
    groups = found.groups() if found else ()
    return next((group.decode("utf-8", "replace") for group in groups if group), None)


def _serves_requests(header: Header) -> bool:
    return header.logger in ("odoo.http", "werkzeug") or header.logger.startswith("odoo.http.")


def _of_process(line: bytes, header: Header, writer: bytes) -> bytes | None:
    """The message of a line of the same process and writer, None for another's."""
    its_writer, text = log_lines.unwrap(line)
    its_header = log_lines.header(text)
    if its_header is None or its_writer != writer or its_header.pid != header.pid:
        return None
    return text[its_header.message_at :]


def _denial(header: Header, message: str, before: bytes, writer: bytes) -> re.Match[bytes] | None:
    """The denial whose model the message names, the nearest; else the process's last line, if it is a denial."""
    before = before[-DENIAL_WINDOW:]
    if b"Access Denied by " not in before:
        return None
    for line in lines_back(before, b"Access Denied by ", DENIAL_WINDOW):
        told = _of_process(line, header, writer)
        found = _DENIAL.match(told) if told else None
        if found and re.search(rf"(?<![\w.]){re.escape(found['model'].decode())}(?!\.?\w)", message):
            return found
    for line in lines_back(before, b"\n", LAST_LINE_WINDOW):
        told = _of_process(line, header, writer)
        if told is not None:
            return _DENIAL.match(told)
    return None


def _running_job(header: Header, around: Neighbourhood) -> str | None:
    for line in lines_back(around.before, b"ob ", WINDOW):
        told = _of_process(line, header, around.writer)
        if told is None:
            continue
        if _JOB_ENDS.match(told):
            return None
        if found := _JOB_STARTS.match(told):
            return (found[1] or found[2]).decode("utf-8", "replace")
    return None


def _url(header: Header, text: bytes, around: Neighbourhood) -> str | None:
    if b"Error on request:" in text[:_MESSAGE_START]:
        lines: Iterator[bytes] = lines_back(around.before, b" werkzeug: ", WINDOW)
    else:
        lines = lines_on(around.after, b" werkzeug: ")
    for line in lines:
        told = _of_process(line, header, around.writer)
        if told and (found := _REQUEST.search(told)):
            return found[1].decode("utf-8", "replace") if _is_near(header, line) else None
    return None


def _is_near(header: Header, line: bytes) -> bool:
    its_header = log_lines.header(log_lines.unwrap(line)[1])
    then, now = header.timestamp(), its_header.timestamp() if its_header else None
    return then is None or now is None or abs((now - then).total_seconds()) <= URL_SECONDS


def _database(header: Header | None, text: bytes, around: Neighbourhood) -> str | None:
    if header and header.database:
        return header.database
    if told := _first(_INIT_DATABASE.search(text)):
        return told
    if header is None or header.pid is None:
        return None
    for line in [*lines_back(around.before, b"\n", 4096), *lines_on(around.after[:4096], b" ")]:
        its_writer, its_text = log_lines.unwrap(line)
        its = log_lines.header(its_text)
        if its and its.database and its.pid == header.pid and its_writer == around.writer:
            return its.database
    return None


def _model(detection: Detection, text: bytes, url: str | None) -> str | None:
    message = detection.message.encode("utf-8", "replace")
    for found in _MODEL.finditer(message):
        model = next(group for group in found.groups() if group)
        if not _NO_MODEL.match(model):
            return model.decode("utf-8", "replace")
    if url and (called := _CALL.search(url.encode())):
        return called[1].decode("utf-8", "replace")
    table = record_kinds.statement_table(detection.message) if detection.kind == "database" else None
    return table.replace("_", ".") if table and "_" in table and not table.endswith("_rel") else None
