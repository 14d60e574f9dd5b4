"""The organization is in every query: with another organization's ids every function gives nothing, and asks once."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.reading import (
    alert_rules,
    deliveries,
    github,
    groups,
    history,
    instances,
    occurrences,
    projects,
    series,
    stats,
)
from app.reading.groups import Filter
from app.reading.pages import Page
from app.reading.stats import Stats
from app.tables.database import fetch
from tests.database import NOW
from tests.github.stage import connected
from tests.reading.alerting import add_rule
from tests.reading.stage import add_app, add_group, add_occurrence, add_tag, fingerprint_of, seen
from tests.reading.told import add_delivery
from tests.recording.stage import Stage, later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@dataclass(frozen=True)
class Theirs:
    """One of everything, all of one organization."""

    stage: Stage
    group_id: UUID
    app_group_id: UUID
    app_id: UUID
    membership_id: UUID
    occurrence_id: UUID
    step_id: int
    delivery_id: UUID
    rule_id: UUID


async def one_of_everything() -> Theirs:
    stage = await set_up()
    group_id, app_id = await seen(stage.shop, "KeyError", later(minutes=-1)), await add_app(stage)
    app_group_id = await add_group(stage, source="EVENT", app_id=app_id)
    await add_occurrence(stage, app_group_id, app_version="1.10", environment="ios")
    person_id, membership_id = uuid4(), uuid4()
    await fetch("insert into person values ($1, $2, 'Ann', null, $3)", person_id, f"{person_id}@b.test", NOW)
    await fetch(
        "insert into membership values ($1, $2, $3, 'viewer', $4)",
        membership_id,
        stage.organization_id,
        person_id,
        NOW,
    )
    await fetch("update error_group set assignee_id = $1 where id = $2", membership_id, group_id)
    await fetch(
        "insert into fingerprint_tag values ($1, 'a', 'b', 1, $2)", await fingerprint_of(app_group_id), NOW
    )
    await fetch(
        """
        insert into github_issue
            (group_id, organization_id, project_id, marker, number, sync_status, created_at, made_at)
        values ($1, $4, $2, $1, 1, 'synced', $3, $3)
        """,
        group_id,
        stage.project_id,
        NOW,
        stage.organization_id,
    )
    await connected(stage)
    [shown] = (await occurrences.occurrences(stage.organization_id, group_id)).nodes
    [opened] = (await history.history(stage.organization_id, group_id)).nodes
    return Theirs(
        stage,
        group_id,
        app_group_id,
        app_id,
        membership_id,
        shown.id,
        opened.id,
        await add_delivery(stage),
        await add_rule(stage),
    )


def listed(**wanted: Callable[[Theirs], Any]) -> Callable[[UUID, Theirs], Awaitable[Any]]:
    """A list of groups with a filter."""
    return lambda organization_id, theirs: groups.groups(
        organization_id, Filter(**{field: value(theirs) for field, value in wanted.items()}), now=NOW
    )


ASKED: dict[str, Callable[[UUID, Theirs], Awaitable[Any]]] = {
    "github.issues": lambda own, theirs: github.issues(own, [theirs.group_id]),
    "github.connections": lambda own, theirs: github.connections(own, [theirs.stage.project_id]),
    "groups.groups": listed(),
    "groups.groups project": listed(project_id=lambda theirs: theirs.stage.project_id),
    "groups.groups instance": listed(instance_id=lambda theirs: theirs.stage.shop.id),
    "groups.groups app": listed(app_id=lambda theirs: theirs.app_id),
    "groups.groups assignee": listed(assignee_id=lambda theirs: theirs.membership_id),
    "groups.groups release": listed(release=lambda _: "1.10"),
    "groups.groups environment": listed(environment=lambda _: "PRODUCTION"),
    "groups.groups environment of events": listed(environment=lambda _: "ios"),
    "groups.groups tag": listed(tag=lambda _: ("a", "b")),
    "groups.count": lambda own, _: groups.count(own, now=NOW),
    "groups.group": lambda own, theirs: groups.group(own, theirs.group_id),
    "groups.groups_by_id": lambda own, theirs: groups.groups_by_id(own, [theirs.group_id]),
    "series.sparklines": lambda own, theirs: series.sparklines(own, [theirs.group_id], 7, now=NOW),
    "series.timelines": lambda own, theirs: series.timelines(own, [theirs.group_id], 30, now=NOW),
    "series.timelines instance": lambda own, theirs: series.timelines(
        own, [theirs.group_id], 7, theirs.stage.shop.id, now=NOW
    ),
    "occurrences.occurrences": lambda own, theirs: occurrences.occurrences(own, theirs.group_id),
    "occurrences.latest": lambda own, theirs: occurrences.latest(own, [theirs.group_id]),
    "occurrences.occurrence": lambda own, theirs: occurrences.occurrence(own, theirs.occurrence_id),
    "occurrences.occurrences_by_id": lambda own, theirs: occurrences.occurrences_by_id(
        own, [theirs.occurrence_id]
    ),
    "occurrences.count_occurrences": lambda own, theirs: occurrences.count_occurrences(own, theirs.group_id),
    "history.history": lambda own, theirs: history.history(own, theirs.group_id),
    "history.count_steps": lambda own, theirs: history.count_steps(own, theirs.group_id),
    "history.steps": lambda own, theirs: history.steps(own, [theirs.step_id]),
    "history.step": lambda own, theirs: history.step(own, theirs.step_id),
    "alert_rules.alert_rules": lambda own, _: alert_rules.alert_rules(own),
    "alert_rules.alert_rules project": lambda own, theirs: alert_rules.alert_rules(
        own, project_id=theirs.stage.project_id
    ),
    "alert_rules.count_alert_rules": lambda own, _: alert_rules.count_alert_rules(own),
    "alert_rules.alert_rule": lambda own, theirs: alert_rules.alert_rule(own, theirs.rule_id),
    "alert_rules.alert_rules_by_id": lambda own, theirs: alert_rules.alert_rules_by_id(own, [theirs.rule_id]),
    "deliveries.deliveries": lambda own, _: deliveries.deliveries(own),
    "deliveries.deliveries project": lambda own, theirs: deliveries.deliveries(
        own, deliveries.Wanted(project_id=theirs.stage.project_id)
    ),
    "deliveries.count_deliveries": lambda own, _: deliveries.count_deliveries(own),
    "deliveries.deliveries_by_id": lambda own, theirs: deliveries.deliveries_by_id(own, [theirs.delivery_id]),
    "instances.instances": lambda own, _: instances.instances(own),
    "instances.instances project": lambda own, theirs: instances.instances(
        own, project_id=theirs.stage.project_id
    ),
    "instances.count_instances": lambda own, theirs: instances.count_instances(
        own, project_id=theirs.stage.project_id
    ),
    "instances.instance": lambda own, theirs: instances.instance(own, theirs.stage.shop.id),
    "instances.instances_by_id": lambda own, theirs: instances.instances_by_id(own, [theirs.stage.shop.id]),
    "instances.instances_by_id deleted": lambda own, theirs: instances.instances_by_id(
        own, [theirs.stage.shop.id], with_deleted=True
    ),
    "instances.affected": lambda own, theirs: instances.affected(own, [theirs.group_id]),
    "projects.projects": lambda own, _: projects.projects(own),
    "projects.count_projects": lambda own, _: projects.count_projects(own),
    "projects.project": lambda own, theirs: projects.project(own, theirs.stage.project_id),
    "projects.project_by_slug": lambda own, _: projects.project_by_slug(own, "odoo"),
    "projects.projects_by_id": lambda own, theirs: projects.projects_by_id(own, [theirs.stage.project_id]),
    "projects.projects_by_id deleted": lambda own, theirs: projects.projects_by_id(
        own, [theirs.stage.project_id], with_deleted=True
    ),
    "stats.stats": lambda own, _: stats.stats(own, now=NOW),
    "stats.stats project": lambda own, theirs: stats.stats(own, project_id=theirs.stage.project_id, now=NOW),
    "stats.stats instance": lambda own, theirs: stats.stats(own, instance_id=theirs.stage.shop.id, now=NOW),
}


def is_nothing(answer: Any) -> bool:
    match answer:
        case Page():
            return not answer.nodes and not answer.has_next and not answer.has_previous
        case Stats():
            return answer == Stats(0, 0, 0, 0)
        case instances.Affected():
            return answer == instances.Affected([], 0)
        case series.Bucket():
            return answer.count == 0
        case dict():
            return all(is_nothing(value) for value in answer.values())
        case list():
            return all(is_nothing(value) for value in answer)
        case _:
            return not answer


async def test_every_public_function_is_asked() -> None:
    rooms = (
        alert_rules,
        deliveries,
        github,
        groups,
        history,
        instances,
        occurrences,
        projects,
        series,
        stats,
    )
    public = {
        f"{room.__name__.rpartition('.')[2]}.{name}"
        for room in rooms
        for name, function in inspect.getmembers(room, inspect.iscoroutinefunction)
        if function.__module__ == room.__name__ and not name.startswith("_")
    }
    assert len(public) > 15
    assert public == {name.split()[0] for name in ASKED}


@pytest.mark.parametrize("name", ASKED)
async def test_another_organization_sees_nothing_and_hardly_more_than_one_statement_is_asked(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = await one_of_everything()
    stranger = uuid4()
    await fetch("insert into organization values ($1, 'Other', $2, $3)", stranger, f"o-{stranger.hex}", NOW)
    told: list[str] = []
    with noted_statements(monkeypatch, told):
        assert not is_nothing(await ASKED[name](theirs.stage.organization_id, theirs))
    # What an environment is made of is looked up first.
    assert len(told) == (2 if "environment" in name else 1)
    assert all("organization_id = $1" in statement for statement in told)

    assert is_nothing(await ASKED[name](stranger, theirs))
    assert is_nothing(await ASKED[name](uuid4(), theirs))


async def test_rows_that_name_what_is_anothers_do_not_show_it() -> None:
    """Even if a mistake elsewhere linked rows of two organizations."""
    ours, theirs = await one_of_everything(), await one_of_everything()
    own = ours.stage.organization_id
    await fetch("update instance set environment = 'STAGING' where id = $1", theirs.stage.shop.id)
    await fetch(
        "insert into affected_instance values ($1, $2, 99, $3, $3)",
        await fingerprint_of(ours.group_id),
        theirs.stage.shop.id,
        NOW,
    )
    await fetch("update fingerprint set group_id = $1 where group_id = $2", ours.group_id, theirs.group_id)
    await fetch("update group_change set group_id = $1 where group_id = $2", ours.group_id, theirs.group_id)

    found = (await instances.affected(own, [ours.group_id]))[ours.group_id]
    assert [each.instance.id for each in found.instances] == [ours.stage.shop.id]
    assert sum((await series.sparklines(own, [ours.group_id], 1, now=NOW))[ours.group_id]) == 1
    assert [each.id for each in (await occurrences.occurrences(own, ours.group_id)).nodes] == [
        ours.occurrence_id
    ]
    assert await occurrences.count_occurrences(own, ours.group_id) == 1
    assert await occurrences.occurrence(own, theirs.occurrence_id) is None
    assert [each.id for each in (await history.history(own, ours.group_id)).nodes] == [ours.step_id]
    assert await history.step(own, theirs.step_id) is None
    await fetch("update group_change set group_id = $1 where id = $2", theirs.group_id, ours.step_id)
    assert await history.step(own, ours.step_id) is None
    assert await stats.stats(own, instance_id=theirs.stage.shop.id, now=NOW) == Stats(0, 0, 0, 0)
    for wanted in (Filter(instance_id=theirs.stage.shop.id), Filter(environment="STAGING")):
        assert await groups.count(own, wanted, now=NOW) == 0
        assert (await groups.groups(own, wanted, now=NOW)).nodes == []


async def test_a_group_is_not_found_by_what_is_anothers() -> None:
    ours, theirs = await one_of_everything(), await one_of_everything()
    own = ours.stage.organization_id
    wanted_none = {
        "instance": Filter(instance_id=ours.stage.warehouse.id),
        "log": Filter(environment="STAGING"),
        "log alone": Filter(environment="STAGING", source="LOG"),
        "event": Filter(environment="web"),
        "either": Filter(environment="DEVELOPMENT"),
        "theirs alone": Filter(environment="web", source="EVENT"),
        "release": Filter(release="9"),
        "tag": Filter(tag=("a", "c")),
    }
    foreign = await fingerprint_of(theirs.group_id), await fingerprint_of(theirs.app_group_id)
    await fetch("update fingerprint set group_id = $1 where id = $2", ours.group_id, foreign[0])
    await fetch("update fingerprint set group_id = $1 where id = $2", ours.app_group_id, foreign[1])
    await fetch("update instance set environment = 'STAGING' where id = $1", ours.stage.warehouse.id)
    await fetch(
        "insert into affected_instance values ($1, $2, 1, $3, $3)", foreign[0], ours.stage.warehouse.id, NOW
    )
    await fetch("insert into fingerprint_tag values ($1, 'a', 'c', 1, $2)", foreign[1], NOW)
    await add_tag(foreign[1], "release", "9")
    await add_tag(foreign[1], "environment", "web")
    await add_tag(foreign[1], "environment", "DEVELOPMENT")
    for wanted in wanted_none.values():
        assert await groups.count(own, wanted, now=NOW) == 0
        assert (await groups.groups(own, wanted, now=NOW)).nodes == []
    found = (await instances.affected(own, [ours.group_id]))[ours.group_id]
    assert (found.count, [each.instance.name for each in found.instances]) == (1, ["shop"])
