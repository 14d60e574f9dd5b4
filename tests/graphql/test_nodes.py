"""Things by their ids: every kind there is, and ids that are foreign, malformed, stale, or of another kind."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from app.accounts.roles import Caller
from app.graphql import ids
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.stage import ask, joined, member
from tests.graphql.things import things
from tests.reading.stage import delete, seen
from tests.recording.stage import Stage, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

NODE = "query N($id: ID!) { node(id: $id) { __typename id } }"
ERROR = "query E($id: ID!) { error(id: $id) { __typename id } }"
INSTANCE = "query I($id: ID!) { instance(id: $id) { __typename id } }"


@dataclass
class World:
    """One thing of each kind, and who sees it."""

    stage: Stage
    viewer: Caller
    group_id: UUID
    things: dict[str, str]
    """Ids by the name of their type."""


async def world() -> World:
    stage = await set_up()
    group_id = await seen(stage.shop, "any")
    viewer = await joined(stage.organization_id)
    return World(stage, viewer, group_id, await things(stage, group_id))


def packed(text: bytes) -> str:
    """What is packed as an id is, and may be none."""
    return urlsafe_b64encode(text).decode().rstrip("=")


async def test_everything_that_has_an_id_is_found_by_it() -> None:
    made = await world()
    for kind, global_id in made.things.items():
        found = await ask(NODE, made.viewer, id=global_id)
        assert found["node"] == {"__typename": kind, "id": global_id}
    implementing = await ask('{ __type(name: "Node") { possibleTypes { name } } }', made.viewer)
    assert {kind["name"] for kind in implementing["__type"]["possibleTypes"]} == set(made.things)


async def test_fields_of_a_node_are_asked_by_its_type() -> None:
    made = await world()
    document = "query N($id: ID!) { node(id: $id) { ... on ErrorGroup { title project { name } } ... on Project { slug } } }"
    assert (await ask(document, made.viewer, id=made.things["ErrorGroup"]))["node"] == {
        "title": "any: 'partner_id'",
        "project": {"name": "Odoo"},
    }
    assert (await ask(document, made.viewer, id=made.things["Project"]))["node"] == {"slug": "odoo"}


async def test_what_belongs_to_strangers_is_not_there() -> None:
    made = await world()
    stranger = await joined((await set_up()).organization_id)
    for global_id in made.things.values():
        assert await ask(NODE, stranger, id=global_id) == {"node": None}
    assert await ask(ERROR, stranger, id=made.things["ErrorGroup"]) == {"error": None}
    assert await ask(INSTANCE, stranger, id=made.things["Instance"]) == {"instance": None}


async def test_what_is_no_id_names_nothing() -> None:
    made = await world()
    group_id, right = made.group_id, made.things["ErrorGroup"]
    for malformed in (
        "",
        " ",
        "=",
        "\0",
        "ü",
        "😀",
        "nonsense",
        str(group_id),
        right + "=",
        right + "\n",
        right[:-1],
        f" {right}",
        right * 10,
        "A" * 100_000,
        ids.encode("ErrorGroup", uuid4()),
        ids.encode("Error", group_id),
        ids.encode("errorgroup", group_id),
        ids.encode("App", group_id),
        ids.encode("ErrorHistoryEntry", 2**63),
        ids.encode("ErrorHistoryEntry", 0),
        ids.encode("ErrorHistoryEntry", -1),
        ids.encode("Occurrence", UUID(int=2**128 - 1)),
        ids.encode("Occurrence", UUID(int=0)),
        *(packed(text) for text in (b"ErrorGroup", b":", b"\xff:\xff")),
        *(
            packed(f"{kind}:{number}".encode())
            for kind, number in (
                ("ErrorGroup", str(group_id).upper()),
                ("ErrorGroup", group_id.hex),
                ("ErrorGroup", f"{{{group_id}}}"),
                ("ErrorHistoryEntry", "01"),
                ("ErrorHistoryEntry", "+1"),
                ("ErrorHistoryEntry", "٣"),
                ("ErrorHistoryEntry", "9" * 30),
            )
        ),
    ):
        assert await ask(NODE, made.viewer, id=malformed) == {"node": None}, malformed
        assert await ask(ERROR, made.viewer, id=malformed) == {"error": None}, malformed
        assert await ask(INSTANCE, made.viewer, id=malformed) == {"instance": None}, malformed


async def test_an_id_of_another_kind_names_nothing() -> None:
    made = await world()
    for kind, global_id in made.things.items():
        found = await ask(ERROR, made.viewer, id=global_id)
        assert (found["error"] is not None) == (kind == "ErrorGroup")
        found = await ask(INSTANCE, made.viewer, id=global_id)
        assert (found["instance"] is not None) == (kind == "Instance")


async def test_what_was_deleted_is_not_there() -> None:
    made = await world()
    await delete(made.group_id)
    for kind in ("ErrorGroup", "Occurrence", "ErrorHistoryEntry"):
        assert await ask(NODE, made.viewer, id=made.things[kind]) == {"node": None}, kind
    await fetch("update instance set deleted_at = $1", NOW)
    await fetch("update project set deleted_at = $1", NOW)
    for kind in ("Instance", "Project"):
        assert await ask(NODE, made.viewer, id=made.things[kind]) == {"node": None}, kind


async def test_the_organization_of_nobody_is_not_there() -> None:
    """A caller whom the tables do not know still learns nothing of other organizations."""
    made = await world()
    assert await ask(NODE, member(uuid4()), id=made.things["Organization"]) == {"node": None}
