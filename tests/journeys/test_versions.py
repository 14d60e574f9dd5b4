"""Errors of apps that come back, or do not, as the versions say that send them."""

from typing import Any

import pytest

from tests.journeys.shop import Shop, clock, crash

pytestmark = pytest.mark.anyio

# What was seen, how it is resolved then, what does not bring it back, and what does.
LIVES: dict[str, tuple[list[str], dict[str, Any], list[str | None], str | None]] = {
    "a version": (
        ["1.9.0"],
        {"inVersion": "1.10.0"},
        ["1.9.9", "1.10.0", "1.10", "1.10.0-rc.1", None, "a1b2c3d", "banana"],
        "1.10.1",
    ),
    "the next one": (["1.10.0", "1.9"], {"inNextVersion": True}, ["1.9.99", "1.10.0"], "1.10.1"),
    "the next build": (
        ["shop@1.9.0+7", "shop@1.10.0+7"],
        {"inNextVersion": True},
        ["shop@1.10.0+6", "shop@1.10.0+7", "1.10.0", None, "a1b2c3d4"],
        "shop@1.10.0+8",
    ),
    "nothing": (["2.0"], {}, ["3.0", None], None),
    "a commit": (["2.0"], {"inVersion": "a1b2c3d4e5"}, ["3.0", "a1b2c3d4e5", "ffffffa"], None),
    "a commit of a branch": (
        ["main-1a2b3c4"],
        {"inVersion": "main-1a2b3c4"},
        ["main-f9e8d7c", "main-2e8d7c1"],
        None,
    ),
}


async def test_only_what_is_newer_than_the_repair_and_happened_after_it_brings_an_error_back(
    shop: Shop,
) -> None:
    apps = {name: await shop.another_app(name) for name in LIVES}
    for name, (seen, *_) in LIVES.items():
        await shop.send(*(crash("E", app_version=version) for version in seen), app=apps[name])
    await shop.scan()
    ids = {name: (await shop.errors(appId=app.id))[0]["id"] for name, app in apps.items()}
    for name, (_, how, _, _) in LIVES.items():
        await shop.do("errorGroupResolve", ids=[ids[name]], **how)

    for name, (_, _, quiet, back) in LIVES.items():
        late = crash("E", app_version=back, timestamp=clock(hours=-1).isoformat())
        await shop.send(late, *(crash("E", app_version=version) for version in quiet), app=apps[name])
    await shop.scan()
    for name, (_, _, quiet, _) in LIVES.items():
        [error] = await shop.errors(appId=apps[name].id)
        assert (error["status"], error["countSinceResolved"]) == ("RESOLVED", len(quiet) + 1), name

    for name, (_, _, _, back) in LIVES.items():
        # An older one behind it, of the same session and in the same batch, changes nothing any more.
        both = [crash("E", session_id="s", app_version=version) for version in (back, "0.1")]
        await shop.send(*both, app=apps[name])
    await shop.scan()
    for name, (_, _, _, back) in LIVES.items():
        [error] = await shop.errors(appId=apps[name].id)
        assert error["status"] == ("REGRESSED" if back else "RESOLVED"), name


async def test_a_version_that_only_sent_what_is_no_error_was_seen_too(shop: Shop) -> None:
    await shop.send(
        crash("E", app_version="1.0"), {"level": "info", "message": "started", "app_version": "2.0"}
    )
    await shop.scan()
    [error] = await shop.errors()
    await shop.do("errorGroupResolve", ids=[error["id"]], inNextVersion=True)
    await shop.send(crash("E", app_version="2.0"))
    await shop.scan()
    [error] = await shop.errors()
    assert error["status"] == "RESOLVED"
