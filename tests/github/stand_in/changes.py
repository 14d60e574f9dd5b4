"""Everything that changes issues, labels and repositories, whoever does it; each change tells the webhooks.

Comes in: the world, records of it, and who does it. Goes out: changed records. What may not be is refused before this.
"""

from tests.github.stand_in import shapes
from tests.github.stand_in.records import (
    Comment,
    Installation,
    Issue,
    Label,
    Repository,
    User,
)
from tests.github.stand_in.shapes import Json
from tests.github.stand_in.webhooks import pages, tell, tell_of_installation
from tests.github.stand_in.world import World

DEFAULT_COLOR = "ededed"


def open_issue(
    world: World,
    at: Repository,
    who: User,
    title: str,
    body: str | None,
    labels: list[str] | None = None,
    *,
    app: str | None = None,
    is_pull_request: bool = False,
) -> Issue:
    """A new issue; labels that the repository does not have come to be."""
    now = world.now()
    number = max(at.issues, default=0) + 1
    issue = Issue(
        world.new_id(),
        number,
        who,
        title,
        body,
        now,
        now,
        app=app,
        is_pull_request=is_pull_request,
        labels=_spelled(world, at, labels or []),
    )
    at.issues[number] = issue
    _tell(world, at, who, "opened", issue)
    for name in issue.labels:
        _tell(world, at, who, "labeled", issue, label=_label(world, at, name))
    return issue


def edit_issue(
    world: World, at: Repository, issue: Issue, who: User, title: str | None, body: str | None
) -> None:
    """Another title or text; None leaves it."""
    changed: Json = {}
    if title is not None and title != issue.title:
        changed["title"] = {"from": issue.title}
        issue.title = title
    if body is not None and body != issue.body:
        changed["body"] = {"from": issue.body or ""}
        issue.body = body
    if changed:
        issue.updated_at = world.now()
        _tell(world, at, who, "edited", issue, changes=changed)


def set_state(world: World, at: Repository, issue: Issue, who: User, state: str, reason: str | None) -> None:
    """Close or reopen; the reason counts only where the state changes."""
    if state == issue.state:
        return
    issue.updated_at = world.now()
    if state == "closed":
        issue.state, issue.state_reason = "closed", reason or "completed"
        issue.closed_at, issue.closed_by = issue.updated_at, who
    else:
        issue.state, issue.state_reason = "open", "reopened"
        issue.closed_at = issue.closed_by = None
    _tell(world, at, who, "closed" if state == "closed" else "reopened", issue)


def comment(
    world: World, at: Repository, issue: Issue, who: User, body: str, *, app: str | None = None
) -> Comment:
    """A new comment."""
    now = world.now()
    made = Comment(world.new_id(), who, body, now, now, app)
    issue.comments.append(made)
    issue.updated_at = now
    _tell_of_comment(world, at, who, "created", issue, made)
    return made


def edit_comment(world: World, at: Repository, issue: Issue, which: Comment, who: User, body: str) -> None:
    """Another text."""
    changed = {"body": {"from": which.body}}
    which.body, which.updated_at = body, world.now()
    _tell_of_comment(world, at, who, "edited", issue, which, changes=changed)


def delete_comment(world: World, at: Repository, issue: Issue, which: Comment, who: User) -> None:
    """It goes."""
    issue.comments.remove(which)
    _tell_of_comment(world, at, who, "deleted", issue, which)


def delete_issue(world: World, at: Repository, issue: Issue, who: User) -> None:
    """410 from now on."""
    issue.is_deleted = True
    _tell(world, at, who, "deleted", issue)


def transfer_issue(world: World, here: Repository, issue: Issue, there: Repository, who: User) -> Issue:
    """It goes to another repository, with its comments and without its labels, and gets a new id and number there."""
    now = world.now()
    moved = Issue(
        world.new_id(),
        max(there.issues, default=0) + 1,
        issue.user,
        issue.title,
        issue.body,
        issue.created_at,
        now,
        comments=list(issue.comments),
        state=issue.state,
        state_reason=issue.state_reason,
        closed_at=issue.closed_at,
        closed_by=issue.closed_by,
        app=issue.app,
    )
    there.issues[moved.number] = moved
    issue.moved_to = (there.id, moved.number)
    at = pages(world)
    new = {
        "new_issue": shapes.issue(at, there, moved),
        "new_repository": shapes.repository(at, there),
    }
    _tell(world, here, who, "transferred", issue, changes=new)
    _tell(world, there, who, "opened", moved)
    return moved


def rename(world: World, at: Repository, new: str, who: User) -> Repository:
    """Another name, and perhaps another owner; the old name leads here until something else has it."""
    old_owner, old_name = at.owner, at.name
    world.old_names[at.full_name.lower()] = at.id
    owner, at.name = new.split("/")
    at.owner = world.user(owner)
    world.old_names.pop(at.full_name.lower(), None)
    if at.owner is old_owner:
        tell(world, "repository", "renamed", at, who, changes={"repository": {"name": {"from": old_name}}})
    else:
        at.owner.type = "Organization"
        before = {"organization": shapes.user(pages(world), old_owner)}
        tell(world, "repository", "transferred", at, who, changes={"owner": {"from": before}})
    return at


def delete_repository(world: World, at: Repository, who: User) -> None:
    """404 from now on."""
    tell(world, "repository", "deleted", at, who)
    at.is_deleted = True


def change_installation(world: World, each: Installation, action: str, who: User) -> Installation:
    """Deleted, suspend or unsuspend (so GitHub names them)."""
    if action == "deleted":
        each.is_deleted = True
    else:
        each.suspended_at = world.now() if action == "suspend" else None
    tell_of_installation(world, action, each, who)
    return each


def add_label(
    world: World,
    at: Repository,
    name: str,
    color: str,
    description: str | None = None,
    *,
    by_default: bool = False,
) -> Label:
    """A new label."""
    label = Label(world.new_id(), name, color, description, by_default)
    at.labels[name.lower()] = label
    return label


def label_issue(world: World, at: Repository, issue: Issue, who: User, names: list[str]) -> None:
    """The issue gets these labels beside those it has."""
    for name in _spelled(world, at, names):
        if name not in issue.labels:
            issue.labels.append(name)
            issue.updated_at = world.now()
            _tell(world, at, who, "labeled", issue, label=_label(world, at, name))


def replace_labels(world: World, at: Repository, issue: Issue, who: User, names: list[str]) -> None:
    """The issue gets these labels in place of those it has."""
    wanted = _spelled(world, at, names)
    for name in [name for name in issue.labels if name not in wanted]:
        issue.labels.remove(name)
        issue.updated_at = world.now()
        _tell(world, at, who, "unlabeled", issue, label=_label(world, at, name))
    label_issue(world, at, issue, who, wanted)


def _spelled(world: World, at: Repository, names: list[str]) -> list[str]:
    """As the repository spells them, without repeats; new ones are made in the default colour."""
    found: dict[str, None] = {}
    for name in names:
        label = at.labels.get(name.lower()) or add_label(world, at, name, DEFAULT_COLOR, by_default=True)
        found[label.name] = None
    return list(found)


def _label(world: World, at: Repository, name: str) -> Json:
    return shapes.label(pages(world), at, at.labels[name.lower()])


def _tell(world: World, at: Repository, who: User, action: str, issue: Issue, **parts: Json) -> None:
    event = "pull_request" if issue.is_pull_request else "issues"
    tell(world, event, action, at, who, issue=shapes.issue(pages(world), at, issue), **parts)


def _tell_of_comment(
    world: World, at: Repository, who: User, action: str, issue: Issue, which: Comment, **parts: Json
) -> None:
    where = pages(world)
    told = {"issue": shapes.issue(where, at, issue), "comment": shapes.comment(where, at, issue, which)}
    tell(world, "issue_comment", action, at, who, **told, **parts)
