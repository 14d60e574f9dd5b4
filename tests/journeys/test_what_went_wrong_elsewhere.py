"""What another tracker was seen to get wrong, and no other test of ours looks at."""

import asyncio

import pytest

from tests.journeys.shop import Shop, crash, opened

pytestmark = pytest.mark.anyio


async def test_what_one_session_sends_in_a_burst_stays_apart_also_beside_what_is_silenced(shop: Shop) -> None:
    words = [f"{one}{other}" for one in "bcdfghklmn" for other in "aeiouxyzqr"]
    burst = [{"level": "error", "message": f"no {word} here", "session_id": "s"} for word in words]
    await shop.send(*burst)
    await shop.scan()
    errors = await shop.errors()
    assert [one["totalCount"] for one in errors] == [1] * len(words)

    await shop.do("errorGroupSilence", ids=[one["id"] for one in errors[:50]])
    await shop.send(*burst[:50], crash("New", session_id="s"))
    await shop.scan()
    [new] = [one for one in await shop.errors(status=["NEW"]) if one["title"] == "New: no price"]
    assert new["totalCount"] == 1


async def test_one_that_is_strange_in_a_batch_is_seen_and_hides_no_other(shop: Shop) -> None:
    strange = [
        {"message": "a", "session_id": "no uuid"},
        {"message": "b", "app_version": "9" * 300},
        {"message": "c \0 d \ud800"},
        {"message": "e", "timestamp": "1970-01-01T00:00:00Z"},
        {"message": "f", "timestamp": "9999-12-31T23:59:59Z"},
        {"message": "g" + " x" * 50_000},
        {"message": "h", "tags": {"k" * 300: "v" * 300}, "user_id": "\0"},
    ]
    told = await shop.send(*strange)
    assert (told["accepted"], told["rejected"]) == (len(strange), 0)
    await shop.scan()
    errors = await shop.errors()
    assert [one["title"][0] for one in errors] == ["a", "b", "c", "e", "f", "g", "h"]
    assert {one["totalCount"] for one in errors} == {1}


async def test_batches_of_the_same_users_in_another_order_wait_for_nobody_for_ever(shop: Shop) -> None:
    people = [
        crash(kind, user_id=str(number), session_id=str(number)) for kind in "ABC" for number in range(30)
    ]
    orders = (people, people[::-1], people[1::2] + people[::2], people[::3] + people[2::3] + people[1::3])
    await asyncio.gather(*(shop.send(*order) for order in orders))
    await asyncio.gather(*(shop.scan() for _ in range(3)))
    errors = await shop.errors()
    assert [(one["totalCount"], one["userCount"], one["sessionCount"]) for one in errors] == [
        (120, 30, 30)
    ] * 3


async def test_an_owner_elsewhere_who_knows_all_ids_reaches_nothing(shop: Shop, listener: str) -> None:
    await shop.send(crash("A"))
    await shop.scan()
    [error] = await shop.errors()
    add = "mutation ($input: CommentAddInput!) { commentAdd(input: $input) { comment { id } } }"
    added = await shop.ask(add, input={"errorId": error["id"], "body": "look"})
    comment = added["commentAdd"]["comment"]["id"]
    async with opened(listener) as stranger:
        for mutation, given in {
            "commentDelete": {"id": comment},
            "commentEdit": {"id": comment, "body": "mine"},
            "errorGroupDelete": {"ids": [error["id"]]},
            "errorGroupSilence": {"ids": [error["id"]]},
            "errorGroupUnmerge": {"id": error["id"], "all": True},
            "appUpdate": {"id": shop.app.id, "name": "Mine"},
            "appRotateKey": {"id": shop.app.id},
            "appDelete": {"id": shop.app.id},
            "projectUpdate": {"id": shop.project_id, "groupingRules": []},
        }.items():
            kind = mutation[0].upper() + mutation[1:]
            document = (
                f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
            )
            told = await stranger.ask(document, input=given)
            assert told[mutation]["userErrors"] == [{"code": "NOT_FOUND"}], mutation
        looked = await stranger.ask(
            "query ($app: ID!, $error: ID!) { app(id: $app) { id } error(id: $error) { id } }",
            app=shop.app.id,
            error=error["id"],
        )
        assert looked == {"app": None, "error": None}
    kept = await shop.ask(
        "query ($id: ID!) { error(id: $id) { status comments(first: 5) { nodes { id body } } app { name } } }",
        id=error["id"],
    )
    assert kept["error"] == {
        "status": "NEW",
        "comments": {"nodes": [{"id": comment, "body": "look"}]},
        "app": {"name": "Web"},
    }
