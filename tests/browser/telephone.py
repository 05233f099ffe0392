"""A telephone with a real browser: what it shows is photographed, measured, judged by axe-core."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from waiting import POLL_S, until

WIDTH, HEIGHT = 360, 800
PAPER = (794, 1123)
"""A4 at 96 dots an inch."""
WAIT_S = 30
MISSING = "is missing: run: apt-get install chromium chromium-driver fonts-noto-cjk"
_ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--lang=zh-CN",
)  # fmt: skip


@contextmanager
def a_browser(*, scripts: bool = True) -> Iterator[webdriver.Chrome]:
    """Debian's Chromium, which reaches nothing but this machine."""
    paths = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    for name, path in paths.items():
        if path is None:
            pytest.fail(f"{name} {MISSING}")
    options = webdriver.ChromeOptions()
    options.binary_location = str(paths["chromium"])
    for argument in (*_ARGUMENTS, f"--window-size={WIDTH},{HEIGHT}"):
        options.add_argument(argument)
    if not scripts:
        setting = "profile.managed_default_content_settings.javascript"
        options.add_experimental_option("prefs", {setting: 2})
    service = webdriver.ChromeService(executable_path=str(paths["chromedriver"]))
    browser = webdriver.Chrome(options=options, service=service)
    try:
        yield browser
    finally:
        browser.quit()


Found = TypeVar("Found")


class Telephone:
    """One person's browser. Each page that is looked at is photographed."""

    def __init__(
        self,
        browser: webdriver.Chrome,
        address: str,
        album: Path,
        axe: str,
        again: Callable[[], webdriver.Chrome],
    ) -> None:
        self.browser = browser
        self._again = again
        self.address = address
        self._album = album
        self._axe = axe
        album.mkdir(parents=True, exist_ok=True)
        self.resize(WIDTH, HEIGHT)

    def resize(self, width: int, height: int) -> None:
        """Look at it on a screen of another size; a wide one is no telephone's."""
        small = width == WIDTH
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2 if small else 1,
                   "mobile": small}  # fmt: skip
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self._width = width

    def another(self) -> Telephone:
        """A second person's telephone, which shares no cookies with this one."""
        return Telephone(self._again(), self.address, self._album, self._axe, self._again)

    def open(self, path: str) -> None:
        """Open an address of the site, or a whole one."""
        self.browser.get(path if path.startswith("http") else self.address + path)

    @property
    def text(self) -> str:
        """What can be read on the page."""
        return self.read("body")

    def read(self, css: str) -> str:
        """What an element says, also when it is drawn anew in that very moment."""
        return self._of_what_stands(lambda: self.find(css).text)

    def _of_what_stands(self, act: Callable[[], Found]) -> Found:
        """Live pages are drawn anew at any moment: what was found just before is found again.

        So is what is not there yet, because the page is still on its way.
        """
        ends = time.monotonic() + WAIT_S
        while True:
            try:
                return act()
            except NoSuchElementException:
                if time.monotonic() > ends:
                    raise
            except WebDriverException as cause:
                if not _is_of_a_page_before(cause) or time.monotonic() > ends:
                    raise
            time.sleep(POLL_S)

    @property
    def path(self) -> str:
        """Where we are."""
        return self.browser.current_url.removeprefix(self.address)

    def find(self, css: str) -> WebElement:
        """One element."""
        return self.browser.find_element(By.CSS_SELECTOR, css)

    def all(self, css: str) -> list[WebElement]:
        """All such elements."""
        return self.browser.find_elements(By.CSS_SELECTOR, css)

    def query(self, name: str) -> str:
        """What the address says of a name."""
        return parse_qs(urlsplit(self.browser.current_url).query)[name][0]

    def until(
        self, path: str, holds: Callable[[str], bool], what: str, deadline_s: float = 60.0
    ) -> None:
        """Open a page again and again until what it says is so."""

        def is_so() -> bool:
            self.open(path)
            return holds(self.text)

        until(is_so, f"{what}; the page says:\n{self.text}", deadline_s)

    def press(self, words: str) -> None:
        """Press the button or link with these words, and wait for the page it leads to."""
        xpath = f"//*[self::button or self::a][contains(normalize-space(.), '{words}')]"
        here = self.browser.find_element(By.TAG_NAME, "html")
        self._of_what_stands(lambda: self.browser.find_element(By.XPATH, xpath).click())
        WebDriverWait(self.browser, WAIT_S).until(lambda _: _is_gone(here))

    def type(self, css: str, text: str) -> None:
        """Write into a field."""

        def write() -> None:
            field = self.find(css)
            field.clear()
            field.send_keys(text)

        self._of_what_stands(write)

    def keys(self, text: str) -> None:
        """Type where the focus is."""
        ActionChains(self.browser).send_keys(text.replace("\n", Keys.ENTER)).perform()

    def keys_reach(self, css: str, steps_max: int) -> bool:
        """Whether the tab key leads to a field; the focus is there then."""
        for _ in range(steps_max):
            if self.is_focused(css):
                return True
            ActionChains(self.browser).send_keys(Keys.TAB).perform()
        return False

    def is_focused(self, css: str) -> bool:
        """Whether typing would go there."""
        script = "return document.activeElement === document.querySelector(arguments[0])"
        return bool(self.browser.execute_script(script, css))

    def day(self, css: str, day: str) -> None:
        """Fill a day in: how it is typed depends on the browser's language."""
        script = "document.querySelector(arguments[0]).value = arguments[1]"
        self.browser.execute_script(script, css, day)

    def choose(self, css: str) -> None:
        """Choose an option, however it is drawn."""
        self._of_what_stands(lambda: self.find(css).click())

    def shows(self, css: str) -> bool:
        """Whether an element can be seen."""
        return self._of_what_stands(lambda: self.find(css).is_displayed())

    def look(self, name: str) -> None:
        """Photograph the page; it must fit the telephone and be accessible."""
        self.glance(name)
        assert not self.faults(), f"{name} at {self.path}:\n" + "\n".join(self.faults())

    def glance(self, name: str) -> None:
        """Photograph the page; it must fit the telephone."""
        self._photograph(name)
        width = self.browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= self._width, f"{name} is {width} px wide at {self.path}"

    def faults(self) -> list[str]:
        """What axe-core finds wrong with the page."""
        self.browser.execute_script(self._axe)
        found: dict[str, Any] = self.browser.execute_async_script(
            "const done = arguments[0]; axe.run(document).then(done, e => done({error: String(e)}))"
        )
        assert "violations" in found, found
        assert found["passes"], "axe-core looked at nothing"
        return [
            f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:120]}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    def seconds_to_load(self) -> float:
        """From pressing a link to the page standing there, as the browser measured it."""
        script = "return performance.getEntriesByType('navigation')[0].loadEventEnd"
        return float(self.browser.execute_script(script)) / 1000

    def keep(self, name: str, figures: dict[str, float]) -> None:
        """Print figures, and keep them beside the photographs."""
        text = json.dumps(figures, indent=1)
        print(text)  # noqa: T201 - figures of this machine, for whoever runs the tests
        (self._album / name).write_text(text, encoding="utf-8")

    def on_paper(self, name: str) -> bytes:
        """The page as printed (PDF); as paper of A4 it must scan and be accessible."""
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        self.resize(*PAPER)
        try:
            assert self.code_on_screen(), "the symbol can be read off the paper"
            shot = self.browser.get_screenshot_as_png()
            (self._album / f"{name.replace(' ', '-')}.png").write_bytes(shot)
            assert not self.faults(), f"{name} on paper:\n" + "\n".join(self.faults())
        finally:
            self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
            self.resize(WIDTH, HEIGHT)
        printed = self.browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
        content = base64.b64decode(printed["data"])
        (self._album / f"{name.replace(' ', '-')}.pdf").write_bytes(content)
        return content

    def code_on_screen(self) -> str:
        """What the QR symbol on the screen says."""
        picture = Image.open(BytesIO(self.browser.get_screenshot_as_png()))
        found = zxingcpp.read_barcode(picture)
        assert found is not None, f"no QR symbol can be read on {self.path}"
        return str(found.text)

    def _photograph(self, name: str) -> None:
        height = self.browser.execute_script("return document.documentElement.scrollHeight")
        shot = self.browser.execute_cdp_cmd(
            "Page.captureScreenshot",
            {"captureBeyondViewport": True,
             "clip": {"x": 0, "y": 0, "width": self._width, "height": min(height, 4000),
                      "scale": 1}},
        )  # fmt: skip
        number = len(list(self._album.glob("*.png"))) + 1
        name = f"{number:02}-{name.replace(' ', '-')}.png"
        (self._album / name).write_bytes(base64.b64decode(shot["data"]))


def _is_gone(element: WebElement) -> bool:
    try:
        element.is_enabled()
    except WebDriverException as cause:
        if not _is_of_a_page_before(cause):
            raise
        return True
    return False


def _is_of_a_page_before(cause: WebDriverException) -> bool:
    """What the driver says of an element once another page, or another drawing, took its place."""
    return isinstance(
        cause, StaleElementReferenceException
    ) or "does not belong to the document" in str(cause)
