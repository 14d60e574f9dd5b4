"""GitHub's stand-in for each test that wants one, empty or with a shop in it."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.github.stand_in.bare_client import BareClient
from tests.github.stand_in.keys import KeyPair, key_pair
from tests.github.stand_in.process import RemoteStandIn, running
from tests.github.stand_in.shop import Shop, furnish
from tests.github.stand_in.stand_in import GithubStandIn, started


@pytest.fixture(scope="session")
def github_key() -> KeyPair:
    """The App's key: `private` and `public`, PEM."""
    return key_pair()


@pytest.fixture
async def github_stand_in() -> AsyncIterator[GithubStandIn]:
    """A GitHub with the repository `acme/shop`; see `github_shop` for who may write there."""
    async with started() as github:
        furnish(github, key_pair().public)
        yield github


@pytest.fixture
def github_shop(github_stand_in: GithubStandIn, github_key: KeyPair) -> Shop:
    """The repository, the token of `snag-bot`, and the App `snaglist-test` that is installed on `acme`."""
    return furnish(github_stand_in, github_key.public)


@pytest.fixture
def github_process() -> Iterator[RemoteStandIn]:
    """The same as a process of its own, which lives on when others are killed."""
    with running() as github:
        yield github


@pytest.fixture
async def bare_client(github_stand_in: GithubStandIn, github_shop: Shop) -> AsyncIterator[BareClient]:
    """Plain HTTP with the token of `snag-bot`; nobody watches how close together it writes."""
    github_stand_in.limits.watched_gap = None
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5)) as session:
        yield BareClient(session, github_stand_in.url, github_shop.token)
