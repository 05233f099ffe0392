"""A real browser on the pages of a gateway in memory; what it saw is kept in `.run/screens`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from selenium import webdriver

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "connectors" / "gateway"))
sys.path.insert(1, str(Path(__file__).parents[1] / "connectors" / "console"))
sys.path.insert(1, str(Path(__file__).parents[1] / "connectors" / "dashboard"))

from page_site import PageSite
from telephone import Telephone, a_browser

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / ".run" / "screens"
AXE = ROOT / "tests" / "data" / "axe-core-4.12.1.min.js"


class Browsers:
    """Real browsers, started when they are first needed and used again by the next test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._started: list[webdriver.Chrome] = []

    def at(self, number: int) -> webdriver.Chrome:
        """The browser of a number."""
        while len(self._started) <= number:
            self._started.append(self._stack.enter_context(a_browser()))
        return self._started[number]


@pytest.fixture(scope="session")
def browsers() -> Iterator[Browsers]:
    """The browsers of all tests."""
    with ExitStack() as stack:
        yield Browsers(stack)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PageSite]:
    """The pages."""
    site = PageSite(tmp_path)
    yield site
    site.close()


@pytest.fixture
def telephone_at(browsers: Browsers, request: pytest.FixtureRequest) -> Callable[[str], Telephone]:
    """People's telephones at an address, each without cookies; two at most."""
    album = SCREENS / request.node.name.removeprefix("test_")
    shutil.rmtree(album, ignore_errors=True)
    numbers = count()

    def fresh() -> webdriver.Chrome:
        browser = browsers.at(next(numbers))
        browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
        return browser

    axe = AXE.read_text(encoding="utf-8")
    return lambda address: Telephone(fresh(), address, album, axe, fresh)


@pytest.fixture
def telephone(telephone_at: Callable[[str], Telephone]) -> Callable[[PageSite], Telephone]:
    """The same, on the pages of a gateway in memory."""
    return lambda site: telephone_at(site.address)


@pytest.fixture
def plain_telephone(request: pytest.FixtureRequest) -> Iterator[Callable[[PageSite], Telephone]]:
    """A telephone whose browser runs no scripts of pages."""
    album = SCREENS / request.node.name.removeprefix("test_")
    with a_browser(scripts=False) as browser:
        axe = AXE.read_text(encoding="utf-8")
        yield lambda site: Telephone(browser, site.address, album, axe, lambda: browser)
