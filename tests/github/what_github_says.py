"""Answers as GitHub documents them, cut down to what is read and a little more."""

from typing import Any


def an_issue(number: int = 7, **changes: Any) -> dict[str, Any]:
    return {
        "id": 1000 + number,
        "number": number,
        "html_url": f"https://github.com/acme/odoo/issues/{number}",
        "url": f"https://api.github.com/repos/acme/odoo/issues/{number}",
        "state": "open",
        "state_reason": None,
        "title": "ValueError: boom",
        "body": "It broke.",
        "created_at": "2026-11-22T10:45:00Z",
        "updated_at": "2026-11-22T11:00:00Z",
        **changes,
    }


def a_repository(**changes: Any) -> dict[str, Any]:
    return {
        "id": 77,
        "full_name": "acme/odoo",
        "html_url": "https://github.com/acme/odoo",
        "has_issues": True,
        "archived": False,
        "permissions": {"admin": False, "push": True},
        **changes,
    }


def a_comment(comment_id: int = 5, **changes: Any) -> dict[str, Any]:
    url = f"https://github.com/acme/odoo/issues/7#issuecomment-{comment_id}"
    return {"id": comment_id, "html_url": url, "body": "Resolved.", **changes}


def an_installation(**changes: Any) -> dict[str, Any]:
    permissions = {"issues": "write", "metadata": "read"}
    return {"id": 42, "app_slug": "snaglist", "suspended_at": None, "permissions": permissions, **changes}


def a_label(name: str = "bug") -> dict[str, Any]:
    return {"id": 3, "name": name, "color": "d73a4a", "description": "Something isn't working"}
