"""References: remembered, and what is packed with one comes out again with it alone."""

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tables import payloads, references
from app.tables.database import fetch
from app.tables.references import Reference
from tests.database import NOW
from tests.reading.stage import add_app
from tests.recording.stage import noted_statements, set_up

SHARED = bytes(random.Random(3).choices(range(32, 127), k=8000))


@given(st.binary(max_size=2000), st.integers(0, 7000), st.integers(0, 3000))
def test_what_is_packed_with_a_reference_comes_out_again(own: bytes, start: int, length: int) -> None:
    reference = Reference(1, SHARED)
    payload = SHARED[start : start + length] + own
    assert payloads.unpack(payloads.pack(payload, reference), reference) == payload


def test_what_the_reference_has_is_not_stored_again() -> None:
    assert len(payloads.pack(SHARED, Reference(1, SHARED))) < 50
    assert len(payloads.pack(SHARED)) > 5000


@given(st.binary(max_size=300), st.integers(0, 7000), st.integers(1, 3000))
def test_without_its_reference_a_payload_is_damaged(own: bytes, start: int, length: int) -> None:
    payload = SHARED[start : start + length] + own
    packed = payloads.pack(payload, Reference(1, SHARED))
    for other in (None, Reference(2, SHARED[::-1])):
        with suppress(ValueError):
            assert payloads.unpack(packed, other) == payload  # it had no need of it


def test_the_tools_of_many_references_are_not_mixed_up() -> None:
    chance = random.Random(4)
    many = [Reference(1000 + number, chance.randbytes(3000)) for number in range(payloads.MOST_TOOLS * 2)]
    packed = [payloads.pack(one.content[:500], one) for one in many]
    for one, its in zip(many, packed, strict=True):
        assert payloads.unpack(its, one) == one.content[:500]
        assert len(its) < 50


@pytest.mark.anyio
@pytest.mark.usefixtures("database")
async def test_a_reference_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    app_id = await add_app(await set_up())
    rows = await fetch(
        "insert into payload_reference (app_id, made_at, content) select $1, $2, n from unnest($3::bytea[]) as n returning id",
        *(app_id, NOW, [b"one", b"two"]),
    )
    first, second = [row["id"] for row in rows]

    told: list[str] = []
    with noted_statements(monkeypatch, told):
        for _ in range(2):
            found = await references.find([first, second, None, -1])
            assert found == {first: Reference(first, b"one"), second: Reference(second, b"two")}
        assert await references.find([None]) == {}
    assert len(told) == 2  # one that does not exist is looked for again

    monkeypatch.setattr(references, "MOST_REMEMBERED", 1)
    assert await references.find([first]) == {first: Reference(first, b"one")}
