"""A first look: start it, make an instance of a log file, see its errors, and see them again after all was killed."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from time import time

from tests.running import Running

LOG = Path(__file__).parents[1] / "corpus" / "logs" / "odoo-17.0.log"

CREATE_PROJECT = (
    'mutation { projectCreate(input: {name: "Shop"}) { project { id slug } userErrors { code message } } }'
)
CREATE_INSTANCE = """
mutation ($project: ID!, $path: String!) {
  instanceCreate(input: {
    projectId: $project, name: "Shop", slug: "shop", environment: PRODUCTION, source: {localFile: {path: $path}}
  }) { instance { id slug } userErrors { field code message } }
}
"""
SCAN = """
mutation ($id: ID!) {
  instanceScan(input: {id: $id}) { detections newGroups bytesRead instance { lastScanStatus } userErrors { code message } }
}
"""
ERRORS = (
    "{ errors(first: 100) { totalCount nodes { id kind severity totalCount status sparkline(days: 7) } } }"
)


def make_instance(snaglist: Running, path: Path, slug: str = "shop") -> str:
    """A project with one instance that writes its log to the path; the instance's id."""
    project = snaglist.ask(CREATE_PROJECT)["projectCreate"]["project"]["id"]
    made = snaglist.ask(CREATE_INSTANCE, project=project, path=str(path))["instanceCreate"]
    assert made["userErrors"] == []
    instance_id: str = made["instance"]["id"]
    return instance_id


def test_the_errors_of_a_log_file_are_there(snaglist: Running, tmp_path: Path) -> None:
    """S2.4 counts this log: 30 tracebacks, 6 database, 2 access, 2 warnings, 1 message; 22 different ones."""
    log = tmp_path / "odoo.log"
    yesterday = datetime.fromtimestamp(time() - 86400, UTC)
    log.write_bytes(LOG.read_bytes().replace(b"2026-11-21", f"{yesterday:%Y-%m-%d}".encode()))
    os.utime(log, (time() - 3600,) * 2)  # quiet for an hour: its last record is whole
    instance_id = make_instance(snaglist, log)

    snaglist.ask(SCAN, id=instance_id)

    errors = snaglist.ask(ERRORS)["errors"]
    counted = Counter[str]()
    for group in errors["nodes"]:
        counted[group["kind"]] += group["totalCount"]
    assert counted == {"TRACEBACK": 30, "DATABASE": 6, "ACCESS": 2, "WARNING": 2, "MESSAGE": 1}
    assert errors["totalCount"] == 22
    assert sum(sum(group["sparkline"]) for group in errors["nodes"]) == 41


def test_they_are_still_there_after_everything_was_killed(snaglist: Running) -> None:
    before = snaglist.ask(ERRORS)["errors"]
    assert before["totalCount"] == 22
    for victim in ("worker", "api", "valkey", "postgres"):
        assert snaglist.kill(victim), victim
    assert snaglist.ask_until_answered(ERRORS)["errors"] == before
