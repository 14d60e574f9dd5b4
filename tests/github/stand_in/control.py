"""The stand-in as a process of its own is steered under `/_stand_in/`.

Comes in: POST /_stand_in/do {"name": "faults.next", "arguments": {...}} and {"name": "set", "arguments": {"limits.min_gap": 0.5}};
GET /_stand_in/state. Goes out: JSON; 400 with a sentence where it cannot be done.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from tests.github.stand_in.accounts import Accounts
from tests.github.stand_in.people import People
from tests.github.stand_in.shop import furnish
from tests.github.stand_in.stand_in import GithubStandIn

SETTABLE = ("limits", "settings")


def control(github: GithubStandIn) -> list[web.RouteDef]:
    """The routes."""

    async def state(_: web.Request) -> web.Response:
        return _json(state_of(github))

    async def do(request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read())
        try:
            return _json(do_it(github, asked["name"], asked["arguments"]))
        except (KeyError, TypeError, ValueError, AttributeError) as failure:
            return web.Response(status=400, text=repr(failure))

    return [web.get("/_stand_in/state", state), web.post("/_stand_in/do", do)]


def _json(value: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


def do_it(github: GithubStandIn, name: str, arguments: dict[str, Any]) -> Any:
    """Call what is offered by this name. KeyError: nothing is."""
    if name == "set":
        for path, value in arguments.items():
            part, _, attribute = path.partition(".")
            if part not in SETTABLE:
                raise KeyError(path)
            getattr(getattr(github, part), attribute)
            setattr(getattr(github, part), attribute, value)
        return None
    return offered(github)[name](**arguments)


def offered(github: GithubStandIn) -> dict[str, Callable[..., Any]]:
    """What may be called from outside."""
    own = [name for part in (Accounts, People) for name in vars(part) if not name.startswith("_")]
    return {
        **{name: getattr(github, name) for name in own},
        **{name: getattr(github, name) for name in ("issue", "issues_marked", "comments_marked")},
        "faults.next": github.faults.next,
        "faults.at_random": github.faults.at_random,
        "faults.stop": github.faults.stop,
        "clock.advance": github.clock.advance,
        "limits.lift": github.limits.lift,
        "furnish": lambda public_key: furnish(github, public_key),
    }


def state_of(github: GithubStandIn) -> dict[str, Any]:
    """Everything that tests look at, for JSON. Requests come without their bodies."""
    met = [kind.value for kind in github.faults.met]
    return {
        "now": github.clock.now(),
        "repositories": {
            each.full_name: each for each in github.world.repositories.values() if not each.is_deleted
        },
        "late": github.server.late,
        "markers": github.markers(),
        "duplicates": github.duplicates(),
        "violations": github.violations,
        "labels_made_by_default": github.labels_made_by_default,
        "requests": [
            {
                "at": seen.at,
                "method": seen.method,
                "path": seen.path,
                "who": seen.who,
                "token_kind": seen.token_kind,
                "api_version": seen.api_version,
                "fault": seen.fault,
                "status": seen.status,
            }
            for seen in github.requests
        ],
        "deliveries": [
            {"id": each.id, "event": each.event, "action": each.action, "statuses": each.statuses}
            for each in github.deliveries
        ],
        "faults_met": {kind: met.count(kind) for kind in set(met)},
    }
