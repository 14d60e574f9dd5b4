"""How often somebody may try: ten failures, whoever counts them, and no table that grows for ever."""

import asyncio
from uuid import uuid4

import pytest

from app.accounts.attempts import MOST_OF_ADDRESS, MOST_OF_BOTH, WINDOW, attempt, succeeded
from app.errors import RateLimited
from app.tables.database import fetch
from tests.accounts.stage import later
from tests.database import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

HERE = "203.0.113.9"


async def counted() -> list[int]:
    return sorted(row[0] for row in await fetch("select failures from sign_in_attempt"))


async def refused(email: str, address: str, **time: float) -> int | None:
    """The seconds to wait; None: it was let through."""
    try:
        await attempt(email, address, now=later(**time))
    except RateLimited as refusal:
        return refusal.retry_after
    return None


async def test_after_ten_failures_one_waits_for_the_end_of_the_quarter() -> None:
    for _ in range(MOST_OF_BOTH):
        assert await refused("ann@acme.test", HERE) is None
    before = await counted()
    assert await refused(" ANN@acme.test", HERE, minutes=5) == 10 * 60
    assert await counted() == before  # neither longer, nor at the expense of others there
    assert await refused("bob@acme.test", HERE) is None
    assert await refused("ann@acme.test", "198.51.100.1") is None
    assert await refused("ann@acme.test", HERE, minutes=15) is None
    assert await counted() == [1, 1]  # what was over has begun anew, or is gone


async def test_every_way_of_writing_an_address_that_finds_its_person_is_one() -> None:
    letters = {
        "i": "iI\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}",
        "k": "kK\N{KELVIN SIGN}",
    }
    ways = [f"m{i}{k}e@acme.test" for i in letters["i"] for k in letters["k"]]
    rows = await fetch("select way from unnest($1::text[]) as way where lower(way) = 'mike@acme.test'", ways)
    found = [row["way"] for row in rows]
    for number in range(MOST_OF_BOTH):
        assert await refused(found[number % len(found)], HERE) is None
    for way in found:
        assert await refused(f" {way}\t", HERE) is not None


async def test_success_forgets_the_failures_and_costs_nothing() -> None:
    for _ in range(MOST_OF_BOTH - 1):
        await attempt("ann@acme.test", HERE, now=NOW)
    other = await attempt("bob@acme.test", HERE, now=NOW)
    await succeeded(await attempt("ann@acme.test", HERE, now=NOW))
    assert await counted() == [1, MOST_OF_BOTH]
    assert await refused("ann@acme.test", HERE) is None
    await succeeded(other)
    await succeeded(other)  # told twice, or after its time
    assert await counted() == [1, MOST_OF_BOTH - 1]


async def test_nobody_has_more_than_their_share_of_addresses_to_try_from() -> None:
    for number in range(MOST_OF_ADDRESS):
        assert await refused(f"{number}@acme.test", f"2001:db8::{number:x}") is None
    assert await refused("one more@acme.test", "2001:db8::ffff:ffff") == WINDOW.total_seconds()
    assert await refused("one more@acme.test", "2001:db8:0:1::1") is None


async def test_a_hundred_tries_at_once_are_ten() -> None:
    addresses = [HERE, f"::ffff:{HERE}"]  # one and the same
    found = await asyncio.gather(*(refused("ann@acme.test", addresses[n % 2]) for n in range(100)))
    assert found.count(None) == MOST_OF_BOTH


async def test_those_who_fail_and_those_who_succeed_at_once_hold_nobody_up() -> None:
    async def right(email: str) -> None:
        await succeeded(await attempt(email, HERE, now=NOW))

    emails = [f"{number % 5}@acme.test" for number in range(20)]
    await asyncio.gather(*(right(email) for email in emails), *(refused(email, HERE) for email in emails))
    assert sum(await counted()) <= 2 * len(emails)


async def test_what_is_over_goes_away() -> None:
    for number in range(30):
        await attempt(f"{number}@acme.test", str(uuid4()), now=NOW)
    for number in range(4):
        await attempt("ann@acme.test", HERE, now=later(minutes=20, seconds=number))
    assert await counted() == [4, 4]


@pytest.mark.parametrize("email", ["", "a\0b", "lone \ud83d", "x" * 100_000, "' or 1=1 --"])
async def test_any_text_can_be_counted_and_none_can_be_read_again(email: str) -> None:
    await attempt(email, email, now=NOW)
    assert await counted() == [1, 1]
    assert {len(row[0]) for row in await fetch("select key from sign_in_attempt")} == {32}
