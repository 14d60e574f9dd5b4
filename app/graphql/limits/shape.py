"""The shape of a document: what can be judged without the schema, in time linear in its length.

Comes in: a parsed document. Goes out: the first thing that is too much about it. Judged before the standard rules, of
which one compares each field with all of the same name, and others make suggestions for each word they do not know.
"""

from collections import Counter
from typing import Final

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    Visitor,
    visit,
)

DEEPEST: Final = 12
"""Fields inside of one another."""

DEEPEST_INTROSPECTION: Final = 20
"""The same below `__schema` and `__type`: what GraphiQL asks is 15 deep."""

MOST_ALIASES: Final = 30
MOST_DIRECTIVES: Final = 60
MOST_DEFINITIONS: Final = 60
MOST_FIELDS: Final = 600
"""Fields as they are written, fragments counted once."""

MOST_ARGUMENTS: Final = 200
MOST_VALUES: Final = 600
MOST_REPETITIONS: Final = 6_000
"""The squares of how often each name is asked for, all together: 60 times `id` are 3,600."""


def oversteps(document: DocumentNode) -> list[GraphQLError]:
    """What is too much about the document: none or one error. Of a fragment inside of itself another rule tells."""
    error = _counted(document) or _Depths(document).error()
    return [error] if error else []


class _Counts(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.aliases = self.directives = self.fields = self.arguments = self.values = 0
        self.has_nul = False
        self.names: Counter[str] = Counter()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.fields += 1
        self.aliases += node.alias is not None
        self.names[(node.alias or node.name).value] += 1

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.names[f"...{node.name.value}"] += 1

    def enter_directive(self, _node: DirectiveNode, *_: object) -> None:
        self.directives += 1

    def enter_argument(self, _node: ArgumentNode, *_: object) -> None:
        self.arguments += 1

    def enter_list_value(self, node: ListValueNode, *_: object) -> None:
        self.values += 1 + len(node.values)

    def enter_object_value(self, node: ObjectValueNode, *_: object) -> None:
        self.values += 1 + len(node.fields)

    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        self.has_nul |= "\0" in node.value


def _counted(document: DocumentNode) -> GraphQLError | None:
    counts = _Counts()
    visit(document, counts)
    for what, number, most in (
        ("operations and fragments", len(document.definitions), MOST_DEFINITIONS),
        ("aliases", counts.aliases, MOST_ALIASES),
        ("directives", counts.directives, MOST_DIRECTIVES),
        ("fields", counts.fields, MOST_FIELDS),
        ("arguments", counts.arguments, MOST_ARGUMENTS),
        ("values in its lists and objects", counts.values, MOST_VALUES),
    ):
        if number > most:
            return GraphQLError(
                f"the document has {number} {what}, and {most} are allowed: use variables, or ask less"
            )
    if sum(times * times for times in counts.names.values()) > MOST_REPETITIONS:
        return GraphQLError("the document asks for the same names too often")
    return GraphQLError("a text in the document holds a NUL character") if counts.has_nul else None


class _Depths:
    """How deep each selection goes, each fragment looked at once."""

    def __init__(self, document: DocumentNode) -> None:
        self.operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self.fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        self.known: dict[str, tuple[int, int]] = {}

    def error(self) -> GraphQLError | None:
        """The error where something is too deep."""
        depths = [self._depths(operation.selection_set) for operation in self.operations]
        ordinary, introspection = (max(depth) for depth in zip(*depths, strict=True)) if depths else (0, 0)
        for deep, most in ((ordinary, DEEPEST), (introspection, DEEPEST_INTROSPECTION)):
            if deep > most:
                return GraphQLError(f"the document is {deep} fields deep, and {most} are allowed")
        return None

    def _depths(self, selections: SelectionSetNode | None) -> tuple[int, int]:
        """Of the selection: how deep ordinary fields go, and how deep introspection."""
        ordinary = introspection = 0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                deeper = self._depths(selection.selection_set)
                is_about_schema = selection.name.value in ("__schema", "__type")
                found = (0, 1 + max(deeper)) if is_about_schema else (1 + deeper[0], deeper[1])
            elif isinstance(selection, FragmentSpreadNode):
                found = self._of_fragment(selection.name.value)
            else:
                found = self._depths(getattr(selection, "selection_set", None))
            ordinary, introspection = max(ordinary, found[0]), max(introspection, found[1])
        return ordinary, introspection

    def _of_fragment(self, name: str) -> tuple[int, int]:
        if name not in self.known:
            self.known[name] = (0, 0)  # stands while it is looked at: a fragment inside of itself
            fragment = self.fragments.get(name)
            self.known[name] = self._depths(fragment.selection_set) if fragment else (0, 0)
        return self.known[name]


def introspects(document: DocumentNode) -> bool:
    """Whether it asks about the schema itself; `__typename` does not."""
    about = {"__schema", "__type"}
    definitions = (
        d for d in document.definitions if isinstance(d, OperationDefinitionNode | FragmentDefinitionNode)
    )
    return any(about & _names(definition.selection_set) for definition in definitions)


def _names(selections: SelectionSetNode) -> set[str]:
    """The names of the fields, those of inline fragments too: only root fields can be about the schema."""
    found: set[str] = set()
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            found.add(selection.name.value)
        elif not isinstance(selection, FragmentSpreadNode):
            found |= _names(getattr(selection, "selection_set", SelectionSetNode(selections=())))
    return found
