"""Whether issues can be made in a repository, and if not, what is missing.

Comes in: where GitHub is, a repository's name, and credentials. Goes out: what stands in the way, as sentences that say
what to do about it, and what was found out on the way. Nothing is written, here or there. Not to be called inside of a
transaction. What the token of a person may do in the end only GitHub knows: of a fine-grained one it tells what its
person may do.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from app.github.api.answers import Installation, Repository
from app.github.api.client import AppCredentials, Credentials, Github, github
from app.github.api.failures import (
    BadCredentials,
    GithubFailure,
    Limited,
    Missing,
    Moved,
    NotAllowed,
    Unknown,
)

LONGEST: Final = 25.0
"""Seconds after which it is given up."""
ANSWER: Final = 10.0
"""Seconds that GitHub has for one answer."""
_NEEDED: Final = {"issues": ("write",), "metadata": ("read", "write")}
"""The permissions of an App, each with the levels that do."""
_WRITERS: Final = ("admin", "maintain", "push", "triage")
"""What lets a person set labels and close issues; what they may not do GitHub leaves out without a word."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands in the way, a sentence to show; `field`: the input of `connect` by which it is put right, if one does."""

    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The repository as it is called now, who we are there, and an App's credentials with its installation."""

    repository: Repository
    login: str
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class Checked:
    """What stands in the way, nothing if it is empty; `found` is None where one did not come so far."""

    problems: tuple[Problem, ...] = ()
    found: Found | None = None


class _Stopped(Exception):
    """One comes no further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


async def check(
    base_url: str, name: str, credentials: Credentials, *, repository_id: int | None = None
) -> Checked:
    """Look at it. It takes `LONGEST` seconds at most, and raises nothing that GitHub is at fault for.

    `name`: `owner/name`, checked. `repository_id`: the repository that is meant, also where it is called otherwise by now,
    or another one has its name; None: whichever has this name.
    """
    try:
        async with asyncio.timeout(LONGEST):
            if isinstance(credentials, AppCredentials):
                return await _check_app(base_url, name, credentials, repository_id)
            return await _check_token(base_url, name, credentials, repository_id)
    except _Stopped as stopped:
        return Checked((stopped.problem,))
    except TimeoutError:
        return Checked(
            (Problem(f"GitHub did not answer within {LONGEST:.0f} seconds: try again", "baseUrl"),)
        )
    except Limited as failure:
        return Checked((Problem(f"GitHub wants no more requests for now, try again later: {failure}"),))
    except Unknown as failure:
        return Checked((Problem(f"asking GitHub at this address failed: {failure}", "baseUrl"),))
    except GithubFailure as failure:
        return Checked((Problem(f"GitHub refuses it: {failure}"),))


async def _check_app(
    base_url: str, name: str, credentials: AppCredentials, repository_id: int | None
) -> Checked:
    async with github(base_url, replace(credentials, installation_id=None), timeout=ANSWER) as app:
        try:
            login = await app.login()
        except (BadCredentials, Missing, NotAllowed):
            told = "GitHub does not know this App with this private key: check both in the App's settings"
            raise _Stopped(Problem(told, "credentials.app.privateKey")) from None
        if repository_id is not None:
            name = await _present_name(base_url, credentials, repository_id) or name
        installation = await _installation(app, name)
    if installation.suspended:
        told = "the App's installation is suspended: have it resumed in the settings of the owner's installed Apps"
        raise _Stopped(Problem(told, "repository"))
    problems = _lacking(installation)
    installed = replace(credentials, installation_id=installation.id)
    try:
        async with github(base_url, installed, timeout=ANSWER) as there:
            repository = await _repository(there, name, repository_id)
    except (BadCredentials, NotAllowed) as failure:
        raise _Stopped(Problem(f"the App may not read {name}: {failure}", "repository")) from None
    return Checked((*problems, *_closed(repository)), Found(repository, login, installed))


async def _check_token(
    base_url: str, name: str, credentials: Credentials, repository_id: int | None
) -> Checked:
    async with github(base_url, credentials, timeout=ANSWER) as there:
        try:
            login = await there.login()
        except (BadCredentials, Missing):
            told = "GitHub does not accept this token: it is wrong, was revoked, or has expired"
            raise _Stopped(Problem(told, "credentials.token")) from None
        except NotAllowed as failure:
            raise _Stopped(Problem(f"this token may not be used: {failure}", "credentials.token")) from None
        try:
            repository = await _repository(there, name, repository_id)
        except (BadCredentials, NotAllowed) as failure:
            told = f"this token may not read {name}: {failure}"
            raise _Stopped(Problem(told, "credentials.token")) from None
    problems = list(_closed(repository))
    told_of = repository.permissions
    if told_of and not any(told_of.get(permission) for permission in _WRITERS):
        told = f"{login} may not set labels in {repository.full_name}: have them given the role Triage or Write there"
        problems.append(Problem(told, "credentials.token"))
    return Checked(tuple(problems), Found(repository, login, credentials))


async def _present_name(base_url: str, credentials: AppCredentials, repository_id: int) -> str | None:
    """What the repository is called now, as far as the installation that was known can tell."""
    if credentials.installation_id is None:
        return None
    try:
        async with github(base_url, credentials, timeout=ANSWER) as there:
            return (await there.repository_by_id(repository_id)).full_name
    except (BadCredentials, NotAllowed, Missing, Moved):
        return None


async def _installation(app: Github, name: str) -> Installation:
    try:
        return await app.app_installation(name)
    except Missing:
        told = (
            f"the App is not installed in {name}, or there is no such repository: install it there"
            " (in the App's settings, Install App), or correct the name"
        )
        raise _Stopped(Problem(told, "repository")) from None
    except Moved:
        raise _Stopped(_renamed(name)) from None


async def _repository(there: Github, name: str, repository_id: int | None) -> Repository:
    """The repository that is meant, whatever it is called now."""
    try:
        if repository_id is not None:
            return await there.repository_by_id(repository_id)
        return await there.repository(name)
    except Missing:
        told = f"{name} was not found: there is none, or these credentials give no access to it"
        raise _Stopped(Problem(told, "repository")) from None
    except Moved:
        raise _Stopped(_renamed(name)) from None


def _renamed(name: str) -> Problem:
    return Problem(f"{name} is called otherwise now: give the name that it has on GitHub", "repository")


def _lacking(installation: Installation) -> list[Problem]:
    """The permissions that the installation does not have."""
    return [
        Problem(
            f"the App lacks the permission {permission} ({levels[0]}): add it in the App's settings, under repository"
            " permissions, and have the owner of the repository accept it"
        )
        for permission, levels in _NEEDED.items()
        if installation.permissions.get(permission) not in levels
    ]


def _closed(repository: Repository) -> list[Problem]:
    """Why nobody can write issues there."""
    name, problems = repository.full_name, list[Problem]()
    if repository.archived:
        problems.append(Problem(f"{name} is archived: nobody can write there", "repository"))
    if not repository.has_issues:
        told = f"issues are turned off in {name}: turn them on in its settings, under Features"
        problems.append(Problem(told, "repository"))
    return problems
