"""What do the statistics of a period say? Read from the file, while somebody else counts into it.

Figures are sums over the stored counters; nothing is computed here that is not a sum.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from connectors.statistics.file import partitions_counted
from schemas.regions import region
from schemas.statistics import (
    ITEM_MEASURES,
    MEASURE_NAMES,
    SPECIALS_APART,
    WATCH_KEYS,
    WATCHED,
    layout,
)
from schemas.statistics_view import Line, StatsView, Wanted

_COLUMN = {
    "month": "month",
    "department": "dept",
    "level": "(SELECT level FROM department AS d WHERE d.dept = visit.dept)",
    "district": "district",
    "mode": "mode",
    "kind": "kind",
    "trigger": "trigger",
}
_MAY_BE_SEEN = (
    "NOT EXISTS (SELECT 1 FROM confidential AS c WHERE instr(char(31) || watch.special_id || "
    "char(31), char(31) || c.special_id || char(31)))"
)
_OF_LEVEL = "(SELECT dept FROM department WHERE level = ?)"
UNKNOWN = "unknown"
_WAIT_S = 10.0

Row = Mapping[str, Any]


class NoStatisticsError(Exception):
    """There is no file, or one of another release: it must be made first."""


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, for reading; what is read inside belongs to one moment.

    Raises:
        NoStatisticsError: it is not there, cannot be read, or is of another layout.
    """
    if not path.exists():
        raise NoStatisticsError(f"no statistics in {path}: count with `hub stats` first")
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_WAIT_S)) as db:
        db.isolation_level = None
        db.execute("BEGIN")
        try:
            row = db.execute("SELECT digest FROM layout").fetchone()
        except sqlite3.DatabaseError as cause:
            # "No such table" is all that the general code is given for here.
            if cause.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise NoStatisticsError(
                    f"the statistics in {path} cannot be read ({cause}): try again; if that does "
                    "not help, remove the file and count with `hub stats`"
                ) from cause
            row = None
        if row is None or row[0] != layout():
            raise NoStatisticsError(
                f"the statistics in {path} are of another release: make them anew with `hub stats`"
            )
        yield db


def read_view(path: Path, wanted: Wanted) -> StatsView:
    """The statistics of a period.

    Raises:
        NoStatisticsError: see `opened`.
    """
    with opened(path) as db:
        return view_of(db, wanted)


def view_of(db: sqlite3.Connection, wanted: Wanted) -> StatsView:
    """The same, from a file that is open."""
    where, given = _where(wanted)
    sums = ", ".join(f"COALESCE(SUM({name}), 0)" for name in MEASURE_NAMES)
    totals = db.execute(f"SELECT {sums} FROM visit WHERE {where}", given).fetchone()  # noqa: S608 - names of our tables
    lines = {name: _by(db, name, wanted) for name in _COLUMN}
    if wanted.district is None and wanted.kind is None:
        lines["item"] = _items(db, wanted)
    is_plain = wanted.is_whole_year and wanted.level is None and wanted.district is None
    watched: dict[str, int] = dict.fromkeys(WATCHED, 0)
    watched.update(_counts_of_lists(db, wanted))
    return StatsView(
        wanted=wanted,
        totals=dict(zip(MEASURE_NAMES, totals, strict=True)),
        lines=lines,
        frequency=tuple(_frequency(db, wanted)) if is_plain else (),
        watched=watched,
        years=years_of(db),
        counted_to={number: at.decided_next for number, at in partitions_counted(db)},
        since={number: at.since for number, at in partitions_counted(db) if at.since > 0},
    )


def years_of(db: sqlite3.Connection) -> tuple[int, ...]:
    """The years of which anything is counted."""
    found = db.execute("SELECT DISTINCT substr(month, 1, 4) FROM visit ORDER BY 1")
    return tuple(int(year) for (year,) in found)


def watch_lines(db: sqlite3.Connection, wanted: Wanted, kind: str | None = None) -> list[Row]:
    """Lines of the lists of a year, what matters most first. Months are not looked at."""
    where, given = _of_lists(wanted)
    if kind is not None:
        where, given = f"{where} AND kind = ?", [*given, kind]
    found = db.execute(f"SELECT * FROM watch WHERE {where}", given).fetchall()  # noqa: S608 - names of our tables
    order: list[str] = list(WATCHED)
    rows: list[Row] = [_readable(dict(zip(WATCH_KEYS, row, strict=True))) for row in found]
    return sorted(rows, key=lambda row: (order.index(row["kind"]), *map(str, row.values())))


def _readable(row: dict[str, Any]) -> Row:
    return {**row, "special_id": row["special_id"].replace(SPECIALS_APART, ", ")}


def _by(db: sqlite3.Connection, dimension: str, wanted: Wanted) -> tuple[Line, ...]:
    where, given = _where(wanted)
    sums = ", ".join(f"SUM({name})" for name in MEASURE_NAMES)
    rows = db.execute(
        f"SELECT {_COLUMN[dimension]} AS value, {sums} FROM visit WHERE {where} "  # noqa: S608 - names of our tables
        "GROUP BY value ORDER BY value",
        given,
    )
    names, reach = _department_names(db), {}
    if dimension == "department" and wanted.is_whole_year and wanted.district is None:
        reach = _reach(db, wanted)
    made = []
    for value, *counts in rows:
        key = value or ""
        enterprises, most = reach.get(key, (None, None))
        label = _label(dimension, key, names)
        counted = dict(zip(MEASURE_NAMES, counts, strict=True))
        made.append(Line(key, label, counted, enterprises, most))
    return tuple(made)


def _items(db: sqlite3.Connection, wanted: Wanted) -> tuple[Line, ...]:
    where, given = _where(wanted, table="item")
    sums = ", ".join(f"SUM({name})" for name in ITEM_MEASURES)
    titles: dict[str, str] = dict(db.execute("SELECT item, title FROM named_item").fetchall())
    rows = db.execute(
        f"SELECT item, {sums} FROM item WHERE {where} GROUP BY item ORDER BY item",  # noqa: S608 - names of our tables
        given,
    )
    return tuple(
        Line(item, titles.get(item, item), dict(zip(ITEM_MEASURES, counts, strict=True)))
        for item, *counts in rows
    )


def _reach(db: sqlite3.Connection, wanted: Wanted) -> dict[str, tuple[int, int]]:
    """Enterprises inspected on site, and the most inspections of one, by department."""
    found = db.execute(
        "SELECT dept, SUM(enterprises), MAX(visits) FROM frequency WHERE year = ? AND kind = ? "
        "GROUP BY dept",
        (wanted.year, wanted.kind or ""),
    )
    return {dept: (enterprises, most) for dept, enterprises, most in found}


def _frequency(db: sqlite3.Connection, wanted: Wanted) -> Iterator[tuple[int, int]]:
    yield from db.execute(
        "SELECT visits, enterprises FROM frequency WHERE year = ? AND dept = ? AND kind = ? "
        "ORDER BY visits",
        (wanted.year, wanted.dept or "", wanted.kind or ""),
    )


def _counts_of_lists(db: sqlite3.Connection, wanted: Wanted) -> dict[str, int]:
    where, given = _of_lists(wanted)
    query = f"SELECT kind, COUNT(*) FROM watch WHERE {where} GROUP BY kind"  # noqa: S608 - names of our tables
    return dict(db.execute(query, given).fetchall())


def _where(wanted: Wanted, table: str = "visit") -> tuple[str, list[str | int]]:
    year = f"{wanted.year:04}"
    given: list[str | int] = [f"{year}-{wanted.first_month:02}", f"{year}-{wanted.last_month:02}"]
    parts = ["month BETWEEN ? AND ?"]
    for column, value in (("district", wanted.district), ("kind", wanted.kind)):
        if value is not None:
            parts.append(f"{column} = ?")
            given.append(value)
    more, those = _of_departments(wanted, table)
    return " AND ".join((*parts, *more)), [*given, *those]


def _of_lists(wanted: Wanted) -> tuple[str, list[str | int]]:
    more, given = _of_departments(wanted, "watch")
    return " AND ".join(("year = ?", _MAY_BE_SEEN, *more)), [wanted.year, *given]


def _of_departments(wanted: Wanted, table: str) -> tuple[Sequence[str], list[str | int]]:
    parts: list[str] = []
    given: list[str | int] = []
    if wanted.dept is not None:
        parts.append("dept = ?")
        given.append(wanted.dept)
    if wanted.level is not None:
        parts.append(f"{table}.dept IN {_OF_LEVEL}")
        given.append(wanted.level)
    return parts, given


def _department_names(db: sqlite3.Connection) -> dict[str, str]:
    return dict(db.execute("SELECT dept, name FROM department").fetchall())


def _label(dimension: str, key: str, departments: Mapping[str, str]) -> str:
    if not key:
        return UNKNOWN
    if dimension == "department":
        return departments.get(key, key)
    if dimension == "district":
        found = region(key)
        return key if found is None else found.name
    return key
