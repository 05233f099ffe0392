"""Which bearer token is whose, and until when? A file of hashes; a token is shown once, at issue.

One JSON object a line, mode 0400: who reads the file can impersonate nobody. The file is read again
when it changes, so issuing and revoking need no restart.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

import msgspec
import structlog
from starlette.requests import Request

from connectors.departments.gateway.auth import Principal
from connectors.departments.gateway.problems import Problem, Why

log = structlog.get_logger()

FILE_NAME = "tokens.jsonl"
PREFIX = "insp1"
SECRET_MODE = 0o400
_LOOK_EVERY_S = 1.0
_TOKEN_LENGTH_MAX = 200


class TokenRow(msgspec.Struct, frozen=True):
    """One token. `expires_at` is in Unix seconds; `hash` the SHA-256 of the whole token."""

    id: str
    dept: str
    hash: str
    expires_at: int


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(TokenRow).decode


class TokenFileError(Exception):
    """The file of tokens is unfit; says which, why, and what to do."""


def read_tokens(path: Path) -> dict[str, TokenRow]:
    """All tokens of a file by their id; none if there is no file.

    Raises:
        TokenFileError: others may read or write it, or a line is no token's.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_bytes()
    except FileNotFoundError:
        return {}
    if mode != SECRET_MODE:
        raise TokenFileError(f"{path} has mode {mode:04o}, 0400 expected: run: chmod 0400 {path}")
    try:
        rows = [_decode(line) for line in text.splitlines()]
    except msgspec.DecodeError as cause:
        raise TokenFileError(f"{path} holds a line that is no token: {cause}") from None
    return {row.id: row for row in rows}


def issue_token(path: Path, dept: str, expires_at: int) -> tuple[str, TokenRow]:
    """A new token, which nobody can be shown again, and its row in the file."""
    token_id = secrets.token_hex(8)
    token = f"{PREFIX}.{token_id}.{secrets.token_urlsafe(32)}"
    row = TokenRow(token_id, dept, _hash(token), expires_at)
    _write(path, {**read_tokens(path), token_id: row})
    return token, row


def revoke_token(path: Path, token_id: str) -> bool:
    """Strike a token off; whether there was one."""
    rows = read_tokens(path)
    if rows.pop(token_id, None) is None:
        return False
    _write(path, rows)
    return True


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
        token = request.headers["authorization"][7:].strip()
        self._look()
        parts = token.split(".")
        row = self._rows.get(parts[1]) if len(parts) == 3 else None
        known = row.hash if row is not None else "0" * 64
        # Compared even for an unknown id: the time taken tells nothing.
        genuine = len(token) <= _TOKEN_LENGTH_MAX and compare_digest(_hash(token), known)
        if row is None or not genuine:
            raise Problem(Why.UNAUTHENTICATED, "this bearer token is not known")
        if self._now_s() >= row.expires_at:
            raise Problem(Why.CREDENTIALS_EXPIRED, f"token {row.id} has expired")
        return Principal(row.dept, row.id)

    def _look(self) -> None:
        """Read the file again if it has changed, at most every second."""
        now = self._now_s()
        if abs(now - self._looked_at) < _LOOK_EVERY_S:
            return
        self._looked_at = now
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


def _hash(token: str) -> str:
    # The secret has 256 random bits: no salt and no slow hash could add anything.
    return sha256(token.encode()).hexdigest()


def _write(path: Path, rows: dict[str, TokenRow]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), SECRET_MODE)
        file.writelines(_encode(row) + b"\n" for row in rows.values())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
