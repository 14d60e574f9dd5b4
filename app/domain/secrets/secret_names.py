"""The names that hold secrets, and what stands behind them and is none.

Comes in: a name, as in `DB_PASSWORD=…`, or what it holds. Goes out: what kind of secret that name holds, and whether a
value may be one. `redaction` asks for the names in a text, `scrubbed_names` for those in a tree.
"""

import re
from functools import lru_cache

# What stands in the place of a secret and is none: nothing, a mask, a word, a template, a column, the
# code between two strings, a sentence.
HARMLESS = re.compile(
    r"""\[redacted[ ].* | [\[<({]?(?:filtered|redacted|masked|hidden|removed)[\])}>]? | [*.•…-]* | x{3,} | (?:\\[nrt])+ | -\d
    | none|null|nil|true|false|undefined|default|str|bytes|int|string|field|required|missing|invalid
    | expired|empty|unknown|denied|incorrect|wrong|not
    | (?:(?:%(?:\(\w+\))?[sdr]|\$?\{[^{}]*\}|(?-i:\$[A-Z_]+)|\$\d{1,2}|:[a-z_]+|\?|<[^<>]*>)[:/.,\ -]?)+
    | \w+"\. | [ ]+[+%].* | [,)\]][ ].* | (?-i:[A-Z])\w*(?:[ ][a-z'-]+){2,}[.!]""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)

PART_OF_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")

# What the words of a name tell. The name of the group is the label of what it holds; it ends with `_` where
# the name is weak: only what looks random is a secret then. `token_type` and `password_reset` only tell
# something about a secret.
_KINDS = re.compile(
    r"""(?P<session_>.*(?:session[ ]?id|sessid)$)
    | (?P<none>.*\b(?:age|alg|algo|algorithm|at|changed?|class|code|cls|col|columns?|count|date|dir|enabled|endpoint
        |expiration|expires|expiry|fields?|file|filename|form|format|func|function|hint|ids?|in|index|label|len
        |length|limit|manager|max|min|mode|model|names?|path|policy|prompt|provider|reset|size|state|status|strength
        |time|timeout|ttl|types?|uri|url|usage|valid|validator|version|view)$
      | .*\b(?:bad|duplicate|errors?|exception|expired|invalid|missing|required|unexpected|unknown|wrong)\b)
    | (?P<credentials>.*authorization\b) | (?P<cookie>.*cookie\b)
    | (?P<AWS_key>.*\baws\b.*(?:key|secret|token)\b)
    | (?P<password>.*(?:passwords?|passwort|passwd|passphrase|passcode|pwd|\bpass)\b)
    | (?P<secret>.*secret(?:s|key)?\b) | (?P<token>.*token\b) | (?P<credential>.*credentials?\b)
    | (?P<token_>.*\btokens\b) | (?P<signature_>.*sig(?:nature)?\b)
    | (?P<key_>key$ | .*\bkey\b. | .*\bkeys\b | .*\b(?:cache|candidate|config|constraint|data|dict|event|external
        |foreign|group|hot|index|json|lookup|map|message|natural|object|order|param|parameter|partition|primary|pub
        |public|registry|routing|row|search|short|sort|translation|unique)\b.*[ ]key$)
    | (?P<key>.*(?:\b|api|access|private|auth|account|encryption)key$)""",
    re.VERBOSE,
)
NO_KEY = re.compile(r"[~.]{0,2}(?:/[\w.-]+)+/?|[a-z]+(?:[_.][a-z]+)+")
_PLAIN = re.compile(r"[a-z0-9]+(?:[_.,/-][a-z0-9]*)+|[^A-Za-z]*|[^0-9]*|.{0,7}|.* .*")


@lru_cache(maxsize=1024)
def kind_of(name: str) -> str:
    """Give the label of what the name holds: `none`, or with a `_` behind it where only what looks random is a secret."""
    kind = _KINDS.match(" ".join(PART_OF_NAME.findall(name)).lower())
    return (kind and kind.lastgroup) or "none"


def looks_random(value: str) -> bool:
    """Tell whether the value is no word, number or path that people write."""
    return not _PLAIN.fullmatch(value) and (len(value) >= 16 or not (value.islower() or value.isupper()))
