"""Whose code a frame of an app is, and what it is called without what varies.

Comes in: a frame as the app tells it, the platform of its event, and what the app's settings say is its own. Goes out:
whether it is the app's own, and a label that is the same for the same code on another server and in the next build.

Who decides: the app's settings; then the SDK, which knows the app's folder, except that it cannot call a package's code the
app's own where SDKs call everything so (browsers, Go, PHP); then the rules here, of which Sentry's defaults were the model.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.domain.events import frame_functions, frame_paths
from app.domain.events.event import EventFrame

SPOTS_LIMIT: Final = 16_384
"""How many different frames are remembered."""
NAME_LIMIT: Final = 500
"""Characters of a path, from its end, of a function and of a module that count."""

_FAMILIES: Final = {
    "python": "python",
    "javascript": "javascript",
    "node": "javascript",
    "web": "javascript",
    "browser": "javascript",
    "react-native": "javascript",
    "typescript": "javascript",
    "java": "java",
    "kotlin": "java",
    "android": "java",
    "scala": "java",
    "groovy": "java",
    "clojure": "java",
    "go": "go",
    "ruby": "ruby",
    "php": "php",
    "csharp": "csharp",
    "dotnet": "csharp",
    "fsharp": "csharp",
    "vb": "csharp",
    "dart": "dart",
    "flutter": "dart",
    "cocoa": "native",
    "ios": "native",
    "macos": "native",
    "swift": "native",
    "objc": "native",
    "native": "native",
    "c": "native",
    "cpp": "native",
    "rust": "native",
}
_BY_ENDING: Final = {
    **dict.fromkeys(["py", "pyx", "pyw"], "python"),
    **dict.fromkeys(["js", "mjs", "cjs", "jsx", "ts", "tsx", "vue", "svelte", "jsbundle"], "javascript"),
    **dict.fromkeys(["java", "kt", "kts", "scala", "groovy", "clj"], "java"),
    **dict.fromkeys(["rb", "erb", "rake", "haml", "slim"], "ruby"),
    **dict.fromkeys(["cs", "fs", "vb", "razor", "cshtml"], "csharp"),
    **dict.fromkeys(["swift", "m", "mm", "c", "cc", "cpp", "cxx", "h", "hpp", "rs", "so", "dylib"], "native"),
    "go": "go",
    "php": "php",
    "dart": "dart",
}
_MIXED: Final = frozenset(["other", "native"])
"""Families whose frames may be of another language: the ending of the path tells."""

_TOLD_TOO_WIDELY: Final = frozenset(["javascript", "go", "php", "dart", "native"])
"""Families whose SDKs say of code in packages that it is the app's own."""


def _words(text: str) -> list[str]:
    return text.split()


_GO_STANDARD: Final = _words(
    "archive bufio bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt hash"
    " html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv"
    " strings sync syscall testing text time unicode unique unsafe weak"
)
_LIBRARY_MODULES: Final = {
    "java": _words(
        "java javax jakarta sun com.sun jdk kotlin kotlinx scala groovy clojure android androidx dalvik com.android"
        " com.google.android com.google.common com.google.crypto com.google.firebase com.google.gson com.google.inject"
        " org.springframework org.apache org.hibernate org.junit org.eclipse org.jboss org.glassfish org.jdesktop org.slf4j"
        " org.postgresql org.codehaus org.gradle org.aspectj org.mockito org.jetbrains org.w3c org.xml io.netty io.ktor"
        " io.grpc io.vertx io.quarkus io.micronaut io.micrometer io.reactivex io.sentry io.opentelemetry reactor akka play"
        " rx feign okhttp3 okio retrofit2 oauth com.fasterxml com.zaxxer com.mysql com.microsoft ch.qos.logback"
        " oracle.jdbc net.bytebuddy dagger coil com.bumptech.glide com.squareup"
    ),
    "csharp": _words(
        "System Microsoft Windows Mono mscorlib Interop Xamarin Java.Interop Android UIKit Foundation FSharp Giraffe Serilog"
        " Newtonsoft.Json Npgsql MySql MySqlConnector Oracle StackExchange Castle Autofac Dapper EntityFramework MediatR"
        " AutoMapper FluentValidation Hangfire MassTransit Polly Grpc NLog log4net Quartz RabbitMQ NUnit Xunit UnityEngine"
        " UnityEditor Unity Cysharp Azure Amazon Swashbuckle IdentityModel lambda_method Sentry"
    ),
    "go": [*_GO_STANDARD, "golang.org/x", "google.golang.org", "gopkg.in", "github.com/getsentry/sentry-go"],
    "python": ["sentry_sdk"],
    "php": ["Sentry"],
    "native": _words(
        "std core alloc UIKit UIKitCore SwiftUI Foundation CoreFoundation CFNetwork AppKit QuartzCore GraphicsServices"
        " AttributeGraph CoreData CoreAutoLayout WebKit Combine FrontBoardServices IOKit Sentry dyld libdyld.dylib KERNELBASE.dll"
        " kernel32.dll ntdll.dll user32.dll ucrtbase.dll"
    ),
}
_LIBRARY_FUNCTIONS: Final = {
    "native": _words(
        "std:: core:: alloc:: rust_begin_unwind __rust __cxa boost:: swift_ _swift objc_ _objc _pthread"
        " start_wqthread _dispatch sentrycrash Sentry backtrace::"
    ),
    "php": ["Sentry\\"],
}
_LIBRARY_CALLS: Final = frozenset(
    ["abort", "raise", "malloc", "free", "memcpy", "memset", "start", "UIApplicationMain"]
)
"""Functions of machine code, by their whole names."""
_GENERATED: Final = ("$$EnhancerBy", "$$FastClassBy", "$$SpringCGLIB", "$Proxy", "GeneratedMethodAccessor")
_ENDS: Final = "./:\\$+-@"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the app's settings say is its own code, and what is not: beginnings of modules or of paths.

    A beginning ends where a name does: `com.acme` is not that of `com.acmecorp`. The longer one decides, then `include`.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A frame without its line. `place`: module or path, and `label` that with the function; empty: it says nothing."""

    place: str
    label: str
    is_own: bool


def is_own(frame: EventFrame, platform: str, rules: Rules) -> bool:
    """Whether the frame is the app's own code."""
    return spot(frame, platform, rules).is_own


def label(frame: EventFrame, platform: str) -> str:
    """Module or path, a space, and the function; empty for a frame that tells neither. The function has no space."""
    return spot(frame, platform, Rules()).label


def spot(frame: EventFrame, platform: str, rules: Rules) -> Spot:
    """Both at once, remembered."""
    path, function, module = frame.path or "", frame.function or "", frame.module or ""
    if len(path) + len(function) + len(module) > NAME_LIMIT:
        path, function, module = path[-NAME_LIMIT:], function[:NAME_LIMIT], module[:NAME_LIMIT]
    return _spot(path, function, module, frame.in_app, platform, rules.include, rules.exclude)


@lru_cache(maxsize=SPOTS_LIMIT)
def _spot(
    path: str,
    told: str,
    module: str,
    in_app: bool | None,
    platform: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
) -> Spot:
    family = _family(path, platform)
    if family == "go" and not module:
        module, told = _split_go(told)
    file = _file(path, module, family)
    name = frame_functions.function(told, module, family)
    place = _place(file, module, family)
    if name == frame_functions.UNKNOWN and (not place or place[0] in "<["):
        return Spot("", "", False)
    own = _said(module, path, place, include, exclude)
    if own is None:
        own = _by_rules(path, name, module, in_app, family)
    return Spot(place, f"{place or '?'} {name}", own)


def _family(path: str, platform: str) -> str:
    family = _FAMILIES.get(platform.lower(), "other")
    if family in _MIXED:
        return _BY_ENDING.get(path.partition("?")[0][-10:].rpartition(".")[2].lower(), family)
    return family


def _split_go(function: str) -> tuple[str, str]:
    """`github.com/acme/shop.(*Cart).Total` is package and function in one."""
    folders, slash, last = function.rpartition("/")
    package, dot, name = last.partition(".")
    return (f"{folders}{slash}{package}", name) if dot else ("", function)


def _file(path: str, module: str, family: str) -> str:
    """The file; of machine code the binary it is in, unless the file of its source is known."""
    ending = path.rpartition("/")[2].rpartition(".")[2].lower()
    if family != "native" or (ending in _BY_ENDING and ending not in ("so", "dylib")):
        return frame_paths.named(path, family)
    return frame_paths.binary(module or path)


def _place(file: str, module: str, family: str) -> str:
    if family == "native":
        return file
    name = frame_functions.module(module, family)
    # Ruby tells of a class where it can; and what some tools call a module of JavaScript is a path.
    is_file_better = family == "ruby" or (family == "javascript" and "/" in module)
    return file or name if is_file_better else name or file


def _said(
    module: str, path: str, place: str, include: tuple[str, ...], exclude: tuple[str, ...]
) -> bool | None:
    """What the app's settings say; None: nothing."""
    if not include and not exclude:
        return None
    names = (module, path.replace("\\", "/"), place)
    wanted = max((len(start) for start in include if any(_begins(name, start) for name in names)), default=0)
    unwanted = max(
        (len(start) for start in exclude if any(_begins(name, start) for name in names)), default=0
    )
    return None if not wanted and not unwanted else wanted >= unwanted


def _begins(name: str, start: str) -> bool:
    start = start.replace("\\", "/") if "/" in name else start
    return name.startswith(start) and (
        len(name) == len(start) or start[-1:] in _ENDS or name[len(start)] in _ENDS
    )


def _by_rules(path: str, name: str, module: str, in_app: bool | None, family: str) -> bool:
    if in_app is False or (in_app and family not in _TOLD_TOO_WIDELY):
        return in_app
    if frame_paths.is_library(path, family) or (module and frame_paths.is_library(module, family)):
        return False
    if in_app:
        return True
    if any(mark in module for mark in _GENERATED):
        return False
    starts: Iterable[str] = _LIBRARY_MODULES.get(family, ())
    where = frame_functions.module(module, family)
    if family == "native":
        where = frame_paths.binary(module or path)
    return not (
        any(_begins(where, start) for start in starts)
        or (family == "native" and name in _LIBRARY_CALLS)
        or any(name.startswith(start) for start in _LIBRARY_FUNCTIONS.get(family, ()))
    )
