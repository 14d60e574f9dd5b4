"""What may be said of a machine and of who logs in there."""

from typing import Any

import pytest

from app.domain.log_source import FileLog, LogSource, Machine
from app.errors import BadInput
from app.scanning.checked_source import checked
from app.scanning.instance_source import target_of
from app.scanning.ssh.target import Key, Password, Target
from tests.scanning.ssh.stage import new_key, public

PASSWORD = Password("secret")


def target(**parts: Any) -> Target:
    usual: dict[str, Any] = {"host": "odoo.example", "user": "snaglist", "credential": PASSWORD}
    return Target(**(usual | parts))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        *[
            ("host", text)
            for text in (
                "", " ", "-oProxyCommand=x", "a b", "a..b", "a.", "x;y", "a/b", "user@host", "host:22", "127.1", "1.2.3.999",
                "[::1]", "::g", "müller.example", "a\nb", "a\0", "x" * 64, "a." * 200 + "a", "10.0.0.0/8",
            )
        ],
        *[("port", number) for number in (0, -1, 65536)],
        *[("user", text) for text in ("", " ", "-l", "a b", "a\nb", "a\0", "x" * 129, "\u2028")],
        *[
            ("host_key", text)
            for text in (
                "", "ssh-ed25519", "ssh-ed25519 AAAA", "odoo.example ssh-ed25519 AAAA", "ssh-ed25519 ü", "\0 \0",
                public(new_key()) + "\n" + public(new_key()), "@cert-authority * " + public(new_key()),
            )
        ],
        ("jump", target(jump=target(jump=target(jump=target())))),
    ],
    ids=lambda part: str(part)[:30],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(field: str, wrong: object) -> None:
    with pytest.raises(BadInput) as raised:
        target(**{field: wrong})
    assert raised.value.field == field


@pytest.mark.parametrize("made", [Key, Password])
@pytest.mark.parametrize("wrong", ["", "a\0b", "x" * 70_000, "\udc80"])
def test_a_secret_that_cannot_be_one_is_refused(made: type[Key] | type[Password], wrong: str) -> None:
    with pytest.raises(BadInput) as raised:
        made(wrong)
    assert raised.value.field in {"private_key", "password"}


def test_each_thing_is_written_in_one_form() -> None:
    key = public(new_key())
    one = target(host=" Odoo.Example ", user=" snaglist ", host_key=f" {key}  root@odoo \n")
    assert one == target(host_key=key)
    assert one.host_key == key
    assert target(host="::0001").host == "::1"
    assert target(host="my_host-1").host == "my_host-1"
    assert target(user="DOMAIN\\odoo").user == "DOMAIN\\odoo"


def test_there_may_be_three_jump_hosts() -> None:
    def machine(jump: Machine | None = None) -> Machine:
        return Machine("odoo.example", "snaglist", password=PASSWORD.text, jump=jump)

    three = machine(machine(machine(machine())))
    assert checked(LogSource(FileLog("/odoo.log"), three)).machine == three
    assert target_of(three).depth == 4
    with pytest.raises(BadInput, match="3 jump hosts at most") as raised:
        checked(LogSource(FileLog("/odoo.log"), machine(three)))
    assert raised.value.field == "source.ssh.jump"


def test_names_as_people_write_them() -> None:
    assert target().name == "odoo.example"
    assert target(port=2222).name == "odoo.example:2222"
    assert target(host="::1", port=2222).name == "[::1]:2222"


def test_secrets_are_not_shown() -> None:
    shown = repr(target(credential=Key("private words", "pass words"), jump=target()))
    assert "words" not in shown
    assert "secret" not in shown
