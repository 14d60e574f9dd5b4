"""The audit: every verb leaves its row in its own transaction, and none has a secret in it."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import TEXT_LIMIT, Kind
from app.accounts.create_token import NewToken, create_token
from app.accounts.invitations import accept_invitation, invite_member, revoke_invitation
from app.accounts.members import remove_member, update_member
from app.accounts.revoke_token import revoke_token
from app.accounts.roles import Role, TokenKind
from app.accounts.update_organization import update_organization
from app.domain.log_source import local_file
from app.errors import BadInput, Forbidden
from app.projects.create_instance import NewInstance, create_instance
from app.projects.create_project import NewProject, create_project
from app.projects.delete_instance import delete_instance
from app.projects.update_instance import InstanceChanges, update_instance
from app.tables.database import fetch
from tests.accounts.people import agent, all_of_it, joined, membership, noted, refused, signed_in
from tests.database import NOW
from tests.recording.stage import Stage, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def entry(stage: Stage, who: Actor = SYSTEM, **different: Any) -> dict[str, Any]:
    """The row of a note."""
    given: dict[str, Any] = {
        "subject_type": "Project",
        "subject_id": stage.project_id,
        "subject_name": "Odoo",
        "now": NOW,
    }
    await audit.note(stage.organization_id, who, Kind.PROJECT_UPDATED, **given | different)
    [*_, row] = await fetch("select * from audit_entry order by id")
    return dict(row) | {"detail": json.loads(row["detail"])}


async def test_names_are_those_of_that_moment() -> None:
    stage = await set_up()
    ann, stranger = await joined(stage.organization_id), await joined((await set_up()).organization_id)
    robot = await agent(stage.organization_id, Role.DEVELOPER)
    for who, name in (
        (SYSTEM, "Snaglist"),
        (Actor("person", ann.membership_id), "Ann"),
        (Actor("agent", robot.token_id), "robot"),
        (Actor("github"), "GitHub"),
        (Actor("person", uuid4()), "Snaglist"),
        (Actor("person", stranger.membership_id), "Snaglist"),
    ):
        assert (await entry(stage, who))["actor_name"] == name
    await fetch("update person set name = 'Bea'")
    assert [row[0] for row in await noted(stage.organization_id)].count("Ann") == 1


async def test_values_are_kept_as_they_can_be() -> None:
    stage = await set_up()
    row = await entry(
        stage,
        subject_name="\ud800\0",
        detail={
            "same": (1, 1),
            "list": (["a", "b"], ("a",)),
            "text": (None, "\ud800\0x"),
            "number": (1, 2.5),
            "flag": (None, True),
            "long": ("", "x" * (TEXT_LIMIT + 1)),
            "time": (None, NOW),
        },
    )
    assert row["subject_name"] == "\ufffd\ufffd"
    assert row["detail"] == {
        "list": [["a", "b"], ["a"]],
        "text": [None, "\ufffd\ufffdx"],
        "number": [1, 2.5],
        "flag": [None, True],
        "long": ["", "x" * TEXT_LIMIT + " ..."],
        "time": [None, "2026-11-22 10:00:00+00:00"],
    }
    with pytest.raises(ValueError, match="GUESSED"):
        await audit.note(
            stage.organization_id,
            SYSTEM,
            "GUESSED",
            subject_type="X",
            subject_id=None,
            subject_name="",
            now=NOW,
        )


async def test_what_is_done_to_projects_and_instances_is_noted() -> None:
    stage = await set_up()
    organization_id = stage.organization_id
    who = Actor("person", (await joined(organization_id)).membership_id)
    project_id = await create_project(
        organization_id, NewProject("New", time_zone="Europe/Berlin"), now=NOW, actor=who
    )
    wanted = NewInstance(project_id, "Depot", local_file("/var/log/odoo.log"))
    instance_id = await create_instance(organization_id, wanted, now=NOW, actor=who)
    changes = InstanceChanges(
        name="Yard", error_ignore_patterns=["noise"], source=local_file("/var/log/other.log")
    )
    await update_instance(organization_id, instance_id, changes, now=NOW, actor=who)
    await update_instance(organization_id, instance_id, InstanceChanges(name="Yard"), now=NOW, actor=who)
    await delete_instance(organization_id, instance_id, now=NOW)
    assert await noted(organization_id) == [
        ("Ann", "PROJECT_CREATED", "New"),
        ("Ann", "INSTANCE_CREATED", "Depot"),
        ("Ann", "INSTANCE_UPDATED", "Yard"),
        ("Snaglist", "INSTANCE_DELETED", "Yard"),
    ]
    rows = await fetch("select subject_id, detail from audit_entry order by id")
    assert [row["subject_id"] for row in rows] == [project_id, instance_id, instance_id, instance_id]
    assert [json.loads(row["detail"]) for row in rows] == [
        {"slug": [None, "new"], "timeZone": [None, "Europe/Berlin"]},
        {"slug": [None, "depot"], "environment": [None, "PRODUCTION"]},
        {"name": ["Depot", "Yard"], "errorIgnorePatterns": [[], ["noise"]], "source": [None, "changed"]},
        {"slug": ["depot", None]},
    ]


async def test_the_organization_is_renamed_by_who_manages_it() -> None:
    organization_id = (await set_up()).organization_id
    admin, developer = (
        await joined(organization_id, Role.ADMIN),
        await joined(organization_id, Role.DEVELOPER),
    )
    await refused(Forbidden, update_organization(developer, "Ours", now=NOW))
    for name in ("", " ", "x" * 201, "\0", "\ud800"):
        await refused(BadInput, update_organization(admin, name, now=NOW))
    await update_organization(admin, " Acme 2 ", now=NOW)
    await update_organization(admin, "Acme 2", now=NOW)
    [row] = await fetch("select * from audit_entry")
    assert (row["kind"], row["detail"]) == ("ORGANIZATION_UPDATED", '{"name": ["Acme", "Acme 2"]}')


@pytest.mark.parametrize(
    "verb",
    [
        "update",
        "remove",
        "remove a maker",
        "invite",
        "revoke invitation",
        "accept",
        "make token",
        "revoke token",
        "rename",
        "make project",
        "make instance",
        "delete instance",
    ],
)
async def test_a_verb_that_is_cut_short_anywhere_has_done_nothing(
    verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    organization_id, shop_id = stage.organization_id, stage.shop.id
    owner, viewer = await joined(organization_id), await joined(organization_id, Role.VIEWER)
    elsewhere = await signed_in(await joined((await set_up()).organization_id, email="bea@x.test"))
    maker = await joined(organization_id, Role.ADMIN)
    robot = await agent(organization_id, Role.DEVELOPER, maker=maker)
    invitation = await invite_member(owner, "bea@x.test", Role.VIEWER, now=NOW)
    verbs: dict[str, Callable[[], Awaitable[Any]]] = {
        "update": lambda: update_member(owner, membership(viewer), Role.ADMIN, now=NOW),
        "remove": lambda: remove_member(owner, membership(viewer), now=NOW),
        "remove a maker": lambda: remove_member(owner, membership(maker), now=NOW),
        "invite": lambda: invite_member(owner, "bea@x.test", Role.ADMIN, now=NOW),
        "revoke invitation": lambda: revoke_invitation(owner, invitation.token_id, now=NOW),
        "accept": lambda: accept_invitation(
            invitation.secret, name=None, password=None, caller=elsewhere, address="", now=NOW
        ),
        "make token": lambda: create_token(owner, NewToken(TokenKind.AGENT, "new"), now=NOW),
        "revoke token": lambda: revoke_token(owner, robot.token_id, now=NOW),
        "rename": lambda: update_organization(owner, "Other", now=NOW),
        "make project": lambda: create_project(organization_id, NewProject("Other"), now=NOW),
        "make instance": lambda: create_instance(
            organization_id, NewInstance(stage.project_id, "Depot", local_file("/a.log")), now=NOW
        ),
        "delete instance": lambda: delete_instance(organization_id, shop_id, now=NOW),
    }
    before = await all_of_it()
    for last in range(100):
        with monkeypatch.context() as patched:
            patched.setattr(asyncpg.Connection, "fetch", _dying_after(last))
            try:
                await verbs[verb]()
            except ConnectionResetError:
                cut = True
            else:
                cut = False
        if not cut:
            break
        assert await all_of_it() == before, last
    assert last > 1
    after = await all_of_it()
    assert len(after["audit_entry"]) == len(before["audit_entry"]) + (2 if verb == "remove a maker" else 1)


def _dying_after(statements: int) -> Any:
    """What takes the place of a connection's `fetch`, which fails after so many statements."""
    original = asyncpg.Connection.fetch
    left = [statements]

    async def fetching(self: Any, sql: str, *values: object, **more: Any) -> Any:
        if left[0] == 0:
            raise ConnectionResetError("cut")
        left[0] -= 1
        return await original(self, sql, *values, **more)

    return fetching
