"""Every test of rules has a key, as channels are encrypted."""

from collections.abc import Iterator

import pytest

from app.accounts import keys_in_force


@pytest.fixture(autouse=True)
def key() -> Iterator[None]:
    """The key of these tests."""
    keys_in_force.use_keys("a key of tests alone")
    yield
    keys_in_force.use_keys()
