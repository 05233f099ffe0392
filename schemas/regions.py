"""Which place is this region code, and does one region's territory take in another?

Codes are those of GB/T 2260 for Tianjin, retired ones included, because papers and registers go on
carrying them; longer codes of streets (9 digits) and neighbourhoods (12) begin with their
district's. The functional zones have no code of their own and get a local one, `120116-KFQ`, whose
hyphen keeps it apart from every national code.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path

import msgspec

CITY = "120000"

_STEP = 3
_DISTRICT_LENGTH = 6
_LONGER_LENGTHS = frozenset({9, 12})


class RegionLevel(StrEnum):
    """What sort of place a code names."""

    CITY = "CITY"
    GROUPING = "GROUPING"
    DISTRICT = "DISTRICT"
    ZONE = "ZONE"


class Region(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the region table.

    Attributes:
        code: Six digits, or six digits, a hyphen and letters for a functional zone.
        name: Its Chinese name.
        level: What sort of place it is.
        source: Where the row comes from.
        parent: The code of the region it lies in; None for the city.
        successor: The code that stands for it today; None while it is in use itself.
        used_from: First year of the code; None when the table does not say.
        used_to: Last year of the code; None while it is in use.
    """

    code: str
    name: str
    level: RegionLevel
    source: str
    parent: str | None = None
    successor: str | None = None
    used_from: int | None = None
    used_to: int | None = None


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    region: tuple[Region, ...]


def _table_of(text: str) -> dict[str, Region]:
    """The rows of a region table by their codes, every row they point to being there."""
    rows = msgspec.convert(tomllib.loads(text), _Table).region
    table = {row.code: row for row in rows}
    if len(table) != len(rows):
        raise ValueError("regions.toml: a code occurs twice: every code has one row")
    for row in rows:
        for other in (row.parent, row.successor):
            if other is not None and other not in table:
                raise ValueError(f"regions.toml: {row.code} points to {other}, which has no row")
    return table


def _lineage_of_row(row: Region) -> tuple[str, ...]:
    """The codes in use today that take in a row's place, the widest first."""
    while row.successor is not None:
        row = _TABLE[row.successor]
    above = () if row.parent is None else _lineage_of_row(_TABLE[row.parent])
    return (*above, row.code)


_FILE = Path(__file__).parent / "data" / "regions.toml"
_TABLE = _table_of(_FILE.read_text(encoding="utf-8"))
_LINEAGES = {code: _lineage_of_row(row) for code, row in _TABLE.items()}


def region(code: str) -> Region | None:
    """The row of a region code, also of a retired one; None for streets and unknown codes."""
    return _TABLE.get(code)


def regions() -> tuple[Region, ...]:
    """Every row of the table, in the table's order."""
    return tuple(_TABLE.values())


def covers(dept_region: str, premises_region: str) -> bool:
    """Whether a department of one region may act at premises in another without an assist letter.

    The city takes in everything in Tianjin; a district takes in itself, the retired districts that
    became part of it, its functional zones and its streets. An unknown code takes in nothing and
    lies nowhere.

    Source: art. 15 (territory).
    """
    own = _lineage(dept_region)
    return bool(own) and own[-1] in _lineage(premises_region)


def district_of(code: str) -> str | None:
    """The district, by its code of today, in which a region lies; None for the city and unknown."""
    lineage = _lineage(code)
    return lineage[1] if len(lineage) > 1 else None


def _lineage(code: str) -> tuple[str, ...]:
    """The codes that take a place in, the widest first and its own last; empty when unknown."""
    known = _LINEAGES.get(code)
    if known is not None:
        return known
    if len(code) not in _LONGER_LENGTHS or not (code.isascii() and code.isdigit()):
        return ()
    # 120116000000 is the district itself in twelve digits.
    while len(code) > _DISTRICT_LENGTH and code.endswith("0" * _STEP):
        code = code[:-_STEP]
    longer = (code[:length] for length in range(_DISTRICT_LENGTH + _STEP, len(code) + 1, _STEP))
    district = _LINEAGES.get(code[:_DISTRICT_LENGTH])
    return () if district is None else (*district, *longer)
