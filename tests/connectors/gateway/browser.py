"""A telephone's browser as far as the pages need one: cookies, forms, redirects; no scripts."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from gateway_world import BASE_URL, Answered, World, ask

from connectors.departments.gateway.ways_in.licence import Identified, Login, NotIdentified

_FORM = re.compile(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
FORM = {"content-type": "application/x-www-form-urlencoded"}


class FakeLicence:
    """A licence service that vouches for whoever a test says."""

    origin = "https://licence.test"

    def __init__(self, who: Identified | NotIdentified) -> None:
        self.who = who
        self.logins: list[Login] = []

    def address(self, login: Login, return_to: str) -> str:
        self.logins.append(login)
        return f"{self.origin}/licence/authorize?state={login.state}"

    async def identify(self, login: Login, code: str, return_to: str) -> Identified | NotIdentified:
        assert login == self.logins[-1]
        return self.who


class Browser:
    """One telephone."""

    def __init__(self, world: World, address: str = "192.0.2.7") -> None:
        self._world = world
        self._address = address
        self.cookies: dict[str, str] = {}

    async def get(self, path: str) -> Answered:
        """Open a page of the gateway."""
        answer = await self._world.ask("GET", path, headers=self._headers(), client=self._address)
        return self._kept(answer)

    async def press(self, page: Answered, action: str, **fields: str) -> Answered:
        """Send the form of a page that leads to `action`, with a button's fields."""
        target, body = next(form for form in _FORM.findall(page.text) if action in form[0])
        target = html.unescape(target)
        return await self.post(target, {**dict(_HIDDEN.findall(body)), **fields})

    async def post(self, path: str, fields: dict[str, str]) -> Answered:
        """Send a form."""
        answer = await self._world.ask(
            "POST", path, headers={**FORM, **self._headers()}, body=urlencode(fields).encode(),
            client=self._address,
        )  # fmt: skip
        return self._kept(answer)

    async def follow(self, answer: Answered) -> Answered:
        """Go where a redirect leads."""
        assert answer.status == 303, answer.text
        return await self.get(answer.headers["location"].removeprefix(BASE_URL))

    async def hand_in(self, path: str, body: bytes, media_type: str) -> Answered:
        """Send a form with files."""
        headers = {"content-type": media_type, **self._headers()}
        return await self._world.ask("POST", path, headers=headers, body=body, client=self._address)

    async def verify(
        self, page: Answered, code: str = "granted", action: str = "/verify"
    ) -> Answered:
        """Verify by licence: press, come back with the service's answer, see the page."""
        away = await self.press(page, action)
        state = parse_qs(urlsplit(away.headers["location"]).query)["state"][0]
        answer = {"state": state, "code": code} if code else {"state": state, "error": "denied"}
        return await self.follow(await self.get(f"/licence/callback?{urlencode(answer)}"))

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"cookie": cookies} if cookies else {}

    def _kept(self, answer: Answered) -> Answered:
        for line in answer.cookies:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


async def ask_service(app: Any, method: str, path: str, fields: dict[str, str]) -> Answered:
    """Ask another application, such as the licence service, as a browser would."""
    body = urlencode(fields).encode() if method == "POST" else b""
    return await ask(app, method, path, FORM if body else {}, body)


def form_fields(page: Answered) -> dict[str, str]:
    """The hidden fields of a page."""
    return dict(_HIDDEN.findall(page.text))
