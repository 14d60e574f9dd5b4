"""`snaglist instance`: from a log on another machine to its errors, with five commands, and words where that cannot be."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.cli.log_options import Login, LogOptions, source
from app.errors import BadInput
from app.tables.database import fetch
from tests.database import NOW
from tests.recording.stage import Stage, set_up
from tests.scanning.reader import error
from tests.scanning.ssh.stage import Server, key, new_key, sshd

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
RUN = "from app.cli import main; main()"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with sshd() as running:
        yield running


@pytest.fixture
def servers(database: str, valkey: str) -> dict[str, str]:
    """What the command finds in its environment."""
    return {"DATABASE_URL": database, "REDIS_URL": valkey, "SNAGLIST_SECRET_KEY": "a key of tests alone"}


@pytest.fixture
def key_file(server: Server, tmp_path: Path) -> Path:
    path = tmp_path / "id"
    path.write_text(key(server.key).text)
    return path


async def said(
    servers: Mapping[str, str], *arguments: str, entered: str = ""
) -> "subprocess.CompletedProcess[str]":
    return await said_by("instance", servers, *arguments, entered=entered)


async def said_by(
    command: str, servers: Mapping[str, str], *arguments: str, entered: str = ""
) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-W", "error", "-c", RUN, command, *arguments],
        cwd=ROOT,
        env={"SNAGLIST_DATA_DIR": "/nowhere", **kept, **servers},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        input=entered,
    )


async def stored() -> list[dict[str, Any]]:
    return [dict(row) for row in await fetch("select * from instance order by id")]


async def start() -> Stage:
    """One organization with a project and without instances."""
    stage = await set_up()
    await fetch("delete from instance")
    await fetch("update project set retention_days = 3650")
    return stage


async def test_from_a_key_to_the_errors_of_another_machines_log(
    server: Server, servers: dict[str, str], key_file: Path, tmp_path: Path
) -> None:
    stage = await start()
    log = tmp_path / "odoo.log"
    await asyncio.to_thread(log.write_bytes, error(1) + error(2) + error(3))
    fingerprint = server.host_key.get_fingerprint("sha256")
    place = f"{server.user}@127.0.0.1:{server.port}"
    wanted = [
        "--project",
        "odoo",
        "--name",
        "Paris",
        "--file",
        str(log),
        "--ssh",
        place,
        "--key",
        str(key_file),
    ]

    shown = await said(servers, "add", *wanted)
    assert (shown.returncode, shown.stdout, await stored()) == (2, "", [])
    assert f"add: --accept-host-key {fingerprint}" in shown.stderr
    wrong = await said(servers, "add", *wanted, "--accept-host-key", "SHA256:wrong")
    assert (wrong.returncode, await stored()) == (2, [])
    assert "which is not the one in --accept-host-key" in wrong.stderr
    assert server.connection_count() == 0

    made = await said(servers, "add", *wanted, "--accept-host-key", fingerprint)
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("Made odoo/paris.\n")
    assert "The log is there: " in made.stdout

    tried = await said(servers, "test", "paris")
    assert (tried.returncode, tried.stdout) == (0, made.stdout.partition("\n")[2])
    scanned = await said(servers, "scan", "odoo/paris")
    assert (scanned.returncode, scanned.stderr) == (0, "")
    assert scanned.stdout.endswith(" bytes read, 2 detections, 1 new errors.\n")
    assert (await stage.group("total_count"))["total_count"] == 2

    await asyncio.to_thread(log.unlink)
    failed = await said(servers, "scan", "paris")
    assert failed.returncode == 1
    listed = (await said(servers, "list")).stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["INSTANCE", "odoo/paris"]
    assert f"file {log} on {server.user}@127.0.0.1" in listed[1]
    assert "FAILED" in listed[1]
    assert failed.stderr.removeprefix("snaglist: ").strip() in listed[1]

    kept = await said(servers, "remove", "paris", entered="n\n")
    assert (kept.returncode, "Removed" in kept.stdout) == (1, False)
    assert [row["deleted_at"] for row in await stored()] == [None]
    removed = await said(servers, "remove", "paris", "--yes")
    assert (removed.returncode, removed.stdout) == (0, "Removed paris.\n")
    assert [row["deleted_at"] is None for row in await stored()] == [False]
    assert "BEGIN OPENSSH" not in str(await stored())


async def test_a_log_that_is_not_there_yet_is_told(servers: dict[str, str]) -> None:
    await start()
    made = await said(servers, "add", "--project", "odoo", "--name", "Later", "--file", "/nowhere/odoo.log")
    assert (made.returncode, made.stdout) == (0, "Made odoo/later.\n")
    assert made.stderr == "snaglist: there is no file /nowhere/odoo.log\n"
    tried = await said(servers, "test", "later")
    assert (tried.returncode, tried.stdout, tried.stderr) == (1, "", made.stderr)


async def test_an_encrypted_key_is_opened_with_what_is_entered(
    server: Server, servers: dict[str, str], tmp_path: Path
) -> None:
    await start()
    path = tmp_path / "encrypted"
    await asyncio.to_thread(path.write_text, key(server.key, "open sesame").text)
    place = f"{server.user}@127.0.0.1:{server.port}"
    wanted = [
        "--project",
        "odoo",
        "--name",
        "Paris",
        "--file",
        "/etc/hostname",
        "--ssh",
        place,
        "--key",
        str(path),
    ]
    wanted += ["--accept-host-key", server.host_key.get_fingerprint("sha256")]
    wrong = await said(servers, "add", *wanted, entered="no\n")
    assert (wrong.returncode, await stored()) == (2, [])
    assert "the passphrase of the private key is wrong" in wrong.stderr
    made = await said(servers, "add", *wanted, entered="open sesame\n")
    assert made.returncode == 0, made.stderr
    assert "sesame" not in made.stdout + made.stderr


@pytest.mark.parametrize(
    ("wanted", "words", "status"),
    [
        (["--project", "nowhere", "--file", "/a.log"], "there is no project nowhere", 1),
        (["--project", "odoo", "--docker", "x; rm -rf /"], "is no name of a container", 2),
        (["--project", "odoo", "--file", "/a.log", "--organization", "none"], "no such organization", 1),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(
    servers: dict[str, str], wanted: list[str], words: str, status: int
) -> None:
    await start()
    done = await said(servers, "add", "--name", "Paris", *wanted)
    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert await stored() == []


FILE = LogOptions(file="/a.log")


def login(place: str, path: str = "/nowhere") -> Login:
    return Login(place, Path(path), None, "--accept-host-key")


@pytest.mark.parametrize(
    ("options", "there", "way", "words"),
    [
        (LogOptions(), None, None, "say where the log is, with one of --file"),
        (LogOptions(file="/a.log", docker="odoo"), None, None, "with one of --file"),
        (LogOptions(file="a.log"), None, None, "is no path of a file"),
        (LogOptions(journal="-x"), None, None, "is no name of a systemd unit"),
        (LogOptions(kubernetes="deploy/odoo", namespace="A"), None, None, "is no name of a namespace"),
        (FILE, login("machine"), None, "USER@HOST"),
        (FILE, login("a@b:c"), None, "USER@HOST"),
        (FILE, login("a@b"), None, "the private key /nowhere cannot be read: No such file"),
        (FILE, login("a@b", "/bin/sh"), None, "/bin/sh is no private key"),
        (FILE, login("a@b", "/etc/hostname"), None, "is none that OpenSSH can read"),
        (FILE, None, login("a@b"), "--jump says how"),
    ],
)
async def test_options_that_name_no_source(
    options: LogOptions, there: Login | None, way: Login | None, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        await source(options, there, way)


async def test_names_that_mean_nothing_or_too_much(servers: dict[str, str]) -> None:
    stage = await set_up()
    unknown = await said(servers, "scan", "nowhere")
    assert (unknown.returncode, "there is no instance nowhere" in unknown.stderr) == (1, True)
    await fetch(
        "insert into project (id, organization_id, name, slug, created_at) values (gen_random_uuid(), $1, 'B', 'b', $2)",
        stage.organization_id,
        NOW,
    )
    await fetch(
        "update instance set project_id = (select id from project where slug = 'b') where slug = 'warehouse'"
    )
    await fetch("update instance set slug = 'shop'")
    before = await stored()
    double = await said(servers, "remove", "--yes", "shop")
    assert (double.returncode, await stored()) == (2, before)
    assert "several instances have this slug: b/shop, odoo/shop" in double.stderr
    await set_up()
    several = await said(servers, "remove", "--yes", "b/shop")
    assert (several.returncode, await stored() == before) == (2, False)
    assert "there are several organizations, say which: acme-" in several.stderr
    assert await fetch("select from instance where deleted_at is not null") == []


async def test_without_a_key_of_its_own_snaglist_keeps_no_secrets(
    server: Server, servers: dict[str, str], key_file: Path
) -> None:
    await start()
    place = f"{server.user}@127.0.0.1:{server.port}"
    wanted = [
        "--project",
        "odoo",
        "--name",
        "Paris",
        "--file",
        "/a.log",
        "--ssh",
        place,
        "--key",
        str(key_file),
    ]
    wanted += ["--accept-host-key", server.host_key.get_fingerprint("sha256")]
    done = await said({**servers, "SNAGLIST_SECRET_KEY": ""}, "add", *wanted)
    assert (done.returncode, await stored()) == (2, [])
    assert "SNAGLIST_SECRET_KEY must be set" in done.stderr


async def test_another_key_does_not_get_in_and_that_is_told(
    server: Server, servers: dict[str, str], tmp_path: Path
) -> None:
    await start()
    path = tmp_path / "other"
    await asyncio.to_thread(path.write_text, key(new_key()).text)
    place = f"{server.user}@127.0.0.1:{server.port}"
    wanted = ["--project", "odoo", "--name", "Paris", "--file", "/a.log", "--ssh", place, "--key", str(path)]
    wanted += ["--accept-host-key", server.host_key.get_fingerprint("sha256")]
    made = await said(servers, "add", *wanted)
    assert made.returncode == 0
    assert "does not accept the key for the user" in made.stderr
