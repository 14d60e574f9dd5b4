"""schema.graphql is what the code says, every word of it is explained, and nothing that clients rely on has gone."""

import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
)

from app.graphql.schema import schema, sdl

ROOT = Path(__file__).parent.parent
FILE = ROOT / "schema.graphql"
GLOBALS = {
    "Error",
    "Event",
    "Date",
    "Map",
    "Record",
    "Request",
    "Object",
    "Set",
    "Symbol",
    "Array",
    "Function",
}
"""What JavaScript calls its own: a generated type of that name would hide it."""


def committed() -> str | None:
    """schema.graphql as it is committed; None where there is no git, or no commit with it."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        return None
    found = subprocess.run(
        ["git", "-C", str(ROOT), "-c", f"safe.directory={ROOT}", "show", "HEAD:schema.graphql"],
        capture_output=True,
        check=False,
    )
    return found.stdout.decode() if found.returncode == 0 else None


def broken(before: str, after: str) -> list[str]:
    """What clients of the one schema miss in the other."""
    old, new = build_schema(before), build_schema(after)
    for change in find_dangerous_changes(old, new):
        warnings.warn(f"dangerous: {change.description}", UserWarning, stacklevel=2)
    return [change.description for change in find_breaking_changes(old, new)]


def described(graph: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Everything in the schema that should have a description, with it."""
    for name, type_ in graph.type_map.items():
        if name.startswith("__") or name in ("String", "Int", "Float", "Boolean", "ID"):
            continue
        yield name, type_.description
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{name}.{value}", known.description) for value, known in type_.values.items())
        if isinstance(type_, GraphQLInputObjectType):
            yield from ((f"{name}.{field}", known.description) for field, known in type_.fields.items())
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field, shown in type_.fields.items():
                yield f"{name}.{field}", shown.description
                yield from (
                    (f"{name}.{field}({argument})", given.description)
                    for argument, given in shown.args.items()
                )


def test_schema_graphql_is_fresh() -> None:
    """`make schema` writes it anew."""
    assert FILE.read_text() == sdl()


@pytest.mark.filterwarnings("default::UserWarning")
def test_nothing_that_clients_rely_on_has_gone() -> None:
    for before in {FILE.read_text(), committed() or sdl()}:
        assert broken(before, sdl()) == []


def test_what_breaks_clients_is_found() -> None:
    """This very test would see it."""
    assert broken(sdl(), sdl().replace("  version: String!", "  version: String")) == [
        "Field Query.version changed type from String! to String."
    ]
    with pytest.warns(UserWarning, match=r"dangerous: .*Severity\.WORST was added"):
        assert broken(sdl(), sdl().replace("  CRITICAL\n", "  WORST\n", 1)) == [
            "Enum value Severity.CRITICAL was removed."
        ]


def test_everything_has_a_description() -> None:
    missing = [name for name, description in described(schema._schema) if not (description or "").strip()]
    assert missing == []
    assert len(list(described(schema._schema))) > 5


def test_no_type_hides_one_of_javascript() -> None:
    assert not GLOBALS & schema._schema.type_map.keys()
