"""One issue for each error, in the right state, with every comment once: whoever is killed, and whatever GitHub answers.

`make chaos` has 200 errors and 60 kills; the suite a few.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any
from uuid import UUID

import pytest

from app.accounts.actors import SYSTEM
from app.errors import SnaglistError
from app.tables.database import DB, fetch
from app.triage.merge import merge
from app.triage.reopen import reopen
from app.triage.resolve import resolve
from app.triage.silence import silence
from app.triage.unmerge import unmerge
from tests.chaos.forked import workers
from tests.chaos.github_worker import GAP, LATE
from tests.github.stand_in.faults import FaultKind
from tests.github.stand_in.process import RemoteStandIn, running
from tests.github.stand_in.shop import Shop
from tests.github.syncing import clock, on_github
from tests.recording.stage import Stage, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ROUNDS = int(os.environ.get("SNAGLIST_CHAOS_ROUNDS", "5"))
GROUPS = 200 if ROUNDS >= 50 else 8
FAULTS = tuple(kind for kind in FaultKind if kind is not FaultKind.PRIMARY_403)  # that one lasts for an hour
# What is taken back before its issue was begun is no longer asked for.
NOTED = (
    "create table asked_comment (marker uuid, group_id uuid)",
    """
    create function note_comment() returns trigger language plpgsql as $$
    begin
        if tg_op = 'INSERT' then
            insert into asked_comment values (new.marker, new.group_id);
        elsif old.attempted_at is null
            and not exists (select from github_issue where group_id = old.group_id and number is not null) then
            delete from asked_comment where marker = old.marker;
        end if;
        return null;
    end $$
    """,
    "create trigger note_asked after insert on github_action for each row when (new.kind = 'comment') execute function note_comment()",
    "create trigger note_taken after delete on github_action for each row when (old.kind = 'comment') execute function note_comment()",
)


@pytest.fixture
def github_process() -> Iterator[RemoteStandIn]:
    """A GitHub that lives on when others are killed."""
    with running() as github:
        yield github


@asynccontextmanager
async def noted_comments() -> AsyncIterator[None]:
    """`asked_comment` has each comment that was ever asked for."""
    for statement in NOTED:
        await fetch(statement)
    try:
        yield
    finally:
        await fetch("drop function note_comment cascade")
        await fetch("drop table asked_comment")


@pytest.mark.timeout(180 + 20 * ROUNDS)
async def test_each_error_has_one_issue_in_the_right_state(github_process: RemoteStandIn) -> None:
    chance = random.Random(ROUNDS)
    shop = github_process.furnish()
    github_process.set(
        **{
            "limits.watched_gap": GAP,
            "limits.writes_per_minute": None,
            "limits.writes_per_hour": None,
            "limits.per_hour": 10**6,
        }
    )
    stage = await set_up(cooldown_seconds=0)
    await connected(stage, github_process, shop)
    async with noted_comments():
        await lived(stage, github_process, chance)
        await judged(stage, github_process)


async def lived(stage: Stage, github: RemoteStandIn, chance: random.Random) -> None:
    """Errors come, go, come back, are merged and parted, while workers are killed and GitHub answers badly."""
    github.do(
        "faults.at_random",
        rate=0.15,
        seed=ROUNDS,
        kinds=list(FAULTS),
        only_writes=False,
        seconds=LATE,
        retry_after=1,
    )
    with workers("tests.chaos.github_worker", DB.config["dsn"], chance=chance) as working:
        steps = asyncio.create_task(steps_of_all(stage, chance))
        while working.killed < ROUNDS or not steps.done():
            await asyncio.sleep(chance.random() * 0.8)
            working.kill_one()
        await steps
        github.do("faults.stop")
        deadline = monotonic() + 60 + GROUPS
        while await left():
            assert monotonic() < deadline, await fetch(
                "select sync_status, sync_error, attempts, next_attempt_at from github_issue where next_attempt_at is not null"
            )
            await asyncio.sleep(0.2)
    assert working.killed >= ROUNDS


async def steps_of_all(stage: Stage, chance: random.Random) -> None:
    """Make the errors; then have something happen to some of them, again and again."""
    names = [f"Error{number}" for number in range(GROUPS)]
    for start in range(0, GROUPS, 20):
        await recorded([sighting(stage.shop, name) for name in names[start : start + 20]])
        await asyncio.sleep(0.1)
    deadline = monotonic() + 60 + GROUPS
    while (await fetch("select count(*) from github_issue where number is not null"))[0][0] < GROUPS * 0.6:
        assert monotonic() < deadline
        await asyncio.sleep(0.1)
    titles = {row["title"].partition(":")[0]: row["id"] for row in await stage.groups("id, title")}
    for number in range(4):
        for name in chance.sample(names, GROUPS // 2):
            await step(stage, name, titles, chance)
            await asyncio.sleep(chance.random() * 0.05)
        await recorded([sighting(stage.shop, name, clock()) for name in chance.sample(names, GROUPS // 4)])
        await asyncio.sleep(number / 2)


async def step(stage: Stage, name: str, titles: dict[str, UUID], chance: random.Random) -> None:
    """One thing happens to one error."""
    group_id, now = titles[name], clock()
    verb = chance.choice(("resolve", "resolve", "seen", "silence", "reopen", "merge", "unmerge"))
    if verb == "seen":
        await recorded([sighting(stage.shop, name, now)])
    elif verb == "merge":
        other = chance.choice([each for each in titles.values() if each != group_id])
        await permitted(merge(stage.organization_id, other, [group_id], SYSTEM, now=now))
    elif verb == "unmerge":
        await permitted(unmerge(stage.organization_id, group_id, None, SYSTEM, now=now))
    else:
        done = {"resolve": resolve, "silence": silence, "reopen": reopen}[verb]
        await permitted(done(stage.organization_id, [group_id], SYSTEM, now=now))


async def permitted(verb: Any) -> None:
    """Do it; a step that the status does not allow is refused, and nothing happens."""
    try:
        await verb
    except SnaglistError:
        return


async def connected(stage: Stage, github: RemoteStandIn, shop: Shop) -> None:
    """The project's repository is the stand-in's; as many issues a day as there are errors."""
    await on_github(stage, github, shop, daily_cap=1000)


async def left() -> int:
    """What is still to be followed or to be done."""
    [[changes]] = await fetch("select count(*) from outbox")
    [[issues]] = await fetch("select count(*) from github_issue where next_attempt_at is not null")
    return int(changes) + int(issues)


async def judged(stage: Stage, github: RemoteStandIn) -> None:
    """What GitHub has is what it should have."""
    told = github.state()
    assert told["duplicates"] == {}
    assert told["violations"] == []
    markers: dict[str, list[str]] = told["markers"]
    states = {
        f"{name}#{issue['number']}": issue["state"]
        for name, repository in told["repositories"].items()
        for issue in repository["issues"].values()
    }
    rows = await fetch(
        """
        select g.id, g.title, g.merged_into_id is null and g.status in ('NEW', 'ACTIVE', 'IN_PROGRESS', 'REGRESSED') as is_open,
            i.marker, i.number, i.state, i.sync_status
        from error_group as g left join github_issue as i on i.group_id = g.id where g.project_id = $1
        """,
        stage.project_id,
    )
    made = {row["id"] for row in rows if row["number"]}
    for row in rows:
        if row["id"] not in made:
            assert not row["is_open"], f"{row['title']} is open and has no issue"
            continue
        [place] = markers[str(row["marker"])]
        assert place == f"acme/shop#{row['number']}"
        assert states[place] == ("open" if row["is_open"] else "closed") == row["state"], row["title"]
        assert row["sync_status"] == "synced"
    assert len(made) == len(states)  # nobody has made another one
    assert len(made) > GROUPS / 2
    comments = await fetch("select marker from asked_comment where group_id = any($1::uuid[])", sorted(made))
    lost = [row["marker"] for row in comments if len(markers.get(str(row["marker"]), ())) != 1]
    assert len(comments) > GROUPS / 4
    assert not lost, f"{len(lost)} of {len(comments)} comments were lost"
