"""The schema as front-end developers read it: everything described, names that clash with nothing, the contract's words."""

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
)

from app.accounts import roles
from app.accounts.audit import Kind
from app.accounts.roles import Permission, Role, Scope
from app.alerts.channels.channel import ChannelKind
from app.domain.alerts.conditions import ConditionKind
from app.domain.lifecycle import MoveKind, Source, Status
from app.graphql.alert_rules import AlertChannelKind, AlertConditionKind
from app.graphql.audit import AuditKind
from app.graphql.enumerations import (
    CallerPermission,
    ErrorChangeKind,
    ErrorSource,
    ErrorStatus,
    MemberRole,
    word,
)
from app.graphql.schema import schema, sdl
from app.graphql.tokens import TokenKind, TokenScope
from app.reading.groups import OrderField

ROOT = Path(__file__).parent.parent.parent
SHADOWING = {"Error", "Event", "Date", "Map", "Record", "Request", "Object"}
"""Names of JavaScript that generated types would hide."""

CONTRACT = {
    "ErrorSource": ["LOG", "EVENT"],
    "Severity": ["CRITICAL", "HIGH", "MEDIUM"],
    "Priority": ["P0", "P1", "P2", "P3"],
    "ErrorStatus": ["NEW", "ACTIVE", "IN_PROGRESS", "RESOLVED", "REGRESSED", "SILENCED"],
    "ErrorKind": ["TRACEBACK", "DATABASE", "ACCESS", "WARNING", "MESSAGE"],
    "ErrorOrderField": ["LAST_SEEN", "TOTAL_COUNT", "SEVERITY", "FIRST_SEEN", "PRIORITY"],
    "OrderDirection": ["ASC", "DESC"],
    "Environment": ["PRODUCTION", "STAGING", "DEVELOPMENT"],
}


def own_types() -> list[GraphQLNamedType]:
    """The types that are ours: neither introspection's nor the specification's."""
    standard = {"String", "Int", "Float", "Boolean", "ID"}
    return [
        kind
        for name, kind in schema._schema.type_map.items()
        if not name.startswith("__") and name not in standard
    ]


def described() -> Iterator[tuple[str, str | None]]:
    """Everything that has a name, with its description."""
    for kind in own_types():
        yield kind.name, kind.description
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                yield f"{kind.name}.{name}", value.description
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description
                for argument, given in field.args.items():
                    yield f"{kind.name}.{name}({argument}:)", given.description
        elif isinstance(kind, GraphQLInputObjectType):
            for name, given in kind.fields.items():
                yield f"{kind.name}.{name}", given.description


def test_everything_is_described_in_sentences() -> None:
    found = dict(described())
    assert len(found) > 200
    for name, text in found.items():
        assert text, f"{name} has no description"
        assert text.rstrip("`")[-1] in ".:" or text.endswith("`."), f"{name}: {text}"
        assert text[0].isupper() or text[0] in "`0123456789", f"{name}: {text}"


def test_where_a_field_can_be_null_its_description_says_when() -> None:
    """Payloads and inputs aside, and fields by whose own words it is plain."""
    plain = {"Query.error", "Query.node", "Query.project", "Query.instance"}
    for kind in own_types():
        if not isinstance(kind, GraphQLObjectType) or kind.name == "Mutation":
            continue
        for name, field in kind.fields.items():
            if not str(field.type).endswith("!") and f"{kind.name}.{name}" not in plain:
                assert "null" in (field.description or ""), f"{kind.name}.{name}: {field.description}"


def test_no_type_hides_a_name_of_javascript() -> None:
    assert not SHADOWING & {kind.name for kind in own_types()}


def test_enumerations_are_those_of_the_contract() -> None:
    for name, words in CONTRACT.items():
        kind = schema._schema.type_map[name]
        assert isinstance(kind, GraphQLEnumType)
        assert list(kind.values) == words


def test_enumerations_say_what_the_rows_say() -> None:
    for shown, stored in (
        (ErrorSource, Source),
        (ErrorStatus, Status),
        (ErrorChangeKind, MoveKind),
        (MemberRole, Role),
        (CallerPermission, Permission),
        (TokenScope, Scope),
        (AuditKind, Kind),
        (AlertConditionKind, ConditionKind),
        (AlertChannelKind, ChannelKind),
    ):
        assert {word(member) for member in shown} == {str(member) for member in stored}
    assert {word(member) for member in TokenKind} == {roles.TokenKind.PERSONAL, roles.TokenKind.AGENT}
    order = schema._schema.type_map["ErrorOrderField"]
    assert isinstance(order, GraphQLEnumType)
    assert set(order.values) == set(OrderField)


def test_what_may_be_left_out_is_not_said_to_be_null() -> None:
    assert "= null" not in sdl()
    assert "days: Int = 7" in sdl()
