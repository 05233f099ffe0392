"""Which bearer tokens were issued? A file of hashes; a token itself is shown once, at issue.

One JSON object a line, mode 0400: who reads the file can impersonate nobody.
"""

from __future__ import annotations

import os
import secrets
import stat
from hashlib import sha256
from pathlib import Path

import msgspec

FILE_NAME = "tokens.jsonl"
SITES_FILE_NAME = "site-tokens.jsonl"
"""Publicity systems' tokens: in a file of their own no department can be taken for a site."""
OPERATORS_FILE_NAME = "operator-tokens.jsonl"
"""Operators' tokens: they open the dashboard, and nothing else does."""

PREFIX = "insp1"
SECRET_MODE = 0o400


class TokenRow(msgspec.Struct, frozen=True):
    """One token. `expires_at` is in Unix seconds; `hash` the SHA-256 of the whole token.

    `officer` is the certificate of the officer whose own it is: it opens pages, and nothing else.
    An operator's has a `role`; then `dept` is the operator's name.
    """

    id: str
    dept: str
    hash: str
    expires_at: int
    officer: str = ""
    role: str = ""


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


def issue_token(
    path: Path, dept: str, expires_at: int, officer: str = "", role: str = ""
) -> tuple[str, TokenRow]:
    """A new token, which nobody can be shown again, and its row in the file."""
    token_id = secrets.token_hex(8)
    token = f"{PREFIX}.{token_id}.{secrets.token_urlsafe(32)}"
    row = TokenRow(token_id, dept, hash_token(token), expires_at, officer, role)
    _write(path, {**read_tokens(path), token_id: row})
    return token, row


def revoke_token(path: Path, token_id: str) -> bool:
    """Strike a token off; whether there was one."""
    rows = read_tokens(path)
    if rows.pop(token_id, None) is None:
        return False
    _write(path, rows)
    return True


def hash_token(token: str) -> str:
    """What the file keeps of a token."""
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
