"""What people may call their projects, instances and apps, and what else they may say of them.

Comes in: a value as somebody sent it. Goes out: the value as it is stored. Each function raises BadInput, in words
for people, with the input's path for programs; the value itself is never repeated in the words.
"""

import re
import zoneinfo
from collections.abc import Sequence
from functools import cache
from typing import Final

from app.errors import BadInput

NAME_LIMIT: Final = 200
"""Characters of a name."""
PATH_LIMIT: Final = 4096
"""Bytes of a path: no file system takes more."""
PATTERN_LIMIT: Final = 1000
"""Characters of an ignore pattern."""
LIST_LIMIT: Final = 100
"""Ignore patterns or addon folders of one instance; beginnings of what is an app's own code, and of what is not."""
ENVIRONMENTS: Final = ("PRODUCTION", "STAGING", "DEVELOPMENT")
PLATFORM_LIMIT: Final = 64
"""Characters of an app's platform."""
PREFIX_LIMIT: Final = 200
"""Characters of the beginning of a module or path."""
QUOTA_LIMIT: Final = 100_000_000
"""Events in a minute: more than any server takes."""

_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
"""What PostgreSQL takes in no text: NUL, and halves of characters."""
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.~+-]{0,39}")
_COMMIT: Final = re.compile(r"[0-9A-Fa-f]{7,64}")
_FROM_ROOT: Final = re.compile(r"/|[A-Za-z]:[/\\]")


def name(text: str) -> str:
    """The name without blanks around it: 1 to 200 printable characters."""
    text = text.strip()
    if not 1 <= len(text) <= NAME_LIMIT or not text.isprintable():
        raise BadInput(f"a name has 1 to {NAME_LIMIT} printable characters", field="name")
    return text


def slug(text: str) -> str:
    """A name for addresses."""
    if not _SLUG.fullmatch(text):
        raise BadInput(
            "a slug has 1 to 63 characters: small letters a to z, digits and hyphens, no hyphen at its start",
            field="slug",
        )
    return text


def time_zone(text: str) -> str:
    """A time zone that this machine knows; it always knows UTC."""
    if text not in _time_zones():
        raise BadInput("there is no such time zone: give one like Europe/Berlin", field="timeZone")
    return text


def environment(text: str) -> str:
    """One of `ENVIRONMENTS`."""
    if text not in ENVIRONMENTS:
        raise BadInput(f"an environment is one of {', '.join(ENVIRONMENTS)}", field="environment")
    return text


def log_path(text: str) -> str:
    """The absolute path of a log on this machine; nobody looks whether it exists."""
    field = "source.localFile.path"
    if not text.startswith("/"):
        raise BadInput("the path of a log starts with /", field=field)
    _demand_path(text, field)
    return text


def odoo_version(text: str) -> str:
    """A version, as Odoo tells its own when it starts."""
    if not _VERSION.fullmatch(text):
        raise BadInput(
            "a version has 1 to 40 letters, digits and . ~ + - as in 17.0-20240101", field="odooVersion"
        )
    return text


def commit_sha(text: str) -> str:
    """A commit, in small letters."""
    if not _COMMIT.fullmatch(text):
        raise BadInput("a commit has 7 to 64 hexadecimal digits", field="commitSha")
    return text.lower()


def ignore_patterns(texts: Sequence[str]) -> list[str]:
    """Plain substrings of one line, at most 100; an empty one would ignore every error."""
    field = "errorIgnorePatterns"
    _demand_few(texts, "ignore patterns", field)
    for text in texts:
        if not text.strip() or len(text) > PATTERN_LIMIT:
            raise BadInput(
                f"an ignore pattern has 1 to {PATTERN_LIMIT} characters, not all blank", field=field
            )
        if _UNSTORABLE.search(text) or "\n" in text:
            raise BadInput("an ignore pattern is one line of valid text", field=field)
    return list(texts)


def addon_folders(texts: Sequence[str]) -> list[str]:
    """Absolute folders as a log names them, of Windows too; at most 100."""
    field = "addonFolders"
    _demand_few(texts, "addon folders", field)
    for text in texts:
        if not _FROM_ROOT.match(text):
            raise BadInput("an addon folder is an absolute path, as the log names it", field=field)
        if not text.strip("/\\"):
            raise BadInput("the root is no addon folder", field=field)
        _demand_path(text, field)
    return list(texts)


def platform(text: str) -> str:
    """What an app runs on, without blanks around it, in words of its own: `javascript`, `iOS`, `Odoo 17`."""
    text = text.strip()
    if not 1 <= len(text) <= PLATFORM_LIMIT or not text.isprintable():
        raise BadInput(f"a platform has 1 to {PLATFORM_LIMIT} printable characters", field="platform")
    return text


def sample_rate(number: float) -> float:
    """Which share of the events of an error is stored, where storing is thinned out."""
    if not 0 <= number <= 1:
        raise BadInput("this is a number from 0 to 1", field="sampleRate")
    return float(number)


def quota(number: int) -> int:
    """How many events a minute are taken."""
    if not 1 <= number <= QUOTA_LIMIT:
        raise BadInput(f"this is a whole number from 1 to {QUOTA_LIMIT:,}", field="quotaPerMinute")
    return number


def in_app_prefixes(texts: Sequence[str], field: str) -> list[str]:
    """Beginnings of modules and paths, at most 100, each once; an empty one would be the beginning of all of them."""
    _demand_few(texts, "beginnings", field)
    for text in texts:
        if not text.strip() or len(text) > PREFIX_LIMIT or not text.isprintable():
            raise BadInput(
                f"the beginning of a module or path has 1 to {PREFIX_LIMIT} printable characters, not all blank",
                field=field,
            )
    return list(dict.fromkeys(texts))


def _demand_path(text: str, field: str) -> None:
    if _UNSTORABLE.search(text):
        raise BadInput("a path is valid text without NUL", field=field)
    if len(text.encode()) > PATH_LIMIT:
        raise BadInput(f"a path has at most {PATH_LIMIT} bytes", field=field)


def _demand_few(texts: Sequence[str], what: str, field: str) -> None:
    if len(texts) > LIST_LIMIT:
        raise BadInput(f"there can be at most {LIST_LIMIT} {what}", field=field)


@cache
def _time_zones() -> frozenset[str]:
    """Read once: hundreds of files are looked at. `localtime` would be another one on each machine."""
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"} | {"UTC"})
