"""Which operator uses this browser, and what may he do? Looked at again at every page."""

from __future__ import annotations

import msgspec

from connectors.departments.gateway.problems import Problem
from connectors.departments.gateway.ways_in.sessions import Session, Sessions
from connectors.departments.gateway.ways_in.tokens import BearerTokens
from schemas.operator import OperatorRole

KEPT_S = 12 * 3600
"""A night shift, with the time to hand over."""
_KIND = "operator"


class Operator(msgspec.Struct, frozen=True):
    """Somebody who is signed in to the dashboard. What he does is on record under his name."""

    name: str
    role: OperatorRole
    token_id: str

    def may(self, role: OperatorRole) -> bool:
        """Whether he may do what this role may."""
        return self.role.includes(role)


class OperatorDoor:
    """Lets operators in by their own tokens."""

    def __init__(self, sessions: Sessions, tokens: BearerTokens) -> None:
        self._sessions = sessions
        self._tokens = tokens

    async def sign_in(self, token: str) -> Session | None:
        """A new session for the operator whose token it is; None if he may not in."""
        try:
            row = self._tokens.row_of(token)
            who = Operator(row.dept, OperatorRole(row.role), row.id)
        except (Problem, ValueError):
            return None
        session = self._sessions.renewed()
        await self._sessions.keep(session, _KIND, msgspec.json.encode(who), KEPT_S)
        return session

    async def operator(self, session: Session) -> Operator | None:
        """Who is signed in; None if nobody is, or his token was struck off or has expired."""
        found = await self._sessions.kept(session, _KIND)
        if found is None:
            return None
        who = msgspec.json.decode(found, type=Operator)
        return who if self._tokens.is_good(who.token_id) else None

    async def sign_out(self, session: Session) -> None:
        """Forget who is signed in."""
        await self._sessions.drop(session, _KIND)
