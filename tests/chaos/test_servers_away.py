"""PostgreSQL or Valkey is away for a while and comes back, or its disk is full: Snaglist says so, and goes on by itself."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app import embedded
from app.embedded import Embedded
from tests.chaos.logs import FileLog
from tests.chaos.writing import Writer
from tests.journeys.test_first_look import SCAN, make_instance
from tests.running import Running, running

AWAY = float(os.environ.get("SNAGLIST_CHAOS_SECONDS", "4"))
COUNT = "{ errors(first: 100) { nodes { totalCount } } }"


@pytest.fixture
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Servers of the operator's own, which Snaglist does not start again."""
    folder = tmp_path_factory.mktemp("servers")
    with embedded.start(folder / "data") as started:
        yield started
    shutil.rmtree(folder, ignore_errors=True)


def total(snaglist: Running) -> int:
    nodes = snaglist.ask_until_answered(COUNT)["errors"]["nodes"]
    return sum(node["totalCount"] for node in nodes)


@pytest.mark.timeout(180 + 4 * AWAY)
@pytest.mark.parametrize("which", ["postgres", "valkey"])
def test_a_server_that_comes_back_is_used_again(servers: Embedded, tmp_path: Path, which: str) -> None:
    server = servers.postgres if which == "postgres" else servers.valkey
    assert server
    assert servers.postgres
    assert servers.valkey
    log = tmp_path / "odoo.log"
    log.touch()
    with running(
        tmp_path / "data",
        DATABASE_URL=servers.postgres.url,
        REDIS_URL=servers.valkey.url,
        SNAGLIST_SECRET_KEY="only for these tests",  # noqa: S106
    ) as snaglist:
        instance_id = make_instance(snaglist, log)
        snaglist.ask(SCAN, id=instance_id)
        writer = Writer(FileLog(log), seed=7)
        writer.start()
        time.sleep(0.5)

        server.stop()
        snaglist.wait_for(503)
        assert snaglist.client.get("/healthz").status_code == 200
        answer = snaglist.answer(COUNT)
        if which == "postgres":
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAVAILABLE"]
        else:
            assert snaglist.ask(SCAN, id=instance_id)["instanceScan"]["userErrors"] == []
        time.sleep(AWAY)
        server.restart()

        snaglist.wait_for(200, within=15)
        truth = writer.stop()
        deadline = time.monotonic() + 30
        while (counted := total(snaglist)) != sum(truth.values()) and time.monotonic() < deadline:
            snaglist.ask_until_answered(SCAN, id=instance_id)
        assert counted == sum(truth.values())
        assert snaglist.pids("worker")
        assert snaglist.pids("api")


@pytest.mark.timeout(180)
def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200m,mode=755", "snaglist-test", disk],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no small disk can be mounted: {done.stderr.decode().strip()}")
    try:
        log = tmp_path / "odoo.log"
        log.touch()
        with running(disk / "data") as snaglist:
            instance_id = make_instance(snaglist, log)
            snaglist.ask(SCAN, id=instance_id)
            fill(disk)
            writer = Writer(FileLog(log), seed=8)
            writer.start()
            messages = scan_until_refused(snaglist, instance_id)
            assert "full" in messages, messages
            (disk / "filler").unlink()
            snaglist.wait_for(200)
            truth = writer.stop()
            deadline = time.monotonic() + 30
            while (counted := total(snaglist)) != sum(truth.values()) and time.monotonic() < deadline:
                snaglist.ask_until_answered(SCAN, id=instance_id)
            assert counted == sum(truth.values())
    finally:
        subprocess.run(["umount", "--lazy", disk], capture_output=True, check=False)


def scan_until_refused(snaglist: Running, instance_id: str) -> str:
    """What is said when the scan cannot be stored any more."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = snaglist.answer(SCAN, {"id": instance_id})
        if answer.get("errors"):
            return " ".join(error["message"] for error in answer["errors"])
        if told := answer["data"]["instanceScan"]["userErrors"]:
            return " ".join(error["message"] for error in told)
    raise AssertionError("the disk never was too full")


def fill(disk: Path) -> None:
    for size in (65536, 1):
        with suppress(OSError), (disk / "filler").open("ab", buffering=0) as file:
            while True:
                file.write(bytes(size))
