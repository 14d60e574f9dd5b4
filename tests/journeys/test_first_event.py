"""A first event: an SDK gets the DSN of a new app, the README's curl its key, and both errors are seen seconds later."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.running import Running

ROOT = Path(__file__).parents[2]
CREATE_PROJECT = 'mutation { projectCreate(input: {name: "Shop"}) { project { id } } }'
CREATE_APP = """
mutation ($project: ID!) { appCreate(input: {projectId: $project, name: "Web"}) { app { dsn ingestUrl keys { key } } } }
"""
ERRORS = "{ errors(first: 10) { nodes { title source totalCount app { name } } } }"
PATIENCE = 10.0


def test_an_sdk_and_curl_are_seen_seconds_later(snaglist: Running) -> None:
    project = snaglist.ask(CREATE_PROJECT)["projectCreate"]["project"]["id"]
    app = snaglist.ask(CREATE_APP, project=project)["appCreate"]["app"]

    program = ["-m", "tests.ingest.doors.python_shop", app["dsn"], "exception"]
    subprocess.run([sys.executable, *program], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    curl = shutil.which("curl")
    headers = {"Authorization": f"Bearer {app['keys'][0]['key']}", "Content-Type": "application/json"}
    body = (
        (ROOT / "README.md").read_text().partition("/v1/ingest -H ")[2].partition("-d '")[2].partition("'")[0]
    )
    if curl:
        told = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        subprocess.run(
            [curl, "-sSf", app["ingestUrl"], *told, "-d", body], check=True, stdout=subprocess.DEVNULL
        )
    else:
        snaglist.client.post(app["ingestUrl"], headers=headers, content=body).raise_for_status()

    deadline = time.monotonic() + PATIENCE
    while len(found := snaglist.ask(ERRORS)["errors"]["nodes"]) < 2:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    assert sorted(one["title"] for one in found) == [
        "Payment 4711 was refused",
        "RuntimeError: the order cannot be read",
    ]
    assert all(
        (one["source"], one["totalCount"], one["app"]) == ("EVENT", 1, {"name": "Web"}) for one in found
    )
