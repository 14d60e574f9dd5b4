"""What people do with the errors of an app while its events go on coming: all is counted where it belongs, and once."""

from typing import Any

import pytest

from tests.journeys.shop import Shop, crash

pytestmark = pytest.mark.anyio


async def counted(shop: Shop) -> dict[str, tuple[int, int, int]]:
    """Of each error how often it happened, to how many users, in how many sessions; `dev` before those of developers."""
    return {
        ("dev " if one["isDev"] else "") + one["title"][:1]: (
            one["totalCount"],
            one["userCount"],
            one["sessionCount"],
        )
        for one in await shop.errors()
    }


async def refused(shop: Shop, primary: str, secondary: str) -> bool:
    """Whether nobody can merge the two."""
    document = """mutation ($input: ErrorGroupMergeInput!) {
        errorGroupMerge(input: $input) { userErrors { code field } }
    }"""
    answer = await shop.ask(document, input={"primaryId": primary, "secondaryIds": [secondary]})
    told: Any = answer["errorGroupMerge"]["userErrors"]
    return bool(told == [{"code": "BAD_INPUT", "field": ["secondaryIds", "0"]}])


async def test_errors_are_merged_muted_taken_apart_and_deleted_while_events_come(shop: Shop) -> None:
    ann: dict[str, Any] = {"user_id": "ann", "session_id": "1", "tags": {"plan": "pro"}}
    bob: dict[str, Any] = {"user_id": "bob", "session_id": "2"}
    till = await shop.another_app("Till")
    await shop.send(
        crash("A", **ann), crash("A", **ann), crash("B", **ann), crash("B", **bob), crash("A", is_dev=True)
    )
    await shop.send(crash("C"), app=till)
    await shop.scan()
    assert await counted(shop) == {"A": (2, 1, 1), "B": (2, 2, 2), "C": (1, 0, 0), "dev A": (1, 0, 0)}
    ids = {("dev " if one["isDev"] else "") + one["title"][:1]: one["id"] for one in await shop.errors()}

    for other in ("dev A", "C"):
        assert await refused(shop, ids["A"], ids[other])
        assert await refused(shop, ids[other], ids["A"])
    await shop.do("errorGroupMerge", primaryId=ids["A"], secondaryIds=[ids["B"]])
    assert await counted(shop) == {"A": (4, 2, 2), "C": (1, 0, 0), "dev A": (1, 0, 0)}

    # Known and unknown people, by either of the two; the third ends the mute.
    await shop.do("errorGroupMute", ids=[ids["A"]], afterOccurrences=3)
    await shop.send(crash("B", **ann), crash("A", **bob))
    await shop.scan()
    [merged] = await shop.errors(appId=shop.app.id, isDev=False)
    assert (merged["muted"], merged["totalCount"], merged["userCount"]) == (True, 6, 2)
    await shop.send(crash("B", user_id="cid", session_id="3"))
    await shop.scan()
    [merged] = await shop.errors(appId=shop.app.id, isDev=False)
    assert (merged["muted"], merged["totalCount"], merged["userCount"], merged["sessionCount"]) == (
        False,
        7,
        3,
        3,
    )
    tags = "query ($id: ID!) { error(id: $id) { tags { key values { value count } } } }"
    told = await shop.ask(tags, id=ids["A"])
    assert told["error"]["tags"] == [{"key": "plan", "values": [{"value": "pro", "count": 4}]}]

    await shop.do("errorGroupUnmerge", id=ids["A"], all=True)
    assert await counted(shop) == {"A": (3, 2, 2), "B": (4, 3, 3), "C": (1, 0, 0), "dev A": (1, 0, 0)}

    await shop.do("errorGroupDelete", ids=[ids["A"]])
    await shop.send(crash("A", **ann))
    await shop.scan()
    assert (await counted(shop))["A"] == (1, 1, 1)
    [again] = await shop.errors(appId=shop.app.id, isDev=False, search="A: no price")
    assert again["id"] != ids["A"]


async def test_users_raise_a_priority_and_a_regression_more(shop: Shop) -> None:
    many = [crash("A", user_id=str(number), session_id=str(number), app_version="1") for number in range(101)]
    await shop.send(*many)
    await shop.scan()
    [error] = await shop.errors()
    assert (error["priority"], error["userCount"], error["occurrenceCount"]) == ("P1", 101, 101)
    await shop.do("errorGroupResolve", ids=[error["id"]], inVersion="1")
    await shop.send(crash("A", app_version="2"))
    await shop.scan()
    [error] = await shop.errors()
    assert (error["priority"], error["status"]) == ("P0", "REGRESSED")


async def test_what_became_of_all_that_was_sent_adds_up(shop: Shop) -> None:
    await shop.do("appUpdate", id=shop.app.id, sampleRate=0, ignoreRules=[{"exceptionType": "Noise*"}])
    told = await shop.send(
        *(crash("A", id=str(number % 9)) for number in range(10)),
        crash("NoiseOfBots"),
        {"level": "info", "message": "started"},
        {"level": "loud", "message": "?"},
    )
    assert (told["accepted"], told["duplicates"], told["rejected"]) == (11, 1, 1)
    await shop.scan()
    await shop.written()
    document = """query ($id: ID!) { app(id: $id) { statistics(days: 30) {
        accepted duplicate rejected recorded thinned ignored setAside buckets { accepted recorded }
    } } }"""
    statistics = (await shop.ask(document, id=shop.app.id))["app"]["statistics"]
    buckets = statistics.pop("buckets")
    assert statistics == {
        "accepted": 11,
        "duplicate": 1,
        "rejected": 1,
        "recorded": 9,
        "thinned": 8,
        "ignored": 1,
        "setAside": 0,
    }
    assert (len(buckets), buckets[-1]) == (30, {"accepted": 11, "recorded": 9})
    [error] = await shop.errors()
    assert (error["totalCount"], error["occurrenceCount"]) == (9, 1)


async def test_rules_are_tried_out_saved_and_followed(shop: Shop) -> None:
    colours = ("red", "blue", "green")
    await shop.report(*({"message": f"order {colour} failed"} for colour in colours))
    await shop.scan()
    assert len(await shop.errors()) == 3
    rules = [{"message": "order * failed", "fingerprint": ["orders"]}]
    document = """query ($project: ID!, $rules: [GroupingRuleInput!]!) {
        groupingRulesPreview(projectId: $project, groupingRules: $rules) { eventCount changedCount joined { errorGroups { id } } }
    }"""
    preview = (await shop.ask(document, project=shop.project_id, rules=rules))["groupingRulesPreview"]
    assert (preview["eventCount"], preview["changedCount"]) == (3, 3)
    assert [len(one["errorGroups"]) for one in preview["joined"]] == [3]

    await shop.do("projectUpdate", id=shop.project_id, groupingRules=rules)
    await shop.report(*({"message": f"order {colour} failed"} for colour in colours))
    await shop.scan()
    assert sorted(one["totalCount"] for one in await shop.errors()) == [1, 1, 1, 3]
