"""schema.graphql is what the code says."""

from pathlib import Path

from app.graphql.schema import sdl


def test_schema_graphql_is_fresh() -> None:
    """`make schema` writes it anew."""
    assert (Path(__file__).parent.parent / "schema.graphql").read_text() == sdl()
