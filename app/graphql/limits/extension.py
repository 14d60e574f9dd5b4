"""What Strawberry calls before it executes: reads the document, and says what is wrong about it.

Comes in: the text of a document. Goes out: the parsed document or errors, and the cost among the answer's extensions.
"""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from app.graphql.context import Context
from app.graphql.limits.documents import Document, Documents, no_introspection


class Limits(SchemaExtension):
    """One for each request."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._document: Document | None = None

    def on_parse(self) -> None:  # type: ignore[override]  # a plain function is a hook too
        """Gives Strawberry the parsed document."""
        asked = self.execution_context
        self._document = self._documents.read(asked.schema._schema, asked.query or "")
        asked.graphql_document = self._document.node
        if isinstance(asked.context, Context):
            asked.context.remembered = self._document.remembered

    def on_validate(self) -> None:  # type: ignore[override]
        """Tells Strawberry that the document was validated, and with what result."""
        asked, document = self.execution_context, self._document
        if document is None:
            return
        errors = list(document.errors)
        if not errors and document.operations > 1 and asked._provided_operation_name is None:
            errors = [GraphQLError("the document has several operations: say which one in `operationName`")]
        is_open = not isinstance(asked.context, Context) or asked.context.introspection
        if document.introspects and not is_open and not errors:
            errors = no_introspection(asked.schema._schema, document.node)
        asked.pre_execution_errors = errors

    def get_results(self) -> dict[str, Any]:
        """The cost, where the operation came so far that it was counted."""
        context = self.execution_context.context
        cost = context.cost if isinstance(context, Context) else None
        return {"cost": {"requestedQueryCost": cost.points, "maximum": cost.maximum}} if cost else {}


def extensions() -> list[Callable[[], SchemaExtension]]:
    """What the schema is given as its `extensions`; the documents that it remembers are its own."""
    documents = Documents()
    return [lambda: Limits(documents)]
