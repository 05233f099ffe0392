"""Whose bearer token is this, and is it still good?

The file is read again when it changes, so issuing and revoking need no restart.
"""

from __future__ import annotations

from collections.abc import Callable
from hmac import compare_digest
from pathlib import Path

import structlog
from starlette.requests import Request

from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.auth import Principal
from connectors.departments.gateway.ways_in.token_file import (
    TokenFileError,
    TokenRow,
    hash_token,
    read_tokens,
)

log = structlog.get_logger()

_LOOK_EVERY_S = 1.0
_TOKEN_LENGTH_MAX = 200


class BearerTokens:
    """Identifies a department by `Authorization: Bearer` (fits auth.Authenticator)."""

    def __init__(self, path: Path, now_s: Callable[[], float]) -> None:
        self._path = path
        self._now_s = now_s
        self._rows: dict[str, TokenRow] = {}
        self._seen: tuple[int, int] | None = None
        self._looked_at = float("-inf")

    def applies(self, request: Request) -> bool:
        """Whether the request brings a bearer token."""
        return request.headers.get("authorization", "")[:7].lower() == "bearer "

    async def identify(self, request: Request) -> Principal:
        """Whose token it is."""
        row = self.row_of(request.headers["authorization"][7:].strip())
        if row.officer:
            raise Problem(Why.UNAUTHENTICATED, "an officer's own token opens pages only")
        return Principal(row.dept, row.id)

    def is_good(self, token_id: str) -> bool:
        """Whether a token that was shown before has neither expired nor been struck off."""
        now = self._look()
        row = self._rows.get(token_id)
        return row is not None and now < row.expires_at

    def row_of(self, token: str) -> TokenRow:
        """What is known of a token.

        Raises:
            Problem: it is not known, or has expired.
        """
        now = self._look()
        parts = token.split(".")
        row = self._rows.get(parts[1]) if len(parts) == 3 else None
        known = row.hash if row is not None else "0" * 64
        # Compared even for an unknown id: the time taken tells nothing.
        genuine = len(token) <= _TOKEN_LENGTH_MAX and compare_digest(hash_token(token), known)
        if row is None or not genuine:
            raise Problem(Why.UNAUTHENTICATED, "this bearer token is not known")
        if now >= row.expires_at:
            raise Problem(Why.CREDENTIALS_EXPIRED, f"token {row.id} has expired")
        return row

    def _look(self) -> float:
        """Read the file again if it has changed, at most every second; gives the time."""
        now = self._now_s()
        if abs(now - self._looked_at) >= _LOOK_EVERY_S:
            self._looked_at = now
            self._read()
        return now

    def _read(self) -> None:
        try:
            status = self._path.stat()
            seen = (status.st_mtime_ns, status.st_ino)
            if seen != self._seen:
                self._rows, self._seen = read_tokens(self._path), seen
        except FileNotFoundError:
            self._rows, self._seen = {}, None
        except TokenFileError:
            # An unfit file must not keep old tokens alive either.
            log.exception("the file of tokens cannot be used, nobody gets in by token")
            self._rows, self._seen = {}, None
