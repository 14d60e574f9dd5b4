r"""The variable parts of a log message, as patterns over text that is lower-cased and single-spaced.

Two habits keep them fast. A repeat that could meet itself again is possessive (`*+`, `++`), so that a hostile
message costs one pass. And a pattern begins with a plain set of characters and only then looks back,
`[0-9](?<!\w.)`: the engine leaps to the next candidate instead of trying every branch at every letter.
"""

import re

COLOUR = re.compile(r"\x1b\[[0-9;]*+[a-z]")
# Structured lines carry the message itself in quotes; it must not vanish with the other strings.
MESSAGE_FIELD = re.compile(
    r"""(?:(?<!\w)(msg|message|err|error|reason)=|["'](msg|message|err|error|reason)["']:\s?)"""
    r"""(["'])([^"'\\]*+)\3"""
)
REQUEST = re.compile(
    r'"((?:get|head|post|put|patch|delete|options|connect|trace|propfind) )[^"]*( http/[0-9.]++)"'
)
# PostgreSQL prints a row's values bare: `Key (name)=(Foo Bar) already exists`, `Failing row contains (1, x)`.
ROW_VALUES = re.compile(r"(?<=\)=\()[^()]*+(?=\))|(?<=row contains \().++")
DOUBLE_QUOTED = re.compile(r'"(?>(?:[^"\\]|\\.)*)"')
SINGLE_QUOTED = re.compile(r"'(?:(?<![\w>].)|(?<=\b[bu].))[^']*+'(?![a-z0-9])")
BACKTICKED = re.compile(r"`[^`']*+[`']")
CURLY_QUOTED = re.compile(r"“[^“”]*+”")
SINGLE_CURLY_QUOTED = re.compile(r"‘[^‘’]*+’")
GUILLEMETS = re.compile(r"«[^«»]*+»")

URL = re.compile(
    r"[a-z](?<![a-z0-9].)[a-z0-9+.-]{1,15}+://(?>(?:[^\s\"'`<>\[\])}{|,;]|\[[^\s\"'`<>\[\]]*+\])*)"
)
SHORT_IP6 = re.compile(r"(?<![\w:.>])::(?:ffff:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4})(?![\w:])")
EMAIL = re.compile(r"[\w.+-](?<![\w.+-].)[\w.+-]*+@[a-z0-9-]++(?>(?:\.[a-z0-9-]++)+)")
# `/10.0.0.1:80` is how Java prints an address: no path.
PATH = re.compile(
    r"[/~.](?<![\w./\\~<>*].)(?:(?<=[~.])/|(?<=\.)\./)?(?<=/)(?!\d{1,3}(?:\.\d{1,3}){3})(?=[^\s/])"
    r"[^\s\"'`<>|()\[\]{},;]+(?<![.:])"
)
# One slash may be `and/or`; two make a path, or a date.
RELATIVE_PATH = re.compile(
    r"[\w.@+](?<![\w./\\~<>@*-].)(?!(?<=\d)\d{0,3}/(?:\d\d?|[a-z]{3})/\d{1,4}\b)[\w.@~+-]*+(?>(?:/[\w.@~+-]++){2,})/?"
)
# `c:\dir`, `\\server\share`, `hklm\software`; a name may hold spaces where a backslash follows it.
# Not any word with a backslash: `failed\nretrying` is an escaped line break.
WINDOWS_PATH = re.compile(
    r"[a-z\\](?<![a-z0-9\\].)(?:(?<=[a-z]):(?=\\)|(?<=\\)(?=\\)|(?<=h)k[a-z_]{2,20}+(?=\\)|(?<=\\)(?=system)\w*+)"
    r"(?>(?:\\(?:[^\\\s\"'<>|/:*?][^\\\"'<>|/:*?]{0,80}(?<! )(?=\\))?)+)[^\\\s\"'<>|,;:)\]]*+"
)
# Not every domain: `res.partner`, `main.py` and `account.move.line` are names that matter in an error.
# Endings that are also words count only where a port follows.
DOTTED = re.compile(
    r"""
    [a-z0-9_](?<![\w.@$>/*-].)[\w.-]*\.(?:
        (?P<host>
            (?:com|net|org|edu|gov|mil|arpa|local|localdomain|internal|lan|intranet
              |a[ert]|au|b[ery]|ca|c[hlnoz]|d[ek]|e[esu]|f[ir]|gr|hk|h[ru]|i[elrt]|jp|k[rz]|l[tuv]|m[xy]|n[lz]
              |p[ehlt]|r[ou]|s[aegiku]|t[hrw]|u[aks]|v[en]|za)
            (?![\w-]|\.\w)(?::\d++)?(?:/[^\s\"'<>,;)]*+)?
          | (?:ai|app|asia|biz|cc|cloud|dev|id|in|info|io|is|me|no|rs|tech|to|tv|xyz):\d\d++)
      | (?P<file>
            (?:bak|bmp|csv|docx?|gif|gz|ico|jpe?g|mp[34]|od[st]|pdf|png|rar|svg|tar|te?mp|tgz|tiff?|txt|wav|webp
              |xlsx?|zip)(?![\w-]|\.\w))
    )
    """,
    re.VERBOSE,
)

_CLOCK = (
    r"\d?:\d\d(?::\d\d)?(?:[.,]\d++)?(?:[ ]?[ap]m\b)?"
    r"(?:z\b|[ ]?[+-]\d\d:?\d\d\b|[ ](?:utc|gmt|[a-z]{1,3}[sd]t\b))?"
)
_HEX4 = "[0-9a-f]{1,4}"
# Shapes only, never ranges: `99:99` is a time, `999.1.1.1` an address, so that no digit changes the result.
NUMBERS = re.compile(
    rf"""
    [0-9a-f] (?:
      (?<![0-9a-z].)(?=[0-9a-f:.x/-]{{2}}|[0-9a-f][ ][0-9a-f]{{2}}[ ]) (?:
        (?P<uuid>[0-9a-f]{{7}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}(?![0-9a-z]))
      | (?P<mac>[0-9a-f](?::[0-9a-f]{{2}}){{5,}}+(?![0-9a-z]))
      | (?P<hex>(?<=0)x[0-9a-f]++
          | (?:(?<=[a-f])|(?=[0-9]*+[a-f]))[0-9a-f]{{7,}}+(?![0-9a-z])
          | (?=[a-f]*+[0-9]++[a-f])[0-9a-f]{{6}}(?![0-9a-z])
          | [0-9a-f](?:[ ][0-9a-f]{{2}}\b){{4,}}+)
      | (?<=[0-9]) (?:
          (?P<time>\d{{3}}[-/.]\d\d?[-/.]\d\d?(?:[t :]\d{_CLOCK})?(?![\d.])
            | \d?[-/.](?:\d\d?|[a-z]{{3}})[-/.]\d{{4}}(?:[t :]\d{_CLOCK})?(?![\d.])
            | {_CLOCK}(?![\d:]))
        | (?P<ip>\d{{0,2}}(?:\.\d{{1,3}}){{3}}(?::\d++|/\d\d?)?(?!\d|\.\d)))
      | (?P<ip6>(?:(?<=[0-9])|(?=[a-f:]{{1,38}}+[0-9]))[0-9a-f]{{0,3}}+
          (?:(?::{_HEX4}){{4,7}}|(?::{_HEX4}){{0,6}}::(?:{_HEX4}(?::{_HEX4}){{0,6}})?)(?![0-9a-z:]))
      )
    | (?P<n>(?<=[0-9])(?<!\d\d)(?<!\butf.)(?<!\bipv.)(?<!\bsha.)(?<!\bmd.)(?!(?<=\bl1)0n|(?<=\bi1)8n)
        \d*+(?>(?:[.,]\d++)*)(?:e[-+]?\d++\b)?)
      (?: (?P<duration>[ ]?(?:[nuµm]s|[num]?secs?|s|mins?|hrs?|(?:nano|micro|milli)?seconds?
            |minutes?|hours?|days?|weeks?)\b | [mhd]\b)
        | (?P<size>[ ]?(?:[kmgtp]i?b|[kmg]?bytes?|octets?|b)\b | [kmg]\b))?
    )
    """,
    re.VERBOSE,
)
# What NUMBERS leaves of `fri, jun 17 07:07:00 pdt 2005`.
DATE = re.compile(
    r"""
    (?:\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*+,?[ ])?
    (?:\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*+[ ]<n>(?:,?[ ]<n>)?
      |<n>[ ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*+(?:[ ]<n>)?)
    ,?[ ](?:at[ ])?<time>(?:[ ]<n>)?
    """,
    re.VERBOSE,
)

# From here on: what makes the key of the text shown.

PLACEHOLDER = re.compile(
    r"[\"'`“«‘]?<(?:duration|email|file|hex|host|ip|mac|n|path|s|size|time|url|uuid)>[\"'`”»’]?"
)
# `Point{x=1, y=2}` is a value, unless it tells what happened. What begins with a brace is a structured line.
BRACES = re.compile(r"\{(?<=..)(?![^{}]*(?<!\w)(?:msg|message|err|error|reason)=)[^{}]*+\}")
# Packages and components are arguments of a message; exceptions are its meaning.
CLASS_NAME = re.compile(r"[co](?<![\w.].)(?:om|rg)(?>(?:\.[\w$-]++)+)(?<!exception)(?<!error)(?:/[\w.$]++)?")
TRUTH = re.compile(
    r"[tfny](?<!\w.)(?:rue|alse|(?:(?<=[=:].)|(?<=[=:] .))(?:ull|one|il|(?:o|es)(?=[,;)\]}]|$)))\b"
)
LESS_THAN = re.compile(r" <(?=<)")
DOTS = re.compile(r"\.\.+")
NO_VALUE = re.compile(r"=(?= |$)")
PROPERTY = re.compile(r":[a-z]\w*(?>(?:\.[\w-]++)+)=.*")
MANY = re.compile(r"\* [a-z]{4,}+(?<=[a-rt-z]s)(?![\w=])")

_NAME = r"""(?!(?:
    \w+ed|a|about|access|accounts?|actions?|agent|an|and|are|as|at|authentication|by|cache|can|cannot|code|could
    |creation|data|deletion|did|does|down|email|entry|error|file|for|form|from|gone|group|had|has|have|id|ids|image|in
    |info|input|inter(?:action|face)|is|keys?|level|list|login|logout|lost|may|mode|model|must|names?|not|object|of|on
    |or|password|permissions?|preferences|privacy|process|profile|program|record|requests?|role|row|sessions?|settings
    |should|space|table|the|timeout|to|token|type|unknown|unreachable|up|update|view|was|were|will|with|would
    )\b)[\w.$\\-]+"""
NAMED_ROLE = re.compile(
    rf"""
    \b((?:about|as|authenticating|by|for|from|illegal|invalid|of|on|such|to|unknown)[ ](?:account|host|login|user)[ ])
        {_NAME}
    |\b(user[ ]){_NAME}(?=[ ](?:does[ ]not|logged|not[ ](?:allowed|found)|from[ ]\*[ ]not)\b)
    """,
    re.VERBOSE,
)
# `user=root` stays: what fails for root is another matter than what fails for somebody.
KEYED_ROLE = re.compile(
    r"[a-z_](?<=[=:].)(?:(?<=user..)|(?<=host..)|(?<=login..)|(?<=username..)|(?<=logname..)"
    r"|(?<=hostname..)|(?<=account..)|(?<=client..)|(?<=server..)|(?<=database..)|(?<=\bdb..))"
    r"(?!(?<=r)oot\b)[\w.$-]*+"
)
LOGGED_IN = re.compile(
    rf"""
    \b((?:authentication[ ]fail(?:ed|ures?)|attempts[ ]exceeded|gssapi[\w-]*|hostbased|keyboard-interactive[\w/]*
      |login[ ]failed|none|password|publickey)[ ]for[ ]){_NAME}(?=[ ]from[ ]\*|[ ]\[|$)
    """,
    re.VERBOSE,
)
