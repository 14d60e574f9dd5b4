"""Which function answers which path.

Comes in: a call. Goes out: its answer; 404 for what GitHub does not have, or the stand-in does not.
"""

import re
from collections.abc import Callable

from tests.github.stand_in import apps, issues, labels, places
from tests.github.stand_in.answers import Answer, Call, Refusal
from tests.github.stand_in.records import Repository

_PLACE = re.compile(r"/(?:repos/(?P<owner>[^/]+)/(?P<name>[^/]+)|repositories/(?P<id>[0-9]+))(?P<rest>/.*)?")
_APART: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("GET", r"/app", apps.app),
    ("GET", r"/user", apps.user),
    ("POST", r"/app/installations/([0-9]+)/access_tokens", apps.access_token),
    ("GET", r"/repos/([^/]+)/([^/]+)/installation", apps.installation_of),
    ("GET", r"/repositories/([0-9]+)/installation", apps.installation_of_id),
    ("GET", r"/search/issues", apps.search_issues),
)
_WITHIN: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("GET", r"", apps.repository),
    ("POST", r"/issues", issues.create),
    ("GET", r"/issues", issues.list_issues),
    ("GET", r"/issues/([0-9]+)", issues.get),
    ("PATCH", r"/issues/([0-9]+)", issues.edit),
    ("POST", r"/issues/([0-9]+)/comments", issues.add_comment),
    ("GET", r"/issues/([0-9]+)/comments", issues.list_comments),
    ("POST", r"/issues/([0-9]+)/labels", labels.add_to_issue),
    ("POST", r"/labels", labels.create),
    ("GET", r"/labels", labels.list_labels),
    ("GET", r"/labels/([^/]+)", labels.get),
    ("PATCH", r"/labels/([^/]+)", labels.edit),
)


def carry_out(call: Call) -> Answer:
    """Answer, and change what is to be changed, in one go. Refusal: everything that is not right."""
    for method, pattern, function in _APART:
        if method == call.method and (match := re.fullmatch(pattern, call.path)):
            return function(call, *match.groups())
    place = _PLACE.fullmatch(call.path)
    if place is None:
        raise Refusal(404, "Not Found")
    if call.caller.app:
        raise Refusal(401, "Bad credentials")
    return _within(call, place, _repository(call, place))


def _repository(call: Call, place: re.Match[str]) -> Repository:
    return places.repository(call, place["owner"], place["name"], place["id"])


def _within(call: Call, place: re.Match[str], at: Repository) -> Answer:
    for method, pattern, function in _WITHIN:
        if method == call.method and (match := re.fullmatch(pattern, place["rest"] or "")):
            return function(call, at, *match.groups())
    raise Refusal(404, "Not Found")
