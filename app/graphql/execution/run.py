"""Running a selection: values come in from the resolvers, dictionaries go out.

Anything unusual raises, whatever it is: graphql-core then does it again, and says what is wrong in its own words. What
waits for something waits at the same time as its siblings, so that they are loaded together.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from inspect import iscoroutine
from typing import Any, NamedTuple

from graphql.execution.executor import Executor
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from app.graphql.execution.leaves import Unusual, integers
from app.graphql.execution.selections import Field, Selection, Shape
from app.reading.series import Series

_PLAIN = (str, int, float, bool, type(None))


class _Waiting(NamedTuple):
    """A value that is not there yet, and its place."""

    value: Awaitable[Any]
    found: dict[str, Any]
    field: Field
    path: Path


class Run:
    """One execution of one operation."""

    def __init__(self, executor: Executor[Any]) -> None:
        self.executor = executor
        self.waiting: list[_Waiting] = []
        self._schema = executor.schema._strawberry_schema  # type: ignore[attr-defined]
        self._given: dict[Field, dict[str, Any]] = {}
        self._converted: dict[Field, dict[str, Any]] = {}
        self._infos: dict[Field, Any] = {}
        """Siblings share one, and with it the path of the first of them, at which no resolver looks."""

    def given(self, field: Field) -> Mapping[str, Any]:
        """The field's arguments, with the variables of this request. Raises GraphQLError where they make no sense."""
        if field not in self._given:
            if not field.definition.args:
                return {}
            self._given[field] = get_argument_values(
                field.definition, field.nodes[0], self.executor.variable_values
            )
        return self._given[field]

    def read(self, selection: Selection, source: Any, path: Path | None) -> dict[str, Any]:
        """The object as a dictionary, without what has to be waited for."""
        found = selection.template.copy()
        if selection.attributes is not None:
            values = selection.attributes(source)
            found.update(zip(selection.keys, values, strict=True))
            for key, place, leaf in selection.work(tuple(map(type, values))):
                found[key] = leaf(values[place])
        for field in selection.others:
            if field.attribute is None:
                found[field.key] = self._resolved(field, source, path, found)
            else:
                here = Path(path, field.key, selection.type_.name)
                found[field.key] = self._completed(field.shape, getattr(source, field.attribute), here)
        return found

    async def wait(self) -> None:
        """Wait for all that is missing, and for what that brings with it."""
        while self.waiting:
            waiting, self.waiting = self.waiting, []
            leaves = [each for each in waiting if not each.field.selections]
            objects = [each for each in waiting if each.field.selections]
            if len(waiting) == 1:
                values = [await waiting[0].value]
            else:
                values = await _all(
                    [*(leaf.value for leaf in leaves), *(self._branch(each) for each in objects)]
                )
            for each, value in zip(waiting if len(waiting) == 1 else leaves, values, strict=False):
                each.found[each.field.key] = self._completed(each.field.shape, value, each.path)

    def drop(self) -> None:
        """Give up what is waited for."""
        for each in self.waiting:
            if iscoroutine(each.value):
                each.value.close()
            elif isinstance(each.value, asyncio.Future):
                each.value.add_done_callback(lambda done: done.cancelled() or done.exception())
        self.waiting = []

    async def _branch(self, each: _Waiting) -> None:
        """Wait for an object and for all below it, without waiting for its siblings."""
        value = await each.value
        branch = Run(self.executor)
        branch._given, branch._converted, branch._infos = self._given, self._converted, self._infos
        try:
            each.found[each.field.key] = branch._completed(each.field.shape, value, each.path)
            await branch.wait()
        except BaseException:
            branch.drop()
            raise

    def _resolved(self, field: Field, source: Any, path: Path | None, found: dict[str, Any]) -> Any:
        here = Path(path, field.key, field.parent.name)
        value = self._called(field, source, here)
        if type(value) is Series and field.shape.is_series:
            return value
        if field.is_async or self.executor.is_awaitable(value):
            self.waiting.append(_Waiting(value, found, field, here))
            return None
        return self._completed(field.shape, value, here)

    def _called(self, field: Field, source: Any, path: Path) -> Any:
        executor = self.executor
        if field.call is None or field.strawberry is None:
            resolve = field.definition.resolve or executor.field_resolver
            raw = executor.build_resolve_info(field.definition, field.nodes, field.parent, path)
            return resolve(source, raw, **self.given(field))
        if field.info is None and not field.definition.args:
            return field.call(source)
        info = self._infos.get(field)
        if info is None:
            raw = executor.build_resolve_info(field.definition, field.nodes, field.parent, path)
            info = self._infos[field] = self._schema.config.info_class(_raw_info=raw, _field=field.strawberry)
        arguments = self._converted.get(field)
        if arguments is None:
            arguments = self._convert(field, field.strawberry, info)
        if field.info is not None:
            return field.call(source, **{field.info: info}, **arguments)
        return field.call(source, **arguments)

    def _convert(self, field: Field, known: StrawberryField, info: Any) -> dict[str, Any]:
        """The arguments as the resolver takes them; siblings share those that nobody can change."""
        arguments: dict[str, Any] = convert_arguments(
            dict(self.given(field)),
            known.arguments,
            self._schema.schema_converter.scalar_registry,
            self._schema.config,
            info,
        )
        if all(isinstance(value, _PLAIN) for value in arguments.values()):
            self._converted[field] = arguments
        return arguments

    def _completed(self, shape: Shape, value: Any, path: Path | None) -> Any:
        if value is None:
            if shape.required:
                raise Unusual
            return None
        if shape.leaf is not None:
            return shape.leaf(value)
        if shape.item is not None:
            return self._list(shape.item, value, path)
        selection = shape.only or (shape.by_class or {}).get(type(value))
        if selection is None:
            raise Unusual
        if selection.origin is not None and type(value) is not selection.origin:
            self._check(selection, value)
        return self.read(selection, value, path)

    def _list(self, item: Shape, values: Any, path: Path | None) -> list[Any]:
        if type(values) not in (list, tuple, Series):
            raise Unusual
        if item.only is not None and item.only.origin is not None:
            return self._objects(item, item.only, values, path)
        if item.leaf is None:
            return [self._completed(item, value, Path(path, at, None)) for at, value in enumerate(values)]
        if item.is_integer and item.required and type(values) is not tuple:
            return integers(values)
        exact = item.exact
        return [value if type(value) is exact else self._completed(item, value, path) for value in values]

    def _objects(self, item: Shape, only: Selection, values: Any, path: Path | None) -> list[Any]:
        read, origin = self.read, only.origin
        return [
            read(only, value, Path(path, at, None))
            if type(value) is origin
            else self._completed(item, value, Path(path, at, None))
            for at, value in enumerate(values)
        ]

    def _check(self, selection: Selection, value: Any) -> None:
        check: Any = selection.type_.is_type_of
        if check(value, None) is not True:
            raise Unusual


async def _all(values: list[Awaitable[Any]]) -> list[Any]:
    """All values, when the last one is there; raises the first failure, but not before all have ended."""
    found = await asyncio.gather(*values, return_exceptions=True)
    for value in found:
        if isinstance(value, Exception):
            raise value
        if isinstance(value, BaseException):
            raise Unusual from value  # somebody cancelled that one, and not us
    return found
