"""A connection that has lost something gets it back: the App's installation, the keys of what is secret, the webhook's secret."""

from collections.abc import Iterator

import pytest

from app import links
from app.accounts import keys_in_force
from app.github.api.client import AppCredentials
from app.github.connecting.connect import connect
from app.github.connecting.credentials import connection_of, sealed, unsealed_webhook_secret
from app.github.connecting.try_connection import try_connection
from app.tables.database import fetch
from tests.database import NOW
from tests.github.stage import issue_of
from tests.github.stand_in.keys import KeyPair
from tests.github.stand_in.shop import Shop
from tests.github.stand_in.stand_in import GithubStandIn
from tests.github.syncing import clock, synced
from tests.github.test_connect import Scene, refusal, row_of
from tests.reading.stage import seen
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

FIRST, SECOND = "the first key of tests", "the second key of tests"
OF_THE_APP = "the secret of the App's webhook"


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    """A key for secrets."""
    keys_in_force.use_keys(FIRST)
    yield
    keys_in_force.use_keys()


@pytest.fixture
async def scene(github_stand_in: GithubStandIn, github_shop: Shop, github_key: KeyPair) -> Scene:
    """A project that is not connected yet."""
    return Scene(await set_up(), github_stand_in, github_shop, github_key)


async def secret_of(scene: Scene) -> str:
    """The secret of the project's webhook, as the keys in force read it."""
    project_id = scene.stage.project_id
    return unsealed_webhook_secret(project_id, (await row_of(project_id))["webhook_secret"])


async def test_an_app_that_was_installed_again_works_once_it_is_tried(scene: Scene) -> None:
    own, project_id = scene.stage.organization_id, scene.stage.project_id
    await connect(own, scene.wanted(credentials=scene.app), now=clock())
    before = await row_of(project_id)
    group_id = await seen(scene.stage.shop, "KeyError")
    scene.github.uninstall(scene.shop.installation_id)
    await synced(before["installation_key"])
    assert (await row_of(project_id))["problem"] is not None
    scene.github.install(scene.shop.app_id, "acme")
    assert (await try_connection(own, project_id, now=clock())).problems == ()
    after = await row_of(project_id)
    assert after["installation_id"] != before["installation_id"]
    assert (after["problem"], after["retry_at"], after["webhook_secret"]) == (
        None,
        None,
        before["webhook_secret"],
    )
    connection = await connection_of(project_id)
    assert connection
    assert isinstance(connection.credentials, AppCredentials)
    assert connection.credentials.installation_id == after["installation_id"]
    await fetch("update github_issue set next_attempt_at = $1", clock())
    await synced(after["installation_key"])
    made = await issue_of(group_id) or {}
    assert (made["sync_status"], made["number"] is not None) == ("synced", True)


async def test_trying_leaves_what_somebody_changed_meanwhile(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_there = "app.github.connecting.try_connection.installation_key"
    await scene.connect(credentials=scene.app)
    scene.github.uninstall(scene.shop.installation_id)
    scene.github.install(scene.shop.app_id, "acme")
    monkeypatch.setattr(from_there, lambda *_: "a key that nothing is to have")
    await fetch("update github_connection set credentials = 'others'")
    before = await row_of(scene.stage.project_id)
    tried = await try_connection(scene.stage.organization_id, scene.stage.project_id, now=NOW)
    assert [problem.field for problem in tried.problems] == ["credentials"]
    assert await row_of(scene.stage.project_id) == before


async def test_a_secret_that_cannot_be_read_any_more_is_told_and_replaced(scene: Scene) -> None:
    first = await scene.connect()
    keys_in_force.use_keys(SECOND)
    own, project_id = scene.stage.organization_id, scene.stage.project_id
    [problem] = (await try_connection(own, project_id, now=NOW)).problems
    assert "connect the project again" in problem.message
    await fetch("update github_connection set credentials = $1", sealed(project_id, scene.token))
    [problem] = (await try_connection(own, project_id, now=NOW)).problems
    assert (problem.field, "webhook's secret" in problem.message) == ("webhookSecret", True)
    second = await scene.connect()
    assert second not in (None, first)
    assert await secret_of(scene) == second
    assert await scene.connect() is None
    assert await secret_of(scene) == second


async def test_connected_again_all_is_encrypted_with_the_newest_key(scene: Scene) -> None:
    secret = await scene.connect()
    keys_in_force.use_keys(SECOND, FIRST)
    assert await scene.connect(credentials=None) is None
    keys_in_force.use_keys(SECOND)
    assert await secret_of(scene) == secret
    connection = await connection_of(scene.stage.project_id)
    assert connection
    assert connection.credentials == scene.token


async def test_projects_of_one_app_have_the_secret_of_its_only_webhook(scene: Scene) -> None:
    assert await scene.connect(credentials=scene.app, webhook_secret=OF_THE_APP) is None
    strangers = Scene(await set_up(), scene.github, scene.shop, scene.key)
    made = await strangers.connect(credentials=strangers.app)
    assert made is not None  # another organization's secret is nobody else's
    second = Scene(await set_up(), scene.github, scene.shop, scene.key)
    await fetch(
        "update project set organization_id = $1, slug = 'second' where id = $2",
        scene.stage.organization_id,
        second.stage.project_id,
    )
    wanted = second.wanted(credentials=second.app)
    assert await connect(scene.stage.organization_id, wanted, now=later(minutes=2)) is None
    assert await secret_of(second) == OF_THE_APP
    wanted = second.wanted(credentials=second.token)
    assert await connect(scene.stage.organization_id, wanted, now=later(minutes=3)) is None
    assert await secret_of(second) == OF_THE_APP  # it keeps what it has


async def test_a_snaglist_that_is_out_there_asks_no_services_of_its_own_machine(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links._PLACE, "base_url", "https://snag.acme.test")
    refused = await refusal(scene.connect())
    assert refused.field == "baseUrl"
    assert scene.github.requests == []
