"""The fences around Apprise's plug-ins, tried by a program that wants out."""

import json
import subprocess
import sys

import pytest
from aiohttp import web
from anyio import to_thread

from tests.alerts.channels.stage import receiver

pytestmark = pytest.mark.anyio

WANTS_OUT = """
import json, os, socket, subprocess, sys, threading, zoneinfo
from pathlib import Path
import requests
from app.alerts.channels import fences

port = int(sys.argv[1])
if sys.argv[2] == "first-only":  # as if 127.0.0.1 were of the internet
    fences.is_public = lambda address: address == "127.0.0.1"
fence = fences.Fences(private_targets=sys.argv[2] == "private", seconds=20)
told = {}

def attempt(name, what):
    fence.refused = False
    try:
        what()
        told[name] = "done"
    except Exception as error:
        told[name] = "private" if fence.refused else type(error).__name__

def in_a_thread():
    caught = []
    def run():
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError as error:
            caught.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if caught:
        raise caught[0]

attempt("name", lambda: socket.create_connection(("localhost", port), 5).close())
attempt("thread", in_a_thread)
attempt("http", lambda: requests.get(f"http://127.0.0.1:{port}/", timeout=5))
attempt("unix", lambda: socket.socket(socket.AF_UNIX).connect("/run/docker.sock"))
attempt("datagram", lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)))
attempt("program", lambda: subprocess.run(["true"]))
attempt("shell", lambda: os.system("true"))
attempt("write", lambda: Path("written-by-a-plugin").write_text("x"))
attempt("read", lambda: Path("/etc/passwd").read_text())
attempt("above", lambda: Path(sys.prefix, "..", "..", "..", "..", "..", "..", "..", "etc", "passwd").read_text())
attempt("zone", lambda: zoneinfo.ZoneInfo("Europe/Berlin"))
attempt("memory", lambda: bytearray(3 << 30))
print(json.dumps(told))
"""

ALWAYS = {
    "program": "PermissionError",
    "shell": "PermissionError",
    "write": "PermissionError",
    "read": "PermissionError",
    "above": "PermissionError",
    "zone": "done",
}
"""Whatever may be reached."""


async def _tried(port: int, what: str) -> dict[str, str]:
    command = [sys.executable, "-c", WANTS_OUT, str(port), what]
    ended = await to_thread.run_sync(
        lambda: subprocess.run(command, capture_output=True, timeout=30, check=True)
    )
    told: dict[str, str] = json.loads(ended.stdout)
    return told


async def test_nothing_private_is_reached_by_any_way() -> None:
    async with receiver() as there:
        told = await _tried(there.port, "nothing")
    assert {told[name] for name in ("name", "thread", "http", "unix", "datagram")} == {"private"}
    assert told.items() >= ALWAYS.items()
    assert there.got == []


async def test_a_redirect_leads_to_nothing_private() -> None:
    async with receiver() as inside:

        async def lead_in(_: web.Request) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": f"http://127.0.0.2:{inside.port}/secret"})

        async with receiver(lead_in) as first:
            told = await _tried(first.port, "first-only")
    assert told["name"] == "done"
    assert told["http"] == "private"
    assert len(first.got) == 1
    assert inside.got == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a limit of memory")
async def test_with_private_targets_the_network_is_open_and_nothing_else() -> None:
    async with receiver() as there:
        told = await _tried(there.port, "private")
    assert {told[name] for name in ("name", "thread", "http", "datagram")} == {"done"}
    assert told.items() >= ALWAYS.items()
    assert told["memory"] == "MemoryError"
    assert len(there.got) == 1
