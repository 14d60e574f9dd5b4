"""The only writer of a group's state: its columns, its history, and what must follow."""

import json
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from app import timeline
from app.accounts.actors import SYSTEM, Actor, actor
from app.accounts.roles import TokenKind
from app.domain.lifecycle import Move, MoveKind, Source, State, Status
from app.tables.database import fetch, transaction
from app.timeline import Change, Entry
from tests.database import NOW
from tests.graphql.stage import joined
from tests.recording.stage import Stage, later, noted_statements, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


def move(
    group_id: UUID,
    kind: MoveKind,
    before: Status | None,
    after: Status,
    resolved_at: datetime | None = None,
) -> Move:
    return Move(kind, group_id, before, State(Source.LOG, after, 1, resolved_at), 0)


async def written(stage: Stage, *moves: Move, actor: Actor = SYSTEM, **more: object) -> list[Change]:
    async with transaction():
        entries = [Entry(stage.organization_id, each, **more) for each in moves]  # type: ignore[arg-type]
        return await timeline.write(entries, now=NOW, actor=actor)


async def a_group(stage: Stage) -> UUID:
    """A group that was seen twice, with an empty history."""
    await recorded([sighting(stage.shop), sighting(stage.shop)])
    await fetch("delete from group_change")
    group_id: UUID = (await stage.group("id"))["id"]
    return group_id


async def test_nothing_to_write_asks_nothing_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    with noted_statements(monkeypatch, told):
        assert await timeline.write([], now=NOW) == []
    assert told == []


async def test_resolving_notes_when_and_at_which_count() -> None:
    stage = await set_up()
    group_id = await a_group(stage)

    await written(stage, move(group_id, MoveKind.RESOLVED, Status.ACTIVE, Status.RESOLVED, later(hours=1)))

    assert await stage.group("status, resolved_at, count_at_resolve") == {
        "status": "RESOLVED",
        "resolved_at": later(hours=1),
        "count_at_resolve": 2,
    }


async def test_a_regression_keeps_what_was_known_of_the_resolution() -> None:
    stage = await set_up()
    group_id = await a_group(stage)
    await written(stage, move(group_id, MoveKind.RESOLVED, Status.ACTIVE, Status.RESOLVED, NOW))
    await fetch("update error_group set total_count = 9")

    await written(stage, move(group_id, MoveKind.REGRESSED, Status.RESOLVED, Status.REGRESSED, NOW))

    assert await stage.group("status, resolved_at, count_at_resolve") == {
        "status": "REGRESSED",
        "resolved_at": NOW,
        "count_at_resolve": 2,
    }


async def test_a_change_leaves_who_did_it_when_and_why() -> None:
    stage = await set_up()
    group_id, member = await a_group(stage), uuid4()

    [change] = await written(
        stage,
        move(group_id, MoveKind.RESOLVED, Status.ACTIVE, Status.RESOLVED, NOW),
        actor=Actor("person", member),
        reason="fixed in 17.0.3",
        detail={"version": "17.0.3"},
    )

    [row] = await fetch("select * from group_change")
    assert json.loads(row["detail"]) == {"version": "17.0.3"}
    assert row["actor_name"] is None  # nobody knows this member
    assert tuple(row)[:10] == (
        change.id,
        stage.organization_id,
        group_id,
        "RESOLVED",
        NOW,
        "person",
        member,
        "ACTIVE",
        "RESOLVED",
        "fixed in 17.0.3",
    )


async def test_who_did_it_is_kept_by_the_name_of_that_moment() -> None:
    stage = await set_up()
    group_id = await a_group(stage)
    ann, foreign = await joined(stage.organization_id), await joined((await set_up()).organization_id)
    agent = await joined(stage.organization_id, kind=TokenKind.AGENT)
    muted = move(group_id, MoveKind.MUTED, Status.ACTIVE, Status.ACTIVE)

    for who in (actor(ann), actor(agent), SYSTEM, actor(foreign), Actor("github")):
        await written(stage, muted, actor=who)
    await fetch("delete from membership where id = $1", ann.membership_id)
    await fetch("delete from access_token where id = $1", agent.token_id)

    rows = await fetch("select actor_kind, actor_name from group_change order by id")
    assert [tuple(row) for row in rows] == [
        ("person", "Ann"),
        ("agent", "robot"),
        ("system", None),
        ("person", None),  # whoever belongs to others has no name here
        ("github", None),
    ]


async def test_what_must_follow_is_a_row_of_the_same_transaction() -> None:
    stage = await set_up()
    group_id = await a_group(stage)
    kind, after = MoveKind.RESOLVED, Status.RESOLVED

    [change] = await written(stage, move(group_id, kind, Status.ACTIVE, after, NOW), detail={"by": "ada"})

    [row] = await fetch("select * from outbox")
    assert (row["id"], row["change_id"], row["group_id"]) == (change.outbox_id, change.id, group_id)
    assert (row["change_kind"], row["organization_id"], row["created_at"], row["attempts"]) == (
        "RESOLVED",
        stage.organization_id,
        NOW,
        0,
    )
    assert json.loads(row["detail"]) == {"by": "ada"}


async def test_many_groups_and_several_moves_of_one_are_two_statements_in_the_order_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop, f"Error{n:03}", later(seconds=n)) for n in range(200)])
    await fetch("delete from group_change")
    ids = [group["id"] for group in await stage.groups("id")]
    moves = [move(id_, MoveKind.RESOLVED, Status.NEW, Status.RESOLVED, NOW) for id_ in reversed(ids)]
    moves += [move(id_, MoveKind.REGRESSED, Status.RESOLVED, Status.REGRESSED, NOW) for id_ in ids]
    told: list[str] = []

    with noted_statements(monkeypatch, told):
        changes = await written(stage, *moves)

    assert len(told) == 2
    rows = await fetch("select id, group_id, kind from group_change order by id")
    assert [(row["id"], row["group_id"], row["kind"]) for row in rows] == [
        (change.id, change.entry.move.group_id, change.entry.move.kind) for change in changes
    ]
    assert [change.entry.move for change in changes] == moves
    assert {group["status"] for group in await stage.groups("status")} == {"REGRESSED"}


async def test_a_change_of_a_group_that_is_gone_is_refused_as_a_whole() -> None:
    stage = await set_up()
    group_id = await a_group(stage)

    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await written(
            stage,
            move(group_id, MoveKind.RESOLVED, Status.ACTIVE, Status.RESOLVED, NOW),
            move(uuid4(), MoveKind.RESOLVED, Status.ACTIVE, Status.RESOLVED, NOW),
        )

    assert await stage.group("status") == {"status": "ACTIVE"}
    assert await fetch("select from outbox") == []
