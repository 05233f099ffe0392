"""What becomes of what arrives at a sandbox? It waits, takes effect, is shown, and is receipted.

Each function works inside a transaction of the journal. The highest version of a result wins; a
lower one that comes late takes no effect in public.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from schemas.feed import DisclosureState


class Answered(StrEnum):
    """What was done with an arrival: the column `answer`."""

    TAKEN = "taken"
    """Taken in and said so."""
    REPEATED = "repeated"
    """Known by its key: the first answer again."""
    HUNG = "hung"
    """Taken in, but no answer ever came."""
    MISNAMED = "misnamed"
    """Taken in, but the answer named another key."""
    LOST = "lost"
    """Said to be taken in, then forgotten."""
    CONFLICT = "conflict"
    """Refused: the key is known with another body."""
    REFUSED = "refused"
    """Refused for its content."""
    FAILED = "failed"
    """A 500: not taken in."""
    LIMITED = "limited"
    """A 429: not taken in."""


DISCLOSED = DisclosureState.DISCLOSED.value
TOGETHER_MAX = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """One version of one result, as the system understands it from its own columns.

    Attributes:
        page: what the public may read of it while it is disclosed.
    """

    key: str
    uscc: str
    result_id: str
    version: int
    state: str
    body_sha256: str
    page: dict[str, str] = field(default_factory=dict)


class Told(NamedTuple):
    """A business receipt."""

    n: int
    key: str
    uscc: str
    result_id: str
    version: int
    state: str
    body_sha256: str
    receipt_id: str
    errors: tuple[str, ...]
    at_ms: int


class Page(NamedTuple):
    """What the system holds of one result."""

    uscc: str
    result_id: str
    version: int
    state: str
    receipt_id: str
    texts: dict[str, str]


def note_arrival(c: sqlite3.Connection, item: Item, at_ms: int, answer: Answered) -> int:
    """Write down that something arrived and what is answered; gives its number."""
    row = (item.key, item.result_id, item.version, item.body_sha256, at_ms, answer.value)
    return (
        c.execute(
            "INSERT INTO arrival (key, result_id, version, body_sha256, at_ms, answer)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            row,
        ).lastrowid
        or 0
    )


def keep(
    c: sqlite3.Connection,
    item: Item,
    *,
    received_ms: int,
    due_ms: int,
    receipt_id: str,
    errors: Sequence[str] = (),
    misnamed: bool = False,
) -> None:
    """Take it in: it will take effect, or be refused with `errors`, when it is due.

    `misnamed`: first a receipt goes out that names a key nobody knows.
    """
    c.execute(
        "INSERT INTO pending (key, uscc, result_id, version, state, body_sha256, received_ms,"
        " due_ms, receipt_id, errors, misnamed, page) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (item.key, item.uscc, item.result_id, item.version, item.state, item.body_sha256,
         received_ms, due_ms, receipt_id, json.dumps(errors, ensure_ascii=False), misnamed,
         json.dumps(item.page, ensure_ascii=False)),
    )  # fmt: skip


def make_effective(c: sqlite3.Connection, now_ms: int, *, trusting: bool = False) -> bool:
    """Carry out what is due; whether anything still waits.

    `trusting`: each anew and whatever its version, as a system does that compares none.
    """
    due = c.execute(
        "SELECT id, key, uscc, result_id, version, state, body_sha256, received_ms, receipt_id,"
        " errors, misnamed, page FROM pending WHERE due_ms <= ? ORDER BY due_ms, id LIMIT ?",
        (now_ms, TOGETHER_MAX),
    ).fetchall()
    for number, *row, errors, misnamed, page in due:
        key, uscc, result_id, version, state, sha, received_ms, receipt_id = row
        if errors == "[]":
            row = (uscc, result_id, version, state, receipt_id, page)
            changed = _show(c, row, trusting=trusting)
            c.execute(
                "INSERT INTO effect (key, uscc, result_id, version, state, body_sha256,"
                " received_ms, effective_ms, receipt_id, changed)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (key, uscc, result_id, version, state, sha, received_ms, now_ms, receipt_id,
                 changed),
            )  # fmt: skip
        receipt = (uscc, result_id, version, state, sha, receipt_id, errors, now_ms)
        for name in (key[::-1], key) if misnamed else (key,):
            c.execute(
                "INSERT INTO receipt (key, uscc, result_id, version, state, body_sha256,"
                " receipt_id, errors, at_ms, told) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                (name, *receipt),
            )
        c.execute("DELETE FROM pending WHERE id = ?", (number,))
    return c.execute("SELECT 1 FROM pending LIMIT 1").fetchone() is not None


def held(c: sqlite3.Connection, uscc: str, result_id: str) -> Page | None:
    """What the system holds of a result, shown or not; None if it never had it."""
    row = c.execute(
        "SELECT uscc, result_id, version, state, receipt_id, page FROM page"
        " WHERE uscc = ? AND result_id = ?",
        (uscc, result_id),
    ).fetchone()
    return None if row is None else _page(row)


def shown(c: sqlite3.Connection, skip: int, limit: int) -> tuple[int, list[Page]]:
    """How many results are shown, and some of them."""
    total = c.execute("SELECT count(*) FROM page WHERE state = ?", (DISCLOSED,)).fetchone()[0]
    rows = c.execute(
        "SELECT uscc, result_id, version, state, receipt_id, page FROM page WHERE state = ?"
        " ORDER BY uscc, result_id LIMIT ? OFFSET ?",
        (DISCLOSED, limit, skip),
    )
    return total, [_page(row) for row in rows]


def receipts(c: sqlite3.Connection, after: int, limit: int) -> list[Told]:
    """Receipts after a number."""
    return _told(c, "n > ?", (after, limit))


def untold(c: sqlite3.Connection, limit: int) -> list[Told]:
    """Receipts that have not gone out yet."""
    return _told(c, "told = 0 AND n > ?", (0, limit))


def mark_told(c: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """These receipts went out."""
    c.executemany("UPDATE receipt SET told = 1 WHERE n = ?", [(n,) for n in numbers])


def mark(c: sqlite3.Connection, name: str) -> int:
    """How far a reading has come; 0 at first."""
    row = c.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
    return row[0] if row else 0


def set_mark(c: sqlite3.Connection, name: str, value: int) -> None:
    """Remember how far a reading has come."""
    c.execute("INSERT OR REPLACE INTO mark (name, value) VALUES (?, ?)", (name, value))


def _show(
    c: sqlite3.Connection, row: tuple[str, str, int, str, str, str], *, trusting: bool
) -> int:
    """Put a version on the page if it is newer; 1 if the public sees something change."""
    uscc, result_id, version, state, _, _ = row
    before = held(c, uscc, result_id)
    if before is not None and before.version >= version and not trusting:
        return 0
    c.execute("INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?)", row)
    if trusting:
        return 1
    was_shown = before is not None and before.state == DISCLOSED
    return int(was_shown or state == DISCLOSED)


def _told(c: sqlite3.Connection, where: str, values: tuple[int, int]) -> list[Told]:
    rows = c.execute(
        "SELECT n, key, uscc, result_id, version, state, body_sha256, receipt_id, errors, at_ms"  # noqa: S608
        f" FROM receipt WHERE {where} ORDER BY n LIMIT ?",
        values,
    )
    return [Told(*row)._replace(errors=tuple(json.loads(row[8]))) for row in rows]


def _page(row: tuple[str, str, int, str, str, str]) -> Page:
    return Page(*row[:5], json.loads(row[5]))
