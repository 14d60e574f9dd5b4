r"""Redaction: secrets go out of a text before it is stored, and again before it leaves.

Best effort. A secret is known by its own shape, or because something with the name of a secret holds
it: `password=…`, `"client_secret": "…"`, `Authorization: Bearer …`. A secret that has neither stays,
and so does one that reads like source code or prose; the corpus of the tests lists what we know to miss.
"""

import re
from collections.abc import Iterator
from itertools import chain

from app.domain.secrets.secret_marks import has_mark, lowered
from app.domain.secrets.secret_names import HARMLESS, NO_KEY, kind_of, looks_random

_Span = tuple[int, int, str]  # start, end, label

# A placeholder changes what stands beside it, so a redacted text is read again until nothing is found;
# only a text that was made for it takes more than three rounds.
_ROUNDS = 8


def redact(text: str) -> str:
    """Give `text` with each secret replaced by a placeholder such as `[redacted password]`.

    Takes any text: log lines, tracebacks, JSON, SQL, URLs, whole or cut off. Everything that is no
    secret stays as it is, and so does the number of lines, even where a private key fills many.
    Redacting twice changes nothing more. Best effort: this lowers the risk, it does not end it.
    """
    if not has_mark(text):
        return text
    for _ in range(_ROUNDS):
        spans = sorted(chain(_shaped(text), _named(text)), key=lambda span: (span[0], -span[1]))
        if not spans:
            break
        text = _without(text, spans)
    return text


def signs(text: str) -> Iterator[int]:
    """Give places in `text` where `redact` may find something, in no order: on a line without one it finds nothing.

    Made for many texts that are joined by line ends and asked about at once: that is far faster than one by one. In so
    many there is a mark of some kind, and to look for all of them takes longer than to look for what they are marks of.
    """
    at = text.find(_KEY_BEGINS)
    while at >= 0:
        yield at
        at = text.find(_KEY_BEGINS, at + 1)
    for key, pattern in chain(_WHOLE.items(), _WITHIN.items()):
        for match in pattern.finditer(text) if key != _KEY_BEGINS and key in text else ():
            if match.lastgroup:
                yield match.start()
    small = lowered(text)
    for word in _WORDS:
        for hit in word.finditer(small):
            rest = _REST_OF_NAME.match(text, hit.end())
            separator = _SEPARATOR.match(text, rest.end()) if rest else None
            if separator and _may_hold(hit.start(), separator):
                yield hit.start()


def _without(text: str, spans: list[_Span]) -> str:
    """Replace the spans, sorted by start; those that overlap go as one, under the label of the first."""
    pieces: list[str] = []
    done = 0
    start, end, label = spans[0]
    for span in [*spans[1:], (len(text) + 1, 0, "")]:
        if span[0] < end:
            end = max(end, span[1])
            continue
        pieces += text[done:start], f"[redacted {label}]", "\n" * text.count("\n", start, end)
        done = end
        start, end, label = span
    return "".join(pieces) + text[done:]


# --- Secrets known by their shape -------------------------------------------------------------------
# Each pattern begins with a literal: `re` looks for that at the speed of memchr, where an alternation
# or a look-behind in front would cost a try at each character of the text. The key is something rare
# that each match has, asked for first. The name of a group is the label of what it holds.

# The whole match is the secret; no letter or digit may stand before it.
_WHOLE = {
    key: re.compile(rf"{pattern[0]}(?<![A-Za-z0-9].){pattern[1:]}")
    for key, pattern in {
        "A": r"A(?:(?P<AWS_key>(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9]))|(?P<Google_key>Iza[\w-]{35}))",
        "X": r"G(?P<Google_secret>OCSPX-[\w-]{20,})",
        "S": r"S(?:(?P<SendGrid_key>G(?:\.[\w-]{16,64}){2})|(?P<Twilio_key>K[0-9a-f]{32}(?![A-Za-z0-9])))",
        "J": r"e(?P<JWT>(?<![_-]e)yJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)",
        "g": r"g(?:(?P<GitHub_token>h[pousr]_[A-Za-z0-9]{20,}|ithub_pat_\w{20,})"
        r"|(?P<GitLab_token>l(?:pat|dt|rt|ptt|cbt|oas|ft|soat|agent|imt)-[\w.-]{20,}))",
        "h": r"h(?P<API_key>f_[A-Za-z0-9]{30,})",
        "n": r"n(?P<npm_token>pm_[A-Za-z0-9]{30,})",
        "p": r"p(?:(?P<PyPI_token>ypi-Ag[\w-]{16,})|(?P<password_hash>bkdf2[_:]sha\d+[$:]\d+\$[^\s'\"]{16,}))",
        "r": r"r(?P<Stripe_key>k_(?:live|test)_[A-Za-z0-9]{10,})",
        "s": r"s(?:(?P<Stripe_key>k_(?:live|test)_[A-Za-z0-9]{10,})|(?P<Sentry_key>ntry[su]_[\w+/=-]{20,})"
        r"|(?P<API_key>k-(?:(?:ant|proj|or)-[\w-]{16,}|[A-Za-z0-9]{32,})|hp(?:at|ca|pa|ss)_[0-9a-f]{32}))",
        "w": r"w(?P<Stripe_key>hsec_[A-Za-z0-9+/=]{20,})",
        "x": r"x(?P<Slack_token>(?:ox[a-z]-|app-\d-)(?=[\w-]{0,40}\d)[\w-]{10,})",
        "y": r"y(?P<Google_token>a29\.[\w-]{20,})",
    }.items()
}

_KEY_BEGINS = "-----BEGIN"
_PEM = r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
_PEM_GAP = r"""(?>(?:[\s"'|>,+]|\\+[nrt])*)"""
_PEM_LINE = r"(?:(?:Proc-Type|DEK-Info|Version|Comment):[^\n\\]*+|[A-Za-z0-9+/=]{24,})"
_PEM_LAST = rf"""{_PEM_GAP}[A-Za-z0-9+/=]+(?=\s*(?:["'\\.…]|\Z))"""
_PEM_BODY = r"(?>[^-]*(?:-(?!----)[^-]*)*)"
_PEM_CUT_OFF = rf"(?>(?:{_PEM_GAP}{_PEM_LINE})+)(?:{_PEM_LAST})?|{_PEM_LAST}"

# What the groups hold is the secret.
_WITHIN = {
    key: re.compile(pattern)
    for key, pattern in {
        _KEY_BEGINS: rf"(?P<private_key>{_PEM}(?:{_PEM_BODY}{_PEM.replace('BEGIN', 'END')}|{_PEM_CUT_OFF}))",
        "://": r"://(?:hooks\.slack\.com/(?:services|workflows|triggers)/(?P<Slack_webhook>[\w/-]+)"
        r"|discord(?:app)?\.com/api/(?:v\d+/)?webhooks/(?P<Discord_webhook>\d+/[\w-]+)"
        r"|[\w-]{1,60}\.webhook\.office\.com/\w+/(?P<Teams_webhook>[^\s'\"<>\\]+)"
        r"|(?:(?P<Sentry_key>[0-9a-f]{32})(?=[:@])|(?P<token>(?=[\w-]{0,20}\d)[\w-]{20,200})(?=@))?"
        r"(?:(?!\[)[^\s:@/?#'\"<>\\]*+:(?!//|\d{1,5}[/?#,;)\]}])(?P<password>(?:(?!://)[^\s'\"`<>\\?#])+(?=@(?!sha256:))"
        r"|(?:(?!://)[^\s'\"`<>\\?#@])*[?#](?:(?!://)[^\s'\"`<>\\@])*(?=@)))?)",
        "$": r"(?P<password_hash>\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{20,}|(?:argon2(?:id|i|d)|pbkdf2[\w-]*)\$[^\s'\"]{16,}"
        r"|[156y]\$[^\s'\"$]{1,40}\$(?:[^\s'\"$]{1,40}\$)?[./A-Za-z0-9]{20,}))",
        ":AA": r":(?P<Telegram_token>AA(?<=\d{8}:AA)[\w-]{30,})",
        "earer ": r"earer +(?=[^\s\d]{0,40}\d)(?P<credentials>[\w.~+/-]{16,}=*)",
        "auth=(": r"""auth=\((?:'[^'\n]*'|"[^"\n]*"|[\w.]+), *b?['"](?P<password>[^'"\n]+)""",
    }.items()
}


def _shaped(text: str) -> Iterator[_Span]:
    for key, pattern in _WHOLE.items():
        for match in pattern.finditer(text) if key in text else ():
            yield (*match.span(), (match.lastgroup or "").replace("_", " "))
    for key, pattern in _WITHIN.items():
        for match in pattern.finditer(text) if key in text else ():
            for group in pattern.groupindex:
                if match[group] and not HARMLESS.fullmatch(match[group]):
                    yield (*match.span(group), group.replace("_", " "))


# --- Secrets known by the name that holds them ------------------------------------------------------

# One pattern for each first letter, for the same speed. Of two labels for one secret the earlier stays.
_STEMS = (
    "authorization",
    "c(?:ookie|redential)",
    "p(?:ass|wd)",
    "s(?:ecret|ession|essid|ig)",
    "token",
    "key",
)
_WORDS = [re.compile(stem) for stem in _STEMS]
_REST_OF_NAME = re.compile(r"[\w-]{0,40}")


def _named(text: str) -> Iterator[_Span]:
    small = lowered(text)
    for word in _WORDS:
        done = 0
        for hit in word.finditer(small):
            if hit.start() < done:
                continue
            rest = _REST_OF_NAME.match(text, hit.end())
            done = rest.end() if rest else hit.end()
            separator = _SEPARATOR.match(text, done)
            if separator and (span := _held(hit.start(), separator)):
                done = span[1]
                yield span


_SEPARATOR = re.compile(
    r"""(?P<quote>\\{0,7}["']\]?)?(?:
        (?P<assign>[ \t]*+(?:=>|:=|={1,3}|%3D|:[ \t]*(?:str|bytes|Optional\[\w+\])[ \t]*=|:(?!:)
            |(?(quote)(?:,[ ]?["'])?value["']?[ ]?[:=]|(?!)))[ \t]*+)  # name="password" value="…"
      | (?P<entry>(?(quote),|(?!))[ \t]*+(?=[bu]?["'][^"'\n]*["']\)))  # ('password', '…')
      | (?P<pair>(?(quote),|(?!))[ \t]*+)(?P<domain>["'](?:=|!=|in|=?i?like)["'],[ \t]*+)?  # ('password', '=', '…')
      | (?P<tag></name>\s*<value>(?:<string>)?|>)  # <password>…</password>
      | (?P<detail>\)=\()  # Key (password)=(…)
      | (?P<space>(?(quote)(?!)|[ \t]++)))  # --password …""",
    re.VERBOSE,
)
_QUOTED = re.compile(
    r"""[bBfFrRuU]{0,2}(?P<mark>\\{0,7}(?:"{3}|'{3}|["']))(?P<value>(?:\\.|[^\\\n])*?)(?<!\\)(?P=mark)(?!\.")"""
)
_LIST = re.compile(r"""\[\s*[bu]?["'](?P<value>[^\[\]\n]+)["']\s*\]""")
_CUT_OFF = re.compile(r"""[bu]?["'](?![\s+%,)\]}])(?P<value>(?:(?!\\n)[^\n])+)""")
_BARE = re.compile(  # not what begins as code: a container, a call, a subscript, a keyword, an attribute
    r"""(?<!==)(?<!==[ ])(?!\$?[({] | [\[<:] | [A-Za-z_][\w.]{0,80}[(\[] | (?:lambda|await|yield|not)\b
        | [A-Za-z_]+\d?(?:\.[A-Za-z_]+\d?)+(?=[\s,;)\]}"']|\Z))
    (?P<value>(?>(?:[^\s'"<\\,;&|)\]}>.:] | (?<=\w)["'](?=\w) | <(?!/) | \\(?![nrt"'])
        | [.:](?![\s'",;&)\]}>\\]|\Z) | [,;&|)\]}>](?![\s'",;&|)\]}>\\]|\Z|amp;
            |:(?:\s|\Z)|(?:[A-Z][a-z]+[ ])?[\w.-]{1,30}[=:]))+))""",
    re.VERBOSE,
)
_QUOTE = r"""(?:[bBfu]{0,2}\\*["'])?[ \t]*"""
_SCHEME = r"(?i:(?:basic|bearer|token|apikey|jwt|digest|negotiate|oauth|aws4[\w-]+)[ \t]+|(?=\S{0,80}?\d))"
_FORMS: dict[str, tuple[re.Pattern[str], ...]] = {
    "assign": (_QUOTED, _LIST, _CUT_OFF, _BARE),
    "space": (_QUOTED, _BARE),
    **dict.fromkeys(("pair", "entry", "domain"), (_QUOTED,)),
    "tag": (re.compile(r"(?P<value>[^<\n]++)(?=</)"),),
    "detail": (re.compile(r"(?P<value>[^)\n]++)\)"),),
    "credentials": (
        re.compile(rf"""{_QUOTE}{_SCHEME}(?P<value>(?:[^\s'"\\,;<>]|, *(?=\w+=)|(?<==)"[^"\n]*")+)"""),
    ),
    "cookie": (
        re.compile(rf"""{_QUOTE}(?P<value>[\w.$-]+=[^;\s'",\\]*(?:; *[\w.$-]+(?:=[^;\s'",\\]*)?)*)"""),
    ),
}
_DIGIT_NEAR = re.compile(r"[^\n]{0,80}?\d")  # asked before a long value is read, to stay linear
_NO_WORD = re.compile(r"[\d!@#$%^&*+/\\~=:]")
_NEXT_WORD = re.compile(r"[ \t]+(?:[A-Za-z]++(?![:=])|= )")
_FRAME = re.compile(r"""[ |+]*File \\{0,3}"[^"]*", line \d""")


def _start_of_name(text: str, inside: int) -> int:
    start = inside
    while start > max(0, inside - 40) and (text[start - 1].isalnum() or text[start - 1] in "_-"):
        start -= 1
    return start


def _may_hold(inside: int, separator: re.Match[str]) -> bool:
    name = separator.string[_start_of_name(separator.string, inside) : separator.start()]
    if separator.lastgroup == "space" and name != "PASSWORD" and not name.startswith("--"):
        return False
    return kind_of(name) != "none"


def _held(inside: int, separator: re.Match[str]) -> _Span | None:
    """Find the secret behind the separator, if the name around `inside` is the name of one."""
    text, how = separator.string, separator.lastgroup or ""
    start = _start_of_name(text, inside)
    before, name = text[max(0, start - 3) : start], text[start : separator.start()]
    kind, flag = kind_of(name), name.startswith("--")
    if kind == "none" or before == "://":  # in `https://token:…@host` it is the user
        return None
    if (how == "space" and not flag and name != "PASSWORD") or (how == "tag" and before[-1:] not in "<>"):
        return None
    weak = kind.endswith("_") or (how in ("pair", "entry") and not flag and kind not in _FORMS)
    if how == "entry" and before[-2:] in ("('", '("') and not before[0].isalnum():
        weak = False  # an entry such as `('password', '…')`, where `f('password', '…')` is a call
    if weak and not _DIGIT_NEAR.match(text, separator.end()):
        return None
    forms = _FORMS.get(kind) or _FORMS[how]
    match = next(filter(None, (form.match(text, separator.end()) for form in forms)), None)
    if match is None or HARMLESS.fullmatch(match["value"]) or (weak and not looks_random(match["value"])):
        return None
    if _is_no_value(name, kind, separator, match):
        return None
    return (*match.span("value"), kind.rstrip("_").replace("_", " "))


def _is_no_value(name: str, kind: str, separator: re.Match[str], match: re.Match[str]) -> bool:
    """Tell whether what follows the name is a label, a path, prose, or code."""
    value, text, start = match["value"], match.string, separator.start() - len(name)
    colon, bare = ":" in separator[0], match.re is _BARE
    if value.lower() == name.lower().strip("-") or (separator[0] == ":" and text.endswith(":", 0, start)):
        return True  # a label, or a part of a path such as `arn:aws:secretsmanager:::secret:name`
    if (kind == "key" and NO_KEY.fullmatch(value)) or (name.lower().endswith("pwd") and value[0] in "/~"):
        return True
    if bare and (name == "PASS" or (colon and separator["quote"] and not value.isdigit())):
        return True  # test runners print `PASS: …`; a key in quotes has its value in quotes
    may_be_prose = (bare and (colon or separator["space"])) or (colon and kind == "token")
    if may_be_prose and not _NO_WORD.search(value) and _in_prose(text, start, match.end()):
        return True
    return bare and (
        (value.replace("_", "").isalpha() and kind_of(value) != "none") or _in_source(text, start)
    )


def _in_prose(text: str, start: int, end: int) -> bool:
    """Tell whether a word stands before the name, as in `Invalid token: …`, or after the value."""
    before = text[max(0, start - 40) : start]
    word = before.rstrip(" \t")
    led = word != before and word[-1:] not in ("", *"\n{[(,;:&?|-\"'>=")
    return led or _NEXT_WORD.match(text, end) is not None


def _in_source(text: str, at: int) -> bool:
    """Tell whether this place is on a line of source code, as a traceback shows it below a frame.

    A string of that line is no code: `connect("password=…")` holds a value, not the name of one.
    """
    lines = text[max(0, at - 600) : at].replace(r"\n", "\n").split("\n")[-9:]
    if lines[-1].count('"') % 2 or lines[-1].count("'") % 2:
        return False
    shallowest = 600
    for line in reversed(lines):
        indent = len(line) - len(line.lstrip(" |+"))
        if _FRAME.match(line):
            return indent < shallowest < 600
        shallowest = min(shallowest, indent)
    return False
