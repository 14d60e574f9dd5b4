"""An error becomes an issue, and both go on together, whichever side somebody works on: at the real pace, over HTTP."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.github.stand_in.process import RemoteStandIn
from tests.github.stand_in.process import running as running_github
from tests.journeys.test_first_look import SCAN, make_instance
from tests.running import Running

CONNECT = """
mutation ($project: ID!, $url: String!, $token: String!) {
  projectConnectGithub(input: {
    projectId: $project, repository: "acme/shop", baseUrl: $url, credentials: {token: $token}, commentsBack: true
  }) { project { github { login repository } } webhookUrl webhookSecret userErrors { field message } }
}
"""
SEEN = """
{ errors(first: 5) { nodes { id status
  githubIssue { number url state syncStatus syncError }
  comments(first: 9) { nodes { authorKind authorName body } }
  history(first: 20) { nodes { kind actorKind reason } } } }
  errorStats { githubIssuesThisWeek } }
"""


@pytest.fixture
def github() -> Iterator[RemoteStandIn]:
    """A GitHub with the repository `acme/shop`."""
    with running_github() as github:
        yield github


def test_an_error_and_its_issue_go_on_together(
    snaglist: Running, github: RemoteStandIn, tmp_path: Path
) -> None:
    shop = github.furnish()
    log = tmp_path / "odoo.log"
    log.touch()
    instance_id = make_instance(snaglist, log)
    snaglist.ask(SCAN, id=instance_id)
    [project] = snaglist.ask("{ projects(first: 1) { nodes { id } } }")["projects"]["nodes"]
    made = snaglist.ask(CONNECT, project=project["id"], url=github.url, token=shop.token)[
        "projectConnectGithub"
    ]
    assert made["userErrors"] == []
    assert made["project"]["github"] == {"login": "snag-bot", "repository": "acme/shop"}
    assert made["webhookUrl"] == f"{snaglist.url}/webhooks/github"
    github.do("add_hook", secret=made["webhookSecret"], url=made["webhookUrl"], repository="acme/shop")

    def happens() -> None:
        with log.open("a") as lines:
            now = datetime.fromtimestamp(time.time(), UTC)
            lines.write(f"{now:%Y-%m-%d %H:%M:%S},123 42 ERROR shop odoo.sql_db: bad query: SELECT 1\n")
        os.utime(log, (time.time() - 3600,) * 2)  # its last record is whole
        snaglist.ask(SCAN, id=instance_id)

    happens()
    first = wait(snaglist, lambda error: is_in_step(error, "open"))
    number = first["githubIssue"]["number"]
    assert first["githubIssue"]["url"].endswith(f"/acme/shop/issues/{number}")
    assert snaglist.ask(SEEN)["errorStats"]["githubIssuesThisWeek"] == 1

    github.do("person_comments", number=number, body="I look at **this**")
    github.do("person_closes", number=number)
    closed = wait(snaglist, lambda error: error["status"] == "RESOLVED" and error["comments"]["nodes"])
    assert closed["history"]["nodes"][0] == {
        "kind": "RESOLVED",
        "actorKind": "GITHUB",
        "reason": "closed on GitHub by ann",
    }
    assert closed["comments"]["nodes"] == [
        {"authorKind": "GITHUB", "authorName": "ann", "body": "I look at **this**"}
    ]

    time.sleep(1.1)  # in the log's next second
    happens()
    wait(snaglist, lambda error: error["status"] == "REGRESSED" and is_in_step(error, "open"))
    [issue] = github.state()["repositories"]["acme/shop"]["issues"].values()
    assert issue["state"] == "open"
    assert "regression" in issue["labels"]
    assert ["back" in each["body"] for each in issue["comments"]] == [
        False,
        True,
    ]

    resolve = "mutation ($id: ID!) { errorGroupResolve(input: {ids: [$id]}) { userErrors { message } } }"
    assert snaglist.ask(resolve, id=first["id"])["errorGroupResolve"]["userErrors"] == []
    wait(snaglist, lambda error: error["status"] == "RESOLVED" and is_in_step(error, "closed"))
    told = github.state()
    assert told["violations"] == []
    assert told["duplicates"] == {}
    [issue] = told["repositories"]["acme/shop"]["issues"].values()
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")


def is_in_step(error: dict[str, Any], state: str) -> bool:
    """Whether the issue is there, and as it should be."""
    issue = error["githubIssue"]
    return bool(issue) and (issue["state"], issue["syncStatus"]) == (state.upper(), "SYNCED")


def wait(snaglist: Running, is_so: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The only error, as soon as it is so."""
    deadline = time.monotonic() + 45
    while True:
        errors: list[dict[str, Any]] = snaglist.ask(SEEN)["errors"]["nodes"]
        if len(errors) == 1 and is_so(errors[0]):
            return errors[0]
        assert time.monotonic() < deadline, (errors, snaglist.said[-3000:])
        time.sleep(0.2)
