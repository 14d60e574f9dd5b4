"""Documents: parsed, judged and validated once, and remembered while they are asked again.

Comes in: the text of a document. Goes out: the parsed document with what is wrong about it.

One memory instead of Strawberry's `ParserCache` and `ValidationCache`: half the time for each request, the limits are
judged before the rules that take long, and only short texts are kept, so that strangers cannot fill the memory.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from app.graphql.limits.shape import introspects, oversteps

LONGEST: Final = 64 * 1024
"""Characters of a document."""

MOST_TOKENS: Final = 2_000
MOST_ERRORS: Final = 20
REMEMBERED: Final = 200
"""Documents."""

LONGEST_REMEMBERED: Final = 16 * 1024
"""Characters of one of them."""

ALL_REMEMBERED: Final = 256 * 1024
"""Characters of all of them; parsed and compiled, a character takes 200 bytes: 50 MiB at worst."""

RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
"""The specification's, and what Strawberry adds to them."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document, its errors, whether it asks about the schema, its operations, and what is remembered about these."""

    node: DocumentNode
    errors: tuple[GraphQLError, ...]
    introspects: bool
    operations: int
    remembered: dict[Any, Any] = field(default_factory=dict)


class Documents:
    """The documents of one schema that were asked for last, by their text."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Document] = OrderedDict()
        self._characters = 0

    def read(self, schema: GraphQLSchema, text: str) -> Document:
        """The document. Raises GraphQLError where it cannot be parsed, or is too long for it."""
        known = self._known.get(text)
        if known is not None:
            self._known.move_to_end(text)
            return known
        document = _read(schema, text)
        if len(text) <= LONGEST_REMEMBERED:
            self._known[text] = document
            self._characters += len(text)
            while len(self._known) > REMEMBERED or self._characters > ALL_REMEMBERED:
                forgotten, _ = self._known.popitem(last=False)
                self._characters -= len(forgotten)
        return document


def _read(schema: GraphQLSchema, text: str) -> Document:
    if len(text) > LONGEST:
        raise GraphQLError(f"the document has {len(text)} characters, and {LONGEST} are allowed")
    node = parse(text, max_tokens=MOST_TOKENS)
    errors = oversteps(node) or validate(schema, node, RULES, max_errors=MOST_ERRORS)
    operations = sum(isinstance(definition, OperationDefinitionNode) for definition in node.definitions)
    return Document(node, tuple(errors), introspects(node), operations)


def no_introspection(schema: GraphQLSchema, node: DocumentNode) -> list[GraphQLError]:
    """The first error of a document that asks about the schema, where that is switched off."""
    return validate(schema, node, [NoSchemaIntrospectionCustomRule], max_errors=1)[:1]
