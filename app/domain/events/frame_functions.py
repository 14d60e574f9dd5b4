"""The module and the function of an app's frame, without what compilers and runtimes put into their names.

Comes in: a name as an SDK tells it, and the family of its language. Goes out: the name that the code has for it, as far as
one can tell: no numbers of lambdas, closures and anonymous classes, no proxies, no hashes, no arguments and no type arguments.

    Java      Cart$$EnhancerBySpringCGLIB$$1a2b3c4d   Cart          lambda$total$0       total
    Go        (*Cart).Total.func1.2                   (*Cart).Total Map[...]             Map
    Ruby      block (2 levels) in Cart#total          total
    .NET      Cart+<TotalAsync>d__3, MoveNext         Cart, TotalAsync
    Swift     closure #1 in CartView.total(of:)       CartView.total
    JS        Object.foo [as bar], foo/<, async foo   foo
"""

import re
from functools import lru_cache
from re import Pattern
from typing import Final

LIMIT: Final = 200
UNKNOWN: Final = "?"

_Rules = tuple[tuple[Pattern[str], str], ...]


def _rules(*pairs: tuple[str, str]) -> _Rules:
    return tuple((re.compile(pattern), replacement) for pattern, replacement in pairs)


_MODULES: Final[dict[str, _Rules]] = {
    "python": _rules((r"^__main__$", "")),
    "java": _rules(
        (r"_?\$\$.*|/0x[0-9a-f]+$", ""),  # proxies, lambdas
        (r"^.*/(?=[\w.$]+$)", ""),  # `java.base/java.util.List`, `app//com.acme.Cart`
        (r"\$(?:ByteBuddy|MockitoMock|HibernateProxy|Proxy|anonfun|anon)(?:\$\w*)?\b.*", ""),
        (r"((?:Method|Constructor)Accessor|\bScript|\$Proxy|jdk\.proxy|fn__)\d+", r"\1"),
        (r"\$\d+", ""),
    ),
    "csharp": _rules(
        (r", .*|\[.*", ""),
        (r"[+./]<>c(?:__DisplayClass[\d_]*)?(?:`\d+)?", ""),
        (r"[+./]<[\w.<>]*>[dgb](?:__[\w|]*)?(?:`\d+)?$", ""),
        (r"`\d+", ""),
        (r"^Castle\.Proxies\.(\w+?)(?:Proxy)?(?:_\d+)?$", r"\1"),
    ),
    "php": _rules((r"@anonymous.*", "@anonymous")),
    "go": _rules((r"%2e", "."), (r"\[.*", "")),
    "javascript": _rules((r"\?.*", ""), (r"(?<=[-.])(?=[a-f]*\d)[0-9a-f]{8,}(?![0-9a-z])", "")),
}
_FUNCTIONS: Final[dict[str, _Rules]] = {
    "python": _rules((r"^.*<locals>\.", "")),
    "javascript": _rules(
        (r" [\[(].*|^\S*\.{1,2}/\S*$", ""),  # the latter is how webpack calls a file
        (r"(?:/?<)+$|^.*/(?=[^/<]+(?:/?<)*$)", ""),  # Firefox: `total/<` is a function in `total`
        (r"^.*\.(?=[^.]+$)", ""),
        (r"^(?:async |new |get |set |static |bound )+", ""),
        (r"^(?:<?[Aa]nonymous(?: function)?>?|(?:global|eval|module) code|eval|<computed>|\d+)$", ""),
        (r"\$\d+$|(?<=^_callee)\d*\$?$", ""),  # what bundlers and transpilers add to tell two of a name apart
    ),
    "java": _rules(
        (r" ?\(.*", ""),
        (r"^lambda\$(\w+)\$\d+$", r"\1"),
        (r"\$lambda[-$\d]*$|^\$+anonfun\$|\$\$?anonfun", ""),
        (r"\$\d+", ""),
        (r"^access\$\w*", "access"),
        (r"-(?:impl|[\w-]{7})$", ""),  # Kotlin: inline classes
    ),
    "go": _rules(
        (r"\[.*?\](?=[.)]|$)", ""),
        (r"·.*", ""),
        (r"(?:\.(?:func|gowrap|deferwrap)?\d+(?:\.\d+)*|-range\d+|-fm)+$", ""),
        (r"\.+$", ""),
    ),
    "ruby": _rules(
        (r"^(?:(?:block|rescue|ensure)(?: \(\d+ levels\))? in )+", ""),
        (r"^[\w:]+[#.](?=[\w<])", ""),
        (r"_+\d+_\d+$", ""),
    ),
    "php": _rules(
        (r"@anonymous.*?(?=::|$)", "@anonymous"),
        (r"\{closure.*\}", "{closure}"),
        (r"__TwigTemplate_\w+", "__TwigTemplate"),
    ),
    "csharp": _rules(
        (r"^(?:async |static )*<(\w*)>[db]__[\w|]*(?:\.MoveNext)?.*", r"\1"),
        (r"<(\w*)>g__(\w+)\|[\d_]+.*", r"\1.\2"),
        (r" ?[({[].*", ""),
        (r"`\d+", ""),
        (r"^.* (?=\S)", ""),  # what it returns
        (r"(?<=^lambda_method)\d+", ""),
    ),
    "dart": _rules((r"(?:\.<anonymous closure>|\.<fn>)+", ""), (r"^new ", "")),
    "other": _rules(
        (r"^anonymous fn/\d+ in ", ""),
        (r"^-(.+)/\d+-\w+-\d+-$", r"\1"),
        (r"/\d+$|0x[0-9a-fA-F]+", ""),
    ),
}
_STATE_MACHINE = re.compile(r"[+./]<(\w+)>d(?:__\d+)?(?:`\d+)?(?:\[.*)?$")

_OBJECTIVE_C = re.compile(r"^(?:_*\d*)?[-+]\[([^\s\]()]+)(?:\([^)]*\))? ([^\]]+)\](?:_block_invoke\w*)?$")
_NATIVE: Final = _rules(
    (r"^.*\bclosure #\d+ .*? in |^.*\bclosure in ", ""),
    (r"^(?:reabstraction )?thunk (?:helper )?(?:for|from|of) .*", "thunk"),
    (r"^\(\d+\) (?:await|suspend) resume partial function for ", ""),
    (r"^(?:@objc|static|class|specialized|merged|partial apply for|dispatch thunk of|outlined) ", ""),
    (r"^protocol witness for | in conformance .*| -> .*|\[clone .*|\.llvm\.\d+$", ""),
    (r"(?:\.(?:cold|isra|constprop|part|lto_priv)(?:\.\d+)?)+$|_block_invoke\w*$", ""),
    (r"::h[0-9a-f]{16}$", ""),
    (r"(?:::\{\{closure\}\})+|(?:::\{closure(?:#\d+|_env#\d+)?\})+", ""),
    (r"\{lambda\(.*?\)#\d+\}|lambda_[0-9a-f]{32}|\$_\d+", "lambda"),
    (r"^<(?:[A-Z] as )?([^<> ]+)(?: as [^>]*)?>+(?=::)", r"\1"),
    (r"\(anonymous namespace\)|`anonymous namespace'|\?A0x[0-9a-f]{8}", "anonymous"),
    (r"operator ?\(\)", "operator_call"),
    (r"operator ?(?:<=>|<<=?|>>=?|->\*?|<=?|>=?)", "operator"),
)
_NOWHERE = re.compile(
    r"^(?:<redacted>|<unknown>|<unavailable>|_*lldb_unnamed_symbol.*|sub_[0-9a-fA-F]+|(?:0x)?[0-9a-f]{6,}|\?+)$"
)
_GETTERS = re.compile(r"\.(?:getter|setter|modify|read|didset|willset|unsafeMutableAddressor) : .*$")


@lru_cache(maxsize=4096)
def module(name: str, family: str) -> str:
    """The module, class or package by itself; empty where the name says nothing."""
    return _straightened(name, _MODULES.get(family, ())).strip(" .$+-")


@lru_cache(maxsize=4096)
def function(name: str, within: str, family: str) -> str:
    """The function, or `?`. No spaces. `within`: the module it was told with, as it was told."""
    if family == "csharp" and name == "MoveNext" and (found := _STATE_MACHINE.search(within[:LIMIT])):
        return found[1]
    if family == "native":
        short = _native(" ".join(name[:LIMIT].split()))
    else:
        short = _straightened(name, _FUNCTIONS.get(family, ()))
    return short.strip().replace(" ", "_") or UNKNOWN


def _straightened(name: str, rules: _Rules) -> str:
    text = " ".join(name[:LIMIT].split())
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text


def _native(text: str) -> str:
    """Objective-C, Swift, C++ and Rust, as they are told apart by nothing but their looks."""
    if found := _OBJECTIVE_C.match(text):
        return f"{found[1]}.{found[2]}"
    if _NOWHERE.match(text):
        return ""
    text = _GETTERS.sub("", text)
    for pattern, replacement in _NATIVE:
        text = pattern.sub(replacement, text)
    outside = _outside_brackets(text).removesuffix("const").strip()
    return outside.rpartition(" ")[2].lstrip("*&@") or text


def _outside_brackets(text: str) -> str:
    depth = 0
    kept = []
    for letter in text:
        if letter in "(<[{":
            depth += 1
        elif letter in ")>]}":
            depth = max(0, depth - 1)
        elif depth == 0:
            kept.append(letter)
    return "".join(kept)
