"""What is asked for below a field, to read it ahead for a whole page.

Comes in: what a resolver is told about its field. Goes out: the arguments with which a field further down is asked for.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    SelectionSetNode,
    VariableNode,
)

from app.graphql.context import Info

Fragments: TypeAlias = Mapping[str, FragmentDefinitionNode]

NODE_PATHS = (("nodes",), ("edges", "node"))
"""The ways from a connection to its nodes."""


def integers(info: Info, name: str, argument: str, default: int) -> set[int]:
    """The values of an integer argument with which the nodes of this connection are asked for the field `name`.

    What `@skip` leaves out is among them: to read it is a waste, and no mistake.
    """
    raw: Any = info._raw_info
    nodes = (node for path in NODE_PATHS for node in _at(raw.fragments, raw.field_nodes, (*path, name)))
    found = (_integer(raw.variable_values, node, argument, default) for node in nodes)
    return {value for value in found if value is not None}


def _at(fragments: Fragments, nodes: list[FieldNode], path: tuple[str, ...]) -> list[FieldNode]:
    """The fields at a path below these."""
    for name in path:
        nodes = [
            field
            for node in nodes
            if node.selection_set
            for field in _fields(fragments, node.selection_set)
            if field.name.value == name
        ]
    return nodes


def _fields(fragments: Fragments, selections: SelectionSetNode) -> Iterator[FieldNode]:
    """The fields of a selection, those of fragments too; a fragment never contains itself, the rules see to it."""
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(fragments, selection.selection_set)
        elif isinstance(selection, FragmentSpreadNode) and (named := fragments.get(selection.name.value)):
            yield from _fields(fragments, named.selection_set)


def _integer(variables: Mapping[str, Any], node: FieldNode, argument: str, default: int) -> int | None:
    """The argument's value; None where it is no integer, which the field itself will say."""
    for given in node.arguments or ():
        if given.name.value == argument:
            return _value(variables, given.value, default)
    return default


def _value(variables: Mapping[str, Any], value: object, default: int) -> int | None:
    if isinstance(value, IntValueNode):
        return int(value.value)
    found = variables.get(value.name.value, default) if isinstance(value, VariableNode) else default
    return default if found is None else found if isinstance(found, int) else None
