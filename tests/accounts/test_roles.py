"""Roles, scopes and permissions, cell by cell."""

from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.roles import (
    AGENT_SCOPES,
    ALL_SCOPES,
    NEEDED_SCOPES,
    PERMISSIONS,
    Caller,
    Permission,
    Role,
    Scope,
    TokenKind,
    allowed,
    lesser,
)

BY_ROLE = """
                     viewer  developer  admin  owner
    view:errors      yes     yes        yes    yes
    manage:errors    no      yes        yes    yes
    manage:projects  no      no         yes    yes
    manage:instances no      no         yes    yes
    manage:members   no      no         yes    yes
    manage:tokens    no      no         yes    yes
    delete:projects  no      no         no     yes
"""

# Whether an owner may, with a token of these scopes.
BY_SCOPES = """
                     none  issues:read  issues:write  ingest  issues:read+issues:write  issues:read+ingest  issues:write+ingest  issues:read+issues:write+ingest
    view:errors      no    yes          no            no      yes                       yes                 no                   yes
    manage:errors    no    no           no            no      yes                       no                  no                   yes
    manage:projects  no    no           no            no      no                        no                  no                   yes
    manage:instances no    no           no            no      no                        no                  no                   yes
    manage:members   no    no           no            no      no                        no                  no                   yes
    manage:tokens    no    no           no            no      no                        no                  no                   yes
    delete:projects  no    no           no            no      no                        no                  no                   yes
"""


def cells(table: str) -> list[tuple[str, str, bool]]:
    """Permission, column and whether it is allowed, for each cell."""
    columns, *rows = [line.split() for line in table.strip().splitlines()]
    return [
        (permission, column, {"yes": True, "no": False}[word])
        for permission, *words in rows
        for column, word in zip(columns, words, strict=True)
    ]


def caller(
    role: Role = Role.OWNER, scopes: frozenset[Scope] = ALL_SCOPES, kind: TokenKind = TokenKind.PERSONAL
) -> Caller:
    return Caller(UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4), kind, role, scopes)


@pytest.mark.parametrize(("permission", "role", "may"), cells(BY_ROLE))
def test_a_role_has_its_permissions(permission: str, role: str, may: bool) -> None:
    assert allowed(caller(Role(role)), Permission(permission)) is may


@pytest.mark.parametrize(("permission", "scopes", "may"), cells(BY_SCOPES))
def test_a_token_needs_the_scopes(permission: str, scopes: str, may: bool) -> None:
    granted = frozenset() if scopes == "none" else frozenset(map(Scope, scopes.split("+")))
    assert allowed(caller(scopes=granted), Permission(permission)) is may


def test_the_tables_have_every_cell() -> None:
    assert {cell[:2] for cell in cells(BY_ROLE)} == set(product(Permission, Role))
    assert len(cells(BY_SCOPES)) == len(Permission) * 2 ** len(Scope)
    assert set(PERMISSIONS) == set(Role)
    assert set(NEEDED_SCOPES) == set(Permission)


@given(
    st.sampled_from(Role),
    st.sampled_from(Permission),
    st.frozensets(st.sampled_from(Scope)),
    st.frozensets(st.sampled_from(Scope)),
)
def test_both_are_needed_and_more_never_takes_away(
    role: Role, permission: Permission, scopes: frozenset[Scope], more: frozenset[Scope]
) -> None:
    may = allowed(caller(role, scopes), permission)
    assert may == (allowed(caller(role), permission) and allowed(caller(Role.OWNER, scopes), permission))
    assert not may or allowed(caller(role, scopes | more), permission)


@pytest.mark.parametrize("kind", TokenKind)
def test_the_kind_of_token_makes_no_difference(kind: TokenKind) -> None:
    assert allowed(caller(kind=kind), Permission.MANAGE_TOKENS)


def test_an_agent_reads_and_writes_errors_and_manages_nothing() -> None:
    agent = caller(Role.OWNER, AGENT_SCOPES, TokenKind.AGENT)
    assert {permission for permission in Permission if allowed(agent, permission)} == {
        Permission.VIEW_ERRORS,
        Permission.MANAGE_ERRORS,
    }


@given(st.sampled_from(Role), st.sampled_from(Role))
def test_the_lesser_of_two_roles_may_only_what_both_may(one: Role, other: Role) -> None:
    assert lesser(one, other) is lesser(other, one)
    assert PERMISSIONS[lesser(one, other)] == PERMISSIONS[one] & PERMISSIONS[other]
    assert lesser(one, other) in (one, other)


def test_an_admin_is_less_than_an_owner() -> None:
    assert lesser(Role.OWNER, Role.ADMIN) is Role.ADMIN
