"""Does a system that follows its feed disclose what the hub says? It compares every night.

A digest is of the feed up to an offset; what came after it counts only for the next one.
"""

from __future__ import annotations

import hashlib
import sqlite3

from connectors.sandbox.ledger import DISCLOSED
from schemas.feed import Digest


def note_taken(
    c: sqlite3.Connection, key: str, version: int, state: str, place: tuple[int, int]
) -> None:
    """Remember a version that was taken in, and in which partition at which offset it lay."""
    c.execute("INSERT OR IGNORE INTO taken VALUES (?, ?, ?, ?, ?)", (key, version, state, *place))


def compare(c: sqlite3.Connection, part: int, digest: Digest) -> bool:
    """Whether what was taken in up to the digest's offset comes to the same; written down."""
    rows = c.execute(
        "SELECT key, max(version), state FROM taken WHERE part = ? AND at < ? GROUP BY key",
        (part, digest.as_of),
    )
    shown = sorted(
        (key.partition("|")[2], str(version), key)
        for key, version, state in rows
        if state == DISCLOSED
    )
    # A digest of before `keyed_sha256` was there names a result by its id alone.
    keyed = digest.keyed_sha256 is not None
    lines = "".join(f"{key if keyed else name} {version}\n" for name, version, key in shown)
    ours = f"{len(shown)} {hashlib.sha256(lines.encode()).hexdigest()}"
    theirs = f"{digest.count} {digest.keyed_sha256 or digest.sha256}"
    c.execute(
        "INSERT OR REPLACE INTO comparison VALUES (?, ?, ?, ?, ?)",
        (part, digest.as_of, theirs, ours, ours == theirs),
    )
    return ours == theirs


def comparisons(c: sqlite3.Connection) -> list[tuple[int, bool]]:
    """As of which offsets it compared, and whether both agreed, in order."""
    rows = c.execute("SELECT as_of, agrees FROM comparison ORDER BY as_of")
    return [(as_of, bool(agrees)) for as_of, agrees in rows]
