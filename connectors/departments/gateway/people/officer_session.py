"""Which officer uses this browser? Signed in with a token of his own, and checked at every page.

A certificate that is suspended, or a token that is struck off, closes the pages at once (art. 14).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from connectors.departments.gateway.ports import Desk
from connectors.departments.gateway.problems import Problem
from connectors.departments.gateway.ways_in.sessions import Session, Sessions
from connectors.departments.gateway.ways_in.tokens import BearerTokens
from schemas.enums import Standing

KEPT_S = 8 * 3600
_KIND = "officer"


class Officer(msgspec.Struct, frozen=True):
    """An officer who is signed in."""

    dept: str
    cert_no: str
    token_id: str


class OfficerDoor:
    """Lets officers in, and looks again at each page whether they still may be."""

    def __init__(
        self, sessions: Sessions, tokens: BearerTokens, desk: Desk, today: Callable[[], date]
    ) -> None:
        self._sessions = sessions
        self._tokens = tokens
        self._desk = desk
        self._today = today

    async def sign_in(self, token: str) -> Session | None:
        """A new session for the officer whose token it is; None if he may not in."""
        try:
            row = self._tokens.row_of(token)
        except Problem:
            return None
        who = Officer(row.dept, row.officer, row.id)
        if not self._may(who):
            return None
        session = self._sessions.renewed()
        await self._sessions.keep(session, _KIND, msgspec.json.encode(who), KEPT_S)
        return session

    async def officer(self, session: Session) -> Officer | None:
        """Who is signed in; None if nobody is, or is no longer allowed to be."""
        found = await self._sessions.kept(session, _KIND)
        if found is None:
            return None
        who = msgspec.json.decode(found, type=Officer)
        return who if self._tokens.is_good(who.token_id) and self._may(who) else None

    async def sign_out(self, session: Session) -> None:
        """Forget who is signed in."""
        await self._sessions.drop(session, _KIND)

    def _may(self, who: Officer) -> bool:
        if not who.cert_no:
            return False
        (shown,) = self._desk.officers((who.cert_no,), who.dept, self._today())
        return shown.standing is Standing.VALID
