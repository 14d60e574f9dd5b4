"""Members who want no digests, by the graph or by a link: it says who it is, and nobody else can make one."""

import base64
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from app.accounts import keys_in_force
from app.accounts.keys_in_force import encryption
from app.alerts.digests.opting_out import is_opted_out, link, opt_in, opt_out, subscription
from app.errors import ConfigurationError, NotFound
from app.tables.database import fetch
from tests.alerts.digests.stage import keys, member
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@pytest.fixture(autouse=True)
def with_keys() -> Iterator[None]:
    with keys():
        yield


def token(membership_id: UUID, project_id: UUID) -> str:
    return link(membership_id, project_id).partition("token=")[2]


async def rows() -> list[tuple[UUID, UUID]]:
    found = await fetch("select membership_id, project_id from digest_opt_out order by membership_id")
    return [tuple(row) for row in found]


async def staged() -> tuple[Stage, UUID]:
    stage = await set_up()
    return stage, await member(stage.organization_id, "ann")


async def test_out_and_in_again_as_often_as_one_likes() -> None:
    stage, ann = await staged()
    bea = await member(stage.organization_id, "bea")
    place = (stage.organization_id, ann, stage.project_id)
    for minutes in (1, 2):
        await opt_out(*place, now=later(minutes=minutes))
        assert await rows() == [(ann, stage.project_id)]
    other = uuid4()
    assert await is_opted_out(*place[:2], [stage.project_id, other]) == {stage.project_id: True, other: False}
    assert await is_opted_out(stage.organization_id, bea, [stage.project_id]) == {stage.project_id: False}
    for _ in range(2):
        await opt_in(*place)
        assert await rows() == []


async def test_nobody_opts_out_of_what_is_not_theirs() -> None:
    stage, ann = await staged()
    other = await set_up()
    for organization_id, project_id in (
        (stage.organization_id, other.project_id),
        (other.organization_id, other.project_id),
        (other.organization_id, stage.project_id),
        (stage.organization_id, uuid4()),
    ):
        with pytest.raises(NotFound):
            await opt_out(organization_id, ann, project_id, now=later())
        with pytest.raises(NotFound):
            await opt_in(organization_id, ann, project_id)
    await fetch("update project set deleted_at = $1", later())
    with pytest.raises(NotFound):
        await opt_out(stage.organization_id, ann, stage.project_id, now=later())
    assert await rows() == []


async def test_a_link_says_who_it_is_also_after_the_key_was_changed() -> None:
    stage, ann = await staged()
    mine = token(ann, stage.project_id)
    assert token(ann, stage.project_id) != mine, "it tells nothing to who sees two"
    assert len(mine) < 120
    keys_in_force.use_keys("a newer key of tests", "a key of tests alone")
    found = await subscription(mine)
    assert (found.organization_id, found.membership_id, found.project_id) == (
        stage.organization_id,
        ann,
        stage.project_id,
    )
    assert (found.project, found.is_opted_out) == ("Odoo", False)
    await opt_out(stage.organization_id, ann, stage.project_id, now=later())
    assert (await subscription(mine)).is_opted_out


async def test_no_other_link_works() -> None:
    stage, ann = await staged()
    stranger = await set_up()
    mine = token(ann, stage.project_id)
    other_use = encryption().encrypt(ann.bytes + stage.project_id.bytes, "instance source")
    short = encryption().encrypt(b"short", "unsubscribe")
    wrong = [
        "",
        "x",
        "é\0\ud800",
        "=" * 8,
        mine[:-2],
        mine + "AAAA",
        mine[:60] + ("A" if mine[60] != "A" else "B") + mine[61:],
        "A" * 10**6,
        base64.urlsafe_b64encode(other_use).decode(),
        base64.urlsafe_b64encode(short).decode(),
        token(uuid4(), stage.project_id),
        token(ann, uuid4()),
        token(ann, stranger.project_id),
    ]
    for each in wrong:
        with pytest.raises(NotFound):
            await subscription(each)
    keys_in_force.use_keys("quite another key")
    with pytest.raises(NotFound):
        await subscription(mine)
    keys_in_force.use_keys()
    with pytest.raises(ConfigurationError):
        await subscription(mine)


async def test_whoever_leaves_takes_it_along() -> None:
    stage, ann = await staged()
    await opt_out(stage.organization_id, ann, stage.project_id, now=later())
    await fetch("delete from membership where id = $1", ann)
    assert await rows() == []
