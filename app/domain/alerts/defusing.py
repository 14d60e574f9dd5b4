"""Texts of strangers on their way to chats and mails, made such that nothing in them is alive. Pure.

Comes in: any text: of an error, of a path, a name that a person gave. Goes out: one line without secrets, without what
cannot be shown and without what turns the direction of writing; for chats and mails also without mentions, markup and
links that would do something there.

Chats differ in what they read: Slack knows `<!channel>`, `<@U123>` and `*bold*`, Discord and Teams `@everyone` and
`**bold**`, Telegram `/commands`, and some libraries make mentions of what only looks like one. There is no escape that
all of them understand, so signs of markup become signs that look alike, and what is found without any sign is broken by
a mark of no width. Best effort for links: names are broken below top level domains of two letters and those in common
use, as every name in a program has dots, and a rare domain is no reason to make all of them useless to copy.
"""

import re
from html import escape
from typing import Final
from urllib.parse import quote

from app.domain.shown_texts import CUT, one_line

LINK_LIMIT: Final = 500
"""Characters of an address; a longer one is left out."""

_NO_WIDTH: Final = "\u200b"
_READ_LIMIT: Final = 8
"""Times the limit: how much of a text is looked at, as all of it would take long, and to cut first may hide a secret."""
_READ_LEAST: Final = 2_000

_DOMAINS: Final = (
    "com|net|org|info|biz|xyz|top|site|online|shop|store|link|click|live|app|dev|cloud|tech|club|icu|vip|win|bid|zip"
    "|mov|pro|name|mobi|page|space|website|work|life|world|today|email|edu|gov|int|mil|arpa"
)
# What a mark of no width is put into: mentions, channels and hash tags, addresses, commands, entities of HTML.
_FOUND: Final = re.compile(
    rf"(?<=@)(?=\S)|(?<=\#)(?=\w)|(?<=:)(?=//)|(?<=mailto:)|(?<=\btel:)|(?<=www)(?=\.)"
    rf"|(?<=\w\.)(?=(?:[^\W\d_]{{2}}|xn--[\w-]+|{_DOMAINS})(?!\w))"
    rf"|(?<=\])(?=[(\[:])|(?<=[\s(]/)(?=[a-z])|(?<=^/)(?=[a-z])|(?<=&)(?=[\#\w]+;)",
    re.IGNORECASE,
)
_LAST_NAME: Final = re.compile(r"\.(?=\w+$)")
_LOOKALIKE: Final = str.maketrans({"<": "‹", ">": "›", "*": "∗", "`": "ˋ", "~": "∼", "|": "¦"})
_EMPHASIS: Final = re.compile(r"__+|(?<![^\W_])_|_(?![^\W_])")


def line(text: str, limit: int) -> str:
    """The text on one line of at most `limit` characters, without secrets; for programs, to whom no text is alive."""
    return one_line(text[: max(_READ_LEAST, _READ_LIMIT * limit)], limit)


def defused(text: str, limit: int) -> str:
    """One line of at most `limit` characters for chats and plain mails, in which no mention, markup or link is alive."""
    # Marks that take the place of signs can be read as letters, and a cut may leave a sign at the end.
    return _unmarked(_cut(_broken(_unmarked(line(text, limit))), limit))


def escaped(text: str, limit: int) -> str:
    """One line for HTML: at most `limit` characters before they are escaped, with no link that a mail program makes."""
    return escape(lifeless(text, limit))


def lifeless(text: str, limit: int) -> str:
    """One line of at most `limit` characters in which a mail program finds no link to make; it may hold markup."""
    return _cut(_broken(line(text, limit)), limit)


def address(link: str | None) -> str | None:
    """A link of ours with nothing in it that could end it or begin something else; None if it is no short web address."""
    quoted = quote(link or "", safe=":/?#@!$&+,;=%", errors="replace")
    is_web = quoted.lower().startswith(("http://", "https://"))
    return quoted if is_web and len(quoted) <= LINK_LIMIT else None


def _broken(text: str) -> str:
    return _FOUND.sub(_NO_WIDTH, text)


def _unmarked(text: str) -> str:
    return _EMPHASIS.sub(lambda match: "ˍ" * len(match[0]), text.translate(_LOOKALIKE))


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    kept = text[: limit - 1].rstrip()
    if _LAST_NAME.search(kept):  # what was no domain may be the beginning of one: evil.comedy, evil.com
        kept = _LAST_NAME.sub("." + _NO_WIDTH, kept[:-1])
    return kept + CUT
