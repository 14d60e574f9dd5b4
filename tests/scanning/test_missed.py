"""Text that is gone before it was read: whoever trusts the counts is told, once, and not where nothing was lost."""

import gzip
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.errors import SourceUnreadable
from app.graphql import ids
from app.scanning.journal import Journal
from app.scanning.local_host import LocalHost
from app.scanning.log_file import LogFile
from app.scanning.remote_file import RemoteFile
from app.scanning.scan_instance import scan
from app.scanning.source import Bounds, Source
from tests.graphql.stage import ask, member
from tests.recording.stage import Stage
from tests.scanning.reader import Reader, error
from tests.scanning.test_journal import Units
from tests.scanning.test_scan_instance import append, counts, later, watched, worded

QUIET = b"2026-03-01 08:00:00,001 7 INFO shop odoo.http: quiet\n" * 10
LATER = QUIET.replace(b"08:00", b"09:00")
AT_ONCE = Bounds(idle=timedelta(days=-1))
GONE = "the file where the last scan stopped is gone, truncated or compressed; what it held after that, "
SHOWN = "query I($id: ID!) { instance(id: $id) { lastScanStatus lastScanError lastMissedAt lastMissed } }"


def local(path: Path) -> Callable[[Bounds], Source]:
    return lambda bounds: LogFile(str(path), bounds)


def remote(path: Path) -> Callable[[Bounds], Source]:
    return lambda bounds: RemoteFile(LocalHost(), str(path), bounds)


KINDS = pytest.mark.parametrize("kind", [local, remote])
Kind = Callable[[Path], Callable[[Bounds], Source]]


def compress(path: Path) -> None:
    """Rotate a log as logrotate does without `delaycompress`."""
    path.with_name(f"{path.name}.1.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()


def rename(path: Path) -> None:
    path.rename(f"{path}.1")


def copytruncate(path: Path) -> None:
    path.with_name(f"{path.name}.1").write_bytes(path.read_bytes())
    os.truncate(path, 0)


@KINDS
def test_what_was_compressed_before_it_was_read_is_told_once(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    log = Reader(kind(path), replace(AT_ONCE, scan=1))
    append(path, QUIET, error(1))
    assert log.scan().missed == []
    append(path, error(2))
    compress(path)
    append(path, LATER, error(3))
    assert log.scan().missed == [f"{GONE}if anything, could not be read"]
    append(path, error(4))
    assert log.scan().scan().numbers == [1, 3, 4]
    assert len(log.missed) == 1


@KINDS
def test_of_what_had_been_seen_but_not_read_the_size_is_told(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    log = Reader(kind(path), replace(AT_ONCE, batch=len(QUIET)))
    append(path, QUIET * 100)
    while log.batch().is_behind and len(QUIET) * 40 > log.bytes_read:
        pass
    unread = path.stat().st_size - log.bytes_read
    assert unread > len(QUIET)
    os.truncate(path, 0)
    append(path, error(1))
    assert log.scan().missed == [f"{GONE}at least {unread:,} bytes, could not be read"]
    assert log.numbers == [1]


@KINDS
def test_nothing_is_missed_of_logs_that_are_read_on_through_rotations(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    log = Reader(kind(path), Bounds(first=len(QUIET), idle=timedelta(days=-1)))
    append(path, QUIET * 3)  # of which a first scan leaves out most, and that is no loss
    log.scan()
    for number, rotate in enumerate([copytruncate, rename] * 3):
        append(path, QUIET.replace(b"08:00", b"08:%02d" % number), error(number))
        log.scan()
        append(path, error(number + 10))
        path.with_name("odoo.log.1").unlink(missing_ok=True)
        rotate(path)
        append(path, LATER.replace(b"09:00", b"09:%02d" % number))
        log.scan()
    assert log.numbers == [number + more for number in range(6) for more in (0, 10)]
    assert log.missed == []


def test_a_journal_that_was_vacuumed_tells_it(tmp_path: Path) -> None:
    units = Units(tmp_path)
    log = Reader(lambda bounds: Journal(units.host(), "odoo.service", bounds), AT_ONCE)
    units.write(error(1)[:-1])
    assert log.scan().missed == []
    for number in (2, 3):
        units.write(error(number)[:-1])
    units.rotate(1)
    assert log.scan().missed == ["the journal was rotated; entries that were not read yet may be gone"]
    assert log.scan().numbers == [1, 3]
    assert len(log.missed) == 1


async def shown(stage: Stage) -> Any:
    found = await ask(SHOWN, member(stage.organization_id), id=ids.encode("Instance", stage.shop.id))
    return found["instance"]


@pytest.mark.anyio
@pytest.mark.usefixtures("database")
async def test_an_instance_tells_what_was_missed_until_something_else_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    append(path, QUIET, worded(1, "apple"))
    await scan(stage.shop.id, now=later())
    fine = {"lastScanStatus": "OK", "lastScanError": None, "lastMissedAt": None, "lastMissed": None}
    assert await shown(stage) == fine
    append(path, worded(2, "birch"))
    compress(path)
    append(path, LATER, worded(3, "cedar"))
    lossy = later()
    await scan(stage.shop.id, now=lossy)
    told = {
        "lastMissedAt": lossy.isoformat().replace("+00:00", "Z"),
        "lastMissed": f"{GONE}if anything, could not be read",
    }
    assert await shown(stage) == fine | told
    assert "part of a log was gone before it could be read" in caplog.messages

    append(path, worded(4, "daisy"))
    await scan(stage.shop.id, now=later())
    assert await shown(stage) == fine | told
    assert await counts(stage) == {"apple": 1, "cedar": 1, "daisy": 1}
    path.unlink()
    with pytest.raises(SourceUnreadable, match="there is no file"):
        await scan(stage.shop.id, now=later())
    assert (await shown(stage))["lastMissed"] == told["lastMissed"]
