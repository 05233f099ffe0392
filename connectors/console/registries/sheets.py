"""What stands in a sheet? Rows of a CSV or XLSX file, each cell as text, each with its number."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import python_calamine
import xlsxwriter

from connectors.console.context import CommandError, Exit

XLSX = ".xlsx"
_EXACT_MAX = 10**15
_SNIFF_BYTES = 1 << 16
_UTF8, _CHINESE = "utf-8-sig", "gb18030"
_DAY = "%Y-%m-%d"


class SheetRow(NamedTuple):
    """One row that is not empty; `number` counts as people do, from 1, the header included."""

    number: int
    cells: list[str]


class NumberCell(str):
    """What a cell holds as a number that has lost digits: no text can be made of it any more."""

    __slots__ = ()


def read_sheet(path: Path) -> Iterator[SheetRow]:
    """The rows of a CSV file, or of the first sheet of an XLSX file, one after the other.

    CSV may be in UTF-8, or in GB 18030, as Chinese Excel writes it; comma, semicolon or tab.

    Raises:
        CommandError: it is neither, or cannot be read.
    """
    rows = _xlsx(path) if path.suffix.lower() == XLSX else _csv(path)
    for number, cells in rows:
        if any(cells):
            yield SheetRow(number, cells)


def column_name(index: int) -> str:
    """A column as spreadsheets name it: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def write_sheet(
    path: Path, title: str, rows: Sequence[Sequence[str]], notes: Sequence[Sequence[str]] = ()
) -> None:
    """Write rows of text, the first one being the header; `notes` to a second sheet (XLSX only)."""
    if path.suffix.lower() != XLSX:
        with path.open("w", encoding=_UTF8, newline="") as file:
            csv.writer(file).writerows(rows)
        return
    # Every cell is text, so that no code loses its leading zeros; none is taken for a formula.
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        for name, written in ((title, rows), ("notes", notes)):
            if not written:
                continue
            sheet = book.add_worksheet(name)
            sheet.set_column(0, max(map(len, written)) - 1, 20, text)
            sheet.freeze_panes(1, 0)
            for number, cells in enumerate(written):
                for column, cell in enumerate(cells):
                    sheet.write_string(number, column, cell, text if number else bold)


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    encoding = _encoding_of(path)
    try:
        with path.open(encoding=encoding, newline="") as file:
            head = file.read(_SNIFF_BYTES)
            file.seek(0)
            first = head.split("\n", 1)[0]
            delimiter = max(",;\t", key=first.count)
            for number, cells in enumerate(csv.reader(file, delimiter=delimiter, strict=True), 1):
                yield number, [cell.strip() for cell in cells]
    except (OSError, csv.Error, UnicodeDecodeError) as cause:
        raise CommandError(f"{path}: no CSV file in UTF-8 or GB 18030: {cause}", Exit.USAGE) from (
            cause
        )


def _encoding_of(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _CHINESE
    return _UTF8


def _xlsx(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            sheet = book.get_sheet_by_index(0)
            left = [""] * (sheet.start[1] if sheet.start else 0)
            for number, cells in enumerate(sheet.iter_rows(), 1):
                yield number, left + [_text(cell) for cell in cells]
    except (OSError, IndexError, python_calamine.CalamineError) as cause:
        raise CommandError(f"{path}: no XLSX workbook: {cause}", Exit.USAGE) from cause


def _text(cell: object) -> str:
    """A cell as text. Of a number Excel keeps 15 digits: a longer one is no longer what it was."""
    if isinstance(cell, datetime):
        return cell.strftime(_DAY) if cell.time() == datetime.min.time() else cell.isoformat()
    if isinstance(cell, date):
        return cell.strftime(_DAY)
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, (int, float)):
        if abs(cell) >= _EXACT_MAX:
            return NumberCell(f"{cell:.0f}")
        return str(int(cell)) if float(cell).is_integer() else repr(cell)
    return str(cell).strip()
