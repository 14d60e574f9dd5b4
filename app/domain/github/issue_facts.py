"""What an issue is made of: the facts of an error group, as they are stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class IssueFrame:
    """A place in the code that the error went through."""

    path: str
    line: int | None
    function: str | None
    module: str | None
    in_app: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFacts:
    """What is known of a group: its texts may be of any length and hold anything. Times without a zone are UTC."""

    title: str
    exception_type: str | None
    module: str | None
    message: str
    source: Literal["LOG", "EVENT"]
    severity: str
    """`critical`, `high` or `medium`."""
    first_seen_at: datetime
    last_seen_at: datetime
    total_count: int
    instances: tuple[tuple[str, int], ...]
    """Names with counts; of the first 20 at most."""
    instance_count: int
    """Of all affected instances."""
    app: str | None
    release: str | None
    environment: str | None
    odoo_version: str | None
    commit_sha: str | None
    traceback: str | None
    frames: tuple[IssueFrame, ...]
    context_before: tuple[str, ...]
    context_after: tuple[str, ...]
    link: str
    """The page of the error in Snaglist."""
    marker: UUID
    is_back: bool = False
    """Whether it was resolved before."""
