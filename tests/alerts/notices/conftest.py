"""Every test of notices has a key, as addresses are encrypted."""

from collections.abc import Iterator

import pytest

from app.accounts import keys_in_force
from tests.alerts.deliveries.stage import KEY


@pytest.fixture(autouse=True)
def key() -> Iterator[None]:
    """The key of these tests."""
    keys_in_force.use_keys(KEY)
    yield
    keys_in_force.use_keys()
