"""`snaglist run`: what it says, what comes back when it dies, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.embedded.stage import ROOT, Who, somebody
from tests.launch.conftest import SECRETS, Home
from tests.launch.stage import Snaglist, assert_gone, free_port, refused, started, tree, wait_until

VIEWER = "{ viewer { __typename } }"


def printed_token(snaglist: Snaglist) -> str:
    return next(line for line in snaglist.out if line.startswith("Token: ")).split()[1]


def test_the_first_start_prints_the_owners_token_and_then_that_it_is_ready(home: Home) -> None:
    home.first.ready()
    token = printed_token(home.first)
    assert home.first.out == [
        "\n",
        "Owner: owner@localhost\n",
        f"Token: {token}\n",
        f"Open:  http://127.0.0.1:{home.port}/#token={token}\n",
        "Keep the token: it is not shown again.\n",
        "\n",
        f"Mails are written to {home.folder / 'mail'}, not sent: SNAGLIST_SMTP_URL names no mail server\n",
        f"Snaglist is ready: http://127.0.0.1:{home.port}\n",
    ]


def test_the_printed_token_opens_the_graph_and_another_one_does_not(home: Home, snaglist: Snaglist) -> None:
    token = printed_token(home.first)
    assert snaglist.graph(VIEWER, token)["data"] == {"viewer": {"__typename": "Viewer"}}
    other = snaglist.graph(VIEWER, "snag_" + "x" * 43)
    assert other["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_everything_is_ready_and_says_so(snaglist: Snaglist) -> None:
    assert snaglist.readyz() == (
        200,
        {"status": "ready", "database": "ready", "redis": "ready", "migrations": "done"},
    )


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_second_one_on_the_same_port_is_refused_in_one_line(
    snaglist: Snaglist, short_folder: Path, command: str
) -> None:
    port = int(snaglist.url.rpartition(":")[2])
    said = refused(command, short_folder / "data", port)
    assert said == (
        f"snaglist: port {port} of 127.0.0.1 is in use: stop what listens there, or name another one in PORT\n"
    )
    assert list(short_folder.iterdir()) == []


def test_a_second_one_on_the_same_data_folder_is_refused_in_one_line(snaglist: Snaglist) -> None:
    before = tree(snaglist.process.pid)
    said = refused("run", snaglist.folder, free_port())
    assert said.startswith(
        f"snaglist: Snaglist runs already on the data folder {snaglist.folder}, as process "
    )
    assert said.count("\n") == 1
    assert tree(snaglist.process.pid) == before


def test_settings_that_make_no_sense_are_refused_in_one_line(short_folder: Path) -> None:
    said = refused("run", short_folder / "data", free_port(), {"SNAGLIST_WORKERS": "many"})
    assert said == "snaglist: SNAGLIST_WORKERS must be a number from 0 to 64, not 'many'\n"
    assert list(short_folder.iterdir()) == []


@pytest.mark.parametrize("which", ["snaglist: API", "snaglist: worker", "valkey-server"])
def test_what_is_killed_comes_back(snaglist: Snaglist, which: str) -> None:
    killed = snaglist.pid(which)
    snaglist.kill(killed)
    assert snaglist.pid(which) != killed
    wait_until(lambda: snaglist.status() == 200)
    ended = [json.loads(line) for line in snaglist.log if "is started again" in line][-1]
    assert ended["status"] == -9


def test_a_killed_postgres_comes_back_and_all_recover(home: Home, snaglist: Snaglist) -> None:
    killed = snaglist.postgres()
    others = {snaglist.pid("snaglist: API"), snaglist.pid("snaglist: worker")}
    snaglist.kill(killed)
    wait_until(lambda: snaglist.status() == 200 and snaglist.postgres() != killed)
    assert snaglist.graph(VIEWER, printed_token(home.first))["data"]
    assert {snaglist.pid("snaglist: API"), snaglist.pid("snaglist: worker")} == others


def test_connections_wait_while_the_api_is_started_again(snaglist: Snaglist) -> None:
    snaglist.kill(snaglist.pid("snaglist: API"))
    with httpx.Client(base_url=snaglist.url, timeout=15, trust_env=False) as client:
        assert client.get("/healthz").status_code == 200


def test_a_database_that_hangs_makes_it_unready_until_it_answers_again(snaglist: Snaglist) -> None:
    servers = [pid for pid, command in tree(snaglist.process.pid).items() if "postgres" in command]
    for pid in servers:
        os.kill(pid, signal.SIGSTOP)
    try:
        for _ in range(3):
            began = time.monotonic()
            status, found = snaglist.readyz()
            assert time.monotonic() - began < 2
            assert (status, found["database"], found["redis"]) == (503, "away", "ready")
        assert httpx.get(f"{snaglist.url}/healthz", trust_env=False).status_code == 200
    finally:
        for pid in servers:
            os.kill(pid, signal.SIGCONT)
    wait_until(lambda: snaglist.status() == 200)


def test_a_redis_that_hangs_makes_it_unready_until_it_answers_again(snaglist: Snaglist) -> None:
    valkey = snaglist.pid("valkey-server")
    os.kill(valkey, signal.SIGSTOP)
    try:
        status, found = snaglist.readyz()
        assert (status, found["database"], found["redis"]) == (503, "ready", "away")
    finally:
        os.kill(valkey, signal.SIGCONT)
    wait_until(lambda: snaglist.status() == 200)


def beside(snaglist: Snaglist, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, "-c", "from app.cli import main; main()", *arguments]
    folder = {"SNAGLIST_DATA_DIR": str(snaglist.folder)}
    return subprocess.run(program, env=os.environ | folder, capture_output=True, text=True, check=False)


def test_an_administrator_runs_jobs_beside_it(snaglist: Snaglist) -> None:
    done = beside(snaglist, "job", "run", "partitions")
    assert (done.returncode, done.stdout) == (0, "")


def test_an_app_that_is_made_beside_it_has_the_address_that_it_is_reached_at(
    home: Home, snaglist: Snaglist
) -> None:
    made = 'mutation { projectCreate(input: {name: "Beside"}) { userErrors { message } } }'
    assert snaglist.graph(made, printed_token(home.first))["data"]["projectCreate"]["userErrors"] == []
    done = beside(snaglist, "app", "create", "beside", "Shop")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"@127.0.0.1:{home.port}/" in done.stdout


def test_open_connections_do_not_hold_it_up(home: Home, snaglist: Snaglist) -> None:
    with socket.create_connection(("127.0.0.1", home.port)) as slow:
        slow.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
        )
        wait_until(lambda: snaglist.status() == 200)
        began = time.monotonic()
        assert snaglist.end() == 0
        assert time.monotonic() - began < 10
    assert snaglist.out[-1] == f"Snaglist is ready: {snaglist.url}\n"


def test_the_token_is_printed_once_only_and_stays_valid(home: Home) -> None:
    home.stop()
    later = home.running()
    assert [line.partition(" ")[0] for line in later.out] == ["Mails", "Snaglist"]
    assert later.graph(VIEWER, printed_token(home.first))["data"]


def test_what_hangs_does_not_hold_it_up(snaglist: Snaglist) -> None:
    for which in ("snaglist: API", "snaglist: worker"):
        os.kill(snaglist.pid(which), signal.SIGSTOP)
    os.kill(snaglist.postgres(), signal.SIGSTOP)
    assert snaglist.end() == 0


def test_a_second_ctrl_c_hastens_it(snaglist: Snaglist) -> None:
    os.kill(snaglist.pid("snaglist: worker"), signal.SIGSTOP)
    began = time.monotonic()
    snaglist.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert snaglist.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 4


def test_a_supervisor_that_is_killed_leaves_nothing_running(snaglist: Snaglist) -> None:
    everything = tree(snaglist.process.pid)
    assert len(everything) > 4
    snaglist.process.kill()
    snaglist.process.wait()
    assert_gone(everything, snaglist.folder, 5)


def test_one_that_is_asked_to_end_while_it_starts_ends(home: Home) -> None:
    home.stop()
    for wait in (0.3, 0.8):
        early = Snaglist(home.folder, home.port, more=SECRETS)
        wait_until(lambda early=early: "app.launch" in "".join(tree(early.process.pid).values()))  # type: ignore[misc]
        time.sleep(wait)
        assert early.end() in (0, -signal.SIGTERM)  # which it gets before it can take it, too


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_sigterm_to_make_alone_ends_it_all_and_so_does_ctrl_c(home: Home, number: signal.Signals) -> None:
    home.stop()
    installed = ["-o", ".venv/.installed", "-o", "front-if-possible", f"BIN={Path(sys.executable).parent}"]
    with started(home.folder, home.port, command=["make", "run", *installed], more=SECRETS) as made:
        assert made.process.pid != made.supervisor()
        if number == signal.SIGINT:  # which a terminal sends to all of them
            os.killpg(made.process.pid, number)
        made.end(number)


def test_no_secret_was_logged_or_shown(home: Home) -> None:
    token = printed_token(home.first)
    lines = [line for snaglist in home.everything for line in snaglist.log]
    assert len(lines) > 10
    for line in lines:
        assert json.loads(line)["event"]
        for secret in (token, *SECRETS.values()):
            assert secret not in line
    shown = [line for snaglist in home.everything for line in snaglist.out]
    told = [line.partition(" ")[0] for line in shown if token in line]
    assert told == ["Token:", "Open:"], "by the first start, and never again"
    assert not [line for line in shown for secret in SECRETS.values() if secret in line]


@pytest.fixture
def outside(bare_database: str, valkey_server: str) -> dict[str, str]:
    """Servers of one's own."""
    return {"DATABASE_URL": bare_database, "REDIS_URL": valkey_server}


def test_servers_of_ones_own_are_used_and_no_others_started(
    short_folder: Path, outside: dict[str, str]
) -> None:
    with started(short_folder / "data", more=outside) as snaglist:
        assert snaglist.graph(VIEWER, printed_token(snaglist))["data"]
        programs = " ".join(tree(snaglist.process.pid).values())
        assert "postgres" not in programs
        assert "valkey-server" not in programs
        assert snaglist.end() == 0
    assert list(short_folder.iterdir()) == []


def test_a_database_that_is_not_there_ends_it_with_the_reason(
    short_folder: Path, outside: dict[str, str]
) -> None:
    missing = {**outside, "DATABASE_URL": outside["DATABASE_URL"].replace("snaglist_test_", "no_")}
    lost = Snaglist(short_folder / "data", free_port(), more=missing)
    try:
        assert lost.process.wait(15) == 1
    finally:
        lost.destroy()
    assert [line for line in lost.log if "DATABASE_URL cannot be used: database " in line]
    assert not [line for line in lost.log if "Traceback" in line]
    assert lost.out == []


def test_an_ordinary_user_can_run_it(short_folder: Path) -> None:
    who = somebody()
    if who is None or not can_import(who):
        pytest.skip("we are an ordinary user, or no other one can reach this checkout and a fitting Python")
    with started(
        short_folder / "data", more=paths(who, short_folder), command=launch(who), **as_(who)
    ) as snaglist:
        assert snaglist.readyz()[0] == 200
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in tree(snaglist.process.pid)} == {who.uid}
        assert snaglist.end() == 0


def can_import(who: Who) -> bool:
    """Whether the Python that they can run is one for which our packages were installed."""
    path = os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))
    asked = subprocess.run(
        [who.python, "-P", "-c", "import redis.asyncio, asyncpg, pydantic_core, uvloop"],
        env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
        **as_(who),
    )
    return asked.returncode == 0


def launch(who: Who) -> list[str]:
    return [who.python, "-P", "-m", "app.launch"]


def paths(who: Who, folder: Path) -> dict[str, str]:
    who.own(folder)
    packages = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
    return {"PYTHONPATH": os.pathsep.join(packages)}


def as_(who: Who) -> dict[str, Any]:
    return {"user": who.uid, "group": who.gid, "extra_groups": []}
