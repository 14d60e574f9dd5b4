"""The client and the strict stand-in understand each other: what is sent is taken, what is answered is read."""

from datetime import UTC, datetime, timedelta
from time import time

import pytest

from app.domain.github.labels import REGRESSION
from app.github.api.client import AppCredentials, Credentials, TokenCredentials, github
from app.github.api.failures import BadCredentials, Missing
from tests.github.stand_in.keys import KeyPair
from tests.github.stand_in.shop import Shop
from tests.github.stand_in.stand_in import GithubStandIn

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", ["app", "token"])
async def test_an_issue_from_its_making_to_its_end(
    kind: str, github_stand_in: GithubStandIn, github_shop: Shop, github_key: KeyPair
) -> None:
    who: Credentials = TokenCredentials(github_shop.token)
    if kind == "app":
        who = AppCredentials(github_shop.app_id, github_shop.installation_id, github_key.private)
    since, name = datetime.fromtimestamp(time(), UTC) - timedelta(minutes=5), github_shop.name
    async with github(github_stand_in.url, who) as there:
        login = await there.login()
        assert login == (github_shop.bot if kind == "app" else github_shop.login)
        repository = await there.repository(name)
        assert repository == await there.repository_by_id(github_shop.repository_id)
        made = await there.create_issue(name, "title", "body", [])
        assert [issue.number async for issue in there.issues_since(name, since)] == [made.number]
        for _ in range(2):
            await there.ensure_label(name, REGRESSION)
        await there.add_labels(name, made.number, [REGRESSION.name])
        comment = await there.add_comment(name, made.number, "It came back.")
        assert [one async for one in there.comments_since(name, made.number, since)] == [comment]
        closed = await there.set_state(name, made.number, "closed", "completed")
        assert (closed.state, closed.state_reason) == ("closed", "completed")
        opened = await there.set_state(name, made.number, "open", "reopened")
        assert opened == await there.issue(name, made.number)


async def test_who_cannot_be_known_and_what_cannot_be_found(
    github_stand_in: GithubStandIn, github_shop: Shop, github_key: KeyPair
) -> None:
    app = AppCredentials(github_shop.app_id, None, github_key.private)
    async with github(github_stand_in.url, app) as there:
        found = await there.app_installation(github_shop.name)
        assert (found.id, found.permissions["issues"]) == (github_shop.installation_id, "write")
        with pytest.raises(Missing):
            await there.app_installation("acme/nothing")
    async with github(github_stand_in.url, TokenCredentials("ghp_" + "x" * 36)) as there:
        with pytest.raises(BadCredentials):
            await there.repository(github_shop.name)
