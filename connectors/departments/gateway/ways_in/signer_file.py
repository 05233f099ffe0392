"""Which departments' public keys are trusted? A file that nobody else may write."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
from nacl.signing import VerifyKey

FILE_NAME = "signers.jsonl"
SITES_FILE_NAME = "site-signers.jsonl"
PUBLIC_BYTES = 32


class SignerRow(msgspec.Struct, frozen=True):
    """A department's public key, 64 hexadecimal digits."""

    key_id: str
    dept: str
    public: str


def read_signers(path: Path) -> dict[str, tuple[str, VerifyKey]]:
    """Department and key by key id; none if there is no file.

    Raises:
        ValueError: others may write it, or a line is no key's.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return {}
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ValueError(f"{path} has mode {mode:04o}, others may write it: chmod 0444 {path}")
    rows = [msgspec.json.decode(line, type=SignerRow) for line in lines]
    return {row.key_id: (row.dept, VerifyKey(bytes.fromhex(row.public))) for row in rows}


def trust_signer(path: Path, row: SignerRow) -> None:
    """Add a department's key, or put it in the place of the one of that id."""
    public = bytes.fromhex(row.public)
    if len(public) != PUBLIC_BYTES:
        raise ValueError(f"a public key has {PUBLIC_BYTES} bytes, {len(public)} found")
    VerifyKey(public)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = path.read_bytes().splitlines() if path.exists() else []
    rows = [msgspec.json.decode(line, type=SignerRow) for line in lines]
    kept = [one for one in rows if one.key_id != row.key_id]
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in (*kept, row)))
    beside.chmod(0o444)
    beside.replace(path)
