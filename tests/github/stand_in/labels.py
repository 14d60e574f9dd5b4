"""The endpoints of labels.

Comes in: a call and the repository its path names. Goes out: answers; names are the same whatever the case of their letters.
"""

from urllib.parse import unquote

from tests.github.stand_in import bodies, changes, pages, places, shapes
from tests.github.stand_in.answers import Answer, Call, Refusal, answer
from tests.github.stand_in.bodies import LONGEST_DESCRIPTION, Wrong
from tests.github.stand_in.records import Label, Repository


def create(call: Call, at: Repository) -> Answer:
    """POST /repos/{o}/{r}/labels."""
    places.check(call, at, "write", issues=False)
    places.check_push(call, at)
    body = bodies.fields(call.raw, {"name", "color", "description"})
    name = bodies.text(body, "name", or_null=False) or ""
    color, description = bodies.text(body, "color"), bodies.text(body, "description")
    _check(at, name, color, description)
    made = changes.add_label(call.world, at, name, color or changes.DEFAULT_COLOR, description)
    value = shapes.label(call.at, at, made)
    return answer(201, value, {"Location": value["url"]})


def _check(
    at: Repository, name: str | None, color: str | None, description: str | None, old: Label | None = None
) -> None:
    wrong = Wrong("Label")
    if name is not None:
        bodies.check_name(wrong, name)
        if at.labels.get(name.lower()) not in (None, old):
            wrong.add("name", "already_exists")
    bodies.check_color(wrong, color)
    wrong.length("description", description, LONGEST_DESCRIPTION)
    wrong.refuse()


def list_labels(call: Call, at: Repository) -> Answer:
    """GET /repos/{o}/{r}/labels."""
    pages.known(call)
    places.check(call, at, "read", issues=False)
    return pages.page(call, [shapes.label(call.at, at, each) for each in at.labels.values()])


def get(call: Call, at: Repository, name: str) -> Answer:
    """GET /repos/{o}/{r}/labels/{name}."""
    places.check(call, at, "read", issues=False)
    return answer(200, shapes.label(call.at, at, _label(at, name)))


def edit(call: Call, at: Repository, name: str) -> Answer:
    """PATCH /repos/{o}/{r}/labels/{name}."""
    places.check(call, at, "write", issues=False)
    places.check_push(call, at)
    label = _label(at, name)
    body = bodies.fields(call.raw, {"new_name", "color", "description"})
    new, color, description = (bodies.text(body, each) for each in ("new_name", "color", "description"))
    _check(at, new, color, description, label)
    if new:
        del at.labels[label.name.lower()]
        for issue in at.issues.values():
            issue.labels = [new if each == label.name else each for each in issue.labels]
        label.name = new
        at.labels[new.lower()] = label
    label.color = color or label.color
    label.description = description if "description" in body else label.description
    return answer(200, shapes.label(call.at, at, label))


def _label(at: Repository, name: str) -> Label:
    label = at.labels.get(unquote(name).lower())
    if label is None:
        raise Refusal(404, "Not Found")
    return label


def add_to_issue(call: Call, at: Repository, number: str) -> Answer:
    """POST /repos/{o}/{r}/issues/{n}/labels: {"labels": [...]} or the list alone."""
    places.check(call, at, "write")
    issue = places.issue(call, at, number)
    places.check_triage(call, at)
    value = bodies.parse(call.raw)
    if not isinstance(value, list):
        value = bodies.fields(call.raw, {"labels"}).get("labels")
    changes.label_issue(call.world, at, issue, call.user, bodies.label_names(value))
    shown = [shapes.label(call.at, at, at.labels[name.lower()]) for name in issue.labels]
    return answer(200, shown)
