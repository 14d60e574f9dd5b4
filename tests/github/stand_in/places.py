"""Which repository and issue a path names, and what the caller may do there.

Comes in: a call and what its path says. Goes out: the records, or 301, 307, 401, 403, 404, 410 as GitHub decides between them.
"""

from typing import Literal
from urllib.parse import urlencode

from tests.github.stand_in.answers import Call, Refusal
from tests.github.stand_in.records import Issue, Repository

Level = Literal["read", "write"]
_RANK = {"none": 0, "read": 1, "write": 2, "admin": 3}
_ADMIN = "Must have admin rights to Repository."


def repository(call: Call, owner: str | None, name: str | None, number: str | None) -> Repository:
    """By id, or by name; a former name leads to the repository by id. 404 for what is not there and what may not be seen."""
    if number is not None:
        found = call.world.repositories.get(int(number))
        return _seen(call, found)
    full_name = f"{owner}/{name}"
    try:
        return _seen(call, call.world.repository(full_name))
    except KeyError:
        pass
    found = _seen(call, call.world.repositories.get(call.world.old_names.get(full_name.lower(), 0)))
    rest = call.path.removeprefix(f"/repos/{full_name}")
    raise moved(call, f"/repositories/{found.id}{rest}")


def moved(call: Call, path: str) -> Refusal:
    """It is elsewhere: 301 for a read, 307 for a write."""
    query = f"?{urlencode(call.query)}" if call.query else ""
    status = call.world.settings.status_of_moved_write if call.is_write else 301
    return Refusal(status, "Moved Permanently", headers={"Location": f"{call.at.api}{path}{query}"})


def _seen(call: Call, found: Repository | None) -> Repository:
    if found is None or found.is_deleted or not may_see(call, found):
        raise Refusal(404, "Not Found")
    return found


def may_see(call: Call, each: Repository) -> bool:
    """Whether it is there for this caller."""
    return not each.private or _has_access(call, each)


def role(call: Call, each: Repository) -> str | None:
    """The user's role; None: he has none, or no user asks."""
    user = call.caller.user
    return each.roles.get(user.login.lower()) if user and not call.caller.installation else None


def _has_access(call: Call, each: Repository) -> bool:
    token = call.caller.token
    if token is None:
        return False
    if token.installation:
        return token.installation.account is each.owner and _is_selected(
            each, token.repositories, token.installation.repositories
        )
    if token.kind == "fine_grained":
        return role(call, each) is not None and _is_selected(each, token.repositories)
    return role(call, each) is not None and (not each.private or "repo" in token.scopes)


def _is_selected(each: Repository, *selections: frozenset[int] | None) -> bool:
    return all(selection is None or each.id in selection for selection in selections)


def check(call: Call, each: Repository, level: Level, *, issues: bool = True) -> None:
    """Whether the caller may read or write issues (or labels: `issues=False`) there; else 401, 403, 404, 410."""
    if level == "write":
        _ = call.user
    _check_permission(call, each, level)
    if level == "write" and each.archived:
        raise Refusal(403, "Repository was archived so is read-only.")
    if issues and not each.has_issues:
        raise Refusal(410, "Issues are disabled for this repo")


def _check_permission(call: Call, each: Repository, level: Level) -> None:
    token = call.caller.token
    if token is None or (level == "read" and not each.private):
        return
    if token.kind == "classic":
        if level == "write" and not token.scopes & {"repo", "public_repo"}:
            raise Refusal(404, "Not Found")
        return
    name = "integration" if token.installation else "personal access token"
    has = _RANK[token.permissions.get("issues", "none")]
    if has < _RANK[level] or not _has_access(call, each):
        headers = {"X-Accepted-GitHub-Permissions": f"issues={level}"}
        raise Refusal(403, f"Resource not accessible by {name}", headers=headers)


def may_triage(call: Call, each: Repository) -> bool:
    """Whether the caller may set labels, and close what others opened."""
    if call.caller.installation:
        return True
    return role(call, each) in ("triage", "write", "admin")


def check_triage(call: Call, each: Repository) -> None:
    """403 where the caller may not."""
    if not may_triage(call, each):
        raise Refusal(403, _ADMIN)


def check_unlocked(call: Call, each: Repository) -> None:
    """403 where the caller may not comment on what is locked."""
    if not call.caller.installation and role(call, each) not in ("write", "admin"):
        raise Refusal(403, "Unable to create comment because issue is locked.")


def check_push(call: Call, each: Repository) -> None:
    """404 where the caller may not make labels."""
    if not call.caller.installation and role(call, each) not in ("write", "admin"):
        raise Refusal(404, "Not Found")


def issue(call: Call, at: Repository, number: str) -> Issue:
    """The issue; 404 for none, 410 for a deleted one, 301 or 307 for one that was transferred to where the caller may look."""
    found = at.issues.get(int(number))
    if found is None:
        raise Refusal(404, "Not Found")
    if found.is_deleted:
        raise Refusal(410, "This issue was deleted")
    if found.moved_to:
        there, new = found.moved_to
        target = _seen(call, call.world.repositories.get(there))
        rest = call.path.partition(f"/issues/{number}")[2]
        raise moved(call, f"/repositories/{target.id}/issues/{new}{rest}")
    return found
