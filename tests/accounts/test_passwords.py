"""Passwords: hashed, salted, and known again."""

import asyncio
from threading import Event, Lock

import pytest
from argon2 import PasswordHasher

from app.accounts import passwords
from app.accounts.passwords import (
    AT_ONCE,
    LONGEST,
    MOST_WAITING,
    SHORTEST,
    check_new,
    hashed,
    is_outdated,
    is_password,
    matches,
    password_hash,
)
from app.errors import BadInput, Unavailable


@pytest.mark.parametrize("password", ["correct horse", "", "é漢😀", "a\0b", "lone \ud83d", "x" * 10_000])
def test_any_text_can_be_a_password(password: str) -> None:
    stored = password_hash(password)
    assert is_password(password, stored)
    assert not is_password(password + "x", stored)
    assert not password or password not in stored


def test_the_hash_is_salted_and_says_how_it_was_made() -> None:
    one, other = password_hash("same"), password_hash("same")
    assert one != other
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize(
    "stored", ["", "plain", "$argon2id$", "$2b$12$abc", "$argon2id$v=19$m=65536,t=3,p=4$a$b"]
)
def test_what_is_no_hash_is_nobodys_password(stored: str) -> None:
    assert not is_password("plain", stored)


def test_what_was_hashed_otherwise_is_hashed_again() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("same")
    assert is_password("same", weak)
    assert is_outdated(weak)
    assert not is_outdated(password_hash("same"))


def test_a_new_password_is_neither_short_nor_endless() -> None:
    for fine in ("x" * SHORTEST, "é" * LONGEST):
        check_new(fine, "newPassword")
    for wrong in ("", "x" * (SHORTEST - 1), "x" * (LONGEST + 1)):
        with pytest.raises(BadInput) as refused:
            check_new(wrong, "newPassword")
        assert refused.value.field == "newPassword"


@pytest.mark.anyio
async def test_an_endless_password_is_nobodys_even_if_its_beginning_is_right() -> None:
    stored = await hashed("x" * LONGEST)
    assert await matches("x" * LONGEST, stored)
    assert not await matches("x" * (LONGEST + 1), stored)
    assert not await matches("y" * 1_000_000, stored)


@pytest.mark.anyio
async def test_without_a_password_it_takes_as_long_and_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def noted(password: str, stored: str) -> bool:
        looked_at.append(stored)
        return is_password(password, stored)

    monkeypatch.setattr(passwords, "is_password", noted)
    assert not await matches("", None)
    assert not await matches("anything", None)
    assert [not is_outdated(stored) for stored in looked_at] == [True, True]


@pytest.mark.anyio
async def test_few_are_hashed_at_once_and_not_all_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, go_on = 0, 0, Event()
    lock = Lock()

    def slow(_password: str, _stored: str | None) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        go_on.wait(10)
        with lock:
            running -= 1
        return True

    monkeypatch.setattr(passwords, "_matches", slow)
    asked = [asyncio.create_task(matches("x", "y")) for _ in range(AT_ONCE + MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await matches("x", "y")
    go_on.set()
    assert await asyncio.gather(*asked) == [True] * len(asked)
    assert most <= AT_ONCE
    assert await matches("x", "y")
