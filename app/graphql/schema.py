"""The whole graph, put together."""

from collections.abc import Iterable

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.schema.config import StrawberryConfig

from app.graphql.error_groups import ErrorGroup
from app.graphql.execution.executor import Execution
from app.graphql.history import ErrorHistoryEntry
from app.graphql.limits import extensions
from app.graphql.mutations.instance_create import instance_create
from app.graphql.mutations.instance_delete import instance_delete
from app.graphql.mutations.instance_scan import instance_scan
from app.graphql.mutations.instance_test_connection import instance_test_connection
from app.graphql.mutations.instance_update import instance_update
from app.graphql.mutations.project_create import project_create
from app.graphql.occurrences import Occurrence
from app.graphql.projects import Instance, Project
from app.graphql.queries import Query
from app.graphql.scalars import SCALARS
from app.graphql.viewer import Organization


@strawberry.type(description="What can be changed. Each answers with what it changed, and with `userErrors`.")
class Mutation:
    """The root of every change."""

    project_create = project_create
    instance_create = instance_create
    instance_update = instance_update
    instance_delete = instance_delete
    instance_test_connection = instance_test_connection
    instance_scan = instance_scan


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[ErrorGroup, ErrorHistoryEntry, Instance, Occurrence, Organization, Project],
    extensions=extensions(),
    execution_context_class=Execution,
    config=StrawberryConfig(scalar_map=SCALARS),
)


def _given(graph: GraphQLSchema) -> Iterable[GraphQLArgument | GraphQLInputField]:
    """All that a client can give: arguments, and fields of inputs."""
    for type_ in graph.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            yield from type_.fields.values()
        elif isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            yield from (argument for field in type_.fields.values() for argument in field.args.values())


# `= null` says no more than that it may be left out, which a type without `!` says already. Python's own defaults stay.
for each in _given(schema._schema):
    if each.default_value is None:
        each.default_value = Undefined


def sdl() -> str:
    """The schema as text, as it is kept in schema.graphql."""
    return schema.as_str() + "\n"
