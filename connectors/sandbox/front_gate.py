"""How is a front database put out of reach for an hour, and back? Behind its owner's back.

In SQLite by a lock that nobody gets past; in PostgreSQL by closing it and ending its sessions.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError


class Gate(Protocol):
    """Shuts a front database and opens it again; both may be asked for twice."""

    def shut(self) -> bool:
        """Shut it; False: somebody uses it, ask again."""

    def open(self) -> None:
        """Let everybody in again."""


class SqliteGate:
    """A lock on the file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock: sqlite3.Connection | None = None

    def shut(self) -> bool:
        """Take the lock; somebody may be writing."""
        lock = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            lock.close()
            return False
        self._lock = lock
        return True

    def open(self) -> None:
        """Let go of the lock."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


class PostgresGate:
    """A database that takes no connections. The address must be its owner's."""

    def __init__(self, address: str) -> None:
        url = make_url(address)
        self._name = url.database or ""
        self._keeper = create_engine(
            url.set(database="postgres"), isolation_level="AUTOCOMMIT", pool_size=1
        )

    def shut(self) -> bool:
        """Close it, and end the sessions that are in it."""
        try:
            self._allow("false")
            with self._keeper.connect() as connection:
                query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"
                connection.execute(text(query), {"n": self._name})
        except SQLAlchemyError:
            return False
        return True

    def open(self) -> None:
        """Let connections in again."""
        self._allow("true")
        self._keeper.dispose()

    def _allow(self, word: str) -> None:
        with self._keeper.connect() as connection:
            quoted = connection.dialect.identifier_preparer.quote(self._name)
            connection.execute(text(f"ALTER DATABASE {quoted} WITH ALLOW_CONNECTIONS {word}"))


def gate_of(address: str, file: Path) -> Gate:
    """The gate of the front database at an address; `file` is where SQLite keeps it."""
    return SqliteGate(file) if address.startswith("sqlite") else PostgresGate(address)
