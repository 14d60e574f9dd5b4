"""Instances whose logs are on other machines: made, tried, scanned and changed, with a real sshd at the other end."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.accounts import keys_in_force
from app.graphql import ids
from app.scanning.ssh.connections import SHARED
from app.tables.database import fetch
from tests.graphql.stage import ask, member
from tests.recording.stage import Stage, set_up
from tests.scanning.reader import error
from tests.scanning.ssh.stage import Server, key, new_key, public, sshd
from tests.scanning.stand_ins.hosts import install
from tests.scanning.test_docker import Containers

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database", "secret_key", "connections")]

SOURCE = """
fragment Shown on Instance {
  id slug lastScanStatus lastScanError odooVersion commitSha
  source {
    localFile { path } localDocker { container } localJournal { unit } localKubernetes { namespace target container }
    ssh {
      host port user hostKey hostKeyFingerprint hasPrivateKey hasPassword
      jump { host port user hostKey hasPrivateKey hasPassword }
      log { file { path } docker { container } journal { unit } kubernetes { namespace target container } }
    }
  }
}
"""
CREATE = (
    "mutation M($input: InstanceCreateInput!) { answer: instanceCreate(input: $input)"
    " { instance { ...Shown } userErrors { field message code } } }" + SOURCE
)
UPDATE = (
    "mutation M($input: InstanceUpdateInput!) { answer: instanceUpdate(input: $input)"
    " { instance { ...Shown } userErrors { field message code } } }" + SOURCE
)
SCAN = (
    "mutation M($input: InstanceScanInput!) { answer: instanceScan(input: $input)"
    " { detections instance { ...Shown } userErrors { field message code } } }" + SOURCE
)
TEST = """
mutation M($input: InstanceTestConnectionInput!) {
  answer: instanceTestConnection(input: $input) {
    connected hostKey hostKeyFingerprint hostKeyOf hostKeyField isHostKeyPinned logFound linesRead detections
    odooVersion problem userErrors { field message code }
  }
}
"""
START_UP = b"2026-11-22 09:00:00,000 1 INFO ? odoo: Odoo version 17.0-20240101\n"
TEXT = START_UP + error(1) + error(2)
PASSPHRASE = "open sesame"  # noqa: S105
PASSWORD = "hunter two"  # noqa: S105


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("there")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """A machine with a stand-in of Docker."""
    (folder / "docker-state").mkdir()
    install("docker", folder / "programs", folder / "docker-state")
    with sshd(folder / "programs") as running:
        yield running


@pytest.fixture
def secret_key() -> Iterator[None]:
    keys_in_force.use_keys("a key of tests alone")
    yield
    keys_in_force.use_keys()


@pytest.fixture
def connections() -> Iterator[None]:
    """Those of the process, closed after each test."""
    yield
    SHARED.close()


@pytest.fixture
def log(folder: Path) -> Path:
    path = folder / f"{uuid4()}.log"
    path.write_bytes(TEXT)
    return path


def login(server: Server, **different: Any) -> dict[str, Any]:
    """The machine as somebody enters it who has accepted its key."""
    return {
        "host": "127.0.0.1",
        "port": server.port,
        "user": server.user,
        "privateKey": key(server.key).text,
        "hostKey": public(server.host_key),
        **different,
    }


def over_ssh(server: Server, path: Path, **different: Any) -> dict[str, Any]:
    return {"ssh": {**login(server), "log": {"file": {"path": str(path)}}, **different}}


async def answer(document: str, stage: Stage, **given: Any) -> Any:
    return (await ask(document, member(stage.organization_id), input=given))["answer"]


async def make(stage: Stage, source: Any, **different: Any) -> Any:
    given = {"projectId": ids.encode("Project", stage.project_id), "name": "Paris", "source": source}
    return await answer(CREATE, stage, **given | different)


async def made(stage: Stage, source: Any) -> str:
    answered = await make(stage, source)
    assert answered["userErrors"] == []
    return str(answered["instance"]["id"])


async def stored() -> list[dict[str, Any]]:
    return [dict(row) for row in await fetch("select * from instance order by id")]


async def test_from_the_first_look_at_the_host_key_to_the_errors_of_its_log(
    server: Server, log: Path
) -> None:
    stage = await set_up()
    unpinned = over_ssh(server, log, hostKey=None)
    before = await stored()
    first = await answer(TEST, stage, source=unpinned)
    assert first["hostKeyFingerprint"] == server.host_key.get_fingerprint("sha256")
    assert (first["connected"], first["isHostKeyPinned"], first["logFound"]) == (False, False, False)
    assert (first["hostKeyOf"], first["hostKeyField"]) == (
        f"127.0.0.1:{server.port}",
        ["source", "ssh", "hostKey"],
    )
    assert "is not accepted yet" in first["problem"]
    assert server.connection_count() == 0

    pinned = over_ssh(server, log, hostKey=first["hostKey"])
    second = await answer(TEST, stage, source=pinned)
    assert second == {
        "connected": True,
        "hostKey": first["hostKey"],
        "hostKeyFingerprint": first["hostKeyFingerprint"],
        "hostKeyOf": f"127.0.0.1:{server.port}",
        "hostKeyField": ["source", "ssh", "hostKey"],
        "isHostKeyPinned": True,
        "logFound": True,
        "linesRead": TEXT.count(b"\n"),
        "detections": 1,  # the second may go on
        "odooVersion": "17.0-20240101",
        "problem": None,
        "userErrors": [],
    }
    assert await stored() == before

    answered = await make(stage, pinned)
    assert answered["userErrors"] == []
    shown = answered["instance"]
    assert shown["source"]["ssh"] == {
        "host": "127.0.0.1",
        "port": server.port,
        "user": server.user,
        "hostKey": first["hostKey"],
        "hostKeyFingerprint": first["hostKeyFingerprint"],
        "hasPrivateKey": True,
        "hasPassword": False,
        "jump": None,
        "log": {"file": {"path": str(log)}, "docker": None, "journal": None, "kubernetes": None},
    }
    scanned = await answer(SCAN, stage, id=shown["id"])
    assert (scanned["userErrors"], scanned["detections"]) == ([], 1)
    assert scanned["instance"]["odooVersion"] == "17.0-20240101"
    assert [group["total_count"] for group in await stage.groups()] == [1]


async def test_an_instance_that_was_made_without_an_accepted_key_is_not_scanned_until_it_has_one(
    server: Server, log: Path
) -> None:
    stage = await set_up()
    count = server.connection_count()
    global_id = await made(stage, over_ssh(server, log, hostKey=None))
    scanned = await answer(SCAN, stage, id=global_id)
    assert "the host key of 127.0.0.1" in scanned["instance"]["lastScanError"]
    assert server.host_key.get_fingerprint("sha256") in scanned["instance"]["lastScanError"]
    assert [told["code"] for told in scanned["userErrors"]] == ["SOURCE_UNREADABLE"]
    assert (server.connection_count(), await stage.groups()) == (count, [])

    tried = await answer(TEST, stage, id=global_id)
    accepted = over_ssh(server, log, hostKey=tried["hostKey"], privateKey=None)
    assert (await answer(UPDATE, stage, id=global_id, source=accepted))["userErrors"] == []
    scanned = await answer(SCAN, stage, id=global_id)
    assert (scanned["userErrors"], scanned["instance"]["lastScanError"]) == ([], None)


@pytest.mark.parametrize(
    ("different", "why"),
    [
        ({"privateKey": key(new_key()).text}, "does not accept the key for the user"),
        ({"hostKey": public(new_key())}, "has changed: accepted was SHA256:"),
        ({"log": {"file": {"path": "/nowhere/odoo.log"}}}, "/nowhere/odoo.log"),
        ({"log": {"docker": {"container": "nowhere"}}}, "nowhere"),
        ({"log": {"journal": {"unit": "odoo.service"}}}, "journal"),
    ],
)
async def test_what_is_wrong_is_told_in_words_by_the_test_and_on_the_instance(
    server: Server, log: Path, different: dict[str, Any], why: str
) -> None:
    stage = await set_up()
    source = over_ssh(server, log, **different)
    tried = await answer(TEST, stage, source=source)
    assert why in tried["problem"]
    assert (tried["logFound"], tried["linesRead"]) == (False, 0)
    assert tried["connected"] is ("log" in different)
    assert tried["isHostKeyPinned"] is ("hostKey" not in different)
    if "hostKey" in different:
        assert tried["hostKey"] == public(server.host_key)

    scanned = await answer(SCAN, stage, id=await made(stage, source))
    assert why in scanned["instance"]["lastScanError"]
    assert (scanned["instance"]["lastScanStatus"], scanned["detections"]) == ("FAILED", 0)
    assert await stage.groups() == []


async def test_a_container_is_read_on_another_machine(server: Server, folder: Path) -> None:
    containers = Containers(folder / "docker-state")
    containers.write(START_UP + error(1) + error(2) + error(3))
    stage = await set_up()
    source = over_ssh(server, folder, log={"docker": {"container": "odoo"}})
    tried = await answer(TEST, stage, source=source)
    assert (tried["problem"], tried["connected"], tried["logFound"]) == (None, True, True)
    assert tried["odooVersion"] == "17.0-20240101"
    global_id = await made(stage, source)
    scanned = await answer(SCAN, stage, id=global_id)
    assert (scanned["userErrors"], scanned["detections"] >= 2) == ([], True)
    assert scanned["instance"]["source"]["ssh"]["log"]["docker"] == {"container": "odoo"}


async def test_a_container_of_this_machine_needs_no_ssh(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install("docker", tmp_path / "programs", tmp_path)
    Containers(tmp_path).write(error(1) + error(2))
    monkeypatch.setenv("PATH", str(tmp_path / "programs"), prepend=":")
    stage = await set_up()
    source = {"localDocker": {"container": "odoo"}}
    tried = await answer(TEST, stage, source=source)
    assert (tried["problem"], tried["connected"], tried["hostKey"]) == (None, True, None)
    scanned = await answer(SCAN, stage, id=await made(stage, source))
    assert (scanned["userErrors"], scanned["detections"] >= 1) == ([], True)
    assert scanned["instance"]["source"]["localDocker"] == {"container": "odoo"}


PODS = {"namespace": "prod", "target": "deploy/odoo", "container": None}


@pytest.mark.parametrize(
    "source",
    [
        {"localFile": {"path": "/odoo.log"}},
        {"localDocker": {"container": "odoo"}},
        {"localJournal": {"unit": "odoo@prod.service"}},
        {"localKubernetes": PODS | {"target": "app in (odoo, cron)", "container": "odoo"}},
        {"ssh": {"log": {"journal": {"unit": "odoo.service"}}}},
        {"ssh": {"log": {"kubernetes": PODS}}},
    ],
)
async def test_each_kind_of_log_is_shown_as_it_was_entered(source: dict[str, Any]) -> None:
    stage = await set_up()
    machine = {"host": "Odoo.example.com", "user": "odoo", "password": PASSWORD}
    entered = {"ssh": machine | source["ssh"]} if "ssh" in source else source
    shown = (await make(stage, entered))["instance"]["source"]
    [(kind, where)] = [(kind, where) for kind, where in shown.items() if where is not None]
    if kind == "ssh":
        assert (where["host"], where["port"], where["hasPassword"]) == ("odoo.example.com", 22, True)
        where = {"log": {name: log for name, log in where["log"].items() if log is not None}}
    assert {kind: where} == source


REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"localDocker": {"container": "x; rm -rf /"}}, ["source", "localDocker", "container"]),
    ({"localDocker": {"container": "--help"}}, ["source", "localDocker", "container"]),
    ({"localJournal": {"unit": "*"}}, ["source", "localJournal", "unit"]),
    (
        {"localKubernetes": {"namespace": "A", "target": "odoo"}},
        ["source", "localKubernetes", "namespace"],
    ),
    (
        {"localKubernetes": {"namespace": "a", "target": "$(id)"}},
        ["source", "localKubernetes", "target"],
    ),
    ({"localFile": {"path": "odoo.log"}}, ["source", "localFile", "path"]),
    ({"host": "-oProxyCommand=x"}, ["source", "ssh", "host"]),
    ({"port": 0}, ["source", "ssh", "port"]),
    ({"user": "root; id"}, ["source", "ssh", "user"]),
    ({"hostKey": "AAAA"}, ["source", "ssh", "hostKey"]),
    ({"privateKey": "a secret that is no key"}, ["source", "ssh", "privateKey"]),
    ({"privateKey": None}, ["source", "ssh", "privateKey"]),
    ({"privateKey": None, "passphrase": "secret"}, ["source", "ssh", "passphrase"]),
    ({"password": "secret"}, ["source", "ssh", "password"]),
    ({"privateKey": key(new_key(), "secret").text}, ["source", "ssh", "passphrase"]),
    ({"log": {"file": {"path": "odoo.log"}}}, ["source", "ssh", "log", "file", "path"]),
    ({"log": {"docker": {"container": ""}}}, ["source", "ssh", "log", "docker", "container"]),
    ({"jump": {"host": "..", "user": "a", "password": "b"}}, ["source", "ssh", "jump", "host"]),
    ({"jump": {"host": "jump", "user": "a"}}, ["source", "ssh", "jump", "privateKey"]),
    (
        {"jump": {"host": "jump", "user": "a", "password": "b", "jump": {"host": "", "user": "b"}}},
        ["source", "ssh", "jump", "jump", "host"],
    ),
]


@pytest.mark.parametrize(("different", "field"), REFUSED)
async def test_a_source_that_makes_no_sense_is_refused_everywhere(
    different: dict[str, Any], field: list[str]
) -> None:
    stage = await set_up()
    machine = {
        "host": "odoo.example.com",
        "user": "odoo",
        "privateKey": key(new_key()).text,
        "log": {"file": {"path": "/a.log"}},
    }
    source = (
        different if any(name.startswith("local") for name in different) else {"ssh": machine | different}
    )
    before = await stored()
    global_id = ids.encode("Instance", stage.shop.id)
    for document, given in (
        (CREATE, {"projectId": ids.encode("Project", stage.project_id), "name": "Paris"}),
        (UPDATE, {"id": global_id}),
        (TEST, {}),
        (TEST, {"id": global_id}),
    ):
        answered = await answer(document, stage, **given, source=source)
        [told] = answered["userErrors"]
        assert (told["field"], told["code"]) == (field, "BAD_INPUT"), told
        assert "secret" not in told["message"]
    assert await stored() == before


async def test_secrets_are_nowhere(server: Server, log: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stage = await set_up()
    encrypted = key(server.key, PASSPHRASE)
    lines = encrypted.text.splitlines()
    jump = {"host": "localhost", "port": 1, "user": "somebody", "password": PASSWORD}
    source = over_ssh(server, log, privateKey=encrypted.text, passphrase=PASSPHRASE, jump=jump)
    answers = [await make(stage, source), await answer(TEST, stage, source=source)]
    global_id = answers[0]["instance"]["id"]
    answers += [await answer(SCAN, stage, id=global_id), await answer(TEST, stage, id=global_id)]
    direct = over_ssh(server, log, privateKey=encrypted.text, passphrase=PASSPHRASE)
    answers += [
        await answer(UPDATE, stage, id=global_id, source=direct),
        await answer(SCAN, stage, id=global_id),
    ]
    assert answers[-1]["userErrors"] == []
    written = [
        str(row)
        for table in ("instance", "scan_state")
        for row in await fetch(f"select t::text from {table} as t")  # noqa: S608  named here
    ]
    for secret in (PASSPHRASE, PASSWORD, lines[1], lines[-2]):
        assert secret not in str(answers)
        assert secret not in str(written)
        assert secret.encode().hex() not in str(written)
        assert secret not in caplog.text


async def test_the_secrets_of_one_instance_are_of_no_use_for_another(server: Server, log: Path) -> None:
    stage = await set_up()
    await made(stage, over_ssh(server, log))
    await fetch(
        "update instance set (source_kind, source, source_secrets) = (select source_kind, source, source_secrets"
        " from instance where slug = 'paris') where id = $1",
        stage.shop.id,
    )
    scanned = await answer(SCAN, stage, id=ids.encode("Instance", stage.shop.id))
    assert "are damaged: enter them again" in scanned["instance"]["lastScanError"]
    assert await stage.groups() == []


async def test_a_lost_key_is_told_and_the_secrets_can_be_entered_again(server: Server, log: Path) -> None:
    stage = await set_up()
    global_id = await made(stage, over_ssh(server, log))
    keys_in_force.use_keys("another key of tests")
    scanned = await answer(SCAN, stage, id=global_id)
    assert "a key that is not in SNAGLIST_SECRET_KEY" in scanned["instance"]["lastScanError"]
    kept = over_ssh(server, log, privateKey=None)
    [told] = (await answer(UPDATE, stage, id=global_id, source=kept))["userErrors"]
    assert told["field"] == ["source", "ssh", "privateKey"]
    assert (await answer(UPDATE, stage, id=global_id, source=over_ssh(server, log)))["userErrors"] == []
    assert (await answer(SCAN, stage, id=global_id))["userErrors"] == []


async def test_without_any_key_no_secrets_are_taken(server: Server, log: Path) -> None:
    stage = await set_up()
    before = await stored()
    keys_in_force.use_keys()
    for document, given in (
        (CREATE, {"projectId": ids.encode("Project", stage.project_id), "name": "Paris"}),
        (UPDATE, {"id": ids.encode("Instance", stage.shop.id)}),
    ):
        [told] = (await answer(document, stage, **given, source=over_ssh(server, log)))["userErrors"]
        assert (told["field"], told["code"]) == (["source", "ssh"], "BAD_INPUT")
        assert "SNAGLIST_SECRET_KEY must be set" in told["message"]
    assert await stored() == before


async def test_another_log_of_the_same_machine_needs_no_new_secrets(server: Server, log: Path) -> None:
    stage = await set_up()
    global_id = await made(stage, over_ssh(server, Path("/nowhere/else.log")))
    moved = over_ssh(server, log, privateKey=None, hostKey=None)
    assert (await answer(TEST, stage, id=global_id, source=moved))["logFound"] is True
    answered = await answer(UPDATE, stage, id=global_id, source=moved)
    assert answered["userErrors"] == []
    assert answered["instance"]["source"]["ssh"]["hostKey"] == public(server.host_key)
    assert (await answer(SCAN, stage, id=global_id))["detections"] == 1
    answered = await answer(UPDATE, stage, id=global_id, source={"localFile": {"path": str(log)}})
    assert answered["instance"]["source"]["ssh"] is None
    [row] = await fetch("select source_secrets from instance where slug = 'paris'")
    assert row["source_secrets"] is None


@pytest.mark.parametrize(
    "different",
    [{"host": "localhost"}, {"user": "somebody"}, {"port": 1}, {"hostKey": public(new_key())}],
)
async def test_a_password_does_not_go_to_another_machine(
    server: Server, log: Path, different: dict[str, Any]
) -> None:
    stage = await set_up()
    global_id = await made(stage, over_ssh(server, log, privateKey=None, password=PASSWORD))
    before = await stored()
    elsewhere = over_ssh(server, log, privateKey=None, **different)
    for document in (UPDATE, TEST):
        [told] = (await answer(document, stage, id=global_id, source=elsewhere))["userErrors"]
        assert (told["field"], told["code"]) == (["source", "ssh", "privateKey"], "BAD_INPUT")
    assert await stored() == before


async def test_of_two_machines_on_the_way_each_is_accepted_in_turn(server: Server, log: Path) -> None:
    stage = await set_up()
    jump = login(server, hostKey=None)
    there = over_ssh(server, log, host="localhost", hostKey=None, jump=jump)
    first = await answer(TEST, stage, source=there)
    assert (first["hostKeyField"], first["hostKeyOf"]) == (
        ["source", "ssh", "jump", "hostKey"],
        f"127.0.0.1:{server.port}",
    )
    count = server.connection_count()
    there["ssh"]["jump"] = {**jump, "hostKey": first["hostKey"]}
    second = await answer(TEST, stage, source=there)
    assert (second["hostKeyField"], second["hostKeyOf"]) == (
        ["source", "ssh", "hostKey"],
        f"localhost:{server.port}",
    )
    assert (second["hostKey"], second["connected"]) == (first["hostKey"], False)
    assert server.connection_count() == count + 1, "on the jump host alone"
    there["ssh"]["hostKey"] = second["hostKey"]
    third = await answer(TEST, stage, source=there)
    assert (third["problem"], third["connected"], third["logFound"]) == (None, True, True)
    answered = await make(stage, there)
    assert answered["instance"]["source"]["ssh"]["jump"] == {
        "host": "127.0.0.1",
        "port": server.port,
        "user": server.user,
        "hostKey": first["hostKey"],
        "hasPrivateKey": True,
        "hasPassword": False,
    }
    assert (await answer(SCAN, stage, id=answered["instance"]["id"]))["detections"] == 1


async def test_somebody_elses_instance_is_not_there(server: Server, log: Path) -> None:
    stage, stranger = await set_up(), await set_up()
    global_id = await made(stage, over_ssh(server, log))
    count, before = server.connection_count(), await stored()
    kept = over_ssh(server, log, privateKey=None)
    for given in (
        {"id": global_id},
        {"id": global_id, "source": kept},
        {"id": ids.encode("Instance", uuid4())},
    ):
        answered = await answer(TEST, stranger, **given)
        assert [told["code"] for told in answered["userErrors"]] == ["NOT_FOUND"]
        assert (answered["connected"], answered["hostKey"]) == (False, None)
    answered = await answer(UPDATE, stranger, id=global_id, source=kept)
    assert [told["code"] for told in answered["userErrors"]] == ["NOT_FOUND"]
    assert (server.connection_count(), await stored()) == (count, before)


async def test_nothing_to_try_is_refused() -> None:
    stage = await set_up()
    for given in ({}, {"id": None, "source": None}):
        [told] = (await answer(TEST, stage, **given))["userErrors"]
        assert (told["field"], told["code"]) == (["source"], "BAD_INPUT")


async def test_a_deployment_tells_version_and_commit() -> None:
    stage = await set_up()
    global_id = ids.encode("Instance", stage.shop.id)
    answered = await answer(UPDATE, stage, id=global_id, odooVersion="17.0", commitSha="ABCDEF0123")
    assert (answered["instance"]["odooVersion"], answered["instance"]["commitSha"]) == ("17.0", "abcdef0123")
    answered = await answer(UPDATE, stage, id=global_id, commitSha=None)
    assert (answered["instance"]["odooVersion"], answered["instance"]["commitSha"]) == ("17.0", None)
    for given, field in (({"odooVersion": "17 0"}, "odooVersion"), ({"commitSha": "main"}, "commitSha")):
        before = await stored()
        [told] = (await answer(UPDATE, stage, id=global_id, **given))["userErrors"]
        assert (told["field"], told["code"]) == ([field], "BAD_INPUT")
        assert await stored() == before
