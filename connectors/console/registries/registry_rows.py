"""Which events does a sheet stand for? All that is wrong with it, by row and column, or all of it.

Nothing is sent of a sheet with a fault in it: half a registry is worse than yesterday's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from connectors.console.registries.registry_kinds import Column, Kind
from connectors.console.registries.sheets import NumberCell, SheetRow, column_name
from schemas.codec import encode_json
from schemas.messages import INBOUND

_IN_LIST = 2
_POINT_FIELDS = {"point": "point", "point_title": "title"}
_EXPECTED = {
    "missing": "not empty: the field is required",
    "date_type": "a day: YYYY-MM-DD",
    "date_from_datetime_parsing": "a day: YYYY-MM-DD",
    "string_pattern_mismatch": "text without spaces, separators or invisible characters",
}
_EXPECTED_IN = {
    "scheme": "GENERAL_RISK, CREDIT_EVALUATION or INDUSTRY:<code>",
    "class": "up to 16 letters, digits, + or -",
    "region": "a region code: six digits or more",
}


class RowFault(NamedTuple):
    """What is wrong, and where: row as people count, column as spreadsheets name it, field."""

    row: int
    column: str
    field: str
    found: str
    expected: str


class Entry(NamedTuple):
    """One event of a sheet: its row, what it is about, its id and its content."""

    row: int
    about: str
    id: str
    value: bytes


@dataclass(slots=True)
class _Group:
    """Rows that make one entry."""

    row: int
    cells: dict[str, Any]
    members: list[dict[str, Any]]
    broken: set[str]


class SheetReader:
    """Reads the rows of one sheet of a kind; faults are collected, never raised."""

    def __init__(self, kind: Kind, today: date) -> None:
        self.faults: list[RowFault] = []
        self._kind = kind
        self._today = today.isoformat()
        self._model: type[BaseModel] = INBOUND[kind.type].model
        self._at: dict[str, int] = {}
        self._rows_of: dict[str, int] = {}

    def entries(self, rows: Iterable[SheetRow]) -> Iterator[Entry]:
        """The entries of the rows below the header, in their order; what is faulty is left out."""
        reading = iter(rows)
        header = next(reading, None)
        if header is None:
            self.faults.append(RowFault(1, "A", "", "nothing", "a header and rows"))
            return
        if not self._head(header):
            return
        for group in self._groups(reading):
            entry = self._entry(group)
            if entry is not None:
                yield entry

    def _head(self, header: SheetRow) -> bool:
        """Which column is where; False: the header is wrong: nothing can be said of the rest."""
        known = {name: c.name for c in self._kind.columns for name in (c.name, c.title)}
        for index, cell in enumerate(header.cells):
            name = known.get(cell.strip())
            if name is None and cell:
                self._fault(header.number, index, cell, cell, f"one of {', '.join(self._names())}")
            elif name in self._at:
                self._fault(header.number, index, name or "", cell, "each column once")
            elif name is not None:
                self._at[name] = index
        for column in self._kind.columns:
            if column.name not in self._at and self._is_required(column):
                fault = f"a column {column.name} ({column.title})"
                self.faults.append(RowFault(header.number, "", column.name, "nothing", fault))
        return not self.faults

    def _groups(self, rows: Iterable[SheetRow]) -> Iterator[_Group]:
        """Rows put together to entries: where an entry has a list, its rows follow each other."""
        open_: _Group | None = None
        for row in rows:
            group = self._group(row)
            if open_ is not None and self._kind.listed and group.cells == open_.cells:
                open_.members += group.members
                open_.broken |= group.broken
                continue
            if open_ is not None:
                yield open_
            open_ = group
        if open_ is not None:
            yield open_

    def _group(self, row: SheetRow) -> _Group:
        """The cells of a row by field; those that cannot be read are faults."""
        group = _Group(row.number, {}, [], set())
        for column in self._kind.columns:
            index = self._at.get(column.name, len(row.cells))
            cell = row.cells[index] if index < len(row.cells) else ""
            if not cell:
                continue
            try:
                group.cells[column.name] = column.read(_whole(cell))
            except ValueError as wrong:
                group.broken.add(column.name)
                self._fault(row.number, index, column.name, cell, str(wrong))
        for index, cell in enumerate(row.cells):
            if cell and index not in self._at.values():
                self._fault(row.number, index, "", cell, "nothing: the column has no header")
        group.members = self._member(group.cells)
        return group

    def _member(self, cells: dict[str, Any]) -> list[dict[str, Any]]:
        """The member of the entry's list in this row, taken out of its cells."""
        if self._kind.listed is None:
            return []
        _, columns = self._kind.listed
        member = {_POINT_FIELDS[name]: cells.pop(name) for name in columns if name in cells}
        return [member] if member else []

    def _entry(self, group: _Group) -> Entry | None:
        data = dict(group.cells)
        if self._kind.listed:
            data[self._kind.listed[0]] = group.members
        try:
            # As JSON, where a strict model takes words for members of an enum.
            entry = self._model.model_validate_json(json.dumps(data))
        except ValidationError as wrong:
            for error in wrong.errors(include_url=False):
                self._wrong(group, error)
            return None
        if group.broken:
            return None
        about = "|".join(str(group.cells.get(name, "")) for name in self._kind.key)
        given = [name for name in self._kind.key if name in group.cells]
        if self._kind.one_of and len(given) != 1:
            names = " or ".join(self._kind.key)
            found = " and ".join(given) or "nothing"
            self.faults.append(RowFault(group.row, "", names, found, f"{names}: one of them"))
            return None
        first = self._rows_of.setdefault(about, group.row)
        if first != group.row:
            name = self._kind.key[0]
            self._fault(group.row, self._at[name], name, about, f"once: row {first} has it already")
            return None
        if self._is_out_of_time(group):
            return None
        value = encode_json(entry)
        digest = hashlib.sha256(value).hexdigest()[:16]
        return Entry(group.row, about, f"{self._kind.type}:{digest}", value)

    def _is_out_of_time(self, group: _Group) -> bool:
        """Whether it ends before it begins, or says today what is so only later."""
        for first, last in (("valid_from", "valid_to"), ("from", "until")):
            begins, ends = group.cells.get(first), group.cells.get(last)
            if begins and ends and ends < begins:
                self._fault(group.row, self._at[last], last, ends, f"not before {begins}")
                return True
        known = group.cells.get("as_of")
        if known is not None and known > self._today:
            self._fault(group.row, self._at["as_of"], "as_of", known, f"no day after {self._today}")
        return known is not None and known > self._today

    def _wrong(self, group: _Group, error: Any) -> None:  # noqa: ANN401 - pydantic's own shape
        place = [str(part) for part in error["loc"]]
        name = place[0] if place else ""
        if self._kind.listed and name == self._kind.listed[0] and len(place) > _IN_LIST:
            name = next(key for key, field in _POINT_FIELDS.items() if field == place[_IN_LIST])
        if name in group.broken:
            return
        expected = _EXPECTED_IN.get(name) or _EXPECTED.get(error["type"], error["msg"])
        found = "nothing" if error["type"] == "missing" else str(error["input"])
        self._fault(group.row, self._at.get(name), name, found, expected)

    def _fault(self, row: int, index: int | None, field: str, found: str, expected: str) -> None:
        column = "" if index is None else column_name(index)
        self.faults.append(RowFault(row, column, field, found[:80], expected))

    def _names(self) -> list[str]:
        return [column.name for column in self._kind.columns]

    def _is_required(self, column: Column) -> bool:
        field = next(
            (f for n, f in self._model.model_fields.items() if (f.alias or n) == column.name), None
        )
        return field is not None and field.is_required()


def _whole(cell: str) -> str:
    """The cell, unless it was a number of more digits than a spreadsheet keeps.

    Raises:
        ValueError: it was one.
    """
    if isinstance(cell, NumberCell):
        raise ValueError("text: as a number it has lost digits; format the column as text")  # noqa: TRY004 - a value, of a cell
    return cell
