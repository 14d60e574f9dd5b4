"""What the tests of the embedded servers share: who starts them, what runs, what is on the disk."""

import asyncio
import hashlib
import json
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import redis

from app.embedded import Embedded, Server
from app.embedded.account import Account, account_for
from app.embedded.folder import Place
from app.embedded.process import processes

ROOT = Path(__file__).parent.parent.parent
IS_ROOT = os.geteuid() == 0


@dataclass(frozen=True)
class Who:
    """Who starts the servers, and the Python that they can run."""

    uid: int
    gid: int
    python: str

    def own(self, path: Path) -> None:
        if IS_ROOT:
            os.chown(path, self.uid, self.gid)


def ourselves() -> Who:
    return Who(os.geteuid(), os.getegid(), sys.executable)


def somebody() -> Who | None:
    """An ordinary user other than us, if there is one that can reach the code and a Python."""
    entry = pwd.getpwnam("nobody")
    account = Account(entry.pw_uid, entry.pw_gid, "nobody", dropped=True)
    pythons = [path for path in (sys.executable, shutil.which("python3", path=os.defpath)) if path]
    runnable = [path for path in pythons if account.can_run(Path(path))]
    if not IS_ROOT or not runnable or not account.can_use(ROOT / "app" / "embedded"):
        return None
    return Who(entry.pw_uid, entry.pw_gid, runnable[0])


class Supervisor:
    """A `supervise` that has answered."""

    def __init__(self, folder: Path, who: Who | None = None) -> None:
        who = who or ourselves()
        packages = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
        other = who.uid != os.geteuid()
        self.process: subprocess.Popen[str] = subprocess.Popen(
            [who.python, "-m", "tests.embedded.supervise", folder],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(packages), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            user=who.uid if other else None,
            group=who.gid if other else None,
            extra_groups=[] if other else None,
        )

    def answer(self) -> dict[str, str]:
        assert self.process.stdout
        words: dict[str, str] = json.loads(self.process.stdout.readline())
        return words

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def stop(self) -> None:
        self.process.communicate("stop\n", timeout=15)
        assert self.process.returncode == 0

    def end(self) -> None:
        """Stop it, unless it was stopped or killed."""
        assert self.process.stdin
        if not self.process.stdin.closed:
            self.stop()


@contextmanager
def supervised(folder: Path, who: Who | None = None) -> Iterator[tuple[Supervisor, dict[str, str]]]:
    supervisor = Supervisor(folder, who)
    try:
        answer = supervisor.answer()
        assert "error" not in answer, answer
        yield supervisor, answer
    finally:
        supervisor.end()
        wait_until(lambda: running_on(folder) == {})


def sql(url: str, *statements: str) -> Any:
    """Run statements, each in a transaction of its own; the first column of the last one's first row."""

    async def run() -> Any:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(run())


def remember(postgres: str, valkey: str) -> None:
    """Store something in both servers."""
    sql(postgres, "CREATE TABLE kept (what text)", "INSERT INTO kept VALUES ('a row')")
    with redis.Redis.from_url(valkey) as client:
        client.set("kept", "a key")
        client.execute_command("WAITAOF", 1, 0, 2000)


def remembered(postgres: str, valkey: str) -> tuple[Any, Any]:
    with redis.Redis.from_url(valkey, decode_responses=True) as client:
        return sql(postgres, "SELECT what FROM kept"), client.get("kept")


def urls(embedded: Embedded) -> tuple[str, str]:
    assert embedded.postgres
    assert embedded.valkey
    return embedded.postgres.url, embedded.valkey.url


def kill(server: Server) -> None:
    assert server.process
    server.process.kill()
    server.process.wait()


def runners_of(folder: Path) -> set[int]:
    """The uids under which the servers on a data folder run."""
    return {Path(f"/proc/{pid}").stat().st_uid for pid in running_on(folder)}


def running_on(folder: Path) -> dict[int, str]:
    """The processes of the servers on a data folder."""
    if not folder.exists():
        return {}
    place = Place(folder, account_for(folder), folder, None)
    return {
        pid: command
        for part in ("postgres", "valkey")
        if (folder / part).exists()
        for pid, command in processes(place.tag(part), (folder / part).stat().st_uid).items()
    }


def wait_until(true: Callable[[], bool], seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def snapshot(folder: Path) -> dict[str, tuple[int, int, str]]:
    """All that is in a folder, with owner, mode and content."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_uid,
            path.lstat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(folder.rglob("*"))
        if path.name != "lock" and not path.name.endswith(".log")
    }
