"""Log messages without their variable parts: the text that people see, and the key that groups.

The approach is that of published log parsers and of other trackers' parameterizers, without training and
without state: the most telling shapes first (requests, quotes, URLs, paths, hosts), then everything with a digit
in it. The rules are about logs in general. Where in doubt they keep two errors apart: a hidden error is worse
than two groups of one kind.
"""

from functools import lru_cache
from re import Match, Pattern

from app.domain import message_patterns as patterns

LIMIT = 2_000  # characters

# (what a text must hold for the pattern to be worth trying, pattern, replacement), in the order of trying.
_HIDE: tuple[tuple[str, Pattern[str], str], ...] = (
    ("\x1b", patterns.COLOUR, ""),
    ('="', patterns.MESSAGE_FIELD, r"\1\2=\4"),
    ("='", patterns.MESSAGE_FIELD, r"\1\2=\4"),
    ('":', patterns.MESSAGE_FIELD, r"\1\2=\4"),
    ("':", patterns.MESSAGE_FIELD, r"\1\2=\4"),
    (")=(", patterns.ROW_VALUES, "<s>"),
    ("row contains (", patterns.ROW_VALUES, "<s>"),
    (" http/", patterns.REQUEST, r"\1<path>\2"),
    ('"', patterns.DOUBLE_QUOTED, '"<s>"'),
    ("'", patterns.SINGLE_QUOTED, "'<s>'"),
    ("`", patterns.BACKTICKED, "`<s>`"),
    ("“", patterns.CURLY_QUOTED, "“<s>”"),
    ("‘", patterns.SINGLE_CURLY_QUOTED, "‘<s>’"),
    ("«", patterns.GUILLEMETS, "«<s>»"),
    ("://", patterns.URL, "<url>"),
    ("::", patterns.SHORT_IP6, "<ip>"),
    ("@", patterns.EMAIL, "<email>"),
    ("/", patterns.PATH, "<path>"),
    ("/", patterns.RELATIVE_PATH, "<path>"),
    ("\\", patterns.WINDOWS_PATH, "<path>"),
)
_FOLD: tuple[tuple[str, Pattern[str], str], ...] = (
    *[("{", patterns.BRACES, "*")] * 4,  # from the inside out
    ("com.", patterns.CLASS_NAME, "*"),
    ("org.", patterns.CLASS_NAME, "*"),
    ("<<", patterns.LESS_THAN, " "),
    ("<", patterns.PLACEHOLDER, "*"),
    ("true", patterns.TRUTH, "*"),
    ("false", patterns.TRUTH, "*"),
    ("=n", patterns.TRUTH, "*"),
    (": n", patterns.TRUTH, "*"),
    (": y", patterns.TRUTH, "*"),
    ("user ", patterns.NAMED_ROLE, r"\1\2*"),
    ("host ", patterns.NAMED_ROLE, r"\1\2*"),
    ("account ", patterns.NAMED_ROLE, r"\1\2*"),
    (" for ", patterns.LOGGED_IN, r"\1*"),
    ("=", patterns.KEYED_ROLE, "*"),
    ("login:", patterns.KEYED_ROLE, "*"),
    ("user:", patterns.KEYED_ROLE, "*"),
    ("=", patterns.PROPERTY, ":*"),
    ("=", patterns.NO_VALUE, "=*"),
    ("..", patterns.DOTS, " "),
)

_GLUE = "abcdefghijklmnopqrstuvwxyz0123456789_.$@~%+-\\/"
_OPENING = "([{<"
_SEPARATORS = " ,;:|#/()[]{}=.+\\<>-"
_PLACEHOLDERS = {
    **{
        name: f"<{name}>"
        for name in ("uuid", "mac", "hex", "time", "ip", "n", "duration", "size", "host", "file")
    },
    "ip6": "<ip>",
}


def shown(message: str) -> str:
    """The message as people see it: lower-cased, single-spaced, its variable parts named.

    `User 123 not found` gives `user <n> not found`, `"username"` gives `"<s>"`; there are also `<uuid> <hex>
    <mac> <ip> <host> <email> <url> <path> <file> <time> <duration> <size>`. A quoted HTTP request keeps its verb:
    `get <path> http/<n>`. Takes any text of any length; what is past the first `LIMIT` characters is not
    considered, as an error is told by its beginning. Shown again, the text of a message stays the same.
    """
    text = _opening(message)
    for mark, pattern, placeholder in _HIDE:
        if mark in text:
            text = pattern.sub(placeholder, text)
    if "." in text:
        text = patterns.DOTTED.sub(_placeholder, text)
    text = patterns.NUMBERS.sub(_placeholder, text)
    if "<time>" in text:
        text = patterns.DATE.sub("<time>", text)
    return text


def group_key(message: str) -> str:
    """The key that messages of one kind share, made of the text shown; same limits.

    It says `*` for every placeholder, and goes further: a word glued to one goes with it (`node-<n>`), lists
    become one `*`, and so do objects in braces, package names, true and false, and the names of users, hosts and
    accounts where the text says that they are such. Model, constraint and exception names stay, unless quoted.
    The key is for comparing, not for reading.
    """
    return _folded(shown(message))


@lru_cache(maxsize=1024)  # messages differ in their variable parts far more than in what is shown
def _folded(plain: str) -> str:
    text = plain
    for mark, pattern, replacement in _FOLD:
        if mark in text:
            text = pattern.sub(replacement, text)
    if "*" in text:
        text = patterns.MANY.sub(_one, _joined(text))
    return plain if text == "*" else text


def _opening(message: str) -> str:
    text = message.lstrip()[:LIMIT].lower()
    if len(message) > LIMIT and text.count('"') % 2:
        text += '"'
    return " ".join(text.split())


def _placeholder(match: Match[str]) -> str:
    return _PLACEHOLDERS[match.lastgroup or "n"]


def _one(many: Match[str]) -> str:
    return many[0][:-1]


def _joined(text: str) -> str:
    """Drops what is glued to a star; one star does for many with only separators, or the same words, between."""
    first, *between, last = text.split("*")
    kept = [first.rstrip(_GLUE).rstrip(_OPENING)]
    for part in between:
        words = part.lstrip(_GLUE).lstrip(_SEPARATORS).rstrip(_GLUE).rstrip(_OPENING)
        if words and words != kept[-1]:
            kept.append(words)
    kept.append(last.lstrip(_GLUE).lstrip(_SEPARATORS))
    return "* ".join(kept).strip()
