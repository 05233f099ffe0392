"""Which events has the hub not confirmed yet? Kept on disk, in SQLite, before they are sent.

An event is on disk when `put` returns, and stays until the hub has it: `kill -9` or loss of power
loses nothing. One that was sent but not yet marked is sent again; the hub knows repeats by source
and id. Events of one key leave one after another; what waits for its next try holds up only its own
key. One process at a time uses an outbox.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.departments.sdk.events import Event

WAITING, SENT, REFUSED = "WAITING", "SENT", "REFUSED"
EVENTS_MAX = 100_000
BYTES_MAX = 256 << 20
KEEP_SENT_S = 30 * 86_400.0
HANDLED_MAX = 1_000_000
ASK_FOR_S = 7 * 86_400.0
"""So long a decision is asked for; that on a task sent twice with other content never comes."""
_PRUNE_EVERY = 1000

_TABLES = """
CREATE TABLE IF NOT EXISTS event (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL,
    value BLOB NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL, ended_at REAL, receipt TEXT, code TEXT, error TEXT);
CREATE INDEX IF NOT EXISTS waiting ON event (key, n) WHERE state = 'WAITING';
CREATE TABLE IF NOT EXISTS undecided (
    receipt TEXT PRIMARY KEY, task_id TEXT NOT NULL, since REAL NOT NULL,
    asked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS handled (n INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
"""
_HEADS = "n IN (SELECT min(n) FROM event WHERE state = 'WAITING' GROUP BY key)"


class OutboxFull(Exception):  # noqa: N818 - it says what is so
    """The outbox takes no more: the hub was away too long. Nothing was stored."""


class OutboxInUse(Exception):  # noqa: N818 - it says what is so
    """Another process uses this outbox."""


class OtherContent(ValueError):  # noqa: N818 - it says what is wrong
    """An event with this id and other content was published before: give it an id of its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the outbox and what became of it."""

    n: int
    event: Event
    state: str
    attempts: int
    receipt: str | None
    code: str | None
    error: str | None


class Outbox:
    """Events of one department; safe among threads."""

    def __init__(
        self,
        path: Path,
        source: str,
        *,
        events_max: int = EVENTS_MAX,
        bytes_max: int = BYTES_MAX,
        keep_sent_s: float = KEEP_SENT_S,
    ) -> None:
        """Open it, or make it.

        Args:
            path: The file; its folder must be there and on a local disk.
            source: The department's registry code.
            events_max: At most so many events wait.
            bytes_max: And at most so many bytes of them.
            keep_sent_s: How long a sent event is remembered, to know its repetition.

        Raises:
            OutboxInUse: another process has it open.
        """
        self._path = path
        self._source = source
        self._events_max, self._bytes_max = events_max, bytes_max
        self._keep_sent_s = keep_sent_s
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, timeout=0.2, isolation_level=None, check_same_thread=False)
        try:
            # Exclusive: a second process would send the same events in another order.
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(f"BEGIN IMMEDIATE;{_TABLES}COMMIT;")
        except sqlite3.OperationalError as cause:
            self._db.close()
            raise OutboxInUse(f"{path} cannot be opened for writing: {cause}") from cause
        self._count: int
        self._bytes: int
        self._count, self._bytes = self._one(
            "SELECT count(*), coalesce(sum(length(value)), 0) FROM event WHERE state = 'WAITING'"
        )
        self._puts = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write what is done within at once, or nothing of it."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            with self._db:
                yield

    def put(self, event: Event, now: float) -> Entry:
        """Store an event; one that is stored already is found again.

        Raises:
            OutboxFull: too many wait. OtherContent: the id was used for something else.
        """
        value = event.structured(self._source)
        with self._lock:
            known = self.find(event.id)
            if known is not None:
                # The time may differ, as when a program starts anew: the first one stands.
                if not known.event.says_the_same(event):
                    raise OtherContent(f"event {event.id} was published before with other content")
                return known
            self._check_room(len(value))
            self._db.execute(
                "INSERT INTO event (id, key, value, state, next_at) VALUES (?, ?, ?, 'WAITING', ?)",
                (event.id, event.key, value, now),
            )
            self._count, self._bytes = self._count + 1, self._bytes + len(value)
            self._puts += 1
            if self._puts % _PRUNE_EVERY == 0:
                self._prune(now)
            stored = self.find(event.id)
        assert stored is not None  # noqa: S101 - it was just stored
        return stored

    def due(self, now: float, limit: int) -> list[Entry]:
        """The oldest event of each key whose time has come, in the order they were stored."""
        return self._entries(f"{_HEADS} AND next_at <= ? ORDER BY n LIMIT ?", (now, limit))

    def next_at(self) -> float | None:
        """When the next event is due; None if none waits."""
        found: float | None = self._one(f"SELECT min(next_at) FROM event WHERE {_HEADS}")[0]  # noqa: S608
        return found

    def find(self, event_id: str) -> Entry | None:
        """An event by its id, as long as it is remembered."""
        return next(iter(self._entries("id = ?", (event_id,))), None)

    def refused(self) -> list[Entry]:
        """What the hub refused for good and nobody has looked at yet."""
        return self._entries("state = 'REFUSED' ORDER BY n", ())

    def forget(self, event_id: str) -> None:
        """A refused event was looked at."""
        self._write("DELETE FROM event WHERE id = ? AND state = 'REFUSED'", (event_id,))

    def waiting(self) -> int:
        """How many events the hub has not confirmed."""
        return self._count

    def sent(self, entry: Entry, receipt: str, now: float, *, awaits_decision: bool) -> None:
        """The hub has it."""
        with self.together():
            self._end(entry, SENT, now, receipt=receipt)
            if awaits_decision and entry.event.task_id is not None:
                self._db.execute(
                    "INSERT OR IGNORE INTO undecided (receipt, task_id, since) VALUES (?, ?, ?)",
                    (receipt, entry.event.task_id, now),
                )

    def refuse(self, entry: Entry, code: str, error: str, now: float) -> None:
        """The hub will never take it."""
        with self._lock:
            self._end(entry, REFUSED, now, code=code, error=error)

    def later(self, entry: Entry, error: str, next_at: float) -> None:
        """It could not be sent; to be tried again at `next_at`."""
        self._write(
            "UPDATE event SET attempts = attempts + 1, error = ?, next_at = ? WHERE n = ?",
            (error, next_at, entry.n),
        )

    def undecided(self, limit: int, now: float) -> list[str]:
        """Receipts whose decision is still awaited, those asked about longest ago first."""
        with self.together():
            self._db.execute("DELETE FROM undecided WHERE since < ?", (now - ASK_FOR_S,))
            rows = self._db.execute(
                "SELECT receipt FROM undecided ORDER BY asked, rowid LIMIT ?", (limit,)
            ).fetchall()
            self._db.executemany(
                "UPDATE undecided SET asked = (SELECT max(asked) + 1 FROM undecided) "
                "WHERE receipt = ?",
                rows,
            )
        return [row[0] for row in rows]

    def was_handled(self, name: str) -> bool:
        """Was this answer handled before?"""
        found: int = self._one("SELECT count(*) FROM handled WHERE name = ?", (name,))[0]
        return found > 0

    def handled(self, name: str, task_id: str | None) -> None:
        """Remember that an answer was handled, and that its task no longer awaits one."""
        with self.together():
            self._db.execute("INSERT OR IGNORE INTO handled (name) VALUES (?)", (name,))
            self._db.execute(
                "DELETE FROM handled WHERE n <= (SELECT max(n) FROM handled) - ?", (HANDLED_MAX,)
            )
            self._db.execute("DELETE FROM undecided WHERE task_id = ?", (task_id,))

    def close(self) -> None:
        """Close the file; another process may open it."""
        with self._lock:
            self._db.close()

    def _check_room(self, size: int) -> None:
        if self._count < self._events_max and self._bytes + size <= self._bytes_max:
            return
        oldest = next(iter(self._entries(f"{_HEADS} ORDER BY n LIMIT 1", ())), None)
        why = f"; the last error: {oldest.error}" if oldest and oldest.error else ""
        raise OutboxFull(
            f"{self._path} holds {self._count} events ({self._bytes} bytes) that the hub has not "
            f"taken, at most {self._events_max} ({self._bytes_max} bytes) may wait{why}. "
            "Nothing was stored: publish again when the hub is back"
        )

    def _end(
        self, entry: Entry, state: str, now: float, *, receipt: str | None = None,
        code: str | None = None, error: str | None = None,
    ) -> None:  # fmt: skip
        size = len(entry.event.structured(self._source))
        done = self._db.execute(
            "UPDATE event SET state = ?, ended_at = ?, receipt = ?, code = ?, error = ?, "
            "attempts = attempts + 1 WHERE n = ? AND state = 'WAITING'",
            (state, now, receipt, code, error, entry.n),
        )
        if done.rowcount:
            self._count, self._bytes = self._count - 1, self._bytes - size

    def _prune(self, now: float) -> None:
        before = now - self._keep_sent_s
        self._db.execute("DELETE FROM event WHERE state = 'SENT' AND ended_at < ?", (before,))

    def _entries(self, where: str, values: tuple[object, ...]) -> list[Entry]:
        with self._lock:
            rows = self._db.execute(
                "SELECT n, value, state, attempts, receipt, code, error FROM event "  # noqa: S608
                f"WHERE {where}",
                values,
            ).fetchall()
        return [Entry(n, Event.read(value), *rest) for n, value, *rest in rows]

    def _one(self, question: str, values: tuple[object, ...] = ()) -> tuple[Any, ...]:
        with self._lock:
            row: tuple[Any, ...] = self._db.execute(question, values).fetchone()
        return row

    def _write(self, command: str, values: tuple[object, ...]) -> None:
        with self._lock:
            self._db.execute(command, values)
