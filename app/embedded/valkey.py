"""Valkey on a data folder: appended to its log each second, reached over a Unix socket by its account and root."""

import signal
import socket
from pathlib import Path

from app.embedded.binaries import VALKEY, find, reachable
from app.embedded.folder import Place, check_is_accounts
from app.embedded.logs import Log
from app.embedded.running import Server


def server(place: Place) -> Server:
    """Valkey on a claimed data folder, yet to be started.

    MissingProgramError, UnusableFolderError: it cannot be had.
    """
    programs = reachable(find(VALKEY), place.account)
    folder = place.folder / "valkey"
    check_is_accounts(folder, place.account)
    tag = place.tag("valkey")
    listening = place.sockets / "valkey.sock"

    def prepare() -> dict[str, str]:
        listening.unlink(missing_ok=True)
        if not folder.exists():
            folder.mkdir(mode=0o700)
            place.account.own(folder)
        return {}

    return Server(
        name="Valkey",
        url=f"unix://{listening}",
        command=(str(programs / "valkey-server"), *_settings(listening, tag)),
        folder=folder,
        account=place.account,
        log=Log(place.folder, "valkey.log"),
        tag=tag,
        ask=signal.SIGTERM,
        insist=signal.SIGKILL,
        prepare=prepare,
        is_ready=lambda _pid: _answers(listening),
    )


def _settings(listening: Path, tag: str) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": str(listening),
        "unixsocketperm": "700",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "dir": ".",  # the working folder, which the account need not reach from the root
        "daemonize": "no",
        "proc-title-template": f"{{title}} {{listen-addr}} {tag}",
    }
    return [part for name, value in settings.items() for part in (f"--{name}", value)]


def _answers(listening: Path) -> bool:
    """Whether it has read its data: before that it answers LOADING."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        try:
            client.connect(str(listening))
            client.sendall(b"PING\r\n")
            return client.recv(100).startswith(b"+PONG")
        except OSError:
            return False
