"""What several mutations are given.

Comes in: inputs of a client. Goes out: what `app.projects` takes.
"""

import strawberry
from strawberry import UNSET

from app.errors import BadInput
from app.projects.create_instance import LocalFile


@strawberry.input(description="A file on the machine that Snaglist runs on.")
class LocalFileInput:
    """A file on the machine that Snaglist runs on."""

    path: str = strawberry.field(
        description="Its absolute path. It need not exist yet; rotation and truncation are followed."
    )


@strawberry.input(description="Where an instance's log is read: exactly one of the fields.", one_of=True)
class InstanceSourceInput:
    """Where an instance's log is read."""

    local_file: LocalFileInput | None = strawberry.field(
        default=UNSET, description="A file on the machine that Snaglist runs on."
    )


def as_source(given: InstanceSourceInput) -> LocalFile:
    """The source that a client means. BadInput: none; the graph's own rules say so before."""
    if not given.local_file:
        raise BadInput("say where the log is", field="source")
    return LocalFile(given.local_file.path)
