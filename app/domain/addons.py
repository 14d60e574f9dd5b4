"""Whose code a traceback's path is: a custom addon's, Odoo's own, a library's, the program's.

A path is classed by itself (`place`), but one question needs the whole traceback: `X/addons` is Odoo's own tree
only where the same traceback runs through `X/odoo/...`. `Place.parent` and `Place.core` carry what `is_custom`
needs to answer it.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

KNOWN_FOLDERS: Final = ("/mnt/extra-addons", "/mnt/custom-addons", "/home/odoo/src/user")
"""Folders that hold custom addons on any server: Odoo's container image, a common mount, odoo.sh."""

PATH_LIMIT: Final = 4096
"""Characters of a path that are looked at: no file system has a longer one."""

Owner = Literal["custom", "odoo", "library", "generated", "app"]

_CORE = re.compile(
    r"^(?P<root>.*?)/(?P<package>odoo|openerp)/(?P<rest>"
    r"(?:__init__|http|api|models|fields|sql_db|exceptions|netsvc|init|release|loglevels|report|workflow)(?:/.*)?\.py"
    r"|(?:service|modules)/[^/]+|(?:tools|cli|orm|osv|conf|http|tests|upgrade|_monkeypatches)/.*|addons/base/.*)$"
)
_PACKAGES = re.compile(r".*/(?:site|dist)-packages/(?P<name>.*)$")
_STANDARD = re.compile(r".*?/(?:lib(?:32|64)?/(?:python|pypy)\d(?:\.\d+)?|[Pp]ython\d*/[Ll]ib)/(?P<name>.*)$")
_COMPILED = re.compile(r".*\.p(?:yx|xi|xd)\Z|src/gevent/")  # as Cython names them: relative to a source tree
_ADDONS_FOLDER = re.compile(r"(?:[\w.-]*[-_.])?addons\d*(?:[-_.][\w.-]*)?\Z", re.IGNORECASE)
_ODOO_CHECKOUT = re.compile(
    r"(?:odoo|openerp|ocb|enterprise|community|server)(?>(?:[-_]?(?:server|src|community|ce|ee))*)(?:[-_]?v?\d[\w.+-]*)?\Z",
    re.IGNORECASE,
)
_VERSION_FOLDER = re.compile(r"v?\d{1,2}\.\d\Z")
_ENTERPRISE = re.compile(
    r"(?:odoo[-_])?(?:enterprise|design-themes|themes)(?:[-_]?\d[\w.]*)?\Z", re.IGNORECASE
)
_MODULE_PARTS: Final = frozenset(
    [
        "models",
        "model",
        "controllers",
        "controller",
        "wizard",
        "wizards",
        "report",
        "reports",
        "tests",
        "migrations",
        "upgrades",
        "populate",
        "tools",
        "lib",
        "libs",
        "utils",
        "common",
        "components",
        "services",
        "connectors",
        "http",
        "data",
        "demo",
        "views",
        "static",
        "jobs",
        "hooks",
        "patches",
    ]
)
_LOOSE_PARTS: Final = frozenset({"models", "controllers", "wizard", "wizards", "report", "reports"})
_OUTERMOST_FILE = re.compile(r"(?:__init__|__manifest__|__openerp__|(?:\w+_)?hooks?)\.py\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path stands.

    `name` is the path as it is the same on every server: from the addon, package or program folder on.
    `parent` is the folder around an addons folder, `core` the folder around Odoo's own package; None elsewhere.
    `loose` marks `X/<addon>/models/...` outside any folder named addons: custom where Odoo runs in the traceback.
    """

    owner: Owner
    name: str
    addon: str | None = None
    parent: str | None = None
    core: str | None = None
    loose: bool = False

    @property
    def is_certain(self) -> bool:
        """Whether the path by itself says whose the code is."""
        return self.parent is None and not self.loose


@lru_cache(maxsize=8192)
def place(path: str, known_folders: tuple[str, ...] = KNOWN_FOLDERS) -> Place:
    """The place of one path. `known_folders`: absolute folders whose addons are custom, without a closing slash."""
    path = path[:PATH_LIMIT].replace("\\", "/")
    if path[1:3] == ":/":
        path = path[0].upper() + path[1:]  # Windows prints one drive in both cases
    if path.startswith("<") or ("/" not in path and not path.endswith(".py")):
        return Place("generated", re.sub(r"\d+", "0", path))
    if _COMPILED.match(path):
        return Place("library", path.removeprefix("src/"))
    for folder in known_folders:
        if path.startswith(folder + "/"):
            return _addon(path[len(folder) + 1 :], "custom", None)
    if core := _CORE.match(path):
        name = f"{core['package']}/{core['rest']}"
        addon = "base" if core["rest"].startswith("addons/base/") else None
        return Place("odoo", name.removeprefix("odoo/addons/"), addon, core=core["root"])
    if library := _PACKAGES.match(path) or _STANDARD.match(path):
        return _library(library["name"])
    return _addons_folder(path) or _loose(path) or _program(path)


def is_custom(place: Place, cores: Set[str | None]) -> bool:
    """Whether a place is a custom addon's, `cores` being the `core` of each place of its traceback."""
    cores = cores - {None}
    if place.loose:
        return bool(cores)
    if place.owner != "custom" or place.parent is None:
        return place.owner == "custom"
    if not cores:
        return not _ODOO_CHECKOUT.match(place.parent.rpartition("/")[2])
    return not any(place.parent in (core, f"{core}/odoo", f"{core}/openerp") for core in cores)


def is_in_app(place: Place, cores: Set[str | None]) -> bool:
    """Whether a frame is the user's own code: neither Odoo's, nor a library's, nor generated."""
    return place.owner == "app" or is_custom(place, cores)


def addon_of_logger(logger: str) -> str | None:
    """`sale` for the logger `odoo.addons.sale.models.sale_order`; None for a logger of no addon."""
    parts = logger.split(".", 3)
    return (
        parts[2]
        if len(parts) > 2 and parts[0] in ("odoo", "openerp") and parts[1] == "addons" and parts[2]
        else None
    )


def _addon(below: str, owner: Owner, parent: str | None) -> Place:
    parts = below.split("/")
    folders = parts[:-1]
    for i in range(1, len(folders)):
        if folders[i] in _MODULE_PARTS:
            start = i - 1
            break
    else:
        start = next((i for i, part in enumerate(folders) if not _is_collection(part)), 0)
        if _OUTERMOST_FILE.match(
            parts[-1]
        ):  # a repository with modules in it, rather than a module's subfolder
            start = len(folders) - 1
    addon = parts[start] if folders else None
    return Place(owner, "/".join(parts[start:]), addon, parent)


def _is_collection(folder: str) -> bool:
    return bool(_ADDONS_FOLDER.match(folder) or _VERSION_FOLDER.match(folder))


def _library(name: str) -> Place:
    odoo = re.match(r"(?:[^/]+\.egg/)?(?:(?:odoo|openerp)/)?addons/(.+)", name)
    return _addon(odoo[1], "odoo", None) if odoo else Place("library", name)


def _addons_folder(path: str) -> Place | None:
    parts = path.split("/")
    for i, folder in enumerate(parts[:-2]):
        if _ENTERPRISE.match(folder):
            return _addon("/".join(parts[i + 1 :]), "odoo", None)
        if _ADDONS_FOLDER.match(folder):
            plain = folder.lower() == "addons" and not _VERSION_FOLDER.match(parts[i + 1])
            return _addon("/".join(parts[i + 1 :]), "custom", "/".join(parts[:i]) if plain else None)
    return None


def _loose(path: str) -> Place | None:
    parts = path.split("/")
    for i in range(2, len(parts) - 1):
        if parts[i] in _LOOSE_PARTS and parts[i - 1]:
            return Place("app", "/".join(parts[i - 1 :]), parts[i - 1], loose=True)
    return None


def _program(path: str) -> Place:
    script = path.rpartition("/")[2]
    if script in ("odoo-bin", "odoo", "openerp-server"):
        return Place("odoo", script, core=path.rpartition("/")[0] if script == "odoo-bin" else None)
    return Place("app", "/".join(path.split("/")[-2:]))
