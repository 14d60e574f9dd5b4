"""Every list that has cursors, and how its rows come, change and go: whoever makes a `Listing` adds it to LISTS.

`add` makes a row whose place in the list `value` (0 to 4) decides where something can, and gives its id; `touch`
changes what the list is ordered by, as life does; `remove` takes a row out of the list.
"""

import pkgutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import app.reading
from app.accounts.roles import Caller, Role, Scope, TokenKind
from app.reading import (
    alert_rules,
    apps,
    audit,
    comments,
    deliveries,
    history,
    ingest_problems,
    instances,
    members,
    occurrences,
    projects,
    tokens,
)
from app.reading.groups import Filter, Order, OrderField, groups
from app.reading.pages import Listing, Page, Window
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.reading import sessions
from tests.reading.alerting import add_rule
from tests.reading.sent import add_problem
from tests.reading.stage import add_app, add_group, add_occurrence, change, delete, merge
from tests.reading.told import add_delivery
from tests.recording.stage import Stage, later

Id = UUID | int


@dataclass(frozen=True)
class Scene:
    """An organization, and the group that the list may belong to."""

    stage: Stage
    group_id: UUID


@dataclass(frozen=True)
class List:
    """How a list is read, and how its rows come, change and go."""

    read: Callable[[Scene, Window], Awaitable[Page[Any]]]
    add: Callable[[Scene, int], Awaitable[Id]]
    remove: Callable[[Scene, Id], Awaitable[object]]
    touch: Callable[[Scene, Id, int], Awaitable[object]] | None = None
    """None: what the list is ordered by never changes."""


def listings() -> Iterator[str]:
    """The name of every listing of the room."""
    for module in pkgutil.iter_modules(app.reading.__path__):
        for value in vars(import_module(f"app.reading.{module.name}")).values():
            for one in value.values() if isinstance(value, dict) else [value]:
                if isinstance(one, Listing):
                    yield one.name


async def _row(sql: str, *values: object) -> Any:
    [row] = await fetch(f"{sql} returning id", *values)
    return row["id"]


def _remove(table: str) -> Callable[[Scene, Id], Awaitable[object]]:
    return lambda _, row_id: fetch(f"delete from {table} where id = $1", row_id)  # noqa: S608  named below


def _rename(table: str) -> Callable[[Scene, Id, int], Awaitable[object]]:
    return lambda _, row_id, value: fetch(f"update {table} set name = $2 where id = $1", row_id, f"n{value}")  # noqa: S608  named below


def _of_groups(order: Order) -> List:
    async def add(scene: Scene, value: int) -> Id:
        return await add_group(
            scene.stage,
            first_seen_at=later(hours=value - 9),
            last_seen_at=later(hours=value),
            total_count=value,
            severity=1 + value % 3,
            priority=value % 4,
        )

    async def touch(_: Scene, group_id: Id, value: int) -> None:
        """What recording does; a time of the first one never changes by it."""
        assert isinstance(group_id, UUID)
        await change(
            group_id,
            last_seen_at=later(hours=10 + value),
            total_count=10 + value,
            severity=1 + value % 3,
            priority=value % 4,
        )

    async def remove(scene: Scene, group_id: Id) -> None:
        assert isinstance(group_id, UUID)
        await (merge(scene.group_id, group_id) if group_id.int % 2 else delete(group_id))

    return List(
        lambda scene, window: groups(scene.stage.organization_id, Filter(), order, window, now=NOW),
        add,
        remove,
        None if order.field is OrderField.FIRST_SEEN else touch,
    )


async def _add_step(scene: Scene, _: int) -> Id:
    return int(
        await _row(
            "insert into group_change (organization_id, group_id, kind, at, actor_kind) values ($1, $2, 'OPENED', $3, 'system')",
            *(scene.stage.organization_id, scene.group_id, NOW),
        )
    )


async def _add_comment(scene: Scene, value: int) -> Id:
    return UUID(
        str(
            await _row(
                "insert into comment (id, organization_id, group_id, author_kind, author_name, body, created_at)"
                " values ($1, $2, $3, 'person', 'Ann', 'seen', $4)",
                *(uuid7(NOW), scene.stage.organization_id, scene.group_id, later(hours=value)),
            )
        )
    )


async def _add_project(scene: Scene, value: int) -> Id:
    made = uuid7(NOW)
    await fetch(
        "insert into project (id, organization_id, name, slug, created_at) values ($1, $2, $3, $4, $5)",
        *(made, scene.stage.organization_id, f"n{value}", made.hex, NOW),
    )
    return made


async def _add_instance(scene: Scene, value: int) -> Id:
    made = uuid7(NOW)
    await fetch(
        "insert into instance (id, organization_id, project_id, name, slug, environment, source_kind, source, created_at)"
        " values ($1, $2, $3, $4, $5, 'STAGING', 'file', '{}', $6)",
        *(made, scene.stage.organization_id, scene.stage.project_id, f"n{value}", made.hex, NOW),
    )
    return made


async def _add_app(scene: Scene, value: int) -> Id:
    made = await add_app(scene.stage)
    await fetch("update app set name = $2 where id = $1", made, f"n{value}")
    return made


async def _add_problem(scene: Scene, _: int) -> Id:
    return await add_problem(scene.stage, await add_app(scene.stage), {})


async def _add_member(scene: Scene, value: int) -> Id:
    made = uuid7(NOW)
    await fetch(
        "insert into person (id, email, name, created_at) values ($1, $2, $3, $4)",
        *(made, f"{made}@acme.test", f"n{value}", NOW),
    )
    await fetch(
        "insert into membership values ($1, $2, $1, 'viewer', $3)", made, scene.stage.organization_id, NOW
    )
    return made


async def _add_invitation(scene: Scene, _: int) -> Id:
    made = uuid7(NOW)
    await fetch(
        "insert into invitation (id, organization_id, email, role, digest, created_at, expires_at)"
        " values ($1, $2, $3, 'viewer', $5, $4, $4)",
        *(made, scene.stage.organization_id, f"{made}@acme.test", NOW, made.bytes * 2),
    )
    return made


async def _add_token(scene: Scene, _: int) -> Id:
    made = uuid7(NOW)
    await fetch(
        "insert into access_token (id, organization_id, kind, name, digest, scopes, role, created_at)"
        " values ($1, $2, 'agent', 'Robot', $4, '{}', 'viewer', $3)",
        *(made, scene.stage.organization_id, NOW, made.bytes * 2),
    )
    return made


async def _add_entry(scene: Scene, _: int) -> Id:
    return int(
        await _row(
            "insert into audit_entry (organization_id, at, actor_kind, actor_name, kind, subject_type, subject_name)"
            " values ($1, $2, 'system', '', 'X', 'x', '')",
            *(scene.stage.organization_id, NOW),
        )
    )


async def _comments(scene: Scene, window: Window) -> Page[Any]:
    found = await comments.comments_of(scene.stage.organization_id, window, [scene.group_id])
    return found[scene.group_id]


def _owner(scene: Scene) -> Caller:
    every = frozenset(Scope)
    return Caller(
        scene.stage.organization_id, uuid4(), uuid4(), uuid4(), TokenKind.SESSION, Role.OWNER, every
    )


LISTS: dict[str, List] = {
    **{
        f"groups {field} {'DESC' if descending else 'ASC'}": _of_groups(Order(field, descending))
        for field in OrderField
        for descending in (True, False)
    },
    "occurrences": List(
        lambda scene, window: occurrences.occurrences(scene.stage.organization_id, scene.group_id, window),
        lambda scene, value: add_occurrence(scene.stage, scene.group_id, occurred_at=later(hours=value)),
        _remove("occurrence"),
    ),
    "session events": List(
        lambda scene, window: sessions.read(scene.stage, window),
        lambda scene, value: sessions.add(scene.stage, later(minutes=value)),
        _remove("event"),
        lambda _, event_id, value: sessions.change_time(event_id, later(minutes=10 + value)),
    ),
    "history": List(
        lambda scene, window: history.history(scene.stage.organization_id, scene.group_id, window),
        _add_step,
        _remove("group_change"),
    ),
    "comments": List(_comments, _add_comment, _remove("comment")),
    "alert rules": List(
        lambda scene, window: alert_rules.alert_rules(scene.stage.organization_id, window),
        lambda scene, value: add_rule(scene.stage, f"n{value}"),
        _remove("alert_rule"),
        _rename("alert_rule"),
    ),
    "deliveries": List(
        lambda scene, window: deliveries.deliveries(scene.stage.organization_id, window=window),
        lambda scene, value: add_delivery(scene.stage, created_at=later(hours=value)),
        _remove("delivery"),
    ),
    "projects": List(
        lambda scene, window: projects.projects(scene.stage.organization_id, window),
        _add_project,
        _remove("project"),
        _rename("project"),
    ),
    "instances": List(
        lambda scene, window: instances.instances(scene.stage.organization_id, window),
        _add_instance,
        _remove("instance"),
        _rename("instance"),
    ),
    "apps": List(
        lambda scene, window: apps.apps(scene.stage.organization_id, window),
        _add_app,
        _remove("app"),
        _rename("app"),
    ),
    "ingest problems": List(
        lambda scene, window: ingest_problems.ingest_problems(scene.stage.organization_id, window),
        _add_problem,
        lambda _, event_id: fetch("update inbox set problem = null where event_id = $1", event_id),
    ),
    "members": List(
        lambda scene, window: members.members(scene.stage.organization_id, window),
        _add_member,
        _remove("membership"),
        _rename("person"),
    ),
    "invitations": List(
        lambda scene, window: members.invitations(scene.stage.organization_id, window),
        _add_invitation,
        _remove("invitation"),
    ),
    "tokens": List(
        lambda scene, window: tokens.tokens(_owner(scene), window), _add_token, _remove("access_token")
    ),
    "audit": List(
        lambda scene, window: audit.entries(scene.stage.organization_id, window=window),
        _add_entry,
        _remove("audit_entry"),
    ),
}
