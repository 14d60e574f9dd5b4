"""Give a project a repository, whose issues its errors become.

Comes in: which repository, how it is reached, and who wants it. Goes out: the secret of the webhook, if one was made. It
is tried first: where something is missing nothing is stored. GitHub is asked outside of transactions; who connects the
same project at the same moment is not overwritten unseen, as far as something of what was there is to stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.errors import BadInput, ConfigurationError, NotFound
from app.github.api.client import AppCredentials, Credentials
from app.github.api.names import PUBLIC
from app.github.asking.waking import wake_github
from app.github.connecting import changing_repository
from app.github.connecting.check import Found, check
from app.github.connecting.credentials import sealed, sealed_webhook_secret, unsealed
from app.github.connecting.keys import installation_key
from app.github.connecting.wanted_connection import WantedConnection, checked
from app.github.connecting.webhook_secrets import webhook_secret
from app.tables.database import fetch, fetch_one, transaction

_SHOWN: Final = {
    "base_url": "baseUrl",
    "repository": "repository",
    "kind": "credentialsKind",
    "app_id": "appId",
    "login": "login",
    "comments_back": "commentsBack",
}
"""The columns that the audit tells of, and what the graph calls them."""
_SETTINGS: Final = ("base_url", "repository_id", "credentials", "webhook_secret", "comments_back")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be tried. `known`: the connection that there is."""

    base_url: str
    credentials: Credentials
    known: Row | None
    comments_back: bool


async def connect(
    organization_id: UUID, wanted: WantedConnection, *, now: datetime, actor: Actor = SYSTEM
) -> str | None:
    """Connect the project, and give the webhook's secret where one was made (as none was given, and none could be read).

    To be called outside of transactions.

    Issues of another repository that it had are not followed any more; what was still to be made is made in this one.
    BadInput: something makes no sense, or GitHub says what is missing; `field` is the input at fault. NotFound: the
    organization has no such project, or not any more.
    """
    wanted = checked(wanted)
    known = await _before(organization_id, wanted.project_id)
    plan = _plan(wanted, known)
    found = await _found(plan, wanted.repository)
    secret, made = await webhook_secret(
        organization_id, wanted, known, base_url=plan.base_url, credentials=found.credentials
    )
    values = _values(wanted.project_id, plan, secret, found)
    given = [shown for shown, value in _secrets(wanted, made).items() if value is not None]
    async with transaction():
        name = await _lock_project(organization_id, wanted.project_id)
        before = await _connection(wanted.project_id)
        if _settings(before) != _settings(known):
            raise BadInput(
                "somebody else changed the connection at this moment: try again", field="projectId"
            )
        await _store(organization_id, wanted.project_id, values, before, found.repository.url, now)
        await audit.note(
            organization_id,
            actor,
            Kind.GITHUB_CONNECTED,
            subject_type="Project",
            subject_id=wanted.project_id,
            subject_name=name,
            detail=_told(before, values, given),
            now=now,
        )
    await wake_github()
    return made


def _plan(wanted: WantedConnection, known: Row | None) -> _Plan:
    """What is to be tried. BadInput: credentials are needed."""
    base_url = wanted.base_url or (known["base_url"] if known else PUBLIC)
    credentials = wanted.credentials or _kept(wanted.project_id, known, base_url)
    is_known = known is not None and known["base_url"] == base_url
    if (
        isinstance(credentials, AppCredentials)
        and known
        and is_known
        and known["app_id"] == credentials.app_id
    ):
        # Where it was installed tells what the repository is called now.
        credentials = replace(credentials, installation_id=known["installation_id"])
    comments_back = wanted.comments_back
    if comments_back is None:
        comments_back = bool(known and known["comments_back"])
    return _Plan(base_url, credentials, known, comments_back)


def _secrets(wanted: WantedConnection, made: str | None) -> dict[str, object]:
    return {"credentials": wanted.credentials, "webhookSecret": wanted.webhook_secret or made}


def _kept(project_id: UUID, known: Row | None, base_url: str) -> Credentials:
    if known is None:
        raise BadInput("say how to log in: give an App or a token", field="credentials")
    if known["base_url"] != base_url:
        # Otherwise whoever may connect could have a token that they may not read sent to a server of theirs.
        told = "give the credentials again: those that are there were given for another server"
        raise BadInput(told, field="credentials")
    try:
        return unsealed(project_id, known["credentials"])
    except (ValueError, ConfigurationError):
        told = "give the credentials again: those that are there cannot be read any more"
        raise BadInput(told, field="credentials") from None


async def _found(plan: _Plan, name: str) -> Found:
    """The repository as GitHub has it, also where it was renamed since. BadInput: something is missing."""
    known = plan.known
    is_known = (
        known is not None
        and known["base_url"] == plan.base_url
        and str(known["repository"]).lower() == name.lower()
    )
    looked = await check(
        plan.base_url,
        name,
        plan.credentials,
        repository_id=known["repository_id"] if known and is_known else None,
    )
    if is_known and looked.found is None and any(each.field == "repository" for each in looked.problems):
        looked = await check(plan.base_url, name, plan.credentials)  # there may be a new one with this name
    if looked.problems or looked.found is None:
        fields = [problem.field for problem in looked.problems if problem.field]
        raise BadInput(
            "; ".join(problem.message for problem in looked.problems),
            field=fields[0] if fields else "repository",
        )
    return looked.found


def _values(project_id: UUID, plan: _Plan, secret: str, found: Found) -> dict[str, Any]:
    """The columns of the connection, but for those that follow from the time. BadInput: there is no key."""
    credentials = found.credentials
    app = credentials if isinstance(credentials, AppCredentials) else None
    try:
        hidden = sealed(project_id, credentials)
        hidden_secret = sealed_webhook_secret(project_id, secret)  # with the newest key, also if it is kept
    except ConfigurationError as missing:
        raise BadInput(f"no secrets can be stored: {missing.message}", field="credentials") from None
    return {
        "base_url": plan.base_url,
        "repository": found.repository.full_name,
        "repository_id": found.repository.id,
        "kind": "app" if app else "token",
        "app_id": app and app.app_id,
        "installation_id": app and app.installation_id,
        "login": found.login,
        "installation_key": installation_key(plan.base_url, credentials),
        "credentials": hidden,
        "webhook_secret": hidden_secret,
        "comments_back": plan.comments_back,
    }


async def _before(organization_id: UUID, project_id: UUID) -> Row | None:
    """The connection that the project has. NotFound: there is no such project."""
    async with transaction():
        await _lock_project(organization_id, project_id)
        return await _connection(project_id)


async def _lock_project(organization_id: UUID, project_id: UUID) -> str:
    """The project's name; nobody else connects it before the transaction has ended."""
    row = await fetch_one(
        """
        select name from project where organization_id = $1 and id = $2 and deleted_at is null
        for no key update
        """,
        organization_id,
        project_id,
    )
    if row is None:
        raise NotFound("there is no such project", field="projectId")
    return str(row["name"])


async def _connection(project_id: UUID) -> Row | None:
    return await fetch_one(
        "select * from github_connection where project_id = $1 for no key update", project_id
    )


def _settings(connection: Row | None) -> dict[str, object] | None:
    """What of the connection people change; the workers change the rest."""
    return None if connection is None else {name: connection[name] for name in _SETTINGS}


async def _store(
    organization_id: UUID,
    project_id: UUID,
    values: dict[str, Any],
    before: Row | None,
    url: str,
    now: datetime,
) -> None:
    """Write the connection, and what becomes of the project's issues; `url`: the repository's page."""
    repository_id = values["repository_id"]
    is_same = before is not None and (
        (before["base_url"], before["repository_id"]) == (values["base_url"], repository_id)
    )
    await fetch(
        "insert into github_installation (key) values ($1) on conflict (key) do update set key = excluded.key",
        values["installation_key"],
    )
    columns = values | {"checked_at": now, "attempts": 0, "problem": None, "retry_at": None}
    if not is_same:
        columns |= {"labels": [], "created_at": now}
    if before is None:
        columns |= {"project_id": project_id, "organization_id": organization_id}
        places = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
        sql = f"insert into github_connection ({', '.join(columns)}) values ({places})"  # noqa: S608  our own words
        await fetch(sql, *columns.values())
    else:
        changes = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, 2))
        sql = f"update github_connection set {changes} where project_id = $1"  # noqa: S608  our own words
        await fetch(sql, project_id, *columns.values())
    await changing_repository.lock_issues(project_id)
    if not is_same:
        await changing_repository.let_go(project_id)
        await changing_repository.carry_over(project_id, now)
        await changing_repository.come_back(project_id, repository_id, url, now)
    await changing_repository.retry_failed(project_id, now)


def _told(before: Row | None, after: Row, given: list[str]) -> dict[str, tuple[object, object]]:
    """What the audit is to say: of secrets only that they were given."""
    detail = {
        shown: (None if before is None else before[column], after[column]) for column, shown in _SHOWN.items()
    }
    return detail | dict.fromkeys(given, (None, "changed"))
