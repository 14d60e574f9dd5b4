"""A GitHub that finds nothing missing, for tests that are about something else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from app.accounts import keys_in_force
from app.github.api.answers import Repository
from app.github.api.client import AppCredentials, Credentials
from app.github.connecting import connect, try_connection
from app.github.connecting.check import Checked, Found
from tests.github.stage import REPOSITORY_ID


async def nothing_missing(
    _: str, name: str, credentials: Credentials, *, repository_id: int | None = None
) -> Checked:
    """As `check.check` answers where all is well."""
    found = repository_id or REPOSITORY_ID
    repository = Repository(found, name, True, False, {}, f"https://github.com/{name}")
    if isinstance(credentials, AppCredentials):
        return Checked((), Found(repository, "snaglist[bot]", replace(credentials, installation_id=7)))
    return Checked((), Found(repository, "snag-bot", credentials))


@contextmanager
def in_order(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """GitHub finds nothing missing, and there is a key for secrets."""
    monkeypatch.setattr(connect, "check", nothing_missing)
    monkeypatch.setattr(try_connection, "check", nothing_missing)
    keys_in_force.use_keys("a key of tests alone")
    yield
    keys_in_force.use_keys()
