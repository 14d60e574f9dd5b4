"""Tracebacks written frame by frame, and the fingerprints made of them."""

from collections.abc import Sequence

from app.domain.addons import KNOWN_FOLDERS
from app.domain.fingerprints import Fingerprint, Spots, of_traceback
from app.domain.tracebacks import split

DEB = "/usr/lib/python3/dist-packages/odoo"
SHOP = "/mnt/extra-addons/shop"
DISPATCH = [(f"{DEB}/http.py", "dispatch"), (f"{DEB}/addons/base/models/ir_http.py", "_dispatch")]
TOTAL = [(f"{SHOP}/controllers/main.py", "checkout"), (f"{SHOP}/models/cart.py", "total")]
STACK = [(f"{DEB}/models.py", name) for name in ("a", "b", "c", "d", "e", "f", "g")]
CAUSE = "\n\nThe above exception was the direct cause of the following exception:\n\n"
DURING = "\n\nDuring handling of the above exception, another exception occurred:\n\n"

Frames = Sequence[tuple[str, str | None]]


def printed(frames: Frames, error: str = "ValueError: 12 pcs", first_line: int = 7, source: str = "") -> str:
    lines = ["Traceback (most recent call last):"]
    for number, (path, function) in enumerate(frames, first_line):
        lines.append(f'  File "{path}", line {number}' + (f", in {function}" if function else ""))
        lines += [source] if source else []
    return "\n".join([*lines, error])


def made(
    traceback: str, logger: str = "odoo.http", known: Spots | None = None
) -> tuple[Fingerprint, str | None]:
    return of_traceback(split(traceback.encode()), logger, Spots(KNOWN_FOLDERS) if known is None else known)


def reason(traceback: str, logger: str = "odoo.http") -> list[str]:
    return made(traceback, logger)[0].reason.split("\n")
