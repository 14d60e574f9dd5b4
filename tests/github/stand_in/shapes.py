"""The JSON that GitHub answers with: users, labels, issues, comments, repositories, installations.

Comes in: records, and the addresses under which the client asked. Goes out: plain dictionaries with the fields of the
REST description of 2022-11-28 that a client may rely on.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.github.stand_in.records import App, Comment, Installation, Issue, Label, Repository, User

Json = dict[str, Any]
_ROLES = ("read", "triage", "write", "maintain", "admin")
_MAY = ("pull", "triage", "push", "maintain", "admin")


@dataclass(frozen=True, slots=True)
class Addresses:
    """`api`: where the API is as the client sees it; `html`: the pages. Without a slash at the end."""

    api: str
    html: str

    def repository(self, repository: Repository) -> str:
        """Its address in the API."""
        return f"{self.api}/repos/{repository.full_name}"

    def issue(self, repository: Repository, issue: Issue) -> str:
        """Its address in the API."""
        return f"{self.repository(repository)}/issues/{issue.number}"


def stamp(at: datetime | None) -> str | None:
    """As GitHub writes times: to the second, with Z."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _node(kind: str, number: int) -> str:
    return f"{kind}_{base64.urlsafe_b64encode(number.to_bytes(8, 'big')).decode().rstrip('=')}"


def user(at: Addresses, who: User) -> Json:
    """A simple user."""
    page = "apps/" + who.login.removesuffix("[bot]") if who.type == "Bot" else who.login
    return {
        "login": who.login,
        "id": who.id,
        "node_id": _node("U", who.id),
        "avatar_url": f"{at.html}/avatars/{who.id}",
        "gravatar_id": "",
        "url": f"{at.api}/users/{who.login}",
        "html_url": f"{at.html}/{page}",
        "type": who.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def label(at: Addresses, repository: Repository, each: Label) -> Json:
    """A label."""
    return {
        "id": each.id,
        "node_id": _node("LA", each.id),
        "url": f"{at.repository(repository)}/labels/{each.name}",
        "name": each.name,
        "color": each.color,
        "default": False,
        "description": each.description,
    }


def issue(at: Addresses, repository: Repository, each: Issue) -> Json:
    """An issue as the lists and the webhooks hold it; pull requests have `pull_request`."""
    url, kind = at.issue(repository, each), "pull" if each.is_pull_request else "issues"
    page = f"{at.html}/{repository.full_name}/{kind}/{each.number}"
    answer: Json = {
        "url": url,
        "repository_url": at.repository(repository),
        "labels_url": url + "/labels{/name}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": page,
        "id": each.id,
        "node_id": _node("I", each.id),
        "number": each.number,
        "title": each.title,
        "user": user(at, each.user),
        "labels": [label(at, repository, repository.labels[name.lower()]) for name in each.labels],
        "state": each.state,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(each.comments),
        "created_at": stamp(each.created_at),
        "updated_at": stamp(each.updated_at),
        "closed_at": stamp(each.closed_at),
        "author_association": "NONE",
        "locked": each.is_locked,
        "active_lock_reason": None,
        "body": each.body,
        "closed_by": user(at, each.closed_by) if each.closed_by else None,
        "performed_via_github_app": {"slug": each.app} if each.app else None,
        "state_reason": each.state_reason,
    }
    if each.is_pull_request:
        pull = f"{at.repository(repository)}/pulls/{each.number}"
        answer |= {"draft": False, "pull_request": {"url": pull, "html_url": page, "merged_at": None}}
    return answer


def comment(at: Addresses, repository: Repository, of: Issue, each: Comment) -> Json:
    """A comment."""
    return {
        "id": each.id,
        "node_id": _node("IC", each.id),
        "url": f"{at.repository(repository)}/issues/comments/{each.id}",
        "html_url": f"{at.html}/{repository.full_name}/issues/{of.number}#issuecomment-{each.id}",
        "issue_url": at.issue(repository, of),
        "body": each.body,
        "user": user(at, each.user),
        "created_at": stamp(each.created_at),
        "updated_at": stamp(each.updated_at),
        "author_association": "NONE",
        "performed_via_github_app": {"slug": each.app} if each.app else None,
    }


def repository(at: Addresses, each: Repository, *, role: str | None = None, is_app: bool = False) -> Json:
    """A repository. `permissions`: by the user's role; an App is told False five times, whatever it may do."""
    page = f"{at.html}/{each.full_name}"
    answer: Json = {
        "id": each.id,
        "node_id": _node("R", each.id),
        "name": each.name,
        "full_name": each.full_name,
        "private": each.private,
        "owner": user(at, each.owner),
        "html_url": page,
        "description": None,
        "fork": False,
        "url": at.repository(each),
        "issues_url": at.repository(each) + "/issues{/number}",
        "labels_url": at.repository(each) + "/labels{/name}",
        "created_at": stamp(each.created_at),
        "updated_at": stamp(each.created_at),
        "pushed_at": stamp(each.created_at),
        "clone_url": f"{page}.git",
        "has_issues": each.has_issues,
        "archived": each.archived,
        "disabled": False,
        "visibility": "private" if each.private else "public",
        "open_issues_count": sum(found.state == "open" for found in each.issues.values()),
        "default_branch": "main",
    }
    if is_app:
        answer["permissions"] = dict.fromkeys(_MAY, False)
    elif role:
        answer["permissions"] = dict(
            zip(_MAY, (_ROLES.index(role) >= rank for rank in range(5)), strict=True)
        )
    return answer


def app(at: Addresses, each: App) -> Json:
    """An App."""
    return {
        "id": each.id,
        "slug": each.slug,
        "client_id": f"Iv23li{each.id}",
        "node_id": _node("A", each.id),
        "owner": user(at, each.owner),
        "name": each.slug,
        "description": "",
        "external_url": at.html,
        "html_url": f"{at.html}/apps/{each.slug}",
        "created_at": stamp(each.created_at),
        "updated_at": stamp(each.created_at),
        "permissions": each.permissions,
        "events": ["issue_comment", "issues", "repository"],
        "installations_count": 1,
    }


def installation(at: Addresses, each: Installation) -> Json:
    """An App on an account."""
    return {
        "id": each.id,
        "account": user(at, each.account),
        "repository_selection": "all" if each.repositories is None else "selected",
        "access_tokens_url": f"{at.api}/app/installations/{each.id}/access_tokens",
        "repositories_url": f"{at.api}/installation/repositories",
        "html_url": f"{at.html}/organizations/{each.account.login}/settings/installations/{each.id}",
        "app_id": each.app.id,
        "app_slug": each.app.slug,
        "target_id": each.account.id,
        "target_type": each.account.type,
        "permissions": each.permissions,
        "events": ["issue_comment", "issues", "repository"],
        "created_at": stamp(each.created_at),
        "updated_at": stamp(each.created_at),
        "single_file_name": None,
        "suspended_at": stamp(each.suspended_at),
        "suspended_by": None,
    }
