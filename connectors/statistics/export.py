"""How do the statistics become files? CSV, Parquet: one file a table; XLSX: one sheet a table."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import xlsxwriter

from connectors.statistics.tables import Sheet, Value

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SQL_TYPE = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE"}
_WIDTH_MIN, _WIDTH_MAX = 8, 60


ROWS_MAX = 1_048_576
"""Rows of a spreadsheet, its header among them: what is beyond would be left out silently."""


class NotWrittenError(Exception):
    """The tables cannot be written in this form; says why, and what to do."""


def write_csv(sheets: Sequence[Sheet], folder: Path) -> list[Path]:
    """Write one file a table. With a byte order mark, or spreadsheets would show no Chinese."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for sheet in sheets:
        path = folder / f"{sheet.name}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as handle:
            lines = csv.writer(handle)
            lines.writerow(sheet.header)
            lines.writerows([_plain(value) for value in row] for row in sheet.rows)
        written.append(path)
    return written


def write_xlsx(sheets: Sequence[Sheet], path: Path) -> list[Path]:
    """Write one workbook, a sheet a table.

    Raises:
        NotWrittenError: a table has more rows than a sheet may have. Nothing was written.
    """
    for sheet in sheets:
        if len(sheet.rows) >= ROWS_MAX:
            raise NotWrittenError(
                f"{sheet.name} has {len(sheet.rows):,} rows, and a sheet {ROWS_MAX - 1:,}: "
                "export as csv or parquet"
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    # What departments wrote is text, whatever it looks like.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(path, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        forms = {
            float: book.add_format({"num_format": "0.0000"}),
            int: book.add_format({"num_format": "#,##0"}),
            str: book.add_format(),
        }
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:31])
            page.write_row(0, 0, sheet.header, bold)
            page.freeze_panes(1, 1)
            for number, row in enumerate(sheet.rows, 1):
                page.write_row(number, 0, row)
            for column, (name, kind) in enumerate(sheet.columns):
                width = max([len(name), *(len(str(row[column])) for row in sheet.rows[:200])])
                wide = min(max(width + 1, _WIDTH_MIN), _WIDTH_MAX)
                page.set_column(column, column, wide, forms[kind])
            if sheet.rows:
                page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    return [path]


def write_parquet(sheets: Sequence[Sheet], folder: Path) -> list[Path]:
    """Write one file a table.

    Raises:
        NotWrittenError: DuckDB, which writes them, is not installed.
    """
    try:
        # Here, not above: nothing else needs it, and it is large.
        import duckdb
    except ImportError as cause:
        raise NotWrittenError(
            "Parquet needs DuckDB, which is not installed: pip install 'inspection-hub[parquet]'"
        ) from cause
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with duckdb.connect() as db:
        for sheet in sheets:
            path = folder / f"{sheet.name}.parquet"
            columns = ", ".join(f'"{name}" {_SQL_TYPE[kind]}' for name, kind in sheet.columns)
            db.execute(f'CREATE TABLE "{sheet.name}" ({columns})')
            if sheet.rows:
                marks = ", ".join("?" * len(sheet.columns))
                db.executemany(f'INSERT INTO "{sheet.name}" VALUES ({marks})', sheet.rows)  # noqa: S608 - names of our tables
            db.table(sheet.name).write_parquet(str(path))
            written.append(path)
    return written


def _plain(value: Value) -> Value:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


class Form(StrEnum):
    """In which form the tables leave."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


FORMS: Mapping[Form, Callable[[Sequence[Sheet], Path], list[Path]]] = {
    Form.CSV: write_csv,
    Form.XLSX: write_xlsx,
    Form.PARQUET: write_parquet,
}
"""What writes each form."""
