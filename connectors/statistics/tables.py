"""As which tables do the statistics leave the hub? The same ones for CSV, XLSX and Parquet."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from connectors.statistics.view import view_of, watch_lines
from schemas.statistics import MEASURES, TABLES, WATCH_KEYS, WATCHED
from schemas.statistics_view import Line, StatsView, Wanted, shares

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its name, its columns with their type, its rows."""

    name: str
    columns: tuple[tuple[str, type], ...]
    rows: tuple[tuple[Value, ...], ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(name for name, _ in self.columns)


def sheets_of(db: sqlite3.Connection, wanted: Wanted) -> list[Sheet]:
    """All tables of a period, the indicators first."""
    view = view_of(db, wanted)
    made = [_indicators(view), _measures(view)]
    made += [_lines(name, lines) for name, lines in view.lines.items()]
    if view.frequency:
        columns = (("inspections", int), ("enterprises", int))
        made.append(Sheet("frequency", columns, view.frequency))
    return [*made, _watched(db, wanted), _cells(db, wanted)]


def _indicators(view: StatsView) -> Sheet:
    columns = (
        ("name", str), ("title", str), ("zh", str), ("numerator", str), ("numerator_value", int),
        ("denominator", str), ("denominator_value", int), ("rate", float), ("definition", str),
        ("article", str),
    )  # fmt: skip
    rows = tuple(
        (
            one.indicator.name, one.indicator.title, one.indicator.zh,
            one.indicator.numerator, one.numerator,
            one.indicator.denominator, one.denominator,
            one.rate, one.indicator.definition, one.indicator.article,
        )
        for one in view.shares
    )  # fmt: skip
    return Sheet("indicators", columns, rows)


def _measures(view: StatsView) -> Sheet:
    columns = (
        ("name", str), ("title", str), ("zh", str), ("value", int), ("definition", str),
        ("article", str),
    )  # fmt: skip
    rows = tuple(
        (one.name, one.title, one.zh, view.totals[one.name], one.definition, one.article)
        for one in MEASURES
    )
    return Sheet("measures", columns, rows)


def _lines(name: str, lines: Sequence[Line]) -> Sheet:
    columns: list[tuple[str, type]] = [(name, str), ("label", str)]
    if name == "department":
        columns += [("enterprises", int), ("frequency", float), ("most", int)]
    measures = TABLES["item" if name == "item" else "visit"][1]
    columns += [(measure, int) for measure in measures]
    if name != "item":
        columns += [(one.indicator.name, float) for one in shares({})]
    return Sheet(f"by_{name}", tuple(columns), tuple(_line_rows(name, lines, measures)))


def _line_rows(
    name: str, lines: Iterable[Line], measures: Sequence[str]
) -> Iterator[tuple[Value, ...]]:
    for line in lines:
        row: list[Value] = [line.key, line.label]
        if name == "department":
            row += [line.enterprises, line.frequency, line.most]
        row += [line.counts[measure] for measure in measures]
        if name != "item":
            row += [one.rate for one in shares(line.counts)]
        yield tuple(row)


def _watched(db: sqlite3.Connection, wanted: Wanted) -> Sheet:
    numbers = {"year", "used", "cap"}
    columns = tuple((name, int if name in numbers else str) for name in WATCH_KEYS)
    rows = tuple(
        (*(row[name] for name in WATCH_KEYS), WATCHED[row["kind"]])
        for row in watch_lines(db, wanted)
    )
    return Sheet("watched", (*columns, ("meaning", str)), rows)


def _cells(db: sqlite3.Connection, wanted: Wanted) -> Sheet:
    """The counters themselves, whoever asked for what: all others are sums of these."""
    keys, measures = TABLES["visit"]
    columns = (*((name, str) for name in keys), *((name, int) for name in measures))
    span = f"{wanted.year:04}-{wanted.first_month:02}", f"{wanted.year:04}-{wanted.last_month:02}"
    names = ", ".join((*keys, *measures))
    rows = db.execute(
        f"SELECT {names} FROM visit WHERE month BETWEEN ? AND ? ORDER BY {', '.join(keys)}",  # noqa: S608 - names of our tables
        span,
    ).fetchall()
    return Sheet("cells", columns, tuple(rows))
