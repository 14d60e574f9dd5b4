"""Asking a scripted server once, and looking at what comes of it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.github.api.client import Github, TokenCredentials, github
from app.github.api.failures import GithubFailure
from tests.github.scripted import Answer, scripted

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"  # noqa: S105  of nobody
AS_USER = TokenCredentials(TOKEN)
NAME = "acme/odoo"


def create(there: Github) -> Awaitable[Any]:
    return there.create_issue(NAME, "title", "body", [])


async def failing(answer: Answer, call: Callable[[Github], Awaitable[Any]] = create) -> GithubFailure:
    """What comes of an answer to one request; there is no second one."""
    async with scripted(answer) as server, github(server.url, AS_USER, timeout=0.5) as there:
        with pytest.raises(GithubFailure) as failure:
            await call(there)
    assert len(server.asked) == 1
    return failure.value


def assert_secret(failure: GithubFailure, *secrets: str) -> None:
    """Neither the failure nor anything it came of has a secret in it."""
    seen: list[BaseException | None] = [failure]
    for error in seen:
        if error is not None:
            assert not [secret for secret in secrets if secret in f"{error} {error!r} {vars(error)}"]
            seen += [error.__cause__, error.__context__]
