"""Who may ask for what: every root field and mutation, for every caller there is. A field without a row fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import pytest
from graphql import GraphQLObjectType
from strawberry.types import ExecutionResult

from app.accounts.roles import ALL_SCOPES, Caller, Role, Scope, TokenKind
from app.graphql import ids
from app.graphql.masking import shown
from app.graphql.schema import schema
from app.tables.database import fetch
from tests.graphql.stage import answer, joined
from tests.reading.stage import seen
from tests.recording.stage import Stage, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

YES: Final = "ok"
NO: Final = "FORBIDDEN"
WHO: Final = "UNAUTHENTICATED"
NOTHING: Final = "nothing of it"  # an empty list, null, zeros: what there is not
GONE: Final = "NOT_FOUND"  # as data
OWN: Final = "their own"  # a stranger makes, or sees, what is theirs

CALLERS: Final = ("owner", "admin", "developer", "viewer", "agent", "reader", "ingest", "stranger", "nobody")
"""The agent's token is for issues:read and issues:write, as agents' are; the reader is an owner with a token for
issues:read alone, ingest one with a token for events alone; the stranger owns another organization."""

# Of each field: the document without its arguments' values, and what becomes of it for each caller.
TABLE: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    # field                                  owner admin develo viewer agent reader ingest stranger nobody
    "Query.version":       ("",             (YES,  YES,  YES,   YES,   YES,  YES,   YES,   YES,     YES)),
    "Query.viewer":        ("{ name }",     (YES,  YES,  YES,   YES,   YES,  YES,   YES,   OWN,     WHO)),
    "Query.node":          ("{ id }",       (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Query.errors":        ("{ nodes { title } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Query.error":         ("{ title }",    (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Query.errorStats":    ("{ totalActive }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Query.projects":      ("{ nodes { name } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    OWN,     WHO)),
    "Query.project":       ("{ name }",     (YES,  YES,  YES,   YES,   YES,  YES,   NO,    OWN,     WHO)),
    "Query.instances":     ("{ nodes { name } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    OWN,     WHO)),
    "Query.instance":      ("{ name }",     (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Mutation.projectCreate":
                           ("{ project { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    OWN,     WHO)),
    "Mutation.instanceCreate":
                           ("{ instance { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.instanceUpdate":
                           ("{ instance { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.instanceDelete":
                           ("{ deletedInstanceId userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.instanceScan":
                           ("{ instance { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.instanceTestConnection":
                           ("{ connected userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
}  # fmt: skip

READ_ONLY: Final = {"Mutation.instanceTestConnection"}
"""Mutations that store nothing."""


@dataclass(frozen=True)
class Scene:
    """An organization with an error, and the stranger's."""

    stage: Stage
    strangers: Stage
    group_id: UUID


ARGUMENTS: Final[dict[str, Callable[[Scene], str]]] = {
    "Query.node": lambda scene: f'(id: "{ids.encode("ErrorGroup", scene.group_id)}")',
    "Query.error": lambda scene: f'(id: "{ids.encode("ErrorGroup", scene.group_id)}")',
    "Query.project": lambda _: '(slug: "odoo")',
    "Query.instance": lambda scene: f'(id: "{ids.encode("Instance", scene.stage.shop.id)}")',
    "Mutation.projectCreate": lambda _: '(input: {name: "New"})',
    "Mutation.instanceCreate": lambda scene: (
        f'(input: {{projectId: "{ids.encode("Project", scene.stage.project_id)}", name: "New",'
        ' source: {localFile: {path: "/var/log/odoo.log"}}})'
    ),
    "Mutation.instanceUpdate": lambda scene: (
        f'(input: {{id: "{ids.encode("Instance", scene.stage.shop.id)}", name: "New"}})'
    ),
    "Mutation.instanceDelete": lambda scene: (
        f'(input: {{id: "{ids.encode("Instance", scene.stage.shop.id)}"}})'
    ),
    "Mutation.instanceTestConnection": lambda scene: (
        f'(input: {{id: "{ids.encode("Instance", scene.stage.shop.id)}"}})'
    ),
    "Mutation.instanceScan": lambda scene: (
        f'(input: {{id: "{ids.encode("Instance", scene.stage.shop.id)}"}})'
    ),
}


def fields() -> set[str]:
    """Every root field, as the schema has it."""
    graph = schema._schema
    roots = (graph.query_type, graph.mutation_type, graph.subscription_type)
    return {
        f"{root.name}.{name}" for root in roots if isinstance(root, GraphQLObjectType) for name in root.fields
    }


async def scene() -> Scene:
    stage, strangers = await set_up(), await set_up()
    await fetch('update instance set source = \'{"path": "/nowhere/odoo.log"}\'')
    return Scene(stage, strangers, await seen(stage.shop, "secret"))


async def caller(scene: Scene, who: str) -> Caller | None:
    """Somebody of this kind, with a token of their own."""
    ours = scene.stage.organization_id
    match who:
        case "nobody":
            return None
        case "stranger":
            return await joined(scene.strangers.organization_id)
        case "agent":
            return await joined(ours, Role.OWNER, kind=TokenKind.AGENT)
        case "reader":
            return await joined(ours, scopes={Scope.ISSUES_READ})
        case "ingest":
            return await joined(ours, scopes={Scope.INGEST})
    return await joined(ours, Role(who), scopes=ALL_SCOPES)


async def contents() -> dict[str, str]:
    """Of each table a sum of all that is in it, to see that nothing changed. When a token was last used is no part of it."""
    names = await fetch(
        """
        select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
            and not relispartition and relname <> 'access_token'
        """
    )
    sums = [
        f"select '{row[0]}', md5(string_agg(t::text, chr(10) order by t::text)) from {row[0]} as t"  # noqa: S608
        for row in names
    ]
    return {row[0]: row[1] for row in await fetch(" union all ".join(sums))}


def outcome(field: str, found: ExecutionResult) -> str:
    """What became of it: the code of the only error, or of the only user error, or what there was."""
    if found.errors:
        [error] = found.errors
        assert not found.data or not any(found.data.values())
        return str(shown(error)["extensions"]["code"])
    assert found.data
    value = found.data[field.partition(".")[2]]
    if isinstance(value, dict) and (told := value.get("userErrors")):
        return str(told[0]["code"])
    is_nothing = value is None or (isinstance(value, dict) and all(not part for part in value.values()))
    return NOTHING if is_nothing else YES


async def test_every_field_has_a_row_and_every_row_a_field() -> None:
    assert set(TABLE) == fields()
    assert set(ARGUMENTS) <= set(TABLE)


@pytest.mark.parametrize("field", TABLE)
async def test_each_caller_gets_what_the_table_says(field: str) -> None:
    rest, expected = TABLE[field]
    made = await scene()
    for who, wanted in zip(CALLERS, expected, strict=True):
        asking = await caller(made, who)
        root, _, name = field.partition(".")
        arguments = ARGUMENTS[field](made) if field in ARGUMENTS else ""
        document = f"{root.lower()} {{ {name}{arguments} {rest} }}"
        before = await contents() if root == "Mutation" else {}
        found = await answer(document, asking)
        became = outcome(field, found)
        # A scan of a log that is not there is allowed, and says so.
        assert became == {OWN: YES}.get(wanted, wanted) or (
            (field, wanted, became) == ("Mutation.instanceScan", YES, "SOURCE_UNREADABLE")
        ), (who, found)
        has_changed = root == "Mutation" and await contents() != before
        may_change = root == "Mutation" and field not in READ_ONLY
        assert has_changed is (may_change and wanted in (YES, OWN)), who
        if who == "stranger":
            assert "secret" not in str(found.data)
        if has_changed:
            made = await scene()


async def test_what_a_stranger_makes_is_theirs() -> None:
    made = await scene()
    found = await answer(
        'mutation { projectCreate(input: {name: "New"}) { project { slug } } }',
        await caller(made, "stranger"),
    )
    assert found.data == {"projectCreate": {"project": {"slug": "new"}}}
    rows = await fetch("select organization_id from project where slug = 'new'")
    assert [row[0] for row in rows] == [made.strangers.organization_id]


async def test_refused_mutations_of_one_document_change_nothing() -> None:
    made = await scene()
    global_id = ids.encode("Instance", made.stage.shop.id)
    document = f"""
    mutation {{
        a: instanceDelete(input: {{id: "{global_id}"}}) {{ deletedInstanceId }}
        b: projectCreate(input: {{name: "New"}}) {{ project {{ id }} }}
    }}
    """
    asking = await caller(made, "developer")
    before = await contents()
    found = await answer(document, asking)
    assert found.errors
    assert {shown(error)["extensions"]["code"] for error in found.errors} == {"FORBIDDEN"}
    assert await contents() == before


async def test_what_the_viewer_is_told_to_be_allowed_is_allowed() -> None:
    made = await scene()
    document = "{ viewer { name email role permissions organization { name slug } } }"
    everything = [
        "VIEW_ERRORS",
        "MANAGE_ERRORS",
        "MANAGE_PROJECTS",
        "MANAGE_INSTANCES",
        "MANAGE_MEMBERS",
        "MANAGE_TOKENS",
    ]
    for who, role, permissions in (
        ("owner", "OWNER", everything),
        ("admin", "ADMIN", everything),
        ("developer", "DEVELOPER", everything[:2]),
        ("viewer", "VIEWER", everything[:1]),
        ("agent", "OWNER", everything[:2]),
        ("reader", "OWNER", everything[:1]),
        ("ingest", "OWNER", []),
    ):
        asking = await caller(made, who)
        found = await answer(document, asking)
        assert asking
        assert found.data == {
            "viewer": {
                "name": "robot" if who == "agent" else "Ann",
                "email": None if who == "agent" else f"{asking.person_id}@acme.test",
                "role": role,
                "permissions": permissions,
                "organization": {"name": "Acme", "slug": f"acme-{made.stage.organization_id.hex}"},
            }
        }
