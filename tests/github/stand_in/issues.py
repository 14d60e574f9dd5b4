"""The endpoints of issues and their comments.

Comes in: a call and the repository its path names. Goes out: answers, and changes that are made in one go.
"""

from typing import Any

from tests.github.stand_in import bodies, changes, pages, places, shapes
from tests.github.stand_in.answers import Answer, Call, answer
from tests.github.stand_in.bodies import LONGEST_BODY, LONGEST_TITLE, Wrong
from tests.github.stand_in.records import Issue, Repository

_NEW = {"title", "body", "labels", "assignees", "assignee", "milestone", "type"}
_REASONS = {
    "closed": ("completed", "not_planned", "duplicate"),
    "open": ("reopened",),
}


def create(call: Call, at: Repository) -> Answer:
    """POST /repos/{o}/{r}/issues. Labels of somebody who may not set them are dropped without a word, as GitHub does."""
    places.check(call, at, "write")
    body = bodies.fields(call.raw, _NEW)
    title, text = bodies.text(body, "title", or_null=False), bodies.text(body, "body")
    _check_texts(title or "", text)
    labels = bodies.label_names(body.get("labels") or [])
    made = changes.open_issue(
        call.world,
        at,
        call.user,
        title or "",
        text,
        labels if places.may_triage(call, at) else [],
        app=call.caller.slug,
    )
    return answer(201, shapes.issue(call.at, at, made), {"Location": call.at.issue(at, made)})


def _check_texts(title: str | None, text: str | None) -> None:
    wrong = Wrong("Issue")
    if title is not None and not title.strip():
        wrong.add("title", "missing_field")
    wrong.length("title", title, LONGEST_TITLE)
    wrong.length("body", text, LONGEST_BODY)
    wrong.refuse()


def get(call: Call, at: Repository, number: str) -> Answer:
    """GET /repos/{o}/{r}/issues/{n}."""
    places.check(call, at, "read")
    return answer(200, shapes.issue(call.at, at, places.issue(call, at, number)))


def list_issues(call: Call, at: Repository) -> Answer:
    """GET /repos/{o}/{r}/issues: pull requests among them, as at GitHub."""
    pages.known(call, "state", "since", "creator", "labels", "sort", "direction", "filter")
    places.check(call, at, "read")
    state = pages.choice(call, "state", "open", "closed", "all")
    creator, labels = (
        call.query.get("creator"),
        [name for name in call.query.get("labels", "").split(",") if name],
    )
    after = pages.since(call)
    found = [
        issue
        for issue in at.issues.values()
        if not (issue.is_deleted or issue.moved_to)
        and state in (issue.state, "all")
        and (creator is None or issue.user.login.lower() == creator.lower())
        and (after is None or issue.updated_at >= after)
        and {name.lower() for name in labels} <= {name.lower() for name in issue.labels}
    ]
    return pages.page(call, [shapes.issue(call.at, at, issue) for issue in _sorted(call, found)])


def _sorted(call: Call, found: list[Issue]) -> list[Issue]:
    by = pages.choice(call, "sort", "created", "updated", "comments")
    is_descending = pages.choice(call, "direction", "desc", "asc") == "desc"
    keys: dict[str, Any] = {
        "created": lambda issue: issue.number,
        "updated": lambda issue: (issue.updated_at, issue.number),
        "comments": lambda issue: (len(issue.comments), issue.number),
    }
    return sorted(found, key=keys[by], reverse=is_descending)


def edit(call: Call, at: Repository, number: str) -> Answer:
    """PATCH /repos/{o}/{r}/issues/{n}."""
    places.check(call, at, "write")
    issue = places.issue(call, at, number)
    if issue.user is not call.user:
        places.check_triage(call, at)
    body = bodies.fields(call.raw, _NEW | {"state", "state_reason"})
    title = bodies.text(body, "title") if body.get("title") is not None else None
    text = bodies.text(body, "body")
    _check_texts(title, text)
    state = _state(call, body)
    labels = bodies.label_names(body["labels"]) if body.get("labels") is not None else None
    changes.edit_issue(call.world, at, issue, call.user, title, text)
    if state:
        changes.set_state(call.world, at, issue, call.user, state, bodies.text(body, "state_reason"))
    if labels is not None:
        changes.replace_labels(call.world, at, issue, call.user, labels)
    return answer(200, shapes.issue(call.at, at, issue))


def _state(call: Call, body: dict[str, Any]) -> str | None:
    state, reason = bodies.text(body, "state"), bodies.text(body, "state_reason")
    if "state" in body and state not in ("open", "closed"):
        raise bodies.invalid_request(f'{state} is not a member of ["open", "closed"].')
    known = [*_REASONS["closed"], *_REASONS["open"]]
    if not call.world.settings.knows_duplicate:
        known.remove("duplicate")
    if reason is not None and reason not in known:
        raise bodies.invalid_request(f"{reason} is not a member of {known}.")
    if reason is not None and (state is None or reason not in _REASONS[state]):
        wrong = Wrong("Issue")
        wrong.add("state_reason", "invalid")
        wrong.refuse()
    return state


def add_comment(call: Call, at: Repository, number: str) -> Answer:
    """POST /repos/{o}/{r}/issues/{n}/comments."""
    places.check(call, at, "write")
    issue = places.issue(call, at, number)
    if issue.is_locked:
        places.check_unlocked(call, at)
    text = bodies.text(bodies.fields(call.raw, {"body"}), "body")
    wrong = Wrong("IssueComment")
    if not (text or "").strip():
        wrong.add("data", "unprocessable", "Body cannot be blank")
    wrong.length("body", text, LONGEST_BODY)
    wrong.refuse()
    made = changes.comment(call.world, at, issue, call.user, text or "", app=call.caller.slug)
    value = shapes.comment(call.at, at, issue, made)
    return answer(201, value, {"Location": value["url"]})


def list_comments(call: Call, at: Repository, number: str) -> Answer:
    """GET /repos/{o}/{r}/issues/{n}/comments, oldest first."""
    pages.known(call, "since")
    places.check(call, at, "read")
    issue, after = places.issue(call, at, number), pages.since(call)
    found = [each for each in issue.comments if after is None or each.updated_at >= after]
    return pages.page(call, [shapes.comment(call.at, at, issue, each) for each in found])
