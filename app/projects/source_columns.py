"""The columns of an instance that say where its log is.

Comes in: a source, as `app.scanning.checked_source` has checked it. Goes out: what is stored of it, secrets encrypted for
this one instance. And back: what was stored.
"""

import contextlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.accounts.source_secrets import sealed, unsealed
from app.domain.log_source import FileLog, LogSource, kind_of, restored, stored
from app.errors import BadInput, ConfigurationError
from app.projects import names


def demand_whole(source: LogSource) -> None:
    """BadInput: the file is nowhere on this machine, or it is not said how to log in on another one."""
    if source.machine is None and isinstance(source.log, FileLog):
        names.log_path(source.log.path)
    if unsaid := source.unsaid():
        raise BadInput(
            "say how to log in: give a private key or a password; one that was given before stays with the"
            " machine and user that it was given for, and a password with that machine's host key",
            field=f"{unsaid}.privateKey",
        )


def source_columns(source: LogSource, instance_id: UUID) -> tuple[str, str, bytes | None]:
    """What is stored of a whole source: its kind, where it is, as JSON, and its secrets.

    BadInput: there is no key to encrypt them with.
    """
    place, secrets = stored(source)
    try:
        encrypted = sealed(instance_id, secrets) if secrets else None
    except ConfigurationError as missing:
        raise BadInput(f"no secrets can be stored: {missing.message}", field="source.ssh") from None
    return kind_of(source.log), json.dumps(place), encrypted


def source_in(row: Mapping[str, Any]) -> LogSource | None:
    """The source that was stored, with those of its secrets that can still be read; None: it is none."""
    secrets: list[dict[str, str]] = []
    # Who has lost the key enters the secrets anew; until then they are unknown.
    with contextlib.suppress(ValueError, ConfigurationError):
        if row["source_secrets"] is not None:
            secrets = unsealed(row["id"], row["source_secrets"])
    try:
        return restored(row["source_kind"], json.loads(row["source"]), secrets)
    except ValueError:
        return None
