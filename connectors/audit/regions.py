"""In which district does a place lie? Read from the table of regions, as data."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parents[2] / "schemas" / "data" / "regions.toml"


def district(code: str) -> str | None:
    """The district of a region code, by its code of today; None for the city and unknown codes.

    Streets (nine digits) and neighbourhoods (twelve) begin with their district's code.
    """
    rows = _rows()
    while code not in rows:
        if not (code.isdigit() and len(code) in (9, 12)):
            return None
        code = code[:-3]
    line = _line(code)
    return line[1] if len(line) >= 2 else None


def _line(code: str) -> list[str]:
    """The city and all that takes a place in, down to it."""
    row = _rows()[code]
    while row.get("successor"):
        code = row["successor"]
        row = _rows()[code]
    parent = row.get("parent")
    return [*(_line(parent) if parent else ()), code]


@cache
def _rows() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in tomllib.loads(TABLE.read_text("utf-8"))["region"]}
