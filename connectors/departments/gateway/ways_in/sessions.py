"""Who is this browser, and did this form come from our own page?

A cookie holds a random name. What belongs to it lies in Redis for minutes: attempts to verify,
each good for one answer in this browser only, and the enterprise that was verified.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import blake2s
from hmac import compare_digest

import msgspec
import redis.asyncio as aioredis
from starlette.requests import Request
from starlette.responses import Response

from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.licence import Identified, Login

COOKIE = "insp_session"
LOGIN_KEPT_S = 600
VERIFIED_KEPT_S = 1800
_NAME_LENGTH = 43
_ENTERPRISE = "session"


@dataclass(frozen=True, slots=True)
class Session:
    """A browser. `fresh`: it has no cookie of ours yet."""

    name: str
    fresh: bool


class Attempt(msgspec.Struct, frozen=True):
    """An attempt to verify, and the page it began on."""

    session: str
    token: str
    nonce: str
    verifier: str


class _Verified(msgspec.Struct, frozen=True):
    uscc: str
    name: str


class Sessions:
    """Browsers and what is known of them."""

    def __init__(self, client: aioredis.Redis, secret: bytes, *, https: bool) -> None:
        self._redis = client
        self._secret = secret
        self._https = https

    def of(self, request: Request) -> Session:
        """The browser that asks."""
        name = request.cookies.get(COOKIE, "")
        if len(name) == _NAME_LENGTH and name.isascii():
            return Session(name, fresh=False)
        return self.renewed()

    def renewed(self) -> Session:
        """A browser under a new name."""
        return Session(secrets.token_urlsafe(32), fresh=True)

    def remember(self, session: Session, response: Response, kept_s: int = VERIFIED_KEPT_S) -> None:
        """Give a browser its cookie, if it has none."""
        if session.fresh:
            # Lax: it must come along when the licence service sends the browser back.
            response.set_cookie(
                COOKIE, session.name, max_age=kept_s, path="/", secure=self._https,
                httponly=True, samesite="lax",
            )  # fmt: skip

    def form_token(self, session: Session, page: str) -> str:
        """What a form on a page must carry, so that no other site can send it."""
        message = f"{session.name}\x1f{page}".encode()
        return blake2s(message, key=self._secret, digest_size=16, person=b"form").hexdigest()

    def check_form(self, session: Session, page: str, given: str) -> None:
        """Make sure that a form came from our own page in this browser.

        Raises:
            Problem: it did not.
        """
        expected = self.form_token(session, page)
        if session.fresh or not compare_digest(expected.encode(), given.encode()):
            raise Problem(Why.FORM_EXPIRED)

    async def begin(self, session: Session, token: str) -> Login:
        """A new attempt to verify."""
        login = Login(*(secrets.token_urlsafe(32) for _ in range(3)))
        attempt = Attempt(session.name, token, login.nonce, login.verifier)
        value = msgspec.json.encode(attempt)
        await self._redis.set(_login_key(login.state), value, ex=LOGIN_KEPT_S)
        return login

    async def finish(self, session: Session, state: str) -> tuple[Attempt, Login] | None:
        """The attempt that comes back, once; None if it is not one of this browser's."""
        found = await self._redis.getdel(_login_key(state))
        if found is None:
            return None
        attempt = msgspec.json.decode(found, type=Attempt)
        if session.fresh or not compare_digest(attempt.session, session.name):
            return None
        return attempt, Login(state, attempt.nonce, attempt.verifier)

    async def verified(self, session: Session, who: Identified) -> None:
        """Remember for a while which enterprise was verified in this browser."""
        value = msgspec.json.encode(_Verified(who.uscc, who.name))
        await self.keep(session, _ENTERPRISE, value, VERIFIED_KEPT_S)

    async def enterprise(self, session: Session) -> Identified | None:
        """The enterprise that was verified in this browser; None if none was."""
        found = await self.kept(session, _ENTERPRISE)
        if found is None:
            return None
        who = msgspec.json.decode(found, type=_Verified)
        return Identified(who.uscc, who.name)

    async def forget(self, session: Session) -> None:
        """Forget who was verified in this browser."""
        await self.drop(session, _ENTERPRISE)

    async def keep(self, session: Session, kind: str, value: bytes, seconds: int) -> None:
        """Keep something of a kind with a browser for a while."""
        await self._redis.set(self._key(session, kind), value, ex=seconds)

    async def kept(self, session: Session, kind: str) -> bytes | None:
        """What of a kind is kept with a browser."""
        if session.fresh:
            return None
        found = await self._redis.get(self._key(session, kind))
        return found if isinstance(found, bytes) else None

    async def drop(self, session: Session, kind: str) -> None:
        """Keep it no longer."""
        await self._redis.delete(self._key(session, kind))

    def _key(self, session: Session, kind: str) -> str:
        # Who reads Redis must not be able to act as the browser.
        name = blake2s(session.name.encode(), key=self._secret, digest_size=16).hexdigest()
        return f"insp:gateway:{kind}:{name}"


def _login_key(state: str) -> str:
    name = blake2s(state.encode(), digest_size=16).hexdigest()
    return f"insp:gateway:login:{name}"
