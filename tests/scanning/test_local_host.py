"""Commands on this machine."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from time import monotonic

import pytest

from app.errors import SourceUnreadable
from app.scanning.host import Host, Patience
from app.scanning.local_host import LocalHost
from tests.scanning.ssh.stage import is_gone, is_running, read_all, refused, said

HOST: Host = LocalHost(Patience(whole=20, silence=10))


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A working folder in which it would show if a shell had read a word."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "f").exists()


def test_words_reach_the_program_as_they_are() -> None:
    words = [
        "x; touch f",
        "$(touch f)",
        "`touch f`",
        "a\nb",
        'it\'s "quoted"',
        "",
        "*",
        "$HOME",
        "ü 日本",
        "> f",
    ]
    assert said(HOST, "printf", "%s\\0", *words).decode().split("\0")[:-1] == words


def test_a_command_gets_no_input_and_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNAGLIST_SECRET_KEY", "hidden")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hidden@localhost/x")
    monkeypatch.setenv("KUBECONFIG", "/etc/kube")
    got = said(HOST, "sh", "-c", "env; cat")
    assert b"hidden" not in got
    assert b"LC_ALL=C\n" in got
    assert b"KUBECONFIG=/etc/kube\n" in got


def test_every_byte_arrives_in_lines_of_any_length() -> None:
    got = said(HOST, "sh", "-c", "head -c 52428800 /dev/zero; printf '\\377\\303\\n'")
    assert sha256(got).digest() == sha256(bytes(52428800) + b"\xff\xc3\n").digest()


def test_20_mb_of_complaints_do_not_hold_up_the_output() -> None:
    told = refused(
        HOST, "sh", "-c", "yes complaint | head -c 20000000 >&2; echo out; echo the end >&2; exit 4"
    )
    assert told.startswith("sh on this machine ended with status 4: ")
    assert told.endswith("complaint the end")
    assert len(told) < 600


def test_complaints_come_in_order_when_asked_for() -> None:
    script = "echo 1; echo 2 >&2; echo 3; echo 4 >&2"
    assert said(HOST, "sh", "-c", script, with_errors=True) == b"1\n2\n3\n4\n"
    assert said(HOST, "sh", "-c", script) == b"1\n3\n"
    with pytest.raises(SourceUnreadable, match="status 1: no such container"):  # noqa: SIM117
        with HOST.run(["sh", "-c", "echo no such container >&2; exit 1"], with_errors=True) as output:
            read_all(output)


def test_how_a_command_failed_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "plain").touch(mode=0o644)
    (tmp_path / "script").write_text("no interpreter")
    (tmp_path / "script").chmod(0o755)
    assert refused(HOST, "dockre") == "there is no program dockre on this machine"
    assert "may not be executed" in refused(HOST, str(tmp_path / "plain"))
    assert "cannot be executed: Exec format error" in refused(HOST, str(tmp_path / "script"))
    assert refused(HOST, "sh", "-c", "kill -9 $$") == "sh on this machine was ended by SIGKILL"
    assert refused(HOST, "sh", "-c", "exit 255") == "sh on this machine ended with status 255"
    assert "NUL" in refused(HOST, "echo", "a\0b")
    assert "not Unicode" in refused(HOST, "echo", "\udcff")


def test_what_a_command_says_is_told_without_secrets() -> None:
    told = refused(HOST, "sh", "-c", "echo 'login failed: password=hunter22x' >&2; exit 1")
    assert "login failed" in told
    assert "hunter22x" not in told
    # Nor the end of one whose name was too long ago.
    told = refused(HOST, "sh", "-c", "printf 'password=%09000d' 7 >&2; printf '\\nthe end' >&2; exit 1")
    assert told.endswith(": the end")


def test_the_status_is_not_told_before_all_was_read() -> None:
    with HOST.run(["sh", "-c", "yes | head -c 9999999; exit 3"]) as output:
        assert len(output.read(10)) == 10
        with pytest.raises(SourceUnreadable, match="status 3"):
            output.finish()


def test_a_command_that_takes_too_long_is_ended() -> None:
    host = LocalHost(Patience(whole=0.5, silence=10))
    assert refused(host, "sleep", "31.4171") == "sleep on this machine did not end within 0.5 seconds"
    assert is_gone("31.4171")
    assert "did not end within" in refused(host, "yes")


def test_a_command_that_says_nothing_is_given_up() -> None:
    host = LocalHost(Patience(whole=10, silence=0.4))
    assert refused(host, "sleep", "31.4172") == "sleep on this machine said nothing for 0.4 seconds"
    assert refused(host, "sh", "-c", "exec >&- 2>&-; sleep 31.4172").endswith("said nothing for 0.4 seconds")
    assert is_gone("31.4172")
    script = "for i in 1 2 3 4; do sleep 0.2; echo still there >&2; done; echo done"
    assert said(host, "sh", "-c", script) == b"done\n"


def test_leaving_ends_it_and_all_that_it_started() -> None:
    with HOST.run(["sh", "-c", "sleep 31.4173 & sleep 31.4173 | cat & echo 1; wait"]) as output:
        assert output.read(100) == b"1\n"
        assert is_running("31.4173")
    assert is_gone("31.4173", 0.5)
    with pytest.raises(ZeroDivisionError), HOST.run(["sleep", "31.4174"]):
        1 / 0  # noqa: B018
    assert is_gone("31.4174", 0.5)


def test_what_will_not_end_is_made_to() -> None:
    since = monotonic()
    with HOST.run(["sh", "-c", "trap '' TERM; echo 1; while :; do sleep 0.1; done; echo 31.4175"]) as output:
        output.read(100)
    assert monotonic() - since < 4
    assert is_gone("31.4175", 0.5)


def test_nothing_stays_open() -> None:
    before = open_files()
    for _ in range(3):
        said(HOST, "echo", "1")
        refused(HOST, "dockre")
    assert open_files() == before


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
