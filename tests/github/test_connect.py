"""A project is given a repository only where issues can be made there, and what has its issues keeps them."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.accounts import keys_in_force
from app.accounts.actors import Actor
from app.errors import BadInput, NotFound
from app.github.api.client import AppCredentials, Credentials, TokenCredentials
from app.github.asking.ask_for_issue import ask_for_issue
from app.github.connecting import check
from app.github.connecting.base_urls import api_address, website
from app.github.connecting.connect import connect
from app.github.connecting.credentials import connection_of, unsealed_webhook_secret
from app.github.connecting.disconnect import disconnect
from app.github.connecting.try_connection import try_connection
from app.github.connecting.wanted_connection import WantedConnection
from app.projects.delete_project import delete_project
from app.tables.database import fetch, fetch_one
from tests.database import NOW
from tests.github.stage import actions, issue, issue_of
from tests.github.stand_in.keys import KeyPair, key_pair
from tests.github.stand_in.shop import Shop
from tests.github.stand_in.stand_in import GithubStandIn
from tests.github.syncing import clock, synced
from tests.reading.stage import change, merge, seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ADA = Actor("person", uuid4())


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    """A key for secrets."""
    keys_in_force.use_keys("a key of tests alone")
    yield
    keys_in_force.use_keys()


@dataclass(frozen=True)
class Scene:
    """A project, and a GitHub that it can be connected to."""

    stage: Stage
    github: GithubStandIn
    shop: Shop
    key: KeyPair

    @property
    def token(self) -> Credentials:
        """Of somebody who may write there."""
        return TokenCredentials(self.shop.token)

    @property
    def app(self) -> Credentials:
        """The App that is installed there."""
        return AppCredentials(self.shop.app_id, None, self.key.private)

    def wanted(self, **different: Any) -> WantedConnection:
        """The usual wish."""
        usual: dict[str, Any] = {
            "project_id": self.stage.project_id,
            "repository": "acme/shop",
            "base_url": self.github.enterprise_url,
            "credentials": self.token,
        }
        return WantedConnection(**usual | different)

    async def connect(self, **different: Any) -> str | None:
        """Connect the project, now."""
        return await connect(
            self.stage.organization_id, self.wanted(**different), now=later(minutes=1), actor=ADA
        )

    async def made(self, error: str, number: int | None = 1, **columns: Any) -> UUID:
        """An error with an issue in the repository, or with one that is still to be made."""
        group_id = await seen(self.stage.shop, error)
        for table in ("github_issue", "github_action"):  # recording may have asked for one
            await fetch(f"delete from {table} where group_id = $1", group_id)  # noqa: S608  named above
        if number is not None:
            url = f"{self.github.repository().full_name}/issues/{number}"
            columns = {"repository_id": self.shop.repository_id, "url": f"{self.site}/{url}"} | columns
        await issue(group_id, number, **columns)
        return group_id

    @property
    def site(self) -> str:
        """Where the repositories' pages are."""
        return self.github.url


@pytest.fixture
async def scene(github_stand_in: GithubStandIn, github_shop: Shop, github_key: KeyPair) -> Scene:
    """A project that is not connected yet."""
    return Scene(await set_up(), github_stand_in, github_shop, github_key)


def elliptic() -> str:
    """A private key of a kind that GitHub does not use."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


async def everything() -> dict[str, list[dict[str, Any]]]:
    """All that connecting could change."""
    tables = {
        "github_installation": "key",
        "github_connection": "project_id",
        "github_issue": "group_id",
        "github_action": "id",
        "audit_entry": "id",
        "project": "id",
    }
    return {
        table: [dict(row) for row in await fetch(f"select * from {table} order by {key}")]  # noqa: S608  named above
        for table, key in tables.items()
    }


async def refusal(asked: Any) -> BadInput:
    """How it is refused; nothing is changed."""
    before = await everything()
    with pytest.raises(BadInput) as refused:
        await asked
    assert await everything() == before
    return refused.value


async def row_of(project_id: UUID) -> dict[str, Any]:
    row = await fetch_one("select * from github_connection where project_id = $1", project_id)
    assert row
    return dict(row)


async def test_a_token_connects_and_is_nowhere_to_be_read(scene: Scene) -> None:
    secret = await scene.connect(repository=" ACME/shop ", comments_back=True)
    assert secret is not None
    assert len(secret) > 40
    project_id = scene.stage.project_id
    row = await row_of(project_id)
    assert row["base_url"] == scene.github.enterprise_url
    assert (row["repository"], row["repository_id"]) == ("acme/shop", scene.shop.repository_id)
    assert (row["kind"], row["login"], row["app_id"], row["comments_back"]) == (
        "token",
        "snag-bot",
        None,
        True,
    )
    assert unsealed_webhook_secret(project_id, row["webhook_secret"]) == secret
    connection = await connection_of(project_id)
    assert connection
    assert connection.credentials == scene.token
    with pytest.raises(ValueError, match="belong elsewhere"):
        unsealed_webhook_secret(uuid4(), row["webhook_secret"])
    stored = str(await everything())
    for hidden in (scene.shop.token, secret):
        assert hidden not in stored
        assert hidden not in repr(connection)
        assert hidden not in repr(scene.wanted(webhook_secret=secret))
    [note] = await fetch("select kind, actor_id, subject_name, detail from audit_entry")
    assert (note["kind"], note["actor_id"], note["subject_name"]) == ("GITHUB_CONNECTED", ADA.id, "Odoo")
    assert json.loads(note["detail"]) == {
        "baseUrl": [None, scene.github.enterprise_url],
        "repository": [None, "acme/shop"],
        "credentialsKind": [None, "token"],
        "login": [None, "snag-bot"],
        "commentsBack": [None, True],
        "credentials": [None, "changed"],
        "webhookSecret": [None, "changed"],
    }
    assert not scene.github.writes


async def test_an_app_is_found_by_the_repository_and_two_projects_share_its_turn(scene: Scene) -> None:
    assert await scene.connect(credentials=scene.app, webhook_secret="of the App's own hook") is None  # noqa: S106
    row = await row_of(scene.stage.project_id)
    assert (row["kind"], row["app_id"], row["installation_id"], row["login"]) == (
        "app",
        scene.shop.app_id,
        scene.shop.installation_id,
        scene.shop.bot,
    )
    other = Scene(await set_up(), scene.github, scene.shop, scene.key)
    await other.connect(credentials=scene.app)
    assert (await row_of(other.stage.project_id))["installation_key"] == row["installation_key"]
    await other.connect(credentials=scene.token)
    assert (await row_of(other.stage.project_id))["installation_key"] != row["installation_key"]
    assert (await row_of(other.stage.project_id))["installation_id"] is None


def archived(scene: Scene) -> None:
    scene.github.repository().archived = True


def without_issues(scene: Scene) -> None:
    scene.github.repository().has_issues = False


def reading_only(scene: Scene) -> None:
    scene.github.repository().roles["snag-bot"] = "read"


def gone(scene: Scene) -> None:
    scene.github.delete_repository()


def revoked(scene: Scene) -> None:
    scene.github.revoke_token(scene.shop.token)


def uninstalled(scene: Scene) -> None:
    scene.github.uninstall(scene.shop.installation_id)


def suspended(scene: Scene) -> None:
    scene.github.suspend(scene.shop.installation_id)


def lacking(scene: Scene) -> None:
    scene.github.set_permissions(scene.shop.installation_id, {"issues": "read", "metadata": "read"})


def limited(scene: Scene) -> None:
    scene.github.faults.next("primary_403")


def broken(scene: Scene) -> None:
    scene.github.faults.next("bad_gateway_502", times=9)


@pytest.mark.parametrize(
    ("happens", "as_app", "field", "told"),
    [
        (archived, False, "repository", "acme/shop is archived"),
        (without_issues, True, "repository", "issues are turned off in acme/shop: turn them on"),
        (reading_only, False, "credentials.token", "snag-bot may not set labels in acme/shop"),
        (gone, False, "repository", "acme/shop was not found"),
        (revoked, False, "credentials.token", "GitHub does not accept this token"),
        (uninstalled, True, "repository", "the App is not installed in acme/shop"),
        (suspended, True, "repository", "the App's installation is suspended"),
        (lacking, True, "repository", "the App lacks the permission issues (write)"),
        (limited, False, "repository", "GitHub wants no more requests for now"),
        (broken, True, "baseUrl", "asking GitHub at this address failed"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
async def test_what_is_missing_is_told_and_nothing_is_stored(
    scene: Scene, happens: Callable[[Scene], None], as_app: bool, field: str, told: str
) -> None:
    happens(scene)
    refused = await refusal(scene.connect(credentials=scene.app if as_app else scene.token))
    assert told in refused.message
    assert refused.field == field


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"repository": "acme"}, "repository"),
        ({"repository": "acme/../x"}, "repository"),
        ({"repository": "acme/\ud800"}, "repository"),
        ({"credentials": TokenCredentials("hush\nhush")}, "credentials.token"),
        ({"credentials": TokenCredentials("")}, "credentials.token"),
        ({"credentials": TokenCredentials("ghp_hush")}, "credentials.token"),
        ({"credentials": AppCredentials(0, None, "hush")}, "credentials.app.id"),
        ({"credentials": AppCredentials(1, None, "hush")}, "credentials.app.privateKey"),
        ({"credentials": AppCredentials(1, None, key_pair().private[:200] + key_pair().private[-40:])},
         "credentials.app.privateKey"),
        ({"credentials": AppCredentials(2**31 - 1, None, key_pair(7).private)}, "credentials.app.privateKey"),
        ({"credentials": AppCredentials(1, None, elliptic())}, "credentials.app.privateKey"),
        ({"credentials": None}, "credentials"),
        ({"webhook_secret": "hush"}, "webhookSecret"),
        ({"webhook_secret": "hush" * 51}, "webhookSecret"),
        ({"webhook_secret": "hush" * 5 + "\0"}, "webhookSecret"),
        ({"base_url": "https://hush@github.example.com"}, "baseUrl"),
        ({"base_url": "http://127.0.0.1:1"}, "baseUrl"),
    ],
    ids=repr,
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_without_repeating_it(
    scene: Scene, different: dict[str, Any], field: str
) -> None:
    refused = await refusal(scene.connect(**different))
    assert refused.field == field
    assert "hush" not in refused.message


@pytest.mark.parametrize(
    ("typed", "address", "page"),
    [
        ("https://api.github.com", "https://api.github.com", "https://github.com"),
        (" https://GitHub.com/ ", "https://api.github.com", "https://github.com"),
        ("https://github.example.com", "https://github.example.com/api/v3", "https://github.example.com"),
        ("https://ghe.acme.test:8443/api/v3/", "https://ghe.acme.test:8443/api/v3", "https://ghe.acme.test:8443"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("http://127.0.0.1:7", "http://127.0.0.1:7/api/v3", "http://127.0.0.1:7"),
        ("http://[::1]:7", "http://[::1]:7/api/v3", "http://[::1]:7"),
        *((wrong, None, None) for wrong in (
            "http://github.example.com", "ftp://github.example.com", "https://a:b@github.example.com", "https://",
            "https://github.example.com/?q", "https://github.example.com/#f", "https://github.example.com/elsewhere",
            "https://github.example.com:x", "github.example.com", "", "\0", "\ud800", "https://\u0456.example", "https://[",
        )),
    ],
    ids=repr,
)  # fmt: skip
async def test_where_a_github_is(typed: str, address: str | None, page: str | None) -> None:
    if address is None:
        with pytest.raises(BadInput):
            api_address(typed)
    else:
        assert api_address(typed) == api_address(address) == address
        assert website(address) == page


async def test_a_github_that_hangs_is_given_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "LONGEST", 0.3)
    scene.github.faults.next("hang")
    refused = await refusal(scene.connect())
    assert (refused.field, "did not answer" in refused.message) == ("baseUrl", True)


async def test_what_is_left_out_stays_but_credentials_go_to_no_other_server(scene: Scene) -> None:
    secret = await scene.connect(comments_back=True)
    project_id = scene.stage.project_id
    before = await row_of(project_id)
    assert await scene.connect(base_url=None, credentials=None) is None
    row = await row_of(project_id)
    assert (row["comments_back"], row["base_url"]) == (True, before["base_url"])
    assert unsealed_webhook_secret(project_id, row["webhook_secret"]) == secret
    connection = await connection_of(project_id)
    assert connection
    assert connection.credentials == scene.token
    requests = len(scene.github.requests)
    elsewhere = scene.github.enterprise_url.replace("127.0.0.1", "localhost")
    refused = await refusal(scene.connect(base_url=elsewhere, credentials=None))
    assert (refused.field, len(scene.github.requests)) == ("credentials", requests)
    keys_in_force.use_keys("another key of tests")
    refused = await refusal(scene.connect(credentials=None))
    assert (refused.field, "again" in refused.message) == ("credentials", True)
    keys_in_force.use_keys()
    assert (await refusal(scene.connect())).field == "credentials"


async def test_connected_again_what_had_failed_is_due_and_the_rest_stays(scene: Scene) -> None:
    await scene.connect()
    failed = await scene.made("KeyError", sync_status="failed", sync_error="no", attempts=9)
    done = await scene.made("TypeError", 2)
    await fetch("update github_connection set problem = 'no', attempts = 3, retry_at = $1", later(hours=1))
    before = await issue_of(done)
    await scene.connect(credentials=scene.app)
    row = await row_of(scene.stage.project_id)
    assert (row["problem"], row["attempts"], row["retry_at"], row["created_at"]) == (
        None, 0, None, later(minutes=1)
    )  # fmt: skip
    found = await issue_of(failed)
    assert found
    assert (found["sync_status"], found["sync_error"], found["attempts"], found["next_attempt_at"]) == (
        "waiting", None, 0, later(minutes=1)
    )  # fmt: skip
    assert await issue_of(done) == before


async def test_another_repository_gets_what_was_not_made_and_the_old_one_keeps_the_rest(scene: Scene) -> None:
    await scene.connect()
    made = await scene.made("KeyError", sync_status="waiting", next_attempt_at=NOW)
    waiting = await scene.made("TypeError", None, attempted_at=NOW, sync_status="failed", attempts=8)
    comment = (
        "insert into github_action (group_id, kind, detail, marker, created_at) values ($1, $2, $3, $4, $5)"
    )
    for group_id in (made, waiting):
        await fetch(comment, group_id, "comment", '{"about": "silenced"}', uuid4(), NOW)
    old = await fetch("select id, marker from github_action where group_id = $1 order by id", waiting)
    before = await issue_of(waiting)
    scene.github.add_repository("acme/depot", roles={"snag-bot": "write"})
    await scene.connect(repository="acme/depot")

    let_go, carried = await issue_of(made), await issue_of(waiting)
    assert let_go and before and carried  # noqa: PT018
    assert (let_go["sync_status"], let_go["number"], let_go["next_attempt_at"]) == ("detached", 1, None)
    assert await actions(made) == []
    assert (carried["sync_status"], carried["attempts"], carried["attempted_at"]) == ("waiting", 0, None)
    assert carried["next_attempt_at"] == later(minutes=1)
    assert await actions(waiting) == [("create", {}), ("comment", {"about": "silenced"})]
    new = await fetch(
        "select id, marker, attempted_at from github_action where group_id = $1 order by id", waiting
    )
    assert new[0]["marker"] == carried["marker"] != before["marker"]
    assert not {row["marker"] for row in old} & {row["marker"] for row in new}
    assert new[0]["id"] > old[-1]["id"]

    await fetch("update github_issue set sync_error = 'deleted' where group_id = $1", made)
    gone = await scene.made(
        "ValueError", 7, sync_status="detached", sync_error="the issue was deleted on GitHub"
    )
    await fetch("update github_issue set sync_error = $2 where group_id = $1", made, let_go["sync_error"])
    await scene.connect()
    back, still_gone = await issue_of(made), await issue_of(gone)
    assert back and still_gone  # noqa: PT018
    assert (back["sync_status"], back["sync_error"]) == ("synced", None)
    assert still_gone["sync_status"] == "detached"


async def test_disconnected_nothing_more_is_done_and_connected_again_issues_follow_their_errors(
    scene: Scene,
) -> None:
    await scene.connect()
    resolved, same, merged = await scene.made("A"), await scene.made("B", 2), await scene.made("C", 3)
    returned = await scene.made("D", 4, state="closed")
    unmade = await scene.made("E", None)
    await disconnect(scene.stage.organization_id, scene.stage.project_id, now=NOW, actor=ADA)
    assert await fetch("select from github_connection") == []
    assert await connection_of(scene.stage.project_id) is None
    assert await issue_of(unmade) is None
    assert await fetch("select from github_action") == []
    rows = await fetch("select number, sync_status from github_issue order by number")
    assert [tuple(row) for row in rows] == [(number, "detached") for number in (1, 2, 3, 4)]
    [_, note] = await fetch("select kind, detail from audit_entry order by id")
    assert note["kind"] == "GITHUB_DISCONNECTED"
    assert json.loads(note["detail"])["repository"] == ["acme/shop", None]
    before = await everything()
    for project_id in (scene.stage.project_id, uuid4()):
        with pytest.raises(NotFound):
            await disconnect(scene.stage.organization_id, project_id, now=NOW)
    assert await everything() == before

    await change(resolved, status="RESOLVED", resolved_at=NOW)
    await change(merged, status="RESOLVED", resolved_at=NOW)
    await merge(same, merged)
    await scene.connect()
    closed: dict[str, Any] = {"state": "closed", "state_reason": "completed"}
    assert await actions(resolved) == [("state", closed)]
    assert await actions(returned) == [("state", {"state": "open", "state_reason": "reopened"})]
    assert await actions(same) == []
    assert await actions(merged) == [("state", {"state": "closed", "state_reason": "duplicate"})]
    rows = await fetch("select number, sync_status, next_attempt_at from github_issue order by number")
    assert [tuple(row) for row in rows] == [
        (1, "waiting", later(minutes=1)),
        (2, "synced", None),
        (3, "waiting", later(minutes=1)),
        (4, "waiting", later(minutes=1)),
    ]


async def test_a_repository_that_was_renamed_is_the_same_and_a_new_one_of_its_name_is_not(
    scene: Scene,
) -> None:
    await scene.connect(credentials=scene.app)
    made = await scene.made("A")
    scene.github.rename_repository("acme/shop", "acme/store")
    await scene.connect(credentials=scene.app)
    assert (await row_of(scene.stage.project_id))["repository"] == "acme/store"
    assert (await issue_of(made) or {})["sync_status"] == "synced"
    scene.github.delete_repository("acme/store")
    new = scene.github.add_repository("acme/store", roles={"snag-bot": "write"})
    await scene.connect(repository="acme/store")
    assert (await row_of(scene.stage.project_id))["repository_id"] == new.id
    assert (await issue_of(made) or {})["sync_status"] == "detached"


async def test_issues_of_another_server_with_the_same_numbers_do_not_come_back(scene: Scene) -> None:
    await scene.connect()
    elsewhere = await scene.made("A", url="https://github.com/acme/shop/issues/1")
    await disconnect(scene.stage.organization_id, scene.stage.project_id, now=NOW)
    await scene.connect()
    found = await issue_of(elsewhere)
    assert found
    assert found["sync_status"] == "detached"


async def test_of_two_who_connect_at_once_one_is_told_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, looked = asyncio.Barrier(2), check.check

    async def together(*given: Any, **named: Any) -> Any:
        await both.wait()
        return await looked(*given, **named)

    monkeypatch.setattr("app.github.connecting.connect.check", together)
    outcomes = await asyncio.gather(
        *(scene.connect(credentials=credentials) for credentials in (scene.token, scene.app)),
        return_exceptions=True,
    )
    [made] = [outcome for outcome in outcomes if isinstance(outcome, str)]
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, BadInput)]
    assert "somebody else" in refused.message
    row = await row_of(scene.stage.project_id)
    assert unsealed_webhook_secret(scene.stage.project_id, row["webhook_secret"]) == made
    assert len(await fetch("select from audit_entry")) == 1


async def test_a_project_that_is_deleted_meanwhile_is_not_connected(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = check.check

    async def deleted_meanwhile(*given: Any, **named: Any) -> Any:
        await delete_project(scene.stage.organization_id, scene.stage.project_id, now=NOW)
        return await looked(*given, **named)

    monkeypatch.setattr("app.github.connecting.connect.check", deleted_meanwhile)
    with pytest.raises(NotFound):
        await scene.connect()
    assert await fetch("select from github_connection") == []
    requests = len(scene.github.requests)
    with pytest.raises(NotFound):
        await scene.connect()
    with pytest.raises(NotFound):
        await connect((await set_up()).organization_id, scene.wanted(), now=NOW)
    assert len(scene.github.requests) == requests


@pytest.mark.parametrize("as_app", [False, True], ids=["token", "app"])
async def test_trying_takes_the_new_name_and_tells_what_is_missing(scene: Scene, as_app: bool) -> None:
    own, project_id = scene.stage.organization_id, scene.stage.project_id
    with pytest.raises(NotFound):
        await try_connection(own, project_id, now=NOW)
    await scene.connect(credentials=scene.app if as_app else scene.token)
    failed = await scene.made("KeyError", sync_status="failed", next_attempt_at=later(hours=6))
    scene.github.rename_repository("acme/shop", "acme/store")
    scene.github.add_repository("acme/shop", roles={"snag-bot": "write"})
    archived = scene.github.repository("acme/store")
    archived.archived = True
    before = await everything()
    tried = await try_connection(own, project_id, now=NOW)
    assert [problem.message for problem in tried.problems] == [
        "acme/store is archived: nobody can write there"
    ]
    assert await everything() == before
    archived.archived = False
    tried = await try_connection(own, project_id, now=later(minutes=2))
    assert (tried.problems, tried.repository) == ((), "acme/store")
    row = await row_of(project_id)
    assert (row["repository"], row["checked_at"]) == ("acme/store", later(minutes=2))
    found = await issue_of(failed)
    assert found
    assert (found["sync_status"], found["next_attempt_at"]) == ("waiting", later(minutes=2))
    assert not scene.github.writes
    stranger = await set_up()
    with pytest.raises(NotFound):
        await try_connection(stranger.organization_id, project_id, now=NOW)
    keys_in_force.use_keys("another key of tests")
    [problem] = (await try_connection(own, project_id, now=NOW)).problems
    assert problem.field == "credentials"


async def test_what_is_asked_for_is_made_through_the_connection(scene: Scene) -> None:
    """From the first wish to the issue, with the worker as it is."""
    wanted = scene.wanted(credentials=scene.app)
    await connect(scene.stage.organization_id, wanted, now=clock())
    await fetch("update project set github_threshold = 1000, github_daily_cap = 0")
    open_one, resolved = await seen(scene.stage.shop, "KeyError"), await seen(scene.stage.shop, "TypeError")
    await change(resolved, status="RESOLVED", resolved_at=NOW)
    await ask_for_issue(scene.stage.organization_id, [open_one, resolved], now=clock())
    await synced((await row_of(scene.stage.project_id))["installation_key"])
    states = {each.title: each.state for each in scene.github.issues()}
    assert sorted(states.values()) == ["closed", "open"]
    for group_id, state in ((open_one, "open"), (resolved, "closed")):
        row = await issue_of(group_id) or {}
        assert (row["sync_status"], row["state"], row["next_attempt_at"]) == ("synced", state, None)
        [made] = scene.github.issues_marked(row["marker"])
        assert (made.number, made.state) == (row["number"], state)
    await disconnect(scene.stage.organization_id, scene.stage.project_id, now=clock())
    await change(open_one, status="SILENCED")
    await connect(scene.stage.organization_id, wanted, now=clock())
    await synced((await row_of(scene.stage.project_id))["installation_key"])
    row = await issue_of(open_one) or {}
    assert (row["sync_status"], row["state"]) == ("synced", "closed")
    assert scene.github.issue(row["number"]).state_reason == "not_planned"
    assert len(scene.github.issues()) == 2


async def test_an_old_name_is_not_taken_for_the_repository(scene: Scene) -> None:
    scene.github.rename_repository("acme/shop", "acme/store")
    for credentials in (scene.token, scene.app):
        refused = await refusal(scene.connect(credentials=credentials))
        assert (refused.field, "called otherwise" in refused.message) == ("repository", True)
