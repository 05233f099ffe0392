"""Where are the statistics kept?

One SQLite file: figures, what they rest on, and how far the logs are counted, changed together.

It is a view like Redis: thrown away and made again from the logs at any time.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol, Self

from connectors.child import locked
from schemas.registry import RegistryDepartment
from schemas.statistics import TABLES, WATCH_KEYS, layout

FILE_NAME = "statistics.sqlite"
_KEYS_AT_ONCE = 500
_BUSY_WAIT_S = 30.0
_NUMBERS = frozenset({"year", "visits", "used", "cap"})


class StatisticsMovedError(Exception):
    """Somebody else counted meanwhile; nothing was written."""


class Position(NamedTuple):
    """How far one partition is counted; the fields of the port's `CountedTo`."""

    decided_next: int = 0
    journal_next: int = 0
    since: int = -1


class Batch(Protocol):
    """What is written at once; see the port."""

    @property
    def partition(self) -> int: ...  # noqa: D102 - of a protocol: the port says what it is
    @property
    def before(self) -> tuple[int, int, int]: ...  # noqa: D102
    @property
    def after(self) -> tuple[int, int, int]: ...  # noqa: D102
    @property
    def subjects(self) -> Mapping[str, bytes]: ...  # noqa: D102
    @property
    def cells(self) -> Mapping[tuple[str | int, ...], Sequence[int]]: ...  # noqa: D102
    @property
    def watched(self) -> Mapping[str, Sequence[tuple[object, ...]]]: ...  # noqa: D102
    @property
    def confidential(self) -> Collection[str]: ...  # noqa: D102


class NamedThings(Protocol):
    """Names of departments and items; see the port."""

    @property
    def departments(self) -> Mapping[str, RegistryDepartment]: ...  # noqa: D102
    @property
    def items(self) -> Mapping[str, str]: ...  # noqa: D102


class StatisticsFile:
    """The file, open for counting. One process counts; any number read."""

    def __init__(self, path: Path) -> None:
        """Open or make it. One of another release or layout is emptied: it is made anew."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=_BUSY_WAIT_S, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        with _transaction(self._db):
            _lay_out(self._db)

    def close(self) -> None:
        """Let go of it."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def position(self, partition: int) -> Position:
        """How far the partition is counted."""
        row = self._db.execute(
            "SELECT decided_next, journal_next, since FROM position WHERE partition = ?",
            (partition,),
        ).fetchone()
        return Position(*row) if row else Position()

    def subjects(self, keys: Sequence[str]) -> dict[str, bytes]:
        """What is remembered of these enterprises; unknown ones are left out."""
        found: dict[str, bytes] = {}
        for at in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[at : at + _KEYS_AT_ONCE]
            marks = ", ".join("?" * len(some))
            query = f"SELECT key, state FROM subject WHERE key IN ({marks})"  # noqa: S608 - marks only
            found.update(self._db.execute(query, some).fetchall())
        return found

    def write(self, batch: Batch) -> None:
        """Write all of it in one transaction.

        Raises:
            StatisticsMovedError: the position is not `batch.before`.
        """
        with _transaction(self._db):
            here = self.position(batch.partition)
            if here != batch.before:
                raise StatisticsMovedError(
                    f"partition {batch.partition} is counted up to {here}, not {batch.before}: "
                    "another process counts into this file. End one of them"
                )
            self._db.execute(
                "INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?)",
                (batch.partition, *batch.after),
            )
            self._db.executemany("INSERT OR REPLACE INTO subject VALUES (?, ?)",
                                 batch.subjects.items())  # fmt: skip
            self._add(batch.cells)
            self._db.executemany(
                "DELETE FROM watch WHERE uscc = ?", [(key,) for key in batch.watched]
            )
            marks = ", ".join("?" * len(WATCH_KEYS))
            self._db.executemany(
                f"INSERT INTO watch VALUES ({marks})",  # noqa: S608 - marks only
                [line for lines in batch.watched.values() for line in lines],
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO confidential VALUES (?)",
                [(special_id,) for special_id in batch.confidential],
            )

    def name(self, names: NamedThings) -> None:
        """Replace the names of departments and items."""
        with _transaction(self._db):
            self._db.execute("DELETE FROM department")
            self._db.executemany(
                "INSERT INTO department VALUES (?, ?, ?, ?)",
                [(d.dept, d.name, d.region, d.level.value) for d in names.departments.values()],
            )
            self._db.execute("DELETE FROM named_item")
            self._db.executemany("INSERT INTO named_item VALUES (?, ?)", names.items.items())

    def forget(self) -> None:
        """Empty it, so that all is counted anew."""
        with _transaction(self._db):
            _drop(self._db)
            _lay_out(self._db)

    def digest(self) -> str:
        """SHA-256 of everything that follows from the logs, in hex; equal logs give equal ones."""
        return digest_of(self._db)

    def _add(self, cells: Mapping[tuple[str | int, ...], Sequence[int]]) -> None:
        for name, (keys, measures) in TABLES.items():
            rows = [(*cell[1:], *values) for cell, values in cells.items() if cell[0] == name]
            marks = ", ".join("?" * (len(keys) + len(measures)))
            sums = ", ".join(f"{one} = {one} + excluded.{one}" for one in measures)
            self._db.executemany(
                f"INSERT INTO {name} VALUES ({marks}) ON CONFLICT DO UPDATE SET {sums}",  # noqa: S608 - names of our table
                rows,
            )
            # A row of zeros would tell a file that was kept up to date from one made anew.
            empty = " AND ".join(f"{one} = 0" for one in (*measures,))
            where = " AND ".join(f"{one} = ?" for one in keys)
            self._db.executemany(
                f"DELETE FROM {name} WHERE {where} AND {empty}",  # noqa: S608 - names of our table
                [row[: len(keys)] for row in rows],
            )


def digest_of(db: sqlite3.Connection) -> str:
    """SHA-256 of figures, what they rest on, and positions, in hex."""
    told = hashlib.sha256()
    for name in ("position", "subject", "watch", "confidential", *TABLES):
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})")]
        order = ", ".join(columns)
        told.update(f"{name}({order})\n".encode())
        for row in db.execute(f"SELECT * FROM {name} ORDER BY {order}"):  # noqa: S608 - our tables
            told.update(repr(row).encode() + b"\n")
    return told.hexdigest()


@contextmanager
def counting_into(folder: Path, *, anew: bool = False) -> Iterator[StatisticsFile]:
    """The file of a folder, for the one process that counts. `anew`: emptied first.

    Raises:
        ServerError: another process counts into it.
    """
    with locked(folder, "this one"), StatisticsFile(folder / FILE_NAME) as store:
        if anew:
            store.forget()
        yield store


def _lay_out(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE IF NOT EXISTS layout (digest TEXT NOT NULL)")
    row = db.execute("SELECT digest FROM layout").fetchone()
    if row is not None and row[0] == layout():
        return
    _drop(db)
    db.execute("CREATE TABLE layout (digest TEXT NOT NULL)")
    db.execute("INSERT INTO layout VALUES (?)", (layout(),))
    db.execute(
        "CREATE TABLE position (partition INTEGER PRIMARY KEY, decided_next INTEGER NOT NULL, "
        "journal_next INTEGER NOT NULL, since INTEGER NOT NULL)"
    )
    db.execute("CREATE TABLE subject (key TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID")
    db.execute(f"CREATE TABLE watch ({', '.join(map(_column, WATCH_KEYS))})")
    db.execute("CREATE TABLE confidential (special_id TEXT PRIMARY KEY)")
    db.execute("CREATE INDEX watch_by_enterprise ON watch (uscc)")
    db.execute("CREATE INDEX watch_by_kind ON watch (year, kind)")
    for name, (keys, measures) in TABLES.items():
        columns = ", ".join((*map(_column, keys), *(f"{one} INTEGER NOT NULL" for one in measures)))
        order = ", ".join(keys)
        db.execute(f"CREATE TABLE {name} ({columns}, PRIMARY KEY ({order})) WITHOUT ROWID")
    db.execute("CREATE TABLE department (dept TEXT PRIMARY KEY, name, region, level)")
    db.execute("CREATE TABLE named_item (item TEXT PRIMARY KEY, title)")


def _drop(db: sqlite3.Connection) -> None:
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (name,) in names:
        db.execute(f"DROP TABLE {name}")


def _column(name: str) -> str:
    return f"{name} {'INTEGER' if name in _NUMBERS else 'TEXT'} NOT NULL"


class _transaction:  # noqa: N801 - used like a function
    """All of it or nothing, other writers kept out."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")


def partitions_counted(db: sqlite3.Connection) -> Iterator[tuple[int, Position]]:
    """How far each partition is counted."""
    for partition, *rest in db.execute("SELECT * FROM position ORDER BY partition"):
        yield partition, Position(*rest)
