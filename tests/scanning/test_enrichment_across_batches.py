"""What the neighbours of a record say is found wherever batches are cut: between them, in them, within a line."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.enrichment import Enrichment
from app.recording.sightings import Description
from app.scanning import batch as batches
from app.scanning.source import Bounds
from tests.scanning.test_log_file import Log

TRACEBACK = """Traceback (most recent call last):
  File "/mnt/extra-addons/cart/models/cart.py", line 12, in total
    return self.amount / self.count
"""
JOB = """{at} 8 INFO - odoo.addons.base.models.ir_cron: Starting job `Send {n} mails`.
{noise}{at} 8 ERROR shop odoo.addons.mail: {n} mails were not sent
{noise}{at} 8 INFO - odoo.addons.base.models.ir_cron: Job done: `Send {n} mails` (0.1s).
"""
DENIED = """{at} 9 INFO shop odoo.addons.base.models.ir_model: Access Denied by ACLs for operation: write, uid: {n}, model: sale.order
{noise}{at} 9 WARNING shop odoo.http: You are not allowed to modify 'Sales Order' (sale.order) records {n}
"""
REQUEST = """{at} 7 ERROR shop odoo.http: Exception during JSON request handling {n}.
{traceback}ZeroDivisionError: division by {n}
{noise}{at} 7 INFO shop werkzeug: 127.0.0.1 - - [01/Mar/2026 08:00:00] "POST /web/dataset/call_kw/sale.order/write?{n} HTTP/1.1" 200 - 3 0.1 0.2
"""
NO_DATABASE = """{at} 6 INFO stock{n} odoo.modules.loading: loading
{noise}{at} 6 ERROR ? odoo.sql_db: bad query {n}
"""
ORPHAN = """{noise}{traceback}KeyError: {n}
{at} 5 INFO shop odoo.http: quiet
"""
STORIES = (JOB, DENIED, REQUEST, NO_DATABASE, ORPHAN)


def text(seed: int, stories: int) -> bytes:
    """A log in which neighbours tell something, some of them far away."""
    chance = random.Random(seed)
    parts = []
    for number in range(stories):
        at = f"2026-03-01 08:{number // 60 % 60:02}:{number % 60:02},000"
        lines = chance.choice((0, 1, 3, 40, 150))
        noise = "".join(f"{at} 3 INFO shop odoo.http: quiet {line} {'.' * 60}\n" for line in range(lines))
        prefix = chance.choice(("", "", "odoo-1  | "))
        story = chance.choice(STORIES).format(at=at, n=number, noise=noise, traceback=TRACEBACK)
        parts.append("".join(prefix + line for line in story.splitlines(keepends=True)))
    return "".join(parts).encode()


def described(log: Log) -> list[Description]:
    return [sighting.describe() for sighting in log.found]


def seen_before(found: Description) -> tuple[object, ...]:
    """What the record itself and its neighbours before it tell."""
    told = found.detail.enrichment
    return found.title, found.detail.context_before, told.cron_job_name, told.acl_operation, told.acl_uid


def whole(log: bytes) -> list[Description]:
    """What is found in one go."""
    with TemporaryDirectory() as folder:
        read = Log(Path(folder), Bounds(first=1 << 30, batch=1 << 30, scan=1 << 30))
        read.write(log)
        return described(read.scan(idle=True))


def test_the_neighbours_of_these_logs_tell_everything_that_neighbours_can_tell() -> None:
    """So that the tests below cannot agree on nothing."""
    found = [description.detail.enrichment for description in whole(text(1, 60))]
    for name in ("cron_job_name", "odoo_model", "database_name", "http_url", "acl_operation", "acl_uid"):
        assert any(getattr(one, name) is not None for one in found), name
    assert Enrichment() not in found or len(set(found)) > 10


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1 << 30), st.sampled_from([3001, 4096, 30_000]), st.integers(500, 40_000))
def test_however_small_batches_are_the_neighbours_tell_the_same(seed: int, piece: int, size: int) -> None:
    log = text(seed, 12)
    with TemporaryDirectory() as folder, patch.object(batches, "_PIECE", piece):
        read = Log(Path(folder), Bounds(batch=size))
        read.write(log)
        read.scan(idle=True)
    assert described(read) == whole(log)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1 << 30), st.data())
def test_wherever_the_log_ended_when_it_was_read_the_neighbours_before_tell_the_same(
    seed: int, data: st.DataObject
) -> None:
    """What comes behind a record may not have been written yet, and nobody waits for it."""
    log = text(seed, 12)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(log)), max_size=12)))
    with TemporaryDirectory() as folder:
        read = Log(Path(folder))
        for start, end in zip([0, *cuts], [*cuts, len(log)], strict=True):
            read.write(log[start:end])
            read.scan()
        read.scan(idle=True)
    expected, found = whole(log), described(read)
    assert [seen_before(one) for one in found] == [seen_before(one) for one in expected]


@pytest.mark.parametrize("sightings", [1, 2, 7])
def test_batches_that_end_with_a_number_of_detections_lose_no_neighbour(
    tmp_path: Path, sightings: int
) -> None:
    log = text(5, 60)
    read = Log(tmp_path, Bounds(sightings=sightings))
    with patch.object(batches, "_PIECE", 2000):
        read.write(log)
        read.scan(idle=True)
    assert described(read) == whole(log)
