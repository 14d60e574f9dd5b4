"""Members, invitations, tokens and the audit, as a front end meets them."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts import tokens
from app.accounts.roles import ALL_SCOPES, Caller, Role, TokenKind
from app.graphql import ids
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.door import codes, door, post
from tests.graphql.stage import answer, ask, joined, refusal
from tests.recording.stage import later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

INVITE = """
mutation ($email: String!, $role: MemberRole!) {
  memberInvite(input: {email: $email, role: $role}) {
    invitation { id email role expiresAt isExpired } link userErrors { field code message }
  }
}
"""
ACCEPT = """
mutation ($token: String!, $name: String, $password: String, $cookie: Boolean! = false) {
  invitationAccept(input: {token: $token, name: $name, password: $password, cookie: $cookie}) {
    token viewer { name role member { id name role } organization { name } } userErrors { field code }
  }
}
"""
UPDATE = """
mutation ($id: ID!, $role: MemberRole!) {
  memberUpdate(input: {id: $id, role: $role}) { member { id role } userErrors { field code } }
}
"""
REMOVE = """
mutation ($id: ID!) {
  memberRemove(input: {id: $id}) {
    removedMemberId revokedTokens { id name state createdBy { id } } userErrors { field code }
  }
}
"""
CREATE = """
mutation ($input: TokenCreateInput!) {
  tokenCreate(input: $input) {
    token { id name kind scopes role state expiresAt lastUsedAt revokedAt } secret userErrors { field code }
  }
}
"""
REVOKE = (
    "mutation ($id: ID!) { tokenRevoke(input: {id: $id}) { token { id state } userErrors { field code } } }"
)
AUDIT = """
query ($filter: AuditFilter, $first: Int, $after: String) {
  auditEntries(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes {
      id at kind actorKind actorId actorName subjectType subjectId subjectName detail { field before after }
    }
  }
}
"""
PASSWORD = "correct horse battery"  # noqa: S105


async def owner() -> Caller:
    return await joined((await set_up()).organization_id)


def member_id(caller: Caller) -> str:
    assert caller.membership_id
    return ids.encode("Member", caller.membership_id)


async def test_from_the_invitation_to_the_farewell() -> None:
    boss = await owner()
    found = await ask(INVITE, boss, email="bea@x.test", role="DEVELOPER")
    invited = found["memberInvite"]
    assert invited["userErrors"] == []
    assert invited["invitation"] == {
        "id": invited["invitation"]["id"],
        "email": "bea@x.test",
        "role": "DEVELOPER",
        "expiresAt": "2026-11-29T10:00:00Z",
        "isExpired": False,
    }
    page, _, secret = invited["link"].partition("#")
    assert page.endswith("/invite")
    listed = "{ invitations { totalCount nodes { id email isExpired } } }"
    assert (await ask(listed, boss))["invitations"] == {
        "totalCount": 1,
        "nodes": [{"id": invited["invitation"]["id"], "email": "bea@x.test", "isExpired": False}],
    }
    late = await ask(listed, boss, now=later(days=7))
    assert late["invitations"]["nodes"][0]["isExpired"] is True

    accepted = (await ask(ACCEPT, None, token=secret, name="Bea", password=PASSWORD))["invitationAccept"]
    bea = await tokens.find(accepted["token"], now=NOW)
    assert accepted["viewer"] == {
        "name": "Bea",
        "role": "DEVELOPER",
        "member": {"id": member_id(bea), "name": "Bea", "role": "DEVELOPER"},
        "organization": {"name": "Acme"},
    }
    assert (await ask(listed, boss))["invitations"]["totalCount"] == 0
    again = (await ask(ACCEPT, None, token=secret, name="Bea", password=PASSWORD))["invitationAccept"]
    assert again["userErrors"] == [{"field": ["token"], "code": "NOT_FOUND"}]

    members = "{ members { totalCount nodes { id name email role joinedAt lastSeenAt } } }"
    shown = (await ask(members, bea))["members"]
    assert [node["name"] for node in shown["nodes"]] == ["Ann", "Bea"]
    assert shown["nodes"][1] == {
        "id": member_id(bea),
        "name": "Bea",
        "email": "bea@x.test",
        "role": "DEVELOPER",
        "joinedAt": "2026-11-22T10:00:00Z",
        "lastSeenAt": "2026-11-22T10:00:00Z",
    }

    raised = await ask(UPDATE, boss, id=member_id(bea), role="ADMIN")
    assert raised["memberUpdate"]["member"] == {"id": member_id(bea), "role": "ADMIN"}
    bea = await tokens.find(accepted["token"], now=NOW)
    assert await refusal(UPDATE, bea, id=member_id(bea), role="OWNER") == "FORBIDDEN"
    attempts: list[tuple[str, Any]] = [(UPDATE, {"role": "VIEWER"}), (REMOVE, {})]
    for document, given in attempts:
        found = await ask(document, boss, id=member_id(boss), **given)
        [payload] = found.values()
        assert payload["userErrors"] == [{"field": ["id"], "code": "LAST_OWNER"}]
    gone = await ask(REMOVE, boss, id=member_id(bea))
    assert gone["memberRemove"] == {"removedMemberId": member_id(bea), "revokedTokens": [], "userErrors": []}
    assert await refusal("{ viewer { name } }", bea) == "UNAUTHENTICATED"


async def test_a_browser_that_accepts_is_signed_in_by_its_cookie() -> None:
    boss = await owner()
    found = await ask(INVITE, boss, email="bea@x.test", role="VIEWER")
    given = {
        "token": found["memberInvite"]["link"].partition("#")[2],
        "name": "Bea",
        "password": PASSWORD,
        "cookie": True,
    }
    # The door asks the clock.
    await fetch("update invitation set expires_at = '2999-01-01'")
    async with door(SNAGLIST_BASE_URL="http://snaglist.test") as client:
        client.headers["sec-fetch-site"] = "same-origin"
        accepted = (await post(client, ACCEPT, variables=given)).json()["data"]["invitationAccept"]
        assert (accepted["token"], accepted["viewer"]["member"]["name"]) == (None, "Bea")
        seen = await post(client, "{ viewer { name role } }")
        assert seen.json()["data"]["viewer"] == {"name": "Bea", "role": "VIEWER"}


async def test_a_token_is_shown_once_and_says_what_became_of_it() -> None:
    boss = await owner()
    document = "{ tokens { totalCount nodes { name kind role scopes state lastUsedAt } } }"
    made = (await ask(CREATE, boss, input={"name": "robot", "kind": "AGENT"}))["tokenCreate"]
    assert made["userErrors"] == []
    assert made["token"] == {
        "id": made["token"]["id"],
        "name": "robot",
        "kind": "AGENT",
        "scopes": ["ISSUES_READ", "ISSUES_WRITE"],
        "role": "DEVELOPER",
        "state": "ACTIVE",
        "expiresAt": None,
        "lastUsedAt": None,
        "revokedAt": None,
    }
    robot = await tokens.find(made["secret"], now=NOW)
    short = {
        "name": "short",
        "role": "VIEWER",
        "scopes": ["INGEST"],
        "expiresAt": "2026-11-22T11:00:00+00:00",
    }
    assert (await ask(CREATE, boss, input=short))["tokenCreate"]["token"]["state"] == "ACTIVE"

    listed = (await ask(document, boss, now=later(hours=2)))["tokens"]
    assert listed["totalCount"] == 3  # the one that asks too
    states = {node["name"]: (node["state"], node["lastUsedAt"]) for node in listed["nodes"]}
    assert states["short"] == ("EXPIRED", None)
    assert states["robot"] == ("ACTIVE", "2026-11-22T10:00:00Z")
    assert made["secret"] not in str(listed)

    revoked = (await ask(REVOKE, boss, id=made["token"]["id"]))["tokenRevoke"]
    assert revoked == {"token": {"id": made["token"]["id"], "state": "REVOKED"}, "userErrors": []}
    assert (await ask(REVOKE, boss, id=made["token"]["id"]))["tokenRevoke"] == revoked
    assert robot.kind is TokenKind.AGENT
    async with door() as client:
        assert codes(await post(client, "{ viewer { name } }", made["secret"])) == ["UNAUTHENTICATED"]


async def test_everybody_sees_their_own_tokens_and_only_who_manages_them_agents() -> None:
    stage = await set_up()
    boss, viewer = await joined(stage.organization_id), await joined(stage.organization_id, Role.VIEWER)
    await ask(CREATE, boss, input={"name": "robot", "kind": "AGENT"})
    await ask(CREATE, viewer, input={"name": "mine"})
    document = "{ tokens { totalCount nodes { name } } }"
    assert (await ask(document, viewer))["tokens"]["totalCount"] == 2
    assert {node["name"] for node in (await ask(document, viewer))["tokens"]["nodes"]} == {"mine", "robot"}
    assert (await ask(document, boss))["tokens"]["totalCount"] == 2
    agents = await fetch("select id from access_token where kind = 'agent'")
    found = await ask(
        "query ($id: ID!) { node(id: $id) { id } }", viewer, id=ids.encode("AccessToken", agents[0][0])
    )
    assert found == {"node": None}


async def test_with_a_member_go_the_agents_whom_they_made_and_the_answer_names_them() -> None:
    boss = await owner()
    bea = await joined(boss.organization_id, Role.ADMIN)
    document = "{ tokens { nodes { name role state createdBy { id } } } }"
    created = (await ask(CREATE, bea, input={"name": "nightly", "kind": "AGENT"}))["tokenCreate"]
    old = await joined(boss.organization_id, Role.ADMIN, kind=TokenKind.AGENT)
    await fetch("update access_token set name = 'from before' where id = $1", old.token_id)
    await ask(CREATE, boss, input={"name": "mine"})

    async def shown() -> dict[str, tuple[str | None, str]]:
        nodes = (await ask(document, boss))["tokens"]["nodes"]
        return {each["name"]: ((each["createdBy"] or {}).get("id"), each["state"]) for each in nodes}

    before = {
        "from before": (None, "ACTIVE"),
        "mine": (member_id(boss), "ACTIVE"),
        "robot": (member_id(boss), "ACTIVE"),  # the one that asks
    }
    assert await shown() == before | {"nightly": (member_id(bea), "ACTIVE")}
    await fetch("update person set disabled_at = $2 where id = $1", bea.person_id, NOW)
    assert await shown() == before | {"nightly": (member_id(bea), "SUSPENDED")}
    await fetch("update person set disabled_at = null where id = $1", bea.person_id)

    removed = (await ask(REMOVE, boss, id=member_id(bea)))["memberRemove"]
    named = {"id": created["token"]["id"], "name": "nightly", "state": "REVOKED", "createdBy": None}
    assert removed == {"removedMemberId": member_id(bea), "revokedTokens": [named], "userErrors": []}
    assert await shown() == before | {"nightly": (None, "REVOKED")}
    async with door() as client:
        assert codes(await post(client, "{ viewer { name } }", created["secret"])) == ["UNAUTHENTICATED"]
    entries = (await ask(AUDIT, boss, first=2))["auditEntries"]["nodes"]
    assert [(each["kind"], each["subjectName"]) for each in entries] == [
        ("TOKEN_REVOKED", "nightly"),
        ("MEMBER_REMOVED", "Ann"),
    ]


async def test_an_admin_revokes_nothing_of_an_owners() -> None:
    boss = await owner()
    admin = await joined(boss.organization_id, Role.ADMIN)
    token_id = ids.encode("AccessToken", boss.token_id)
    assert await refusal(REVOKE, admin, id=token_id) == "FORBIDDEN"
    assert await fetch("select from access_token where revoked_at is not null") == []
    assert (await ask(REVOKE, boss, id=token_id))["tokenRevoke"]["token"]["state"] == "REVOKED"


async def test_ids_that_mean_nothing_are_not_there() -> None:
    boss = await owner()
    robot = await joined(boss.organization_id, Role.ADMIN, ALL_SCOPES, kind=TokenKind.AGENT, maker=boss)
    take_back = "mutation ($id: ID!) { invitationRevoke(input: {id: $id}) { userErrors { field code } } }"
    attempts: list[tuple[str, Any]] = [
        (UPDATE, {"role": "VIEWER"}),
        (REMOVE, {}),
        (REVOKE, {}),
        (take_back, {}),
    ]
    for bad in (
        "",
        "\0",
        "nonsense",
        ids.encode("Project", boss.token_id),
        ids.encode("Member", robot.token_id),
    ):
        for document, given in attempts:
            [payload] = (await ask(document, boss, id=bad, **given)).values()
            assert payload["userErrors"] == [{"field": ["id"], "code": "NOT_FOUND"}], (document, bad)


async def test_the_audit_tells_who_changed_what_from_what_to_what() -> None:
    stage = await set_up()
    boss = await joined(stage.organization_id)
    bea = await joined(stage.organization_id, Role.VIEWER)
    robot = await joined(stage.organization_id, Role.ADMIN, ALL_SCOPES, kind=TokenKind.AGENT, maker=boss)
    await ask(UPDATE, boss, id=member_id(bea), role="DEVELOPER")
    await ask(
        'mutation { organizationUpdate(input: {name: "New"}) { organization { name } } }',
        robot,
        now=later(hours=1),
    )
    shop = ids.encode("Instance", stage.shop.id)
    await ask(
        """
        mutation ($id: ID!) {
          instanceUpdate(input: {
            id: $id, errorIgnorePatterns: ["a", "b"], errorDetectionEnabled: false
            source: {localFile: {path: "/var/log/secret.log"}}
          }) { userErrors { message } }
        }
        """,
        boss,
        now=later(hours=2),
        id=shop,
    )
    found = (await ask(AUDIT, boss))["auditEntries"]
    assert found["totalCount"] == 3
    instance, organization, member = found["nodes"]
    assert member == {
        "id": member["id"],
        "at": "2026-11-22T10:00:00Z",
        "kind": "MEMBER_UPDATED",
        "actorKind": "PERSON",
        "actorId": member_id(boss),
        "actorName": "Ann",
        "subjectType": "Member",
        "subjectId": member_id(bea),
        "subjectName": "Ann",
        "detail": [{"field": "role", "before": "viewer", "after": "developer"}],
    }
    assert (organization["actorKind"], organization["actorName"], organization["subjectName"]) == (
        "AGENT",
        "robot",
        "New",
    )
    assert (instance["kind"], instance["subjectId"]) == ("INSTANCE_UPDATED", shop)
    assert {each["field"]: (each["before"], each["after"]) for each in instance["detail"]} == {
        "errorIgnorePatterns": ("", "a\nb"),
        "errorDetectionEnabled": (None, "false"),
        "source": (None, "changed"),
    }
    assert "secret" not in str(found)

    for wanted, kinds in (
        ({"kind": "MEMBER_UPDATED"}, ["MEMBER_UPDATED"]),
        ({"actorId": member_id(boss)}, ["INSTANCE_UPDATED", "MEMBER_UPDATED"]),
        ({"actorId": ids.encode("AccessToken", robot.token_id)}, ["ORGANIZATION_UPDATED"]),
        ({"actorId": "nobody"}, []),
        (
            {"since": "2026-11-22T11:00:00Z", "until": "2026-11-22T12:00:00Z"},
            ["ORGANIZATION_UPDATED"],
        ),
    ):
        shown = (await ask(AUDIT, boss, filter=wanted))["auditEntries"]
        assert [node["kind"] for node in shown["nodes"]] == kinds
        assert shown["totalCount"] == len(kinds)
    first = (await ask(AUDIT, boss, first=2))["auditEntries"]
    rest = (await ask(AUDIT, boss, first=2, after=first["pageInfo"]["endCursor"]))["auditEntries"]
    assert [node["id"] for node in first["nodes"] + rest["nodes"]] == [node["id"] for node in found["nodes"]]
    assert not rest["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    ("field", "made"),
    [
        ("members { nodes { name } }", 1),
        ("invitations { nodes { email } }", 1),
        ("tokens { nodes { name } }", 1),
        ("auditEntries { nodes { kind } }", 1),
    ],
)
async def test_a_page_takes_one_statement_whatever_its_length(
    field: str, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = await owner()
    for number in range(3):
        await ask(INVITE, boss, email=f"{number}@x.test", role="VIEWER")
        await ask(CREATE, boss, input={"name": str(number)})
        await joined(boss.organization_id, Role.VIEWER)
    statements: list[str] = []
    with noted_statements(monkeypatch, statements):
        found = await ask(f"{{ {field} }}", boss)
    [connection] = found.values()
    assert len(connection["nodes"]) >= 3
    assert len(statements) == made


@pytest.mark.parametrize("name", ["members", "invitations", "tokens", "auditEntries"])
async def test_pages_show_each_row_once_in_both_directions(name: str) -> None:
    boss = await owner()
    for number in range(4):
        await ask(INVITE, boss, email=f"{number}@x.test", role="VIEWER", now=NOW + timedelta(seconds=number))
        await ask(CREATE, boss, input={"name": str(number)})
        await joined(boss.organization_id, Role.VIEWER)
    whole = [node["id"] for node in (await ask(f"{{ {name} {{ nodes {{ id }} }} }}", boss))[name]["nodes"]]
    assert len(whole) == len(set(whole)) >= 4

    async def walk(first: str, after: str, cursor: str) -> list[str]:
        seen: list[str] = []
        given: dict[str, Any] = {}
        document = f"""
        query ($cursor: String) {{
            {name}({first}: 2, {after}: $cursor) {{ nodes {{ id }} pageInfo {{ startCursor endCursor }} }}
        }}
        """
        while page := (await ask(document, boss, **given))[name]["nodes"]:
            again = (await ask(document, boss, **given))[name]
            given = {"cursor": again["pageInfo"][cursor]}
            ids_ = [node["id"] for node in page]
            seen = seen + ids_ if first == "first" else ids_ + seen
        return seen

    assert await walk("first", "after", "endCursor") == whole
    assert await walk("last", "before", "startCursor") == whole
    assert (await answer(f'{{ {name}(after: "nonsense") {{ nodes {{ id }} }} }}', boss)).errors
