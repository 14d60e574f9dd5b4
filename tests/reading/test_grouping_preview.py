"""What grouping rules would do is told from the events that are stored, and nothing is changed by asking."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from app.domain.events.event import Format
from app.domain.events.grouping_rules import Rule
from app.domain.fingerprints import Fingerprint
from app.domain.lifecycle import Source
from app.errors import NotFound
from app.reading import grouping_preview
from app.reading.grouping_preview import Decided, Split, preview
from app.tables.database import fetch
from tests.database import NOW
from tests.reading.sent import add_event
from tests.reading.stage import add_app, add_occurrence, seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def happened(
    stage: Stage, app_id: UUID, error: str, sent: Any, *, at: datetime = NOW, format_: Format = Format.OWN
) -> UUID:
    """The group of an error of the app that is stored, with an occurrence whose event holds this."""
    origin = replace(stage.shop, scope_id=app_id, id=app_id, source=Source.EVENT)
    fingerprint = Fingerprint(1, sha256(error.encode()).hexdigest(), f"v1 event message\nmessage {error}")
    group_id = await seen(origin, error, at, fingerprint=fingerprint)
    await fetch("update error_group set last_seen_at = $2 where id = $1", group_id, at)
    event_id = await add_event(stage, app_id, sent, at=at, format_=format_)
    await add_occurrence(stage, group_id, app_id=app_id, event_id=event_id, occurred_at=at)
    return group_id


async def test_rules_join_and_split_what_is_there_and_the_first_that_matches_decides() -> None:
    stage = await set_up()
    app_id = await add_app(stage)
    slow = await happened(stage, app_id, "slow", {"message": "gateway timed out"})
    lost = await happened(stage, app_id, "lost", {"message": "gateway lost"}, at=later(hours=-1))
    mixed = await happened(
        stage, app_id, "mixed", {"message": "query failed", "tags": {"shard": "a"}}, at=later(hours=-2)
    )
    await happened(
        stage, app_id, "mixed", {"message": "query failed", "tags": {"shard": "b"}}, at=later(hours=-3)
    )
    sentry = {"message": "other", "platform": "python"}
    other = await happened(stage, app_id, "other", sentry, at=later(hours=-4), format_=Format.SENTRY)
    before = await fetch("select g::text from error_group as g order by id")
    rules = [
        Rule(("gateway",), message="gateway"),
        Rule(("never",), message="gateway timed out"),
        Rule(("{{ default }}", "{{ tags.shard }}"), message="query *"),
        Rule(("{{ default }}",), message="other"),
    ]
    found = await preview(stage.organization_id, stage.project_id, rules)
    assert (found.event_count, found.changed_count) == (5, 4)
    assert found.rules == [
        Decided(2, [slow, lost]),
        Decided(0, []),
        Decided(2, [mixed]),
        Decided(1, [other]),
    ]
    assert found.joined == [[slow, lost]]
    assert found.split == [Split(mixed, 2)]
    assert await fetch("select g::text from error_group as g order by id") == before
    await fetch(
        'update project set grouping_rules = \'[{"message": "gateway", "fingerprint": ["gateway"]}]\''
    )
    again = await preview(stage.organization_id, stage.project_id, rules[:1])
    assert (again.changed_count, again.rules, again.joined) == (0, [Decided(2, [slow, lost])], [])
    taken_back = await preview(stage.organization_id, stage.project_id, [])
    assert (taken_back.changed_count, taken_back.rules, taken_back.joined) == (2, [], [])


async def test_other_apps_and_builds_of_developers_stay_apart() -> None:
    stage = await set_up()
    one, other = await add_app(stage), await add_app(stage)
    await happened(stage, one, "a", {"message": "gateway a"})
    await happened(stage, other, "b", {"message": "gateway b"})
    found = await preview(stage.organization_id, stage.project_id, [Rule(("x",), message="gateway")])
    assert (found.changed_count, found.rules[0].event_count, found.joined) == (2, 2, [])


async def test_a_storm_hides_no_other_error_and_what_cannot_be_read_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grouping_preview, "EVENTS", 6)
    stage = await set_up()
    app_id = await add_app(stage)
    for minute in range(9):
        storm = await happened(stage, app_id, "storm", {"message": "storm"}, at=later(minutes=minute))
    quiet = await happened(stage, app_id, "quiet", {"message": "quiet"}, at=later(hours=-1))
    broken = await happened(stage, app_id, "broken", b"not JSON", at=later(hours=-2))
    await happened(stage, app_id, "a list", b"[1]", at=later(hours=-3))
    gone = await happened(stage, app_id, "gone", {"message": "gone"}, at=later(hours=-4))
    await fetch("delete from event where received_at = $1", later(hours=-4))
    found = await preview(stage.organization_id, stage.project_id, [Rule(("x",), message="*")])
    assert found.rules[0].group_ids == [storm, quiet]
    assert found.event_count == 3
    assert broken
    assert gone


async def test_where_there_are_few_errors_more_of_each_is_read() -> None:
    stage = await set_up()
    app_id = await add_app(stage)
    for minute in range(30):
        await happened(stage, app_id, "storm", {"message": f"storm {minute % 2}"}, at=later(minutes=minute))
    found = await preview(stage.organization_id, stage.project_id, [Rule(("x",), message="storm 1")])
    assert (found.event_count, found.changed_count, found.rules[0].event_count) == (30, 15, 15)


async def test_a_project_that_is_not_theirs_has_no_preview() -> None:
    stage, other = await set_up(), await set_up()
    with pytest.raises(NotFound) as refused:
        await preview(stage.organization_id, other.project_id, [])
    assert refused.value.field == "projectId"
