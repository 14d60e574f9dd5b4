"""Values of an event as they came, made texts, numbers and flags. What cannot be read is None; nothing raises.

Comes in: any value of a decoded JSON tree. Goes out: text that may be stored, with no NUL and no lone surrogate, cut at a
limit in characters; whole numbers; flags.
"""

from collections.abc import Iterable
from typing import Any, Final

from app.domain.events.event import TAGS_LIMIT, TEXT_LIMIT, Tree

UNKNOWN: Final = "\ufffd"
_LARGEST: Final = 10**40
_LARGEST_LINE: Final = 2**31 - 1
_FLAGS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def clean(text: str) -> str:
    """The text with U+FFFD for each NUL and lone surrogate: text and jsonb hold neither."""
    if "\0" in text:
        text = text.replace("\0", UNKNOWN)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        # A pair of surrogates is one character; what then remains stands alone.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def is_text(value: object) -> bool:
    """Whether `value` is a text, or a number that is taken as one."""
    kind = type(value)
    return kind is str or kind is float or (kind is int and -_LARGEST < value < _LARGEST)  # type: ignore[operator]


def text(value: object, limit: int = TEXT_LIMIT) -> str | None:
    """The text, or the number as text, clean and cut at `limit` characters; None where it is empty or neither."""
    if type(value) is str:
        if len(value) > limit:
            value = value[:limit]
        if "\0" in value or not value.isascii():
            value = clean(value)[:limit]
        return value or None
    return str(value)[:limit] if value is not None and is_text(value) else None


def lines(value: object, most: int, limit: int, *, from_end: bool = False) -> tuple[str, ...]:
    """The first, or last, `most` texts of a list, clean, each cut at `limit` characters; what is no text is an empty one."""
    if type(value) is not list:
        return ()
    if len(value) > most:
        value = value[-most:] if from_end else value[:most]
    try:
        joined = "".join(value)
    except TypeError:
        joined = ""
    if value and joined and len(joined) <= limit and joined.isascii() and "\0" not in joined:
        return tuple(value)
    return tuple(text(line, limit) or "" for line in value)


def whole(value: object) -> int | None:
    """A whole number of 1 to 2**31 - 1, such as a line; None where it is none."""
    if type(value) is str and len(value) <= 10 and value.isascii() and value.isdecimal():
        value = int(value)
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 < value <= _LARGEST_LINE else None


def flag(value: object) -> bool | None:
    """True or False, also where it is said as 1 or 0 or in words; None where it cannot be read."""
    if value is True or value is False or value is None:
        return value
    if type(value) is float:
        return _FLAGS.get(str(int(value))) if value in (0.0, 1.0) else None
    return _FLAGS.get((text(value, 10) or "").lower())


def first(tree: Tree, *names: str) -> Any:
    """The first value in `tree` under one of the names that is not None and not empty text."""
    for name in names:
        value = tree.get(name)
        if value is not None and value != "":
            return value
    return None


def tree_of(value: object) -> dict[str, Any]:
    """The JSON object, or an empty one where `value` is none."""
    return value if type(value) is dict else {}


def trees(value: object) -> list[dict[str, Any]]:
    """The JSON objects of a list, of Sentry's `{"values": [...]}`, or the single one that `value` is."""
    if type(value) is dict:
        if "values" not in value:
            return [value]
        value = value["values"]
        if type(value) is dict:
            return [value]
    return [entry for entry in value if type(entry) is dict] if type(value) is list else []


def pairs(value: object) -> Iterable[tuple[object, object]]:
    """The pairs of an object, of a list of pairs, or of a list of `{"key": ..., "value": ...}`."""
    if type(value) is dict:
        return value.items()
    if type(value) is not list:
        return ()
    return [pair for entry in value if (pair := _pair(entry)) is not None]


def _pair(entry: object) -> tuple[object, object] | None:
    if type(entry) is list and len(entry) == 2:
        return entry[0], entry[1]
    if type(entry) is dict and "value" in entry:
        return entry.get("key", entry.get("name")), entry["value"]
    return None


def tags(value: object) -> tuple[tuple[str, str], ...]:
    """The first `TAGS_LIMIT` tags; of two with one name the later counts. True and False are texts."""
    if value is None:
        return ()
    found: dict[str, str] = {}
    for key, told in pairs(value):
        name = text(key)
        shown = str(told).lower() if told is True or told is False else text(told)
        if name is not None and shown is not None and (len(found) < TAGS_LIMIT or name in found):
            found[name] = shown
    return tuple(found.items())
