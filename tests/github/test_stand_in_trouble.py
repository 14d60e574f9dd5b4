"""The stand-in of GitHub limits, watches, fails as it is told, tells by webhooks, and runs as a process of its own."""

import asyncio
import json

import aiohttp
import pytest
from aiohttp import web

from tests.github.stand_in.bare_client import ISSUES, BareClient, app_client
from tests.github.stand_in.process import RemoteStandIn
from tests.github.stand_in.shop import SECRET, Shop
from tests.github.stand_in.stand_in import GithubStandIn
from tests.github.stand_in.webhooks import signature

pytestmark = pytest.mark.anyio

MARKER = "0199c0de-0000-7000-8000-000000000001"
MARKED = f"text <!-- snaglist:{MARKER} -->"


async def test_limits_are_kept_and_watched(
    bare_client: BareClient, github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    github = github_stand_in
    await bare_client.made()
    assert github.violations == []
    github.limits.watched_gap, github.limits.min_gap, github.limits.retry_after = 1.0, 1.0, 7
    status, told = await bare_client.ask("POST", ISSUES, {"title": "t"})
    assert (status, bare_client.last.headers["Retry-After"]) == (403, "7")
    assert "secondary rate limit" in told["message"]
    github.clock.advance(2)
    assert (await bare_client.ask("POST", ISSUES, {"title": "t"}))[0] == 403
    assert [violation.kind for violation in github.violations] == ["too_close", "while_blocked"]
    assert (await bare_client.ask("GET", ISSUES))[0] == 200
    writing = await app_client(bare_client, github_shop)
    await writing.made()
    github.clock.advance(6)
    await bare_client.made()
    github.limits.per_hour = 1
    assert (await bare_client.ask("GET", ISSUES))[0] == 403
    headers = bare_client.last.headers
    assert (headers["X-RateLimit-Remaining"], headers["X-RateLimit-Resource"]) == ("0", "core")
    assert int(headers["X-RateLimit-Reset"]) > github.clock.now().timestamp()
    assert len(github.violations) == 2


BEFORE = (
    "secondary_403",
    "secondary_429",
    "primary_403",
    "error_500",
    "bad_gateway_502",
    "timeout_522",
    "hang",
    "dropped_before",
)
AFTER = ("slow", "dropped_after", "truncated_after", "cut_after", "bad_gateway_after", "hang_after")


async def test_faults_do_what_they_say(bare_client: BareClient, github_stand_in: GithubStandIn) -> None:
    github = github_stand_in
    outcomes: dict[str, object] = {}
    for kind in BEFORE + AFTER:
        github.limits.lift()
        github.faults.next(kind, seconds=0.01, method="POST", path="/issues$")
        assert (await bare_client.ask("GET", ISSUES))[0] == 200
        before = len(github.issues())
        try:
            outcomes[kind] = (await bare_client.ask("POST", ISSUES, {"title": kind}))[0]
        except (aiohttp.ClientError, json.JSONDecodeError) as failure:
            outcomes[kind] = type(failure)
        assert len(github.issues()) - before == (kind in AFTER), kind
    dropped = aiohttp.ClientOSError, aiohttp.ServerDisconnectedError
    assert outcomes.pop("cut_after") is aiohttp.ClientPayloadError
    assert outcomes.pop("truncated_after") is json.JSONDecodeError
    for kind in ("hang", "dropped_before", "dropped_after", "hang_after"):
        assert outcomes.pop(kind) in dropped
    assert outcomes == {
        "secondary_403": 403, "secondary_429": 429, "primary_403": 403, "error_500": 500,
        "bad_gateway_502": 502, "timeout_522": 522, "slow": 201, "bad_gateway_after": 502,
    }  # fmt: skip
    assert github.faults.met == list(BEFORE + AFTER)


async def test_a_write_may_land_after_the_client_has_gone(
    bare_client: BareClient, github_stand_in: GithubStandIn
) -> None:
    github_stand_in.faults.next("late_commit", seconds=0.2)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bare_client.made(), 0.05)
    assert github_stand_in.issues() == []
    await github_stand_in.settled()
    assert len(github_stand_in.issues()) == 1


async def test_chance_follows_its_seed(bare_client: BareClient, github_stand_in: GithubStandIn) -> None:
    async def statuses() -> list[int]:
        github_stand_in.faults.at_random(0.5, 7, ["error_500", "bad_gateway_502"])
        return [(await bare_client.ask("GET", "/user"))[0] for _ in range(30)]

    first = await statuses()
    assert set(first) == {200, 500, 502}
    assert await statuses() == first
    github_stand_in.faults.stop()
    assert (await bare_client.ask("GET", "/user"))[0] == 200


async def test_webhooks_are_signed_and_posted(
    bare_client: BareClient, github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    github, came = github_stand_in, []

    async def receive(request: web.Request) -> web.Response:
        came.append((dict(request.headers), await request.read()))
        return web.Response(status=202)

    app = web.Application()
    app.add_routes([web.post("/hook", receive)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    github.add_hook(SECRET, url=f"http://127.0.0.1:{runner.addresses[0][1]}/hook", app_id=github_shop.app_id)
    number = await bare_client.made()
    github.person_closes(number, "not_planned", "eve")
    github.rename_repository("acme/shop", "acme/store")
    github.uninstall(github_shop.installation_id)
    github.redeliver(github.deliveries[1])
    await github.delivered()
    await runner.cleanup()
    told = [(each.event, each.action, each.statuses) for each in github.deliveries]
    assert told == [
        ("issues", "opened", [202]), ("issues", "closed", [202]), ("repository", "renamed", [202]),
        ("installation", "deleted", [202]), ("issues", "closed", [202]),
    ]  # fmt: skip
    headers, body = came[1]
    assert headers["X-Hub-Signature-256"] == signature(SECRET, body)
    assert headers["X-GitHub-Delivery"] == came[4][0]["X-GitHub-Delivery"]
    payload = json.loads(body)
    assert (payload["sender"]["login"], payload["issue"]["state_reason"]) == ("eve", "not_planned")
    assert payload["installation"]["id"] == github_shop.installation_id
    assert json.loads(came[2][1])["changes"] == {"repository": {"name": {"from": "shop"}}}
    assert headers["X-GitHub-Hook-Installation-Target-Type"] == "integration"


async def test_it_runs_as_a_process_of_its_own(
    bare_client: BareClient, github_process: RemoteStandIn
) -> None:
    shop = github_process.furnish()
    github_process.set(**{"limits.watched_gap": 60, "settings.search_lag": 0})
    asking = BareClient(bare_client.session, github_process.url, shop.token)
    number = await asking.made(body=MARKED)
    github_process.do("faults.next", kind="dropped_after")
    with pytest.raises(aiohttp.ClientError):
        await asking.made(body=MARKED)
    github_process.do("person_closes", number=number, reason="not_planned")
    state = github_process.state()
    assert state["duplicates"] == {MARKER: ["acme/shop#1", "acme/shop#2"]}
    assert state["repositories"]["acme/shop"]["issues"]["1"]["state_reason"] == "not_planned"
    assert [violation["kind"] for violation in state["violations"]] == ["too_close"]
    assert [(seen["who"], seen["status"]) for seen in state["requests"]] == [
        ("user:snag-bot", 201), ("user:snag-bot", None),
    ]  # fmt: skip
    with pytest.raises(ValueError):
        github_process.do("world")
