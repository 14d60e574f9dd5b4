"""What every request has to pass before it is looked at: its headers, who sends it, and the limits.

Comes in: method, path, headers, body. Goes out: what was seen, a call, and how it is carried out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.github.stand_in import pages
from tests.github.stand_in.answers import Answer, Call, Caller, Refusal, refused
from tests.github.stand_in.callers import caller
from tests.github.stand_in.limits import Blocked
from tests.github.stand_in.records import Seen
from tests.github.stand_in.routes import carry_out
from tests.github.stand_in.shapes import Addresses
from tests.github.stand_in.world import World

ENTERPRISE = "/api/v3"
VERSIONS = ("2022-11-28", "2026-03-10")
_LIMITED = (
    "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
)
_NO_AGENT = (
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header."
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in; header names in lower case; `path` is decoded no further than GitHub does."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def inner_path(self) -> str:
        """Without `/api/v3`."""
        return self.path.removeprefix(ENTERPRISE) or "/"


def note(world: World, request: Request) -> Seen:
    """Put it down among the requests, before anybody looks at it."""
    seen = Seen(
        world.now(),
        request.method,
        request.inner_path,
        request.query,
        "nobody",
        "none",
        request.headers.get("user-agent", ""),
        request.headers.get("x-github-api-version"),
        request.body,
    )
    world.requests.append(seen)
    return seen


def admit(world: World, request: Request, seen: Seen) -> Call:
    """The call. Refusal: 403 without User-Agent, 400, 415, 401, and the limits, which watch from here on."""
    _check_headers(request)
    asking = caller(world, request.headers.get("authorization"))
    seen.who, seen.token_kind = asking.who, asking.kind
    world.limits.watch(seen)
    if blocked := world.limits.over(seen):
        raise over_limit(blocked, world.limits.status)
    return _call(world, request, asking)


def _call(world: World, request: Request, asking: Caller) -> Call:
    prefix = ENTERPRISE if request.path.startswith(ENTERPRISE) else ""
    at = Addresses(world.url + prefix, world.url)
    return Call(world, asking, request.method, request.inner_path, request.query, request.body, at)


def _check_headers(request: Request) -> None:
    if not request.headers.get("user-agent", "").strip():
        raise Refusal(403, _NO_AGENT)
    version = request.headers.get("x-github-api-version")
    if version is not None and version not in VERSIONS:
        raise Refusal(400, f"The API version '{version}' is not supported.")
    accept = request.headers.get("accept", "*/*")
    if "json" not in accept and "*/*" not in accept:
        raise Refusal(415, "Must accept 'application/json'")
    kind = request.headers.get("content-type", "")
    if request.body and kind.partition(";")[0].strip() != "application/json":
        raise Refusal(415, "Unsupported 'Content-Type' header, must be 'application/json'.")


def over_limit(blocked: Blocked, status: int, *, is_told: bool = True) -> Refusal:
    """The refusal of a limit: a primary one tells its reset in the x-ratelimit headers, a secondary one Retry-After (if told)."""
    if blocked.is_primary:
        return Refusal(403, "API rate limit exceeded for this caller.", docs=_LIMITED)
    headers = {"Retry-After": str(blocked.seconds)} if is_told else {}
    message = (
        "You have exceeded a secondary rate limit and have been temporarily blocked from content creation."
        " Please retry your request again later."
    )
    return Refusal(status, message, headers=headers, docs=_LIMITED)


def carried_out(call: Call) -> Answer:
    """The answer to an admitted call; what it changes is changed afterwards."""
    try:
        return carry_out(call)
    except Refusal as refusal:
        return refused(refusal)


def finished(world: World, request: Request, seen: Seen, answer: Answer) -> Answer:
    """With ETag, limits, and the headers that all answers have."""
    if request.method == "GET":
        answer = pages.tagged(answer, request.headers.get("if-none-match"))
        if answer.status == 304:
            world.limits.give_back(seen)
    seen.status = answer.status
    headers = {
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Request-Id": f"{len(world.requests):04X}:STAND:IN",
        "X-GitHub-Api-Version-Selected": seen.api_version or VERSIONS[0],
        **answer.headers,
    }
    if seen.who != "nobody":
        headers |= world.limits.headers(seen)
    token = world.tokens.get(request.headers.get("authorization", "").partition(" ")[2])
    if token and token.kind == "classic":
        headers |= {"X-OAuth-Scopes": ", ".join(sorted(token.scopes)), "X-Accepted-OAuth-Scopes": "repo"}
    return replace(answer, headers=headers)
