"""The whole graph, put together."""

from importlib.metadata import version

import strawberry


@strawberry.type(description="What can be asked.")
class Query:
    """The root of every question."""

    @strawberry.field(description="The version of the Snaglist server that answers, for example `0.1.0`.")
    def version(self) -> str:
        return version("snaglist")


schema = strawberry.Schema(query=Query)


def sdl() -> str:
    """The schema as text, as it is kept in schema.graphql."""
    return schema.as_str() + "\n"
