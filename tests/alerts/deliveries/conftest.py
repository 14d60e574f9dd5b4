"""Every test of deliveries has a key, as channels are encrypted."""

from collections.abc import Iterator

import pytest

from app.accounts import keys_in_force
from tests.alerts.deliveries.stage import KEY, Post


@pytest.fixture(autouse=True)
def key() -> Iterator[None]:
    """The key of these tests."""
    keys_in_force.use_keys(KEY)
    yield
    keys_in_force.use_keys()


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    """Whoever carries messages here, in the place of the channels."""
    carrier = Post()
    monkeypatch.setattr("app.alerts.deliveries.sending.send", carrier.send)
    return carrier
