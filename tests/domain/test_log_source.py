"""Where logs are: what is stored and found again, what is kept of a machine, and what goes nowhere else."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.log_source import (
    DockerLog,
    FileLog,
    JournalLog,
    KubernetesLog,
    LogSource,
    Machine,
    fingerprint,
    kind_of,
    restored,
    stored,
)

FILE = FileLog("/odoo.log")
JUMP = Machine("jump", "ann", 2222, "ssh-ed25519 AAAA", password="hunter two")  # noqa: S106
THERE = Machine("odoo", "odoo", 22, "ssh-ed25519 BBBB", "the key", "open sesame", jump=JUMP)
WITH_PASSWORD = replace(THERE, private_key=None, passphrase=None, password="hunter three", jump=None)  # noqa: S106


@pytest.mark.parametrize(
    "source",
    [
        LogSource(FILE),
        LogSource(DockerLog("odoo"), THERE),
        LogSource(JournalLog("odoo.service"), JUMP),
        LogSource(KubernetesLog("prod", "deploy/odoo"), replace(THERE, host_key=None)),
        LogSource(KubernetesLog("prod", "deploy/odoo", "odoo")),
    ],
)
def test_what_is_stored_is_found_again(source: LogSource) -> None:
    place, secrets = stored(source)
    assert restored(kind_of(source.log), place, secrets) == source
    for secret in ("the key", "open sesame", "hunter"):
        assert secret not in str(place)
        assert secret not in repr(source)
    unsaid = restored(kind_of(source.log), place)
    assert (unsaid.unsaid() is None) is (source.machine is None)


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("smoke", {"path": "/a"}),
        ("file", {}),
        ("file", {"path": ""}),
        ("file", {"path": 7}),
        ("docker", {"path": "/a"}),
        ("kubernetes", {"namespace": "a", "target": "b"}),
        ("file", {"path": "/a", "host": "odoo"}),
        ("file", {"path": "/a", "host": {"host": "odoo", "user": "odoo"}}),
        ("file", {"path": "/a", "host": {"host": "odoo", "user": "odoo", "port": 22, "jump": 7}}),
    ],
)
def test_what_is_no_source_is_said_to_be_none(kind: str, place: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"cannot be read|does not say"):
        restored(kind, place)


def test_what_is_not_said_of_the_same_machine_stays() -> None:
    known = LogSource(FILE, THERE)
    jump = Machine("jump", "ann", 2222)
    wanted = LogSource(DockerLog("odoo"), Machine("odoo", "odoo", jump=jump))
    assert wanted.with_kept(known) == LogSource(DockerLog("odoo"), THERE)
    assert wanted.with_kept(LogSource(FILE)) == wanted
    direct = LogSource(FILE, Machine("odoo", "odoo"))
    assert direct.with_kept(known) == LogSource(FILE, replace(THERE, jump=None))


def test_what_is_said_of_it_takes_the_place_of_what_was() -> None:
    new = Machine("odoo", "odoo", 22, "ssh-ed25519 CCCC", "another key", jump=JUMP)
    assert new.with_kept(THERE) == new
    with_password = Machine("odoo", "odoo", password="new")  # noqa: S106
    kept = with_password.with_kept(THERE)
    assert (kept.private_key, kept.passphrase, kept.password) == (None, None, "new")
    assert kept.host_key == THERE.host_key


@pytest.mark.parametrize("different", [{"host": "other"}, {"port": 23}, {"user": "ann"}])
def test_nothing_goes_to_another_account(different: dict[str, Any]) -> None:
    wanted = replace(Machine("odoo", "odoo"), **different)
    assert wanted.with_kept(THERE) == wanted


def test_a_password_goes_only_to_who_proves_to_be_the_same() -> None:
    same = Machine("odoo", "odoo")
    assert same.with_kept(WITH_PASSWORD) == WITH_PASSWORD
    assert replace(same, host_key="ssh-ed25519 CCCC").with_kept(WITH_PASSWORD).password is None
    assert same.with_kept(replace(WITH_PASSWORD, host_key=None)).password is None
    assert replace(same, host_key="ssh-ed25519 CCCC").with_kept(THERE).private_key == "the key"


def test_who_does_not_say_how_to_log_in_is_named() -> None:
    assert LogSource(FILE, THERE).unsaid() is None
    assert LogSource(FILE, replace(THERE, private_key=None)).unsaid() == "source.ssh"
    assert LogSource(FILE, replace(THERE, jump=replace(JUMP, password=None))).unsaid() == "source.ssh.jump"


def test_a_machine_is_another_one_by_name_and_key() -> None:
    here, there = LogSource(FILE), LogSource(FILE, THERE)
    renamed, set_up_anew = replace(THERE, host="other"), replace(THERE, host_key="ssh-ed25519 CCCC")
    assert there.is_elsewhere(here)
    assert here.is_elsewhere(there)
    assert not here.is_elsewhere(LogSource(DockerLog("odoo")))
    assert not LogSource(FILE, renamed).is_elsewhere(there)
    assert not LogSource(FILE, set_up_anew).is_elsewhere(there)
    assert LogSource(FILE, replace(set_up_anew, host="other")).is_elsewhere(there)


def test_fingerprints_are_those_of_ssh_keygen(tmp_path: Path) -> None:
    file = tmp_path / "key"
    made = subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=False)
    if made.returncode:
        pytest.skip("left out: there is no ssh-keygen")
    told = subprocess.run(["ssh-keygen", "-l", "-f", str(file)], capture_output=True, text=True, check=True)
    assert fingerprint(Path(f"{file}.pub").read_text()) == told.stdout.split()[1]
    assert [fingerprint(text) for text in ("", "ssh-ed25519", "ssh-ed25519 !")] == ["", "", ""]
