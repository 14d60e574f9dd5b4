"""A disk without room: in the first start, while the servers run, and in a later start."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
import redis

from app.embedded import Embedded, EmbeddedError, start
from app.embedded.errors import StartError
from tests.embedded.stage import running_on, sql, urls


def mount(folder: Path, megabytes: int) -> None:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "snaglist-test", folder],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no small disk can be mounted: {done.stderr.decode().strip()}")


@pytest.fixture
def disk(closed_folder: Path) -> Iterator[Path]:
    folder = closed_folder / "disk"
    folder.mkdir()
    yield folder
    subprocess.run(["umount", "--lazy", folder], capture_output=True, check=False)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(65536))
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while True:
            file.write(b"0")
    return filler


def test_a_first_start_on_a_small_disk_makes_nothing(disk: Path) -> None:
    for megabytes in (1, 12, 30):
        mount(disk, megabytes)
        with pytest.raises(StartError, match=r"The disk is (nearly )?full: .* MB are free") as caught:
            start(disk / "data")
        assert "No space left on device" in str(caught.value)
        assert [path.name for path in (disk / "data").iterdir()] == ["lock"]
        subprocess.run(["umount", disk], check=True)


def test_what_was_acknowledged_survives_a_full_disk(disk: Path) -> None:
    mount(disk, 150)
    with start(disk / "data") as embedded:
        rows = write_until_full(embedded, disk)
    assert rows > 0
    assert running_on(disk / "data") == {}
    (disk / "filler").unlink()
    with start(disk / "data") as embedded:
        check(embedded, rows)


def test_a_start_on_a_full_disk_says_so_and_harms_nothing(disk: Path) -> None:
    mount(disk, 150)
    with start(disk / "data") as embedded:
        sql(urls(embedded)[0], "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1)")
        with redis.Redis.from_url(urls(embedded)[1]) as client:
            client.set("kept", 1)
    filler = fill(disk)
    with pytest.raises(EmbeddedError, match=r"The disk is full|No space left"):
        start(disk / "data")
    assert running_on(disk / "data") == {}
    filler.unlink()
    with start(disk / "data") as embedded:
        check(embedded, 1)


def write_until_full(embedded: Embedded, disk: Path) -> int:
    """Fill the disk and write until it is refused; how many rows were acknowledged."""
    postgres, valkey = urls(embedded)
    sql(postgres, "CREATE TABLE kept (n int, padding text)")
    with redis.Redis.from_url(valkey) as client:
        client.set("kept", 1)
        client.execute_command("WAITAOF", 1, 0, 2000)
        filler = fill(disk)
        os.truncate(filler, filler.stat().st_size - 20_000_000)
        rows = 0
        with suppress(asyncpg.PostgresError, OSError):
            while True:
                sql(postgres, "INSERT INTO kept SELECT 1, repeat('x', 500) FROM generate_series(1, 2000)")
                rows += 2000
    return rows


def check(embedded: Embedded, rows: int) -> None:
    postgres, valkey = urls(embedded)
    assert sql(postgres, "SELECT count(*) FROM kept") == rows
    assert sql(postgres, "CREATE EXTENSION amcheck", "SELECT count(*) FROM verify_heapam('kept')") == 0
    with redis.Redis.from_url(valkey) as client:
        assert client.get("kept") == b"1"
