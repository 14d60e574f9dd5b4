"""A provider for each test, and a key for tickets."""

from collections.abc import AsyncIterator

import pytest

from app.accounts import keys_in_force
from tests.oidc.provider import Provider, provider_there


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    keys_in_force.use_keys("a key that is long enough")
    async with provider_there() as made:
        yield made
