"""How do enterprises rate in the demonstration? On their own pages, as people do.

Each signs in with the stand-in of the electronic licence, opens the visit, and sends the form that
is there: every step of the real way but the person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from connectors.generate.ratings import Rating

ANSWER_WAIT_S = 20.0
_NOT_RATED = (404, 409, 422)
"""There is no such visit, or it cannot be rated: a result that was refused, a day long past."""


class PageError(Exception):
    """A page is not as it must be; says which, and what is missing."""


@dataclass
class _Form:
    """A form of a page: where it goes, and what it carries already."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in forms and their hidden fields."""
        has: dict[str, Any] = dict(attrs)
        if tag == "form":
            self.found.append(_Form(has.get("action") or ""))
        elif tag == "input" and has.get("type") == "hidden" and self.found:
            self.found[-1].hidden[has.get("name") or ""] = has.get("value") or ""


class EnterpriseBrowser:
    """One enterprise's browser, signed in to its own pages."""

    def __init__(self, gateway: str, uscc: str) -> None:
        """Sign in.

        Raises:
            PageError: it cannot be done.
            OSError: nobody answers.
        """
        self._home = f"{gateway}/e"
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        licence = self._send(*self._form(self._home, "/e/sign-in"), {})
        self._send(*_form_in(*licence, "/licence/approve"), {"uscc": uscc, "allow": "1"})

    def rate(self, rating: Rating) -> bool:
        """Rate a visit; False if there is none that may be rated.

        Raises:
            PageError: the page is not as it must be.
            OSError: nobody answers.
        """
        page = f"{self._home}/visit?{urlencode({'task': rating.task_id})}"
        try:
            address, form = self._form(page, "/e/visit")
        except HTTPError as refused:
            if refused.code not in _NOT_RATED:
                raise
            return False
        except PageError:
            return False
        self._send(address, form, {"stars": str(rating.stars), "comment": rating.comment})
        return True

    def _form(self, page: str, action: str) -> tuple[str, _Form]:
        return _form_in(*self._open(page, None), action)

    def _send(self, address: str, form: _Form, fields: dict[str, str]) -> tuple[str, str]:
        return self._open(address, urlencode({**form.hidden, **fields}).encode())

    def _open(self, address: str, body: bytes | None) -> tuple[str, str]:
        with self._opener.open(address, body, timeout=ANSWER_WAIT_S) as answer:
            return answer.geturl(), answer.read().decode()


def rate_all(gateway: str, wanted: Iterable[Rating]) -> int:
    """Rate visits, each on its enterprise's own page; returns how many ratings were sent."""
    browsers: dict[str, EnterpriseBrowser] = {}
    sent = 0
    for rating in wanted:
        if rating.uscc not in browsers:
            browsers[rating.uscc] = EnterpriseBrowser(gateway, rating.uscc)
        sent += browsers[rating.uscc].rate(rating)
    return sent


def _form_in(address: str, text: str, action: str) -> tuple[str, _Form]:
    """Where the form of a page goes, and the form."""
    reader = _Forms()
    reader.feed(text)
    for form in reader.found:
        if form.action.partition("?")[0] == action:
            return urljoin(address, form.action), form
    raise PageError(f"{address} has no form that leads to {action}")
