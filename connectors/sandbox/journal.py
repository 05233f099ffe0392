"""How does a sandbox know that it never forgets? Everything is in its journal before it answers.

One SQLite file, `journal.db`, synchronous. What arrived together is committed together: one fsync
for all of it. `arrival` and `effect` are what the auditor reads (docs/delivery.md); the other
tables are the sandbox's own.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from connectors.handed_out import hand_out

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

FILE = "journal.db"
TOGETHER_MAX = 500

_SCHEMA = """
CREATE TABLE IF NOT EXISTS effect (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, uscc TEXT NOT NULL,
    result_id TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
    body_sha256 TEXT NOT NULL, received_ms INTEGER NOT NULL, effective_ms INTEGER NOT NULL,
    receipt_id TEXT NOT NULL, changed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS arrival (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, result_id TEXT NOT NULL,
    version INTEGER NOT NULL, body_sha256 TEXT NOT NULL, at_ms INTEGER NOT NULL,
    answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pending (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, uscc TEXT NOT NULL,
    result_id TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
    body_sha256 TEXT NOT NULL, received_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL,
    receipt_id TEXT NOT NULL, errors TEXT NOT NULL, misnamed INTEGER NOT NULL, page TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS receipt (
    n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, uscc TEXT NOT NULL,
    result_id TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
    body_sha256 TEXT NOT NULL, receipt_id TEXT NOT NULL, errors TEXT NOT NULL,
    at_ms INTEGER NOT NULL, told INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS page (
    uscc TEXT NOT NULL, result_id TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
    receipt_id TEXT NOT NULL, page TEXT NOT NULL, PRIMARY KEY (uscc, result_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS known_key (
    key TEXT PRIMARY KEY, body_sha256 TEXT NOT NULL, serial TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS taken (
    key TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL, part INTEGER NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (key, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS comparison (
    part INTEGER NOT NULL, as_of INTEGER NOT NULL, theirs TEXT NOT NULL, ours TEXT NOT NULL,
    agrees INTEGER NOT NULL, PRIMARY KEY (part, as_of)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pending_due ON pending (due_ms, id);
CREATE INDEX IF NOT EXISTS receipt_untold ON receipt (n) WHERE told = 0;
"""


class Journal:
    """A sandbox's memory on disk. Works of several callers share one transaction."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            folder / FILE, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(_SCHEMA)
        self._turn = threading.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._waiting: list[tuple[Work[Any], asyncio.Future[Any]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def run(self, work: Work[T]) -> T:
        """The result of a work, once it is on disk."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await future

    def run_now(self, works: Sequence[Work[Any]]) -> list[Any]:
        """The same for a caller in another thread than the event loop's: one transaction."""
        with self._turn:
            results = self._carry_out(works)
            self._commit()
        return results

    async def close(self) -> None:
        """Close the file; what was answered is in it."""
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)
        self._thread.shutdown(wait=True)
        with self._turn:
            self._connection.close()

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(0)  # whoever else has just arrived comes along
            together = self._waiting[:TOGETHER_MAX]
            del self._waiting[:TOGETHER_MAX]
            works, waiting = zip(*together, strict=True)
            await hand_out(waiting, self._committed(works))

    async def _committed(self, works: Sequence[Work[Any]]) -> list[Any]:
        # Statements run here, only the fsync in a thread: in a thread each statement would have to
        # win Python's lock back from the event loop.
        with self._turn:
            results = self._carry_out(works)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, self._commit)
        return results

    def _carry_out(self, works: Sequence[Work[Any]]) -> list[Any]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            return [work(self._connection) for work in works]
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
