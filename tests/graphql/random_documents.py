"""Documents that somebody might send, made up from the schema: every one is valid, and asks for whatever there is."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

DEEPEST = 6
WINDOW = ("after", "last", "before")
"""Arguments that seldom make sense: random texts are no cursors."""


@dataclass
class Document:
    """A document in the making. `ids` are global ids, some of things that there are."""

    schema: GraphQLSchema
    random: Random
    ids: list[str]
    fragments: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    spent: int = 0
    aliases: int = 0

    def text(self) -> str:
        """The whole document."""
        assert self.schema.query_type
        body = self._selection(self.schema.query_type, 0)
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        return "\n".join([f"query Q{declared} {body}", *self.fragments])

    def _selection(self, type_: Any, depth: int) -> str:
        chosen = self._fields(type_, depth)
        if self.random.random() < 0.15:
            chosen.append(f"... on {type_.name} {{ {' '.join(self._fields(type_, depth))} }}")
        if self.random.random() < 0.15:
            name = f"F{len(self.fragments)}"
            self.fragments.append("")
            at = len(self.fragments) - 1
            self.fragments[at] = (
                f"fragment {name} on {type_.name} {{ {' '.join(self._fields(type_, depth))} }}"
            )
            chosen.append(f"...{name}{self._condition()}")
        if is_abstract_type(type_):
            for possible in self.random.sample(self.schema.get_possible_types(type_), 2):
                chosen.append(f"... on {possible.name} {{ {' '.join(self._fields(possible, depth))} }}")
        return "{ " + " ".join(chosen) + " }"

    def _fields(self, type_: Any, depth: int) -> list[str]:
        # Each field is asked for at most once, with an alias that nobody else has: nothing overlaps.
        possible = [
            (name, known)
            for name, known in type_.fields.items()
            if not (is_composite_type(get_named_type(known.type)) and (depth >= DEEPEST or self.spent > 60))
        ]
        some = self.random.sample(possible, min(len(possible), self.random.randint(1, 5)))
        return ["__typename"] + [self._field(name, known, depth) for name, known in some]

    def _field(self, name: str, known: GraphQLField, depth: int) -> str:
        self.spent += 1
        named = get_named_type(known.type)
        arguments = self._arguments(known)
        plain = not arguments and not is_composite_type(named)
        if not plain or (self.random.random() < 0.1 and self.aliases < 28):
            self.aliases += 1
            alias = f"a{self.spent}: "
        else:
            alias = ""
        below = f" {self._selection(named, depth + 1)}" if is_composite_type(named) else ""
        return f"{alias}{name}{arguments}{self._condition()}{below}"

    def _condition(self) -> str:
        if self.random.random() > 0.1:
            return ""
        value = self.random.random() < 0.6
        said = json.dumps(value)
        if self.random.random() < 0.5:
            said = f"${self._variable('Boolean!', value)}"
        return f" @{self.random.choice(['include', 'skip'])}(if: {said})"

    def _variable(self, type_: str, value: Any) -> str:
        name = f"v{len(self.declared)}"
        self.declared.append(f"${name}: {type_}")
        self.variables[name] = value
        return name

    def _arguments(self, known: GraphQLField) -> str:
        given = []
        for name, argument in known.args.items():
            left_out = 0.97 if name in WINDOW else 0.7
            if not is_non_null_type(argument.type) and self.random.random() < left_out:
                continue
            value = self._value(argument.type, name)
            if self.random.random() < 0.5:
                given.append(f"{name}: ${self._variable(str(argument.type), value)}")
            else:
                given.append(f"{name}: {self._literal(argument.type, value)}")
        return f"({', '.join(given)})" if given else ""

    def _value(self, type_: Any, name: str) -> Any:
        if is_non_null_type(type_):
            type_ = type_.of_type
        elif self.random.random() < 0.1:
            return None
        if is_list_type(type_):
            return [self._value(type_.of_type, name) for _ in range(self.random.randint(0, 3))]
        if isinstance(type_, GraphQLEnumType):
            return self.random.choice(list(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            some = [
                key
                for key, value in type_.fields.items()
                if is_non_null_type(value.type) or self.random.random() < 0.15
            ]
            return {key: self._value(type_.fields[key].type, key) for key in some}
        choices: dict[str, list[Any]] = {
            "Int": [1, 2, 3, 7, 50] + [-1, 0, 101] * (self.random.random() < 0.1),
            "ID": self.ids,
            "String": ["Key", "%", "", "odoo", "nonsense"],
            "Boolean": [True, False],
            "DateTime": ["2026-11-20T00:00:00Z", "2027-01-01T00:00:00+01:00"],
            "BigInt": [1],
            "Float": [0.5],
        }
        return self.random.choice(choices[type_.name])

    def _literal(self, type_: Any, value: Any) -> str:
        type_ = type_.of_type if is_non_null_type(type_) else type_
        if value is None:
            return "null"
        if is_list_type(type_):
            return f"[{', '.join(self._literal(type_.of_type, each) for each in value)}]"
        if isinstance(type_, GraphQLEnumType):
            return str(value)
        if isinstance(type_, GraphQLInputObjectType):
            inner = (f"{key}: {self._literal(type_.fields[key].type, each)}" for key, each in value.items())
            return "{" + ", ".join(inner) + "}"
        return json.dumps(value)
