"""The demo's process: it waits for an organization, fills it, goes on until it is told to end, and is small."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import BAD_CONFIGURATION
from app.tables.database import fetch
from tests.accounts import stage as accounts

COMMAND = (sys.executable, "-m", "app.demo.run")


def size_of_logs(folder: Path) -> int:
    return sum(log.stat().st_size for log in folder.glob("demo/*.log"))


@pytest.mark.anyio
async def test_it_waits_fills_and_ends_when_told(database: str, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": database, "SNAGLIST_DATA_DIR": str(tmp_path), "DEMO": "1"}
    process = await asyncio.create_subprocess_exec(*COMMAND, env=environment)
    try:
        await asyncio.sleep(1)
        assert process.returncode is None
        assert not (tmp_path / "demo").exists()
        await accounts.set_up()
        while len(await fetch("select from instance")) < 2:  # noqa: ASYNC110  another process makes them
            await asyncio.sleep(0.1)
        size = size_of_logs(tmp_path)
        while size_of_logs(tmp_path) == size:  # noqa: ASYNC110  another process writes them
            await asyncio.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        status = await asyncio.wait_for(process.wait(), 5)
    assert status == 0


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        COMMAND, env=environment, cwd=Path.cwd(), capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == BAD_CONFIGURATION
    assert "DATABASE_URL is not set" in done.stderr


def test_it_loads_nothing_large() -> None:
    names = "{'strawberry', 'starlette', 'arq', 'redis', 'stringzilla'}"
    code = f"import sys, app.demo.run; print(sorted({names} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True, timeout=30) == "[]\n"
