"""What kind of detection a log record without a traceback is, and which records are none."""

import re
from typing import Final

from app.domain.severity import Kind

_DATABASE = re.compile(
    r"psycopg\d?\.|\bOperationalError\b|\bInterfaceError\b|\bIntegrityError\b|\bProgrammingError\b|\bPoolError\b"
    r"|deadlock detected|could not serialize access|could not obtain lock|canceling statement due to"
    r"|duplicate key value violates|violates (?:unique|foreign key|not-null|check|exclusion) constraint"
    r"|column \S{1,200} does not exist|operator does not exist: |syntax error at or near \"|value too long for type "
    r"|invalid input syntax for |numeric field overflow|missing FROM-clause entry"
    r"|permission denied for (?:table|relation|schema|database|sequence|view)\b"
    r"|null value in column .{1,200} violates|current transaction is aborted"
    r"|(?:relation|column|table|database|role|schema|function|type) \"[^\"\n]{1,200}\" (?:of relation .{1,200} )?"
    r"(?:does not exist|already exists)"
    r"|could not connect to (?:the )?(?:server|database)|connection to server at |connection to (?:the )?database failed"
    r"|server closed the connection|terminating connection due to|connection (?:already closed|not open)"
    r"|the database system is (?:starting up|shutting down|in recovery)|too many (?:clients|connections)"
    r"|remaining connection slots are reserved|(?:password|peer|ident) authentication failed for user"
    r"|SSL (?:SYSCALL error|connection has been closed)|connection pool is full|bad query: "
    r"|could not (?:extend|access|open) (?:file|relation)|invalid (?:page|byte sequence)|out of shared memory",
    re.IGNORECASE,
)
_ACCESS = re.compile(
    r"\bAccessError\b|\bAccessDenied\b|\bPermissionError\b|\baccess denied\b|\[Errno \d+\] Permission denied"
    r"|^(?:Sorry, )?[Yy]ou are not allowed to (?:access|modify|create|delete|do|read|write|unlink|perform)\b"
    r"|\bdue to security restrictions\b",
    re.IGNORECASE,
)
_QUERY = re.compile(r"\Abad query: .*?\n ?(?=(?:ERROR|FATAL): )", re.DOTALL)
_STATEMENT = re.compile(
    r"\b(?P<verb>INSERT INTO|UPDATE|DELETE FROM|FROM|TRUNCATE|ALTER TABLE|LOCK TABLE|CREATE TABLE)\s+(?:ONLY\s+)?"
    r"\"?(?P<table>[A-Za-z_]\w{0,62})",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(
    r"\b(constraint|relation|column|table|database|role|index|type|function|schema|sequence|user|trigger) "
    r"\"([^\"\n]{1,200})\""
)
_DETAILS = re.compile(r"\n(?:DETAIL|HINT|LINE \d+|CONTEXT|QUERY|STATEMENT)\b.*", re.DOTALL)
CONNECTION_LOGGERS: Final = ("odoo.sql_db", "openerp.sql_db")
OUTLINE_LIMIT: Final = 4000
"""Characters of a message that decide its kind and fingerprint."""


def outline(message: str) -> str:
    """What of a message decides: its beginning; of a query that fills it, the error behind it too."""
    if len(message) > OUTLINE_LIMIT and message.startswith("bad query: "):
        error_at = max(message.find("\nERROR: "), OUTLINE_LIMIT // 2)
        message = message[: OUTLINE_LIMIT // 2] + message[error_at:]
    return message[:OUTLINE_LIMIT]


def kind(level: str, logger: str, message: str, *, denied: bool) -> Kind | None:
    """The kind of a record without traceback, None where it is no detection.

    `denied`: whether Odoo logged just before that it denied the access this record tells a user about.
    """
    if level in ("ERROR", "CRITICAL"):
        if logger in CONNECTION_LOGGERS or _DATABASE.search(message, 0, OUTLINE_LIMIT):
            return "database"
        return "access" if _ACCESS.search(message, 0, OUTLINE_LIMIT) else "message"
    if level != "WARNING":
        return None
    if denied or _ACCESS.search(message, 0, OUTLINE_LIMIT):
        return "access"
    return "warning" if logger.startswith(("odoo.addons.", "openerp.addons.")) else None


def statement_table(message: str) -> str | None:
    """The table that the first statement of a `bad query:` record names."""
    found = _STATEMENT.search(message, 0, OUTLINE_LIMIT)
    return found["table"].lower() if found else None


def database_error(message: str) -> str:
    """What groups a database error: the error's first line with its names, and the statement's verb and table.

    The statement's values and the details of the row are left out: they differ each time.
    """
    error = _DETAILS.sub("", _QUERY.sub("", message)).strip()
    error = _IDENTIFIER.sub(r"\1 \2", error)
    found = _STATEMENT.search(message, 0, OUTLINE_LIMIT) if message.startswith("bad query: ") else None
    return f"{found['verb'].lower()} {found['table'].lower()}: {error}" if found else error
