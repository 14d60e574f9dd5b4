"""How bad a detection is, by what it is."""

from typing import Final, Literal

Kind = Literal["traceback", "database", "access", "warning", "message"]
Severity = Literal["critical", "high", "medium"]

ORDER: Final[tuple[Severity, ...]] = ("critical", "high", "medium")
"""Most serious first."""


def severity(kind: Kind, *, has_frames: bool) -> Severity:
    """Critical for a traceback with frames, high for database and access errors, medium for the rest."""
    if kind == "traceback" and has_frames:
        return "critical"
    return "high" if kind in ("database", "access") else "medium"
