"""A whole Snaglist with the built front end, and a browser, for the tests of a module."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.front_end import building
from tests.front_end.browser import Visitor, chromium, visiting
from tests.journeys.conftest import PASSWORD
from tests.running import Running, running

SCREENSHOTS = building.ROOT / "screenshots"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The front end is built; tests that need it are left out where that cannot be done."""
    why_not = building.build(tmp_path_factory.getbasetemp().parent / "front-end.lock")
    if why_not:
        pytest.skip(why_not)


@pytest.fixture(scope="module")
def browser(built: None) -> Iterator[Browser]:
    """A browser without any window. Not for the session: while it runs, this process can have no event loop of its own."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def snaglist(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Snaglist with nothing in it yet."""
    with running(tmp_path_factory.mktemp("front") / "data", SNAGLIST_OWNER_PASSWORD=PASSWORD) as snaglist:
        yield snaglist


@pytest.fixture(scope="module")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Snaglist with a week of errors, more of which come."""
    data = tmp_path_factory.mktemp("demo") / "data"
    with running(data, SNAGLIST_OWNER_PASSWORD=PASSWORD, DEMO="1") as snaglist:
        yield snaglist


@pytest.fixture
def visitor(browser: Browser, snaglist: Running) -> Iterator[Visitor]:
    """Somebody with a wide, light window who looks at `snaglist`; in the end there must be nothing to complain about."""
    with visiting(browser, snaglist.url) as visitor:
        yield visitor
        visitor.has_no_complaints()
