"""What the demo's logs hold is what the scanner finds in them, whatever chance made of it."""

import io
import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demo.logs import DAYS, NEW_FOR, SERVERS, Piece, Server, live, past, piece
from app.demo.mishaps import Mishap
from app.domain.detections import Detector
from app.scanning.log_scan import Finding, detections
from tests.database import NOW

HEADER = re.compile(rb"(?m)^(\S+ \S+) (\d+) (?:INFO|WARNING|ERROR) (\S+) [\w.]+: ")
EVERY = [(server, mishap) for server in SERVERS for mishap in server.mishaps]


def found_in(text: bytes) -> list[Finding]:
    return list(detections(io.BytesIO(text), Detector()))


def assert_found(pieces: list[Piece]) -> None:
    """Every mishap is one detection, of its kind and module and at its time, and different ones are different errors."""
    wanted = [(piece.at, piece.mishap) for piece in pieces if piece.mishap]
    found = [finding.detection for finding in found_in(b"".join(piece.text for piece in pieces))]
    assert [(d.kind, d.module) for d in found] == [(m.kind, m.module) for _, m in wanted]
    names = defaultdict(set)
    for detection, (at, mishap) in zip(found, wanted, strict=True):
        names[detection.fingerprint].add(mishap.name)
        assert detection.timestamp
        assert timedelta(milliseconds=-1) < detection.timestamp - at < timedelta(seconds=1)
    assert sorted(name for name_set in names.values() for name in name_set) == sorted(
        {m.name for _, m in wanted}
    )


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
@given(seed=st.integers(), now=st.datetimes(datetime(2020, 1, 9), datetime(2040, 1, 1)))  # noqa: DTZ001
@settings(max_examples=8, deadline=None)
def test_the_past_holds_what_it_says(server: Server, seed: int, now: datetime) -> None:
    now = now.replace(tzinfo=UTC)

    pieces = past(server, now, Random(seed))

    assert_found(pieces)
    times = [piece.at for piece in pieces]
    assert times == sorted(times)
    assert (times[0], times[-1] <= now) == (now - timedelta(days=DAYS), True)
    assert sum(len(piece.text) for piece in pieces) < 1_000_000


@given(seed=st.integers(), picked=st.lists(st.sampled_from(EVERY), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_mishaps_in_any_order_are_found_one_by_one(seed: int, picked: list[tuple[Server, Mishap]]) -> None:
    chance = Random(seed)

    pieces = [
        piece(server, NOW + timedelta(seconds=place), mishap, chance)
        for place, (server, mishap) in enumerate(picked)
    ]

    assert_found(pieces)


@given(st.integers())
@settings(max_examples=20, deadline=None)
def test_what_happens_now_holds_what_it_says(seed: int) -> None:
    chance = Random(seed)
    assert_found([live(SERVERS[0], NOW + timedelta(seconds=second), chance) for second in range(100)])


def test_the_same_chance_gives_the_same_text() -> None:
    [one, same, other] = [past(SERVERS[0], NOW, Random(seed)) for seed in (1, 1, 2)]
    assert one == same
    assert one != other


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_the_past_looks_alive(server: Server) -> None:
    pieces = past(server, NOW, Random(server.name))
    by_name = defaultdict(list)
    for happened in pieces:
        if happened.mishap:
            by_name[happened.mishap.name].append(happened.at)

    assert 2000 < sum(piece.text.count(b"\n") for piece in pieces) < 20_000
    for mishap in server.mishaps:
        times = by_name[mishap.name]
        if mishap.only_live:
            assert not times
        elif mishap.only_new:
            assert len(times) > 5
            assert min(times) >= NOW - NEW_FOR
        else:
            assert len({time.date() for time in times}) >= 3
        if mishap.spike:
            assert max(sum(start <= t < start + timedelta(hours=1) for t in times) for start in times) >= 30
    noisy = [piece.at.hour for piece in pieces if not piece.mishap]
    assert sum(9 <= hour < 12 for hour in noisy) > 5 * sum(hour < 3 for hour in noisy)


def test_records_look_like_those_of_odoo() -> None:
    text = b"".join(piece.text for server in SERVERS for piece in past(server, NOW, Random(7)))
    headers = HEADER.findall(text)
    assert {int(pid) for _, pid, _ in headers} == {pid for server in SERVERS for pid in server.pids}
    assert {name for *_, name in headers} == {b"?", b"shop", b"shop_b2b", b"warehouse", b"warehouse_test"}
    assert text.endswith(b"\n")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("a voucher that is missing", {"exception_type": "KeyError"}),
        ("a margin of nothing sold", {"exception_type": "ZeroDivisionError"}),
        ("a payment without reference", {"chain": ["KeyError", "odoo.addons.payment_acme.models.errors.NotificationError"]}),
        ("a carrier that is down", {"chain": ["ConnectionRefusedError", "requests.exceptions.ConnectionError", "ValueError"]}),
        ("an item without stock", {"chain": ["KeyError", "ValueError"]}),
    ],
)  # fmt: skip
def test_tracebacks_are_read_with_their_chains(name: str, values: dict[str, object]) -> None:
    [(server, mishap)] = [(server, mishap) for server, mishap in EVERY if mishap.name == name]
    [found] = found_in(piece(server, NOW, mishap, Random(1)).text)
    assert {key: getattr(found.detection, key) for key in values} == values
    assert any(frame.in_app for frame in found.detection.frames)
