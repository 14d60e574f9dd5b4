"""The endpoints of Apps, users and repositories themselves, and the search for issues.

Comes in: a call. Goes out: answers; tokens of installations are made here.
"""

import re
import secrets
from datetime import timedelta
from typing import Any

from tests.github.stand_in import bodies, pages, places, shapes
from tests.github.stand_in.answers import Answer, Call, Refusal, answer
from tests.github.stand_in.callers import as_app
from tests.github.stand_in.records import Installation, Issue, Repository, Token

_RANK = {"read": 1, "write": 2, "admin": 3}


def app(call: Call) -> Answer:
    """GET /app, with the App's JWT."""
    return answer(200, shapes.app(call.at, as_app(call.caller)))


def user(call: Call) -> Answer:
    """GET /user, with a user's token."""
    if call.caller.installation:
        raise Refusal(403, "Resource not accessible by integration")
    return answer(200, shapes.user(call.at, call.user))


def repository(call: Call, at: Repository) -> Answer:
    """GET /repos/{o}/{r} and GET /repositories/{id}."""
    role, is_app = places.role(call, at), call.caller.installation is not None
    return answer(200, shapes.repository(call.at, at, role=role, is_app=is_app))


def installation_of(call: Call, owner: str, name: str) -> Answer:
    """GET /repos/{o}/{r}/installation, with the App's JWT: a suspended one too; 404 where there is none."""
    asking = as_app(call.caller)
    world, full_name = call.world, f"{owner}/{name}"
    try:
        at = world.repository(full_name)
    except KeyError:
        former = world.repositories.get(world.old_names.get(full_name.lower(), 0))
        if former is None or former.is_deleted or _installed(call, former) is None:
            raise Refusal(404, "Not Found") from None
        raise places.moved(call, f"/repositories/{former.id}/installation") from None
    found = _installed(call, at)
    if found is None or found.app is not asking:
        raise Refusal(404, "Not Found")
    return answer(200, shapes.installation(call.at, found))


def installation_of_id(call: Call, number: str) -> Answer:
    """GET /repositories/{id}/installation."""
    at = call.world.repositories.get(int(number))
    as_app(call.caller)
    found = _installed(call, at) if at and not at.is_deleted else None
    if found is None:
        raise Refusal(404, "Not Found")
    return answer(200, shapes.installation(call.at, found))


def _installed(call: Call, at: Repository) -> Installation | None:
    for each in call.world.installations.values():
        covers = each.repositories is None or at.id in each.repositories
        if each.app is call.caller.app and each.account is at.owner and covers and not each.is_deleted:
            return each
    return None


def access_token(call: Call, number: str) -> Answer:
    """POST /app/installations/{id}/access_tokens: a token for an hour; 403 for a suspended installation."""
    asking = as_app(call.caller)
    found = call.world.installations.get(int(number))
    if found is None or found.is_deleted or found.app is not asking:
        raise Refusal(404, "Not Found")
    if found.suspended_at:
        raise Refusal(403, "This installation has been suspended")
    known = {"repositories", "repository_ids", "permissions"}
    body = bodies.fields(call.raw, known) if call.raw.strip() else {}
    token = Token(
        "ghs_" + secrets.token_hex(18),
        "installation",
        found.app.bot,
        permissions=_permissions(found, body.get("permissions")),
        repositories=_selected(call, found, body),
        expires_at=call.world.now() + timedelta(seconds=call.world.settings.token_life),
        installation=found,
    )
    call.world.tokens[token.value] = token
    value: dict[str, Any] = {
        "token": token.value,
        "expires_at": shapes.stamp(token.expires_at),
        "permissions": token.permissions,
        "repository_selection": "all" if token.repositories is None else "selected",
    }
    return answer(201, value)


def _permissions(found: Installation, wanted: Any) -> dict[str, str]:
    if wanted is None:
        return dict(found.permissions)
    for name, level in dict(wanted).items():
        if _RANK.get(found.permissions.get(name, ""), 0) < _RANK.get(level, 9):
            raise Refusal(422, "The permissions requested are not granted to this installation.")
    return dict(wanted)


def _selected(call: Call, found: Installation, body: dict[str, Any]) -> frozenset[int] | None:
    names = {str(name).lower() for name in body.get("repositories") or []}
    ids = set(body.get("repository_ids") or [])
    if not names and not ids:
        return found.repositories
    chosen = {
        each.id
        for each in call.world.repositories.values()
        if each.owner is found.account and (each.id in ids or each.name.lower() in names)
    }
    if len(chosen) < max(len(names), len(ids)) or not chosen <= (found.repositories or chosen):
        raise Refusal(422, "There is at least one repository that does not exist or is not accessible.")
    return frozenset(chosen)


def search_issues(call: Call) -> Answer:
    """GET /search/issues?q=...: words and repo:, is:, state:, author:; what is younger than the lag is not found yet."""
    pages.known(call, "q", "sort", "order")
    query = call.query.get("q", "")
    if not query.strip():
        raise Refusal(422, "Validation Failed", [{"resource": "Search", "field": "q", "code": "missing"}])
    named = dict(re.findall(r"\b(repo|is|state|author|in):(\S+)", query))
    words = re.sub(r'\b\w+:\S+|"', " ", query).lower().split()
    indexed = call.world.now() - timedelta(seconds=call.world.settings.search_lag)
    found = [
        shapes.issue(call.at, at, issue) | {"score": 1.0}
        for at, issue in call.world.all_issues()
        if issue.created_at <= indexed
        and places.may_see(call, at)
        and named.get("repo", at.full_name).lower() == at.full_name.lower()
        and _matches(issue, named, words)
    ]
    size = min(pages.MOST, pages.number_of(call, "per_page", pages.USUAL))
    number = pages.number_of(call, "page", 1)
    items = found[(number - 1) * size : number * size]
    value = {"total_count": len(found), "incomplete_results": False, "items": items}
    return answer(200, value, pages.links(call, len(found), size, number))


def _matches(issue: Issue, named: dict[str, str], words: list[str]) -> bool:
    text = f"{issue.title}\n{issue.body or ''}".lower()
    is_kind = {"issue": not issue.is_pull_request, "pr": issue.is_pull_request}.get(named.get("is", ""), True)
    return (
        is_kind
        and named.get("state", issue.state) == issue.state
        and named.get("author", issue.user.login).lower() == issue.user.login.lower()
        and all(word in text for word in words)
    )
