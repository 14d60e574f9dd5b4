"""Selections: what an operation asks for, looked up in the schema once.

Comes in: an operation, as graphql-core's executor has it. Goes out: a selection, whose fields know how they are read
and completed. Fragments are merged, conditions of `@skip` and `@include` are decided: another value of a variable that
they name makes another selection.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import iscoroutinefunction
from operator import attrgetter
from types import FunctionType, NoneType
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetailsList, collect_fields, collect_subfields
from graphql.execution.executor import Executor
from strawberry.types.field import StrawberryField

from app.graphql.execution.leaves import Complete, Unusual, as_it_is, completion

DEFINITION: Final = "strawberry-definition"
MOST_TYPES: Final = 64
"""Combinations of types of one selection's scalars that are remembered."""


@dataclass(eq=False, slots=True)
class Shape:
    """How a value is completed: as a leaf, as a list of what `item` says, or as an object of one of several types."""

    required: bool
    leaf: Complete | None = None
    exact: type | None = None
    item: "Shape | None" = None
    only: "Selection | None" = None
    by_class: "dict[type, Selection] | None" = None
    is_integer: bool = False

    @property
    def is_series(self) -> bool:
        """Whether it is a list of integers, none of them null."""
        item = self.item
        return item is not None and item.is_integer and item.required


@dataclass(eq=False, slots=True)
class Field:
    """A field that is asked for. One of `fixed`, `attribute`, `call` and `definition.resolve` gives its value."""

    key: str
    definition: GraphQLField
    parent: GraphQLObjectType
    nodes: list[FieldNode]
    shape: Shape
    fixed: str | None = None
    """The value, where it is always the same."""
    attribute: str | None = None
    """The source's attribute."""
    call: Callable[..., Any] | None = None
    """The resolver itself, with `self`, the arguments, and perhaps `info`."""
    strawberry: StrawberryField | None = None
    info: str | None = None
    """The name of the resolver's argument for `info`, if it takes it."""
    is_async: bool = False

    @property
    def selections(self) -> "list[Selection]":
        """What is selected below it, one for each type that it may be."""
        shape = self.shape
        while shape.item is not None:
            shape = shape.item
        return [shape.only] if shape.only else list((shape.by_class or {}).values())


Work = tuple[tuple[str, int, Complete], ...]
"""Of an object whose values are of certain types: those that need completion, by key and place, and how."""


@dataclass(eq=False, slots=True)
class Selection:
    """The fields that are asked for of an object of this type.

    Most are attributes with scalars, and most of these are completed as they are: all are taken at once (`attributes`), and
    what is to be done about them is looked up by their types.
    """

    type_: GraphQLObjectType
    fields: list[Field]
    costly: list[Field]
    """Those of the fields that are more than an attribute."""
    origin: type | None
    """The class of its values, where they must be of one."""
    template: dict[str, Any]
    """All keys in their order; with the values that are always the same."""
    scalars: list[Field]
    keys: tuple[str, ...]
    attributes: Callable[[Any], tuple[Any, ...]] | None
    """Of the scalars, in their order."""
    others: list[Field]
    """Those that are neither scalars nor always the same."""
    _work: dict[tuple[type, ...], Work]

    def work(self, types: tuple[type, ...]) -> Work:
        """What is to be done about scalars of these types. Raises Unusual: None where there must be something."""
        found = self._work.get(types)
        if found is None:
            found = tuple(_incomplete(self.scalars, types))
            if len(self._work) < MOST_TYPES:
                self._work[types] = found
        return found


def _incomplete(scalars: list[Field], types: tuple[type, ...]) -> Iterator[tuple[str, int, Complete]]:
    for place, (field, type_) in enumerate(zip(scalars, types, strict=True)):
        shape = field.shape
        if type_ is NoneType:
            if shape.required:
                raise Unusual
        elif type_ is not shape.exact and shape.leaf is not None:
            yield field.key, place, shape.leaf


def compiled(executor: Executor[Any]) -> Selection:
    """The selection of the executor's operation. Raises GraphQLError as graphql-core does."""
    root = executor.schema.get_root_type(executor.operation.operation)
    if root is None:
        raise GraphQLError("the schema has no such operations")
    return _Compiler(executor).root(root)


class _Compiler:
    def __init__(self, executor: Executor[Any]) -> None:
        self.executor = executor
        self.known: dict[tuple[str, tuple[int, ...]], Selection] = {}

    def root(self, type_: GraphQLObjectType) -> Selection:
        asked = self.executor
        grouped = collect_fields(
            asked.schema, asked.fragments, asked.variable_values, type_, asked.operation, False
        )
        return self._selection(type_, grouped.grouped_field_set)

    def below(self, type_: GraphQLObjectType, details: FieldDetailsList) -> Selection:
        """Each set of selections is compiled once, however many ways lead to it."""
        key = (type_.name, tuple(id(detail.node) for detail in details))
        if key not in self.known:
            asked = self.executor
            grouped = collect_subfields(
                asked.schema, asked.fragments, asked.variable_values, asked.operation, type_, details, False
            )
            self.known[key] = self._selection(type_, grouped.grouped_field_set)
        return self.known[key]

    def _selection(self, type_: GraphQLObjectType, grouped: dict[str, FieldDetailsList]) -> Selection:
        fields = [field for key, details in grouped.items() if (field := self._field(type_, key, details))]
        costly = [field for field in fields if field.definition.args or field.selections]
        definition = type_.extensions.get(DEFINITION)
        origin = definition.origin if type_.is_type_of and definition else None
        scalars = [field for field in fields if field.attribute and field.shape.leaf]
        if len(scalars) == 1:
            scalars = []  # one alone is read like the others
        names = [field.attribute for field in scalars if field.attribute]
        return Selection(
            type_,
            fields,
            costly,
            origin,
            template={field.key: field.fixed for field in fields},
            scalars=scalars,
            keys=tuple(field.key for field in scalars),
            attributes=attrgetter(*names) if names else None,
            others=[field for field in fields if field not in scalars and field.fixed is None],
            _work={},
        )

    def _field(self, parent: GraphQLObjectType, key: str, details: FieldDetailsList) -> Field | None:
        nodes = [detail.node for detail in details]
        definition = self.executor.schema.get_field(parent, nodes[0].name.value)
        if definition is None:
            return None
        field = Field(key, definition, parent, nodes, self._shape(definition.type, details))
        if nodes[0].name.value == "__typename":
            field.fixed = parent.name
        elif isinstance(found := definition.extensions.get(DEFINITION), StrawberryField):
            _reading(field, found)
        return field

    def _shape(self, type_: GraphQLOutputType, details: FieldDetailsList) -> Shape:
        required = isinstance(type_, GraphQLNonNull)
        inner: Any = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if isinstance(inner, GraphQLList):
            return Shape(required, item=self._shape(inner.of_type, details))
        if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            return Shape(required, completion(inner), as_it_is(inner), is_integer=inner.name == "Int")
        if is_object_type(inner):
            return Shape(required, only=self.below(inner, details))
        return Shape(required, by_class=self._possible(inner, details))

    def _possible(self, type_: GraphQLAbstractType, details: FieldDetailsList) -> dict[type, Selection]:
        found = {}
        for possible in self.executor.schema.get_possible_types(type_):
            definition = possible.extensions.get(DEFINITION)
            if definition is not None:
                found[definition.origin] = self.below(possible, details)
        return found


def _reading(field: Field, found: StrawberryField) -> None:
    """Find the shortest way to the field's value that means the same as Strawberry's."""
    resolver = found.base_resolver
    if type(found) is not StrawberryField or found.extensions or found.default_resolver is not getattr:
        return
    if resolver is None:
        field.attribute = found.python_name
    elif (
        isinstance(resolver.wrapped_func, FunctionType)
        and resolver.self_parameter
        and not resolver.parent_parameter
        and not resolver.root_parameter
    ):
        field.strawberry = found
        field.call = resolver.wrapped_func
        field.info = resolver.info_parameter.name if resolver.info_parameter else None
        field.is_async = iscoroutinefunction(resolver.wrapped_func)
